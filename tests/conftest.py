"""Failed asserts in tests/support show their values, as those of the tests do."""

import pytest

pytest.register_assert_rewrite("support")
