"""Failed asserts in tests/support show values, pages need a browser, Ctrl-C reaches processes of tests."""

import signal

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell starts what runs in its background so
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and processes of tests would inherit it
pytest.register_assert_rewrite("support")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser"):
        from support.browsers import BROWSER

        if not BROWSER:
            pytest.skip("there is no Chromium or Chrome on this machine")
