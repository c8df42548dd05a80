"""Files of prices that tests write."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from support.golden import golden

CLOSE = golden("usd_default").close[:500]
"""The first prices of a golden case, and the days that files give them."""
DAYS = [str(day.date()) for day in pd.date_range("2020-01-01", periods=500)]


def write_csv(path: Path, header: str = "Date,Close", rows: Sequence[str] | None = None) -> Path:
    """Write rows, by default `DAYS` and `CLOSE`, below a header."""
    lines = [f"{day},{close!r}" for day, close in zip(DAYS, CLOSE.tolist(), strict=True)]
    path.write_text("\n".join([header, *(lines if rows is None else rows)]) + "\n")
    return path


FRAME = pd.DataFrame({"date": pd.to_datetime(DAYS), "open": CLOSE, "close": CLOSE})


def write(path: Path, frame: pd.DataFrame) -> Path:
    """Write a table with a column `date`; the ending tells the format."""
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".feather":
        frame.to_feather(path)
    else:
        records = frame.astype({"date": str}).to_dict("records")
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path
