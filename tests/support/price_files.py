"""A file of prices, and what is in it."""

from pathlib import Path

import pandas as pd

from support.golden import golden

CLOSE = golden("usd_default").close[:500]
DAYS = [str(day.date()) for day in pd.date_range("2020-01-01", periods=500)]


def write_csv(path: Path, header: str = "Date,Close", rows: "list[str] | None" = None) -> Path:
    """Write the prices, or other rows, below a header; returns the path."""
    lines = [f"{day},{close!r}" for day, close in zip(DAYS, CLOSE.tolist(), strict=True)]
    path.write_text("\n".join([header, *(lines if rows is None else rows)]) + "\n")
    return path
