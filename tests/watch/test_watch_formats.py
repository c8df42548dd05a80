"""A feed is read as a file is: times, numbers, missing values, encodings, columns."""

from pathlib import Path

import numpy as np
import pytest
from support.watching import CASES, Run, batch_events, closes_of, rows_of

BASE = closes_of(CASES / "base.csv")
"""The closes of most cases."""


def events_of(run: Run) -> list[tuple[str, float]]:
    return [(event["event"], event["price"]) for event in run.events]


@pytest.mark.parametrize(
    "name",
    [
        *("base.csv", "date_time.csv", "us.csv", "ns.csv", "ms_then_us.csv", "frac_s.csv", "utf16.csv"),
        *("bom.jsonl", "ls.jsonl"),
    ],
)
def test_every_way_to_write_a_feed(name: str, run: Run) -> None:
    run(CASES / name, "--verbose")
    assert run.code == 0
    assert run.reports == ["120 bars, 0 seen before, 12 events, 0 failures"]
    assert events_of(run) == batch_events(BASE)


@pytest.mark.parametrize("missing", ["null", "NaN", "", "N/A"])
def test_missing_prices_are_counted(missing: str, run: Run) -> None:
    rows = (CASES / "base.csv").read_text().splitlines()
    rows[20] = f"2024-01-20,{missing}"
    run("\n".join(rows))
    assert run.code == 0
    assert run.reports == ["skipped 1 row: 1 without a price"]
    assert events_of(run) == batch_events(BASE[:19] + BASE[20:])


def test_compact_dates_among_iso(run: Run) -> None:
    """20240102 was 1970 once, and every ISO date after it later."""
    rows = (CASES / "base.csv").read_text().splitlines()
    rows[1:80:2] = [row.replace("-", "", 2) for row in rows[1:80:2]]
    run("\n".join(rows), "--verbose")
    assert run.reports[0] == "120 bars, 0 seen before, 12 events, 0 failures"
    assert events_of(run) == batch_events(BASE)


def test_a_number_is_written_as_a_number(run: Run) -> None:
    run("date,close\n2024-01-01,1_0\n2024-01-02,11\n")
    assert run.code == 3
    assert run.reports[0].endswith("line 2: close='1_0' is not a number")


def test_offsets_for_all_rows_or_none(run: Run) -> None:
    run("date,close\n2024-01-01T00:00,1\n2024-01-01T01:00+01:00,2\n1735689600,3\n")
    assert run.code == 3
    words = "the time '2024-01-01T01:00+01:00' has an offset, but '2024-01-01T00:00' (line 2) has none"
    assert run.reports[0].endswith(f"line 3: {words}: give all of them one")


def test_daylight_saving(run: Run) -> None:
    run(CASES / "tradingview_iso_dst.csv", "--verbose")
    assert run.reports == [f"799 bars, 0 seen before, {len(run.events)} events, 0 failures"]


def test_one_order_of_columns(run: Run) -> None:
    run("Close,date,close,time\n7,2024-01-01,1,\n7,2024-01-02,-2,\n")
    assert "close=-2.0 must be above 0" in run.reports[0]
    run("timestamp,date,close\n2024-01-05,2024-01-01,1\n2024-01-04,2024-01-02,2\n", "--verbose")
    assert run.reports == ["2 bars, 0 seen before, 0 events, 0 failures"]


def test_a_column_named_src_counts(run: Run) -> None:
    path = CASES / "with_src_column.csv"
    rows = rows_of(path)
    close, src = ([float(row[name]) for row in rows] for name in ("close", "src"))
    run(path)
    assert events_of(run) == batch_events(close, np.array(src))
    assert events_of(run) != batch_events(close)


def test_each_symbol_of_a_long_file(run: Run) -> None:
    path = CASES / "long_two_symbols.csv"
    rows = rows_of(path)
    run(path)
    for symbol in ("AAA", "BBB"):
        closes = [float(row["close"]) for row in rows if row["symbol"] == symbol]
        reported = [(event["event"], event["price"]) for event in run.events if event["symbol"] == symbol]
        assert reported == batch_events(closes)
        assert len(reported) > 10


def test_a_short_file_is_read_whatever_its_encoding(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "short.jsonl"
    path.write_bytes('{"time": 1, "close": 2}'.encode("utf-16"))
    run(path, "--verbose")
    assert run.reports == ["1 bars, 0 seen before, 0 events, 0 failures"]
    path.write_bytes(b"")
    run(path, "--verbose")
    assert run.code == 1
    assert "it is empty" in run.reports[0]
