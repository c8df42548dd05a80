"""What the averages of a watch run on, with which row it begins, and which events it reports."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.watching import Run, batch_events

from atc_cy import resample
from atc_cy.cli import main
from atc_cy.files.columns import SOURCES

RNG = np.random.default_rng(21)
HOURS = pd.date_range("2024-01-01", periods=2000, freq="h", name="time")
CLOSE = 100 * np.exp(np.cumsum(RNG.normal(0, 0.01, len(HOURS)))).round(6)
SPREAD = RNG.uniform(0.1, 9, (3, len(HOURS))).round(4)
CANDLES = pd.DataFrame(
    {
        "open": CLOSE + SPREAD[0] / 20,
        "high": CLOSE + SPREAD[1],
        "low": CLOSE - SPREAD[2],
        "close": CLOSE,
        "src": CLOSE[::-1],
    },
    HOURS,
)
NAMES = [*SOURCES, "open", "High"]


def of(table: pd.DataFrame, name: str) -> pd.Series:
    """What Pine computes."""
    o, h, lo, c = (table[column] for column in ("open", "high", "low", "close"))
    computed = {"hl2": (h + lo) / 2, "hlc3": (h + lo + c) / 3, "ohlc4": (o + h + lo + c) / 4}
    return {**computed, "hlcc4": (h + lo + c + c) / 4, "open": o, "High": h}[name]


def reported(run: Run) -> list[tuple[str, float]]:
    return [(event["event"], event["price"]) for event in run.events]


FORMS = ("csv", "jsonl", "feather")


@pytest.fixture(params=FORMS)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"BTC.{request.param}"
    table = CANDLES.reset_index()
    if request.param == "feather":
        table.to_feather(path)
    elif request.param == "csv":
        table.to_csv(path, index=False)
    else:
        rows = table.astype({"time": str}).to_dict("records")
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_source(name: str, file: Path, run: Run) -> None:
    expected = batch_events(CLOSE, of(CANDLES, name))
    assert reported(run(file, "--source", name)) == expected
    assert len(expected) > 5
    assert expected != batch_events(CLOSE)


@pytest.mark.long
@pytest.mark.parametrize(("name", "file"), [*zip(NAMES, FORMS * 2, strict=True)], indirect=["file"])
def test_a_source_of_bars_that_are_made(name: str, file: Path, run: Run) -> None:
    """It is computed from the high and the low of the bar, not from those of its last row."""
    bars = resample(CANDLES, "4h")
    expected = batch_events(bars["close"], of(bars, name))
    assert reported(run(file, "--source", name, "--resample", "4h", "-t", "1h")) == expected
    last = batch_events(bars["close"], of(CANDLES, name)[3::4])
    assert name == "open" or expected != last


def test_a_column_src_is_not_used_where_the_source_is_the_close(file: Path, run: Run) -> None:
    assert reported(run(file)) == batch_events(CLOSE, CANDLES["src"])
    assert reported(run(file, "--source", "src")) == batch_events(CLOSE, CANDLES["src"])
    assert reported(run(file, "--source", "close")) == batch_events(CLOSE)


def test_a_source_that_cannot_be_made(run: Run, tmp_path: Path) -> None:
    text = "date,high,close\n2024-01-01,2,1\n"
    run(text, "--source", "hl2")
    assert run.code == 1
    assert "there is no column 'low', which --source hl2 needs" in run.reports[0]
    run(text, "--source", "hlc")
    assert "there is no column 'hlc', which --source names" in run.reports[0]
    line = json.dumps({"date": "2024-01-01", "high": 2, "close": 1}) + "\n"
    run(line, "--source", "hl2")
    assert run.code == 3
    assert "line 1: there is no 'low'; the row has: date, high, close" in run.reports[0]
    (tmp_path / "x.json").write_text(f"[{line}]")
    run(tmp_path / "x.json", "--source", "hl2")
    assert "there is no column 'low', which --source hl2 needs" in run.reports[0]


def test_a_row_without_a_part(run: Run) -> None:
    run("date,high,low,close\n2024-01-01,2,1,1\n2024-01-02,2,,1\n", "--source", "hl2", "--verbose")
    assert run.code == 0
    assert run.reports[0].startswith("1 bars")


def test_a_state_goes_on_with_its_source(run: Run, tmp_path: Path) -> None:
    state, expected = tmp_path / "state", batch_events(CLOSE, of(CANDLES, "hl2"))
    text = CANDLES.to_csv()
    begin = text[: text.index("2024-02-10")]
    first = reported(run(begin, "--source", "hl2", "--state", state))
    assert first + reported(run(text, "--source", "hl2", "--state", state)) == expected
    run(text, "--state", state)
    assert run.code == 1
    assert "was saved with src='hl2' and not None: give the same settings" in run.reports[0]


def test_the_first_bar(file: Path, run: Run) -> None:
    """Rows before it are left out, so that equities begin with it, as those of compute do."""
    later = CANDLES["2024-01-20 05:00":]  # type: ignore[misc]
    run(file, "--source", "close", "--first-bar", "2024-01-20T05:00", "--verbose")
    assert reported(run) == batch_events(later["close"])
    assert run.reports[0].startswith(f"{len(later)} bars, 0 seen before")
    bars = resample(later, "4h")
    run(file, "--source", "close", "--first-bar", "2024-01-20T05:00", "--resample", "4h", "-t", "1h")
    assert reported(run) == batch_events(bars["close"])


def test_events_since_a_time(file: Path, run: Run, tmp_path: Path) -> None:
    """All bars are computed."""
    all_ = run(file, "--source", "close").events
    since = all_[4]["time"]
    assert run(file, "--source", "close", "--since", since).events == all_[4:]
    state = tmp_path / "state"
    assert run(file, "--source", "close", "--since", "2100", "--state", state).events == []


@pytest.mark.parametrize("option", ["--first-bar", "--since"])
def test_a_time_is_in_the_zone_of_the_rows(option: str, run: Run) -> None:
    """As in compute."""
    text = CANDLES.drop(columns="src").to_csv()
    run(text, "--verbose", "--time-zone", "America/Bogota", option, "2024-02-01T05:00")
    zoned = run.reports, [(event["event"], event["price"]) for event in run.events]
    run(text, "--verbose", option, "2024-02-01T05:00")
    assert zoned == (run.reports, [(event["event"], event["price"]) for event in run.events])
    offsets = CANDLES.drop(columns="src").set_axis(HOURS.tz_localize("-05:00").rename("time")).to_csv()
    run(offsets, "--verbose", option, "2024-02-01T05:00")
    assert zoned == (run.reports, [(event["event"], event["price"]) for event in run.events])
    run(text, "--verbose", option, "2024-02-01T05:00Z", "--time-zone", "America/Bogota")
    assert zoned != (run.reports, [(event["event"], event["price"]) for event in run.events])


@pytest.mark.parametrize("option", ["--first-bar", "--since"])
def test_an_exchange_has_history_instead(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["watch", "--exchange", "binance", option, "2024-01-01"])
    assert f"{option} is for FILE: for an exchange, --history says" in capsys.readouterr().err
