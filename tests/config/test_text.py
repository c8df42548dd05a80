"""Names and values that people type."""

import doctest

import pytest

from atc_cy import text


def test_the_examples():
    assert doctest.testmod(text).failed == 0


def test_an_exact_name_comes_before_another_letter_case():
    names = ["Close", "date", "close"]
    assert text.find_column("close", "close", names) == "close"
    assert text.find_column("close", "Close", names) == "Close"
    assert text.find_column("close", "DATE", names) == "date"


def test_a_name_that_several_columns_have_is_refused():
    with pytest.raises(ValueError, match=r"close='close' could be any of the columns 'Close', 'CLOSE'"):
        text.find_column("close", "close", ["Close", "CLOSE"])
    with pytest.raises(ValueError, match="there are 2 columns 'Plot'"):
        text.find_column("src", "Plot", ["Plot", "Plot"])


def test_values_from_text():
    assert text.value_from_text("cutout", "10") == 10
    assert text.value_from_text("cutout", "1_0") == "1_0"  # a config refuses it
    assert text.value_from_text("strategy_mode", "True") is True
    assert text.value_from_text("La", "0.5") == 0.5
