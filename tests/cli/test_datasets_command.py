"""`atc-cy datasets`: the shipped symbols."""

from pathlib import Path

import numpy as np
from support.commands import atc_cy, rows_of
from support.golden import golden


def test_datasets(tmp_path: Path) -> None:
    rows = rows_of(atc_cy("datasets", "--format", "csv").stdout)
    assert len(rows) == 46
    by_symbol = {row["symbol"]: row for row in rows}
    assert by_symbol["USD"] == {
        "symbol": "USD",
        "bars": "7126",
        "first": "1999-01-04",
        "last": "2026-10-30",
        "columns": "close",
    }
    assert by_symbol["IBM"]["columns"] == "open high low close volume adj_close"
    out = tmp_path / "USD.csv"
    atc_cy("datasets", "USD", "-o", out)
    assert atc_cy("datasets", "USD").stdout == out.read_text()
    written = np.array([float(row["close"]) for row in rows_of(out.read_text())])
    assert np.array_equal(written, golden("usd_default").close)
    assert "did you mean 'USD'" in atc_cy("datasets", "UDS", code=2).stderr
    assert "--output needs SYMBOL" in atc_cy("datasets", "-o", out, code=2).stderr
