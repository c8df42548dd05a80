"""Failed asserts in tests/support show their values; tests of pages are skipped where there is no browser."""

import pytest

pytest.register_assert_rewrite("support")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser"):
        from support.browsers import BROWSER

        if not BROWSER:
            pytest.skip("there is no Chromium or Chrome on this machine")
