"""Each number that a config or an entry point takes: its kind and its range, and an error that names both."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import atc_cy
from atc_cy import ATCConfig

CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, 300)))
LENGTHS = ("ema_len", "hull_len", "wma_len", "dema_len", "lsma_len", "kama_len")
WEIGHTS = ("ema_w", "hma_w", "wma_w", "dema_w", "lsma_w", "kama_w")
FLOATS = (*WEIGHTS, "La", "De", "long_threshold", "short_threshold")
HUGE = (10**400, -(10**400), 10**5000)
NO_NUMBERS = (
    *("28", b"28", None, [1], True, np.True_, 1j, np.complex128(1j), pd.NaT, pd.NA),
    *(np.timedelta64(1, "D"), np.array([0.5]), np.array([1.0, 2.0]), pd.Series([0.5]), "x" * 1000),
)


def shown(value: object) -> str:
    """A value in the name of a test."""
    return (
        f"{value.bit_length()} bits" if isinstance(value, int) else f"{type(value).__name__} {str(value)[:9]}"
    )


def refused(function: Callable[[Any], Any], value: Any, name: str) -> str:
    """The message, of one line, of the error about a value."""
    with pytest.raises((TypeError, ValueError, IndexError)) as raised:
        function(value)
    message = str(raised.value)
    assert type(raised.value) in (TypeError, ValueError, IndexError)
    assert message.startswith(f"{name}="), message
    assert len(message) < 300
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", [*LENGTHS, "cutout", *FLOATS])
@pytest.mark.parametrize("value", HUGE, ids=shown)
def test_an_integer_beyond_64_bits_is_out_of_range(name: str, value: int) -> None:
    for function in (ATCConfig, partial(atc_cy.compute_atc_signals, CLOSE)):
        message = refused(lambda given, f=function: f(**{name: given}), value, name)  # type: ignore[misc]
        assert "out of range: " in message
        assert "at least" in message or "must be finite" in message


@pytest.mark.parametrize("name", [*LENGTHS, "cutout", *FLOATS, "strategy_mode"])
@pytest.mark.parametrize("value", NO_NUMBERS, ids=shown)
def test_no_number_is_a_type_error(name: str, value: Any) -> None:
    if name == "strategy_mode" and value is True:
        return
    message = refused(lambda given: ATCConfig(**{name: given}), value, name)
    assert "must be" in message
    with pytest.raises(TypeError, match=f"{name}="):
        atc_cy.compute_atc_signals(CLOSE, **{name: value})


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), np.float32("nan")]
)
def test_not_finite_is_out_of_range(name: str, value: Any) -> None:
    assert "out of range" in refused(lambda given: ATCConfig(**{name: given}), value, name)


@pytest.mark.parametrize(
    "value", [1, Decimal("0.5"), Fraction(1, 2), np.float32(0.5), np.int8(1), np.array(0.5)], ids=repr
)
def test_real_numbers_of_all_kinds_are_numbers(value: Any) -> None:
    config = ATCConfig(long_threshold=value, La=value, ema_w=value)
    assert type(config.La) is float
    assert config.La == float(value)


def test_the_largest_cutout() -> None:
    largest = 2**63 - 1
    assert ATCConfig(cutout=np.int64(largest)).cutout == largest  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"cutout={largest + 1} .* at least 0 and at most {largest}"):
        ATCConfig(cutout=largest + 1)
    late, later = (atc_cy.compute_atc_signals(CLOSE, cutout=cutout) for cutout in (CLOSE.size, largest))
    for name, values in late.items():
        assert values.equals(later[name]), name


def test_a_file_with_a_cutout_beyond_64_bits(tmp_path: Path) -> None:
    path = tmp_path / "cutout.toml"
    path.write_text('moving_averages = ["EMA"]\ncutout = 9223372036854775808\n[lengths]\nEMA = 28\n')
    with pytest.raises(
        ValueError, match=r"cutout\.toml: cutout=9223372036854775808 is out of range"
    ) as raised:
        ATCConfig.load(path)
    assert "at most 9223372036854775807" in str(raised.value)
    path.write_text('moving_averages = ["EMA"]\nLa = 0x' + "f" * 5000 + "\n[lengths]\nEMA = 28\n")
    with pytest.raises(ValueError, match=r"cutout\.toml: La=.* is out of range"):
        ATCConfig.load(path)
    path.write_text("x = " + "[" * 10_000)
    with pytest.raises(ValueError, match="not valid TOML"):
        ATCConfig.load(path)


ENTRY: dict[str, Callable[[Any], Any]] = {
    "bars": atc_cy.exponential_multiplier,
    "cutout": lambda value: atc_cy.exponential_multiplier(10, cutout=value),
    "bar": lambda value: atc_cy.weight_table(CLOSE, bar=value),
    "fees": lambda value: atc_cy.sweep(CLOSE, {"La": [0.1]}, fees=value),
    "bars_per_year": lambda value: atc_cy.sweep(CLOSE, {"La": [0.1]}, bars_per_year=value),
    "De": lambda value: atc_cy.sweep(CLOSE, {"De": [value]}),
}


@pytest.mark.parametrize("name", ENTRY)
@pytest.mark.parametrize("value", NO_NUMBERS, ids=shown)
def test_an_argument_that_is_no_number(name: str, value: Any) -> None:
    if name == "bars_per_year" and value is None:
        return
    with pytest.raises(TypeError):
        ENTRY[name](value)
    if not isinstance(value, list):  # in a grid, a list is a label
        refused(ENTRY[name], value, name)


@pytest.mark.parametrize("name", ENTRY)
@pytest.mark.parametrize("value", [10**400, -(10**400)], ids=["10**400", "-10**400"])
def test_an_argument_out_of_range(name: str, value: int) -> None:
    assert "out of range" in refused(ENTRY[name], value, name)


def test_numbers_of_all_kinds_in_a_grid(tmp_path: Path) -> None:
    for value in (Decimal("0.5"), Fraction(1, 2), np.float64(0.5)):
        table = atc_cy.sweep(CLOSE, {"La": [value]}, results=tmp_path / "results.jsonl", fees=value / 500)
        again = atc_cy.sweep(CLOSE, {"La": [0.5]}, results=tmp_path / "results.jsonl", fees=value / 500)
        assert table.iloc[:, 0].tolist() == again.iloc[:, 0].tolist()


@pytest.mark.parametrize("La", [1e4, 1e12, 1e308])
def test_a_multiplier_beyond_the_largest_double(La: float) -> None:
    with pytest.raises(OverflowError, match=r"La=.* is too large for 1000 bars with cutout=0"):
        atc_cy.exponential_multiplier(1000, La=La)
    assert atc_cy.exponential_multiplier(1000, La=La, cutout=2**63 - 1) == 1.0
