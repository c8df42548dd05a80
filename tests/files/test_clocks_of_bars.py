"""Days and bounds are those of the rows' own clock, and a bar ends with a row."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy, rows_of

from atc_cy import Resampler, atc, compute_atc_signals, events, resample
from atc_cy.files.bounds import read_bound
from atc_cy.files.resample import rule_of

BERLIN = "Europe/Berlin"
RNG = np.random.default_rng(3)


def prices(first: str, periods: int, freq: str, zone: "str | None" = None) -> pd.Series:
    close = 100 * np.exp(np.cumsum(RNG.normal(0, 0.01, periods)))
    return pd.Series(close, pd.date_range(first, periods=periods, freq=freq, tz=zone), name="close")


def written(path: Path, rows: pd.Series) -> Path:
    lines = [f"{time.isoformat()},{close!r}" for time, close in rows.items()]  # type: ignore[attr-defined]
    path.write_text("\n".join(["time,close", *lines, ""]))
    return path


def computed(*arguments: object) -> pd.DataFrame:
    rows = pd.DataFrame(rows_of(atc_cy("compute", *arguments, "-o", "-").stdout))
    return rows.set_index("date").astype({"close": float, "Average_Signal": float})


def test_days_of_offsets_that_differ(tmp_path: Path) -> None:
    rows = prices("2024-01-01", 200, "D", BERLIN)
    path = written(tmp_path / "b.csv", rows)
    done = atc_cy("compute", path, "--resample", "1W", "-o", "-", code=1)
    assert (
        "b.csv: line 93, column 'time': the time '2024-04-01T00:00:00+02:00' has another offset"
        in done.stderr
    )
    assert "give --time-zone" in done.stderr
    assert len(computed(path)) == 200  # where nothing is cut, instants are enough
    weeks = computed(path, "--resample", "1W", "--time-zone", BERLIN)
    assert weeks["close"].tolist() == resample(rows, "1W").tolist()
    text = pd.DataFrame({"time": [time.isoformat() for time in rows.index], "close": rows.to_numpy()})
    for table in (text, text.set_index("time"), text.set_index("time")["close"]):
        with pytest.raises(ValueError, match=r"another offset than '2024-01-01T00:00:00.01:00'"):
            resample(table, "1W")
        with pytest.raises(ValueError, match="another offset than"):
            atc(table, higher="1W")
    assert len(resample(text[:60], "1W")) == 9
    assert len(atc(text)) == 200


def test_text_of_a_day_with_another_offset() -> None:
    hours = prices("2024-03-30", 60, "h", BERLIN)
    days = Resampler("1D")
    for time in hours.index[:26]:
        days.update(time.isoformat(), 1.0)
    with pytest.raises(ValueError, match=r"'2024-03-31T03:00:00.02:00' has another offset than"):
        days.update(hours.index[26].isoformat(), 1.0)


@pytest.mark.parametrize("timeframe", ["4h", "6h", "1D"])
@pytest.mark.parametrize("first", ["2024-03-20", "2024-10-20"])
def test_watch_makes_the_bars_of_compute(tmp_path: Path, timeframe: str, first: str) -> None:
    rows = prices(first, 2400, "h", BERLIN)
    path = written(tmp_path / "b.csv", rows)
    bars = resample(rows, timeframe)
    known = compute_atc_signals(bars[:-1])
    watched = atc_cy(
        "watch", path, "--resample", timeframe, "--time-zone", BERLIN, "--format", "json", "--verbose"
    )
    assert f"atc-cy: {len(bars) - 1} bars," in watched.stderr
    times = re.findall(r'"time": ?"([^"]+)"', watched.stdout)
    turns = events(known)
    assert times == [time.isoformat() for time in turns.index[turns != 0]]
    refused = atc_cy("watch", path, "--resample", timeframe, code=1)
    assert "has another offset than" in refused.stderr
    assert "--time-zone" in refused.stderr


def test_bounds_are_in_the_zone_of_the_data(tmp_path: Path) -> None:
    rows = prices("2024-03-01", 200, "h", "America/New_York")
    naive = written(tmp_path / "n.csv", rows.tz_localize(None))
    zone = ["--time-zone", "America/New_York"]
    first = computed(naive, *zone, "--first-bar", "2024-03-02")
    assert first.index[0] == "2024-03-02 00:00:00-05:00"
    shown = computed(naive, *zone, "--since", "2024-03-02T05:00", "--until", "2024-03-02T07:00")
    assert [time[11:16] for time in shown.index] == ["05:00", "06:00", "07:00"]
    whole_day = computed(naive, *zone, "--since", "2024-03-02", "--until", "2024-03-02")
    assert whole_day["close"].tolist() == rows["2024-03-02"].tolist()
    assert len(computed(naive, "--until", "2024-03-02")) == 48
    assert len(computed(naive, "--until", "20240302T00:00")) == 25
    own = written(tmp_path / "o.csv", rows[:150])  # offsets of their own
    assert computed(own, "--first-bar", "2024-03-02").index[0] == "2024-03-02 00:00:00-05:00"
    assert computed(own, "--first-bar", "2024-03-02T00:00Z").index[0] == "2024-03-01 19:00:00-05:00"
    berlin = written(tmp_path / "b.csv", prices("2024-03-20", 300, "h", BERLIN))
    assert "give --time-zone" in atc_cy("compute", berlin, "--since", "2024-04-01", "-o", "-", code=1).stderr
    assert len(computed(berlin, "--since", "2024-04-01T00:00+02:00")) == 13


@pytest.mark.parametrize(
    ("clock", "first", "last"),
    [("2024-10-27T02:00", "00:00", "01:00"), ("2024-03-31T02:30", "01:00", "00:59")],
)
def test_a_bound_as_clocks_are_set(clock: str, first: str, last: str) -> None:
    times = pd.DatetimeIndex(["2024-01-01"]).tz_localize(BERLIN)
    bound = read_bound(clock)
    assert f"{pd.Timestamp(bound.first(times)):%H:%M}" == first
    assert f"{pd.Timestamp(bound.last(times)):%H:%M}" == last


@pytest.mark.parametrize("timeframe", ["4h", "1D", "1W"])
@pytest.mark.parametrize("until", ["2024-03-05T06:00", "2024-03-05", "2024-03-05T23:30", "2024-02-01"])
def test_until_sees_no_later_row(tmp_path: Path, timeframe: str, until: str) -> None:
    rows = prices("2024-01-01", 2000, "h")
    path, cut = written(tmp_path / "a.csv", rows), written(tmp_path / "c.csv", rows[:until])  # type: ignore[misc]
    found = computed(path, "--resample", timeframe, "--until", until)
    assert found.equals(computed(cut, "--resample", timeframe))
    options = ["--resample", timeframe, "--format", "csv"]
    (shown,) = rows_of(atc_cy("scan", path, "--until", until, *options).stdout)
    (expected,) = rows_of(atc_cy("scan", cut, *options).stdout)
    assert {**shown, "symbol": ""} == {**expected, "symbol": ""}
    closed = computed(path, "--resample", timeframe, "--until", until, "--closed-only")
    ends = resample(rows[: len(rows[:until]) + 1], timeframe).index  # type: ignore[misc]
    assert closed["close"].tolist() == resample(rows, timeframe)[: len(ends) - 1].tolist()


def test_until_before_a_bar_of_the_first_row(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", prices("2024-01-03", 200, "h"))
    for command in (["compute", "-o", "-"], ["scan"]):
        done = atc_cy(*command, path, "--resample", "1W", "--until", "2024-01-02", code=1)
        assert done.stderr.strip() == "atc-cy: no symbol has a bar between --since and --until"
    table = tmp_path / "out.csv"
    atc_cy("compute", path, "--since", "2030-01-01", "-o", table, code=1)
    assert not table.exists()


def test_a_bar_closes_a_timeframe_after_it_opens(tmp_path: Path) -> None:
    now = pd.Timestamp.now("UTC").floor("min")
    for opened, length, closed in (
        (now - pd.Timedelta(hours=10), "1D", 99),
        (now - pd.Timedelta(hours=25), "1D", 100),
        (now - pd.Timedelta(minutes=90), "4h", 99),
        (now - pd.Timedelta(minutes=241), "4h", 100),
    ):
        rows = pd.Series(1.5, pd.date_range(end=opened, periods=100, freq=length.replace("1D", "24h")))
        path = written(tmp_path / "l.csv", rows)
        assert len(computed(path, "--closed-only", "-t", length)) == closed
        assert len(computed(path, "--closed-only")) == closed


def test_a_row_closes_as_the_next_one_opens() -> None:
    hours = prices("2024-01-01", 99, "h")
    quarters = prices("2024-01-05 03:00", 40, "15min")
    rows = pd.concat([hours, quarters])
    found = atc(rows, higher="4h", ema_len=7)["EMA_S_4h"]
    for row in range(96, 110):
        known = rows[: row + 1]
        end = rows.index[row + 1]
        bars = resample(known, "4h")
        bars = bars[bars.index + pd.Timedelta("4h") <= end]
        assert found.iloc[row] == atc(bars, ema_len=7)["EMA_S"].iloc[-1]


def test_higher_bars_of_a_day_that_begins_later() -> None:
    rows = prices("2024-01-01 09:30", 300, "h")
    found = atc(rows, higher="4h", origin="09:30")["Average_Signal_4h"]
    bars = compute_atc_signals(resample(rows, "4h", origin="09:30"))["Average_Signal"]
    assert found.iloc[3::4].tolist() == bars.tolist()
    with pytest.raises(ValueError, match=r"a bar cannot end within a row: give .*\(--origin 00:30\)$"):
        atc(rows, higher="4h")
    with pytest.raises(TypeError, match="higher must be text"):
        atc(rows, higher=["4h"])  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="origin='09:30' is the time at which days begin, for higher"):
        atc(rows, origin="09:30")


@pytest.mark.parametrize(
    ("first", "freq", "timeframe"),
    [("2024-01-01", "7D", "1M"), ("2024-01-01", "3D", "1W"), ("2024-01-01 22:00", "24h", "1W")],
)
def test_rows_that_end_after_their_bar(first: str, freq: str, timeframe: str) -> None:
    with pytest.raises(ValueError, match="a bar cannot end within a row"):
        resample(prices(first, 60, freq), timeframe)


@pytest.mark.parametrize(("freq", "timeframe"), [("MS", "3M"), ("MS", "1M"), ("QS", "12M"), ("B", "1W")])
def test_rows_of_the_calendar_make_bars(freq: str, timeframe: str) -> None:
    rows = prices("2024-01-01", 61, freq)
    assert resample(rows.drop(rows.index[7]), timeframe).iloc[-1] == rows.iloc[-1]


@pytest.mark.parametrize(
    ("freq", "timeframe", "step"),
    [("D", "4h", None), ("h", "30min", None), ("h", "90m", "1h"), ("D", "4h", "1D")],
)
def test_watch_refuses_rows_that_make_no_bars(
    tmp_path: Path, freq: str, timeframe: str, step: "str | None"
) -> None:
    path = written(tmp_path / "b.csv", prices("2024-01-01", 60, freq))
    given = ["-t", step] if step else []
    done = atc_cy("watch", path, "--resample", timeframe, *given, code=2 if step else 1)
    assert "cannot be made of" in done.stderr or "is not a multiple of that of the rows" in done.stderr


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *((name, "sum") for name in ("Volume", "Volume BTC", "Volume_(BTC)", "Vol.", "<VOL>", "<TICKVOL>")),
        *((name, "sum") for name in ("tick_volume", "quote_volume", "tradecount", "taker_buy_quote_volume")),
        *((name, "sum") for name in ("count", "number_of_trades", "Volume_(Currency)", "real_volume")),
        *((name, "last") for name in ("volume_sma", "Volume MA", "implied vol", "VWAP", "volatility")),
        *((name, "last") for name in ("close", "src", "discount", "open interest", "volume change")),
    ],
)
def test_what_is_summed(name: str, rule: str) -> None:
    assert rule_of(name) == rule
    rows = prices("2024-01-01", 8, "h").to_frame().assign(**{name: 2.0})
    assert resample(rows, "4h")[name].tolist()[-1] == (8.0 if rule == "sum" else rows[name].iloc[-1])


@pytest.mark.parametrize(
    "dates", [["31012024", "01022024"], ["01022024", "31012024"], ["12312024", "01012025"]]
)
def test_dates_with_the_year_last(tmp_path: Path, dates: list[str]) -> None:
    path = tmp_path / "d.csv"
    path.write_text("date,close\n" + "".join(f"{date},1.5\n" for date in dates))
    done = atc_cy("compute", path, "-o", "-", code=1)
    assert "may be a date with its year at the end: write 20261030, say, or give --date-format" in done.stderr
    with pytest.raises(ValueError, match="its year at the end"):
        atc(pd.DataFrame({"date": [int(date) for date in dates], "close": 1.5}))
    path.write_text("date,close\n31012024,1.5\n01022024,2\n")
    assert len(computed(path, "--date-format", "%d%m%Y")) == 2


def test_an_unclear_bound(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", prices("2024-01-03", 20, "D"))
    done = atc_cy("scan", path, "--since", "03/04/2024", code=2)
    assert (
        "argument --since: the day of '03/04/2024' could be its month: write it like 2026-10-30"
        in done.stderr
    )
    assert "--date-format" not in done.stderr.splitlines()[-1]


def test_watch_of_an_hour_that_comes_twice(tmp_path: Path) -> None:
    hours = prices("2024-10-26 20:00", 12, "h", BERLIN)
    both = written(tmp_path / "both.csv", hours.tz_localize(None))
    assert "12 bars" in atc_cy("watch", both, "--time-zone", BERLIN, "--verbose").stderr
    one = written(tmp_path / "one.csv", hours.drop(hours.index[7]).tz_localize(None))
    for command in (["watch"], ["compute", "-o", "-"]):
        done = atc_cy(*command, one, "--time-zone", BERLIN, code=1)
        assert "twice, when they were set back" in done.stderr
