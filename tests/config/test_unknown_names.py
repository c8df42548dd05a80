"""A hint about an unknown name: the field that was meant, or none, never that of another moving average."""

import doctest
import re
from itertools import product

import numpy as np
import pytest

import atc_cy
from atc_cy import MOVING_AVERAGES, ATCConfig
from atc_cy.config import names, unknown

CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, 300)))
FIELDS = [*ATCConfig.__dataclass_fields__]
CALLED = {
    "ema": "EMA",
    "hma": "HMA",
    "hull": "HMA",
    "wma": "WMA",
    "dema": "DEMA",
    "lsma": "LSMA",
    "kama": "KAMA",
}
"""The six types, as people call them."""


def hinted(name: str) -> list[str]:
    """The fields that the error about a parameter names as meant."""
    with pytest.raises(TypeError, match="there is no parameter") as raised:
        ATCConfig(**{name: 20})  # type: ignore[arg-type]
    question = re.search(r"did you mean (.*)\?", str(raised.value))
    return re.findall(r"'(\w+)'", question[1]) if question else []


def cases(name: str) -> set[str]:
    return {name, name.upper(), name.capitalize()} - set(FIELDS)


def test_the_examples() -> None:
    assert doctest.testmod(names).failed == 0


@pytest.mark.parametrize("called", CALLED)
def test_what_a_length_and_a_weight_are_called(called: str) -> None:
    name = CALLED[called]
    length, weight = names.LENGTH_FIELDS[name], names.WEIGHT_FIELDS[name]
    for form in ("{}_len", "{}_length", "{}_period", "{}_window", "{}len", "{}Length", "len_{}", "period_{}"):
        for written in cases(form.format(called)):
            assert hinted(written) == [length], written
    for form in ("{}_weight", "{}_w", "{}Weight", "w_{}"):
        for written in cases(form.format(called)):
            assert hinted(written) == [weight], written
    for written in cases(called):
        assert set(hinted(written)) == {length, weight}, written


@pytest.mark.parametrize("called", CALLED)
def test_no_hint_leads_to_another_moving_average(called: str) -> None:
    of_type = {names.LENGTH_FIELDS[CALLED[called]], names.WEIGHT_FIELDS[CALLED[called]]}
    ends = (
        "",
        "_len",
        "_length",
        "_lenght",
        "_l",
        "_period",
        "_periods",
        "_w",
        "_wt",
        "_weigth",
        "_source",
        "_x",
    )
    for form, end in product((called, called.upper(), f"my_{called}", f"{called}_ma", f"{called}1"), ends):
        if form + end not in FIELDS:
            assert set(hinted(form + end)) <= of_type, form + end


@pytest.mark.parametrize(
    "called", ["SMA", "sma", "RMA", "TEMA", "VWMA", "ALMA", "zlema", "T3", "frama", "mcginley"]
)
def test_a_moving_average_that_there_is_not(called: str) -> None:
    for end in ("", "_len", "_length", "_period", "_w", "len"):
        with pytest.raises(TypeError, match=f"there is no {called.upper()} here, but EMA, HMA ") as raised:
            ATCConfig(**{called + end: 20})  # type: ignore[arg-type]
        assert "did you mean" not in str(raised.value)
        for name in MOVING_AVERAGES:
            assert f" {name}" in str(raised.value)
    with pytest.raises(ValueError, match=f"unknown type '{called}'; there is no {called.upper()} here"):
        ATCConfig(moving_averages=("EMA", called))


@pytest.mark.parametrize(
    "name", ["lamda", "lmda", "lambda", "Lambda", "lambda_", "lambda_param", "lamdba", "la"]
)
def test_lambda(name: str) -> None:
    assert hinted(name) == ["La"]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *(("decay", "De"), ("decay_rate", "De"), ("decya", "De"), ("de", "De"), ("Cutout", "cutout")),
        *(("cut_out", "cutout"), ("robustnes", "robustness"), ("longthreshold", "long_threshold")),
        *(
            ("ma_types", "moving_averages"),
            ("moving_average", "moving_averages"),
            ("strategy", "strategy_mode"),
        ),
    ],
)
def test_other_fields(name: str, field: str) -> None:
    assert hinted(name) == [field]


@pytest.mark.parametrize(
    "name", ["length", "len", "period", "weight", "w", "len1", "xma_len", "foo", "x", ""]
)
def test_what_could_be_any_has_no_hint(name: str) -> None:
    assert not {*hinted(name)} & {*names.LENGTH_FIELDS.values(), *names.WEIGHT_FIELDS.values()}


def test_types_and_outputs() -> None:
    assert unknown("EMMA", MOVING_AVERAGES).startswith("did you mean 'EMA'?")
    assert unknown("hull", MOVING_AVERAGES).startswith("did you mean 'HMA'?")
    with pytest.raises(
        ValueError, match=r"moving_average='DEMA' is not one of the config's types; known: EMA$"
    ):
        atc_cy.calibration(CLOSE, "DEMA", moving_averages=("EMA",))
    with pytest.raises(ValueError, match=r"alert_from='KAMA' is unknown; known: Average, LSMA$"):
        atc_cy.Stream(alert_from="KAMA", moving_averages=("LSMA",))
    with pytest.raises(
        ValueError, match=r"outputs has 'WMA_Signal'; known: Average_Signal, HMA_S, HMA_Signal$"
    ):
        atc_cy.scan({"A": CLOSE}, outputs=["WMA_Signal"], moving_averages=("HMA",))
    with pytest.raises(ValueError, match="outputs has 'SMA_Signal'; there is no SMA here"):
        atc_cy.scan({"A": CLOSE}, outputs=["SMA_Signal"])
    with pytest.raises(ValueError, match="outputs has 'hull_signal'; did you mean 'HMA_Signal'"):
        atc_cy.scan({"A": CLOSE}, outputs=["hull_signal"])


def test_a_type_that_is_mentioned_is_meant_where_types_are_asked_for() -> None:
    for name in ("ema_len", "ema_of_the_last_bars"):
        assert unknown(name, MOVING_AVERAGES).startswith("did you mean 'EMA'?")


def test_no_field_is_meant_that_is_not_asked_for() -> None:
    assert unknown("ma_types", ["La", "moving_averages"]).startswith("did you mean 'moving_averages'?")
    assert unknown("ma_types", ["La", "De"]) == "known: De, La"
