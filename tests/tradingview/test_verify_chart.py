"""`verify_chart` and its command name the settings of charts that the oracle made."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy
from support.exports import TIMES, candles, exported, write_export

from atc_cy import ATCConfig, PriceError, reference, verify_chart

BARS = candles(900)
DEFAULT = exported(BARS, ATCConfig(), arrows=True)


@pytest.mark.parametrize("decimals", [None, 8, 4])
@pytest.mark.parametrize("times", TIMES)
def test_a_chart_of_the_settings_given(tmp_path: Path, times: str, decimals: int | None) -> None:
    path = write_export(tmp_path / "chart.csv", DEFAULT, times, decimals)
    found = verify_chart(path)
    assert (found.agrees, found.fits, found.settings, found.cut) == (True, True, {}, False)
    assert found.plots["same"].eq(900).all()
    assert found.plots["since"].eq(BARS.index[0] if times == "ISO" else BARS.index[0].tz_localize(None)).all()
    assert found.plots.index.tolist() == ["EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA"]
    assert (found.arrows["same"] == found.arrows["chart"]).all()
    assert (found.arrows["here"] == found.arrows["chart"]).all()
    assert found.arrows["chart"].sum() > 5


@pytest.mark.parametrize(
    "rows", [slice(1, None), slice(10, None), slice(300, None), slice(600, 700)], ids=str
)
@pytest.mark.parametrize("decimals", [None, 6, 3])
def test_a_chart_that_began_earlier(tmp_path: Path, rows: slice, decimals: int | None) -> None:
    table = DEFAULT[rows]
    path = write_export(tmp_path / "chart.csv", table, "ISO", decimals)
    found = verify_chart(path)
    assert (found.agrees, found.settings, found.cut) == (True, {}, True)
    assert (found.plots["explained"] == len(table)).all()
    assert (found.plots["same"] < len(table)).any()
    assert "began before the export's first bar" in str(found)


@pytest.mark.parametrize("start", [0, 250])
@pytest.mark.parametrize("source", ["open", "high", "low", "hl2", "hlc3", "ohlc4", "hlcc4"])
def test_another_source(tmp_path: Path, source: str, start: int) -> None:
    table = exported(BARS, ATCConfig(), source)[start:]
    found = verify_chart(write_export(tmp_path / "chart.csv", table, decimals=6))
    assert (found.agrees, found.settings, found.cut) == (False, {"src": source}, start > 0)
    assert f"src={source}" in str(found)
    again = verify_chart(tmp_path / "chart.csv", src=source)
    assert (again.agrees, again.settings) == (True, {})


LENGTHS = {"ema_len": 21, "hull_len": 9, "wma_len": 55, "dema_len": 14, "lsma_len": 100, "kama_len": 34}


@pytest.mark.parametrize("start", [0, 250])
@pytest.mark.parametrize("source", ["close", "hlc3"])
def test_other_lengths(tmp_path: Path, source: str, start: int) -> None:
    table = exported(BARS, ATCConfig(**LENGTHS), source)[start:]  # type: ignore[arg-type]
    found = verify_chart(write_export(tmp_path / "chart.csv", table, decimals=8))
    assert found.settings == LENGTHS | ({} if source == "close" else {"src": source})
    assert found.cut == (start > 0)


@pytest.mark.parametrize("start", [0, 250])
@pytest.mark.parametrize("robustness", ["Narrow", "Medium", "Wide"])
@pytest.mark.parametrize(("name", "length"), [("EMA", 28), ("KAMA", 20), ("DEMA", 40), ("HMA", 10)])
def test_calibration_lanes(tmp_path: Path, name: Any, length: int, robustness: Any, start: int) -> None:
    field = {"HMA": "hull_len"}.get(name, f"{name.lower()}_len")
    config = ATCConfig(robustness=robustness, **{field: length})  # type: ignore[arg-type]
    table = exported(BARS, config, calibration=name)[start:]
    found = verify_chart(write_export(tmp_path / "chart.csv", table, decimals=8))
    assert found.settings == {
        key: value
        for key, value in ((field, length), ("robustness", robustness))
        if value != getattr(ATCConfig(), key)
    }
    assert found.plots["average"].eq(name).all()
    assert found.plots["length"].iloc[0] == length
    assert found.cut == (start > 0)


@pytest.mark.parametrize(
    "fields",
    [{"robustness": "Narrow"}, {"robustness": "Wide", "strategy_mode": True}, {"strategy_mode": True}],
)
@pytest.mark.parametrize("from_output", ["Average", "KAMA"])
def test_arrows_of_other_settings(tmp_path: Path, fields: dict[str, Any], from_output: str) -> None:
    table = exported(BARS, ATCConfig(**fields), arrows=True, from_output=from_output)
    found = verify_chart(write_export(tmp_path / "chart.csv", table, decimals=8))
    other = {} if from_output == "Average" else {"direction_from": from_output}
    assert found.settings == fields | other
    assert not found.agrees


def test_arrows_of_settings_that_are_not_tried(tmp_path: Path) -> None:
    table = exported(BARS, ATCConfig(La=30.0), arrows=True)
    found = verify_chart(write_export(tmp_path / "chart.csv", table))
    assert (found.agrees, found.fits) == (False, False)
    assert found.plots["fits"].all()
    assert "compare La, De, cutout, weights and thresholds" in str(found)
    assert verify_chart(tmp_path / "chart.csv", La=30.0).agrees


def test_a_chart_of_something_else(tmp_path: Path) -> None:
    """5,000 bars, nine sources, each length."""
    table = candles(5000)
    plots = [candles(5000, 2)["close"].ewm(span=span, adjust=False).mean() for span in range(20, 26)]
    for name, plot in zip(["EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA"], plots, strict=True):
        table[name] = plot
    path = write_export(tmp_path / "chart.csv", table, decimals=6)
    found = verify_chart(path)
    assert (found.agrees, found.fits, found.settings) == (False, False, None)
    assert not found.plots["fits"].any()
    assert "no settings fit: the plots are not of these prices" in str(found)


def test_lanes_of_something_else(tmp_path: Path) -> None:
    other = exported(candles(5000, 2), ATCConfig(), calibration="KAMA").drop(columns=candles(2).columns)
    path = write_export(tmp_path / "chart.csv", candles(5000).join(other), decimals=6)
    found = verify_chart(path)
    assert found.settings is None


def test_too_few_bars(tmp_path: Path) -> None:
    found = verify_chart(write_export(tmp_path / "chart.csv", DEFAULT[300:330], decimals=6))
    assert not found.fits
    assert "the export has 30 bars, too few to compare averages of 28 bars" in str(found)
    assert verify_chart(write_export(tmp_path / "chart.csv", DEFAULT[:30], decimals=6)).agrees


def test_columns_of_other_scripts_are_no_arrows(tmp_path: Path) -> None:
    table = DEFAULT.assign(**{"Up trend": BARS["low"], "Down trend": BARS["high"]})
    found = verify_chart(write_export(tmp_path / "chart.csv", table))
    assert found.agrees
    assert found.arrows.empty  # two columns could be those of long arrows: --arrows says which
    assert verify_chart(tmp_path / "chart.csv", arrows=("Long", "Short")).arrows["same"].sum() > 5
    found = verify_chart(write_export(tmp_path / "chart.csv", table.drop(columns=["Long", "Short"])))
    assert found.agrees
    assert found.arrows.empty


def test_an_average_that_begins_otherwise_is_another(tmp_path: Path) -> None:
    """Pandas' EMA fades into ours, but the chart did not begin earlier: it has no value before bar 28."""
    table = DEFAULT.copy()
    table["EMA"] = BARS["close"].ewm(span=28, adjust=False).mean().where(table["EMA"].notna())
    found = verify_chart(write_export(tmp_path / "chart.csv", table, decimals=8))
    assert not found.fits
    assert found.plots["fits"].tolist() == [False, True, True, True, True, True]
    assert "no settings fit EMA; the others fit with the settings given" in str(found)


@pytest.mark.parametrize("average", ["EMA", "KAMA"])
def test_plots_of_one_chart_began_on_one_bar(tmp_path: Path, average: str) -> None:
    """An EMA that begins with the first price fades into ours, but the others show that no bar was before."""
    table = DEFAULT.copy()
    close = BARS["close"]
    earlier = pd.concat([close[:1] * 1.1] * 3 + [close]).tolist()
    table[average] = {
        "EMA": close.ewm(span=28, adjust=False).mean(),
        "KAMA": pd.Series(reference.atc(earlier, ATCConfig())["KAMA"][3:], close.index),
    }[average]
    found = verify_chart(write_export(tmp_path / "chart.csv", table, decimals=8))
    assert (found.agrees, found.settings, found.cut) == (False, None, False)
    assert found.plots.index[~found.plots["fits"].astype(bool)].tolist() == [average]
    assert f"no settings fit {average}; the others fit with the settings given" in str(found)


def test_digits_that_do_not_decide_a_length(tmp_path: Path) -> None:
    """A quiet market at a price of four digits: several lengths show the same; the true one is among them."""
    steps = np.random.default_rng(5).normal(0, 0.0005, 800)
    quiet = candles(800)
    for name in ("open", "high", "low", "close"):
        quiet[name] = np.round(1.2e-5 * np.exp(np.cumsum(steps)), 8)
    table = exported(quiet, ATCConfig(ema_len=35, hull_len=40, kama_len=20))
    for begin in (0, 300):
        found = verify_chart(write_export(tmp_path / "chart.csv", table[begin:], decimals=8))
        assert found.fits
        note = " ".join(note for note in found.notes if "too few digits" in note)
        assert bool(note) == (begin > 0)  # the first bars say more than any other
        for name, length in (("EMA", 35), ("HMA", 40), ("WMA", 28), ("KAMA", 20)):
            reported = re.search(rf"\b{name} (\d+) to (\d+)", note)
            if reported is None:
                assert found.plots.loc[name, "length"] == length
            else:
                assert int(reported[1]) <= length <= int(reported[2])
    fine = verify_chart(write_export(tmp_path / "chart.csv", DEFAULT, decimals=6))
    assert fine.notes == ()


def test_columns_that_may_be_arrows_are_named(tmp_path: Path) -> None:
    table = DEFAULT.rename(columns={"Long": "Shapes", "Short": "Shapes 2"})
    found = verify_chart(write_export(tmp_path / "chart.csv", table))
    assert found.agrees
    (note,) = found.notes
    assert note.startswith("no arrows were compared: if they are among Shapes, Shapes 2, name them as")
    found = verify_chart(tmp_path / "chart.csv", arrows=("Shapes", "Shapes 2"))
    assert found.arrows["same"].sum() > 5
    assert found.notes == ()


def test_one_bar_that_differs(tmp_path: Path) -> None:
    table = DEFAULT.copy()
    table.iloc[500, table.columns.get_loc("WMA")] += 1e-4  # type: ignore[operator, arg-type]
    found = verify_chart(write_export(tmp_path / "chart.csv", table, decimals=4))
    assert not found.fits
    assert found.plots.loc["WMA", ["same", "since", "fits"]].tolist() == [
        *(899, table.index[501].tz_localize(None), False)
    ]


def test_rows_without_a_price_and_newest_first(tmp_path: Path) -> None:
    table = DEFAULT.copy()
    table.loc[pd.Timestamp("2024-01-20 00:30", tz="UTC")] = np.nan
    path = write_export(tmp_path / "chart.csv", table.sort_index(ascending=False))
    assert verify_chart(path).agrees


def test_the_command(tmp_path: Path) -> None:
    path = write_export(tmp_path / "chart.csv", DEFAULT, "ms", 6)
    done = atc_cy("verify-chart", path)
    assert "EMA: EMA of 28: the same on 900 of 900 bars\n" in done.stdout
    assert done.stdout.endswith("the chart agrees with the settings given\n")
    done = atc_cy("verify-chart", path, "--ema-len", 20, code=3)
    assert "they fit with ema_len=28" in done.stdout
    table = BARS.assign(EMA=candles(900, 7)["close"])
    done = atc_cy("verify-chart", write_export(path, table), code=1)
    assert "no settings fit" in done.stdout
    write_export(path, BARS)
    done = atc_cy("verify-chart", path, code=1)
    assert "chart.csv: there is no plot of the script, such as EMA or 'Calibration (Main)'" in done.stderr


def test_bad_exports(tmp_path: Path) -> None:
    path = tmp_path / "chart.csv"
    table = exported(BARS[:60], ATCConfig(), calibration="EMA").drop(columns="Calibration +2ρ")
    with pytest.raises(ValueError, match=r"of the nine lanes of calibration there is no Calibration \+2ρ"):
        verify_chart(write_export(path, table))
    table = DEFAULT[:60].copy()
    table.iloc[7, table.columns.get_loc("close")] = -1.0  # type: ignore[index]
    with pytest.raises(PriceError, match=r"line 9: "):
        verify_chart(write_export(path, table))
    with pytest.raises(ValueError, match=r"arrows='Lng' is not a column; did you mean 'Long'"):
        verify_chart(write_export(path, DEFAULT), arrows=("Lng", "Short"))
    with pytest.raises(TypeError, match="arrows='Long' must be two columns"):
        verify_chart(path, arrows="Long")
