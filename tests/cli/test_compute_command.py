"""`atc-cy compute`: every bit of every output, and what was there is kept."""

import math
from pathlib import Path

import numpy as np
from support.commands import atc_cy, rows_of
from support.golden import assert_same_bits
from support.price_files import CLOSE, DAYS, write_csv

from atc_cy import compute_atc_signals, events


def test_compute(tmp_path: Path) -> None:
    path, out = write_csv(tmp_path / "x.csv"), tmp_path / "out.csv"
    atc_cy("compute", path, "-o", out)
    assert atc_cy("compute", path, "-o", "-").stdout == out.read_text()
    assert sorted(tmp_path.iterdir()) == [out, path]
    rows = rows_of(out.read_text())
    result = compute_atc_signals(CLOSE)
    assert list(rows[0]) == ["date", "close", *result, "direction", "event"]
    assert [row["date"] for row in rows] == DAYS
    read = {name: np.array([float(row[name] or math.nan) for row in rows]) for name in result}
    assert_same_bits(read, {name: series.to_numpy() for name, series in result.items()})
    assert [int(row["event"]) for row in rows] == events(result).tolist()


def test_a_shipped_symbol(tmp_path: Path) -> None:
    """It gives what its prices in a file give."""
    atc_cy("datasets", "TRY", "-o", tmp_path / "TRY.csv")
    wanted = atc_cy("compute", tmp_path / "TRY.csv", "-o", "-").stdout
    assert atc_cy("compute", "TRY", "-o", "-").stdout == wanted
    done = atc_cy("compute", "TRYY", "-o", tmp_path / "out.csv", code=1)
    assert "there is neither a file nor a shipped symbol 'TRYY'; did you mean 'TRY'?" in done.stderr


def test_compute_keeps_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("precious")
    bad = write_csv(tmp_path / "bad.csv", rows=["2020-01-01,1", "2020-01-02,inf"])
    done = atc_cy("compute", bad, "-o", out, code=1)
    assert "bad.csv: line 3: prices has inf" in done.stderr
    assert out.read_text() == "precious"
