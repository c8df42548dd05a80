"""A result knows the config that it was computed with; where that is lost, nobody assumes one."""

import copy
import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy import ATCConfig, atc, chart, compute_atc_signals, direction, events, scan
from atc_cy.cli import main
from atc_cy.engine.direction import DIRECTIONS

RNG = np.random.default_rng(3)
PRICES = pd.Series(
    100 * np.exp(np.cumsum(RNG.normal(0, 0.02, 600))), pd.date_range("2020-01-01", periods=600, name="date")
)
HIGH = {"long_threshold": 0.5, "short_threshold": -0.5}


def high_direction() -> "pd.Series[float]":
    result = compute_atc_signals(PRICES)
    right = direction(result, **HIGH)
    assert not right.equals(direction(result)), "the test needs prices that tell the two apart"
    return right


def copies(result: Any) -> dict[str, Any]:
    return {
        "itself": result,
        ".copy()": result.copy(),
        "copy.copy": copy.copy(result),
        "copy.deepcopy": copy.deepcopy(result),
        "pickle": pickle.loads(pickle.dumps(result)),
    }


@pytest.mark.parametrize("way", ["itself", ".copy()", "copy.copy", "copy.deepcopy", "pickle"])
def test_a_result_is_followed_at_its_own_thresholds(way: str) -> None:
    result = copies(compute_atc_signals(PRICES, **HIGH))[way]
    assert isinstance(result, dict)
    assert result.config == ATCConfig(**HIGH)
    pd.testing.assert_series_equal(direction(result), high_direction())
    assert events(result).equals(events(result, **HIGH))
    assert direction(result, long_threshold=0.1, short_threshold=-0.1).equals(
        direction(compute_atc_signals(PRICES))
    )


def test_what_directions_are_called() -> None:
    result = compute_atc_signals(PRICES)
    called = direction(result).map(DIRECTIONS)
    average = result["Average_Signal"]
    assert {*called[average > result.config.long_threshold]} == {"long"}
    assert {*called[average < result.config.short_threshold]} == {"short"}


def test_one_threshold_of_two() -> None:
    result = compute_atc_signals(PRICES, **HIGH)
    both = direction(result, long_threshold=0.2, short_threshold=-0.5)
    assert direction(result, long_threshold=0.2).equals(both)


@pytest.mark.parametrize("function", [direction, events])
@pytest.mark.parametrize("lost", [pd.DataFrame, dict])
def test_where_the_config_is_lost_thresholds_are_asked_for(function: Any, lost: Any) -> None:
    result = compute_atc_signals(PRICES, **HIGH)
    with pytest.raises(ValueError, match="give long_threshold and short_threshold"):
        function(lost(result))
    with pytest.raises(ValueError, match="give short_threshold "):
        function(lost(result), long_threshold=0.5)
    assert function(lost(result), **HIGH).equals(function(result))
    assert function(lost(result), config=ATCConfig(**HIGH)).equals(function(result))


def test_frames_of_scan_and_atc_know_their_config() -> None:
    right = high_direction()
    of_mapping = scan({"A": PRICES}, **HIGH)["A"]
    of_frame = scan(pd.DataFrame({"A": PRICES}), **HIGH)["A"]
    of_atc = atc(PRICES, **HIGH)
    for frame in (of_mapping, of_frame, of_atc):
        assert direction(frame).equals(right)
    assert of_atc["direction"].equals(right)
    json.dumps(of_atc.attrs)  # as a Parquet file keeps them


def test_a_type_is_late_as_the_config_says() -> None:
    late = compute_atc_signals(PRICES, strategy_mode=True)
    plain = compute_atc_signals(PRICES)
    found = direction(late, alert_from="EMA")
    assert found.equals(direction(plain, alert_from="EMA", strategy_mode=True))
    assert found.equals(direction(plain, alert_from="EMA").shift(1))


def test_a_chart_has_the_results_thresholds() -> None:
    figure = chart(compute_atc_signals(PRICES, **HIGH)).figure
    assert {0.5, -0.5} <= {shape.y0 for shape in figure.layout.shapes}


def test_the_command_scan_has_the_configs_thresholds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, toml = tmp_path / "A.csv", tmp_path / "high.toml"
    config = ATCConfig(long_threshold=0.97, short_threshold=-0.97)
    toml.write_text(config.to_toml())
    PRICES.rename("close").to_csv(file)
    assert main(["scan", str(file), "--config", str(toml), "--format", "json"]) == 0
    (row,) = json.load(io.StringIO(capsys.readouterr().out))
    result = compute_atc_signals(PRICES, long_threshold=0.97, short_threshold=-0.97)
    turns = np.flatnonzero(events(result))
    assert row["direction"] == {1.0: "long", -1.0: "short"}[direction(result).iloc[-1]]
    assert row["bars_since_event"] == len(PRICES) - 1 - turns[-1]
    default = np.flatnonzero(events(compute_atc_signals(PRICES)))
    assert default[-1] != turns[-1], "the test needs prices that tell the two apart"


@pytest.mark.parametrize("function", [direction, events])
def test_a_result_of_several_symbols_is_not_followed(function: Any) -> None:
    two = pd.DataFrame({"symbol": ["A"] * 600 + ["B"] * 600, "close": [*PRICES, *PRICES[::-1]]})
    mixed = two.sample(frac=1, random_state=1)
    for data, match in (
        (atc(two, by="symbol"), "one symbol's rows in the order of time"),
        (atc(mixed, by="symbol"), "one symbol's rows in the order of time"),
        (atc(two, by="symbol", append=True), "the column 'symbol' has several symbols"),
        (atc(two.set_index("symbol"), by="symbol"), "the index has several symbols"),
        (atc(PRICES.to_frame("close")[::-1], sort=True), "must increase in time"),
        (pd.DataFrame(compute_atc_signals(PRICES))[::-1], "must increase in time"),
        (
            {name: values[::-1] for name, values in compute_atc_signals(PRICES).items()},
            "must increase in time",
        ),
    ):
        with pytest.raises(ValueError, match=match):
            function(data, long_threshold=0.1, short_threshold=-0.1)
        if isinstance(data, pd.DataFrame) and data.attrs:
            with pytest.raises(ValueError, match=match):
                function(data, long_threshold=0.5)
    both = atc(two, by="symbol", append=True)
    first = both[both["symbol"] == "A"]
    assert np.array_equal(direction(first), first["direction"], equal_nan=True)
    assert direction(first[300:])[200:].notna().all()
