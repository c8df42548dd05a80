"""Files of prices: CSV, JSON lines, Parquet, Feather, freqtrade's folders; tables written by ending."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .errors import PriceError
from .frames import CANDLE
from .saving import replacing
from .text import suggestion

_EARLIEST_SECOND, _LATEST_SECOND = 1e8, 1e11
"""A number between them is a time in seconds, 1973 to 5138, and a larger one in milliseconds."""
DATE_COLUMNS = ("date", "datetime", "timestamp", "time")


class Prices(NamedTuple):
    """One symbol's prices, oldest first, on a DatetimeIndex."""

    series: "pd.Series[float]"
    lines: "pd.Index[int] | None"
    """The line, or row, of the file that each price stands on, if they came from one."""
    unit: str = "line"
    candles: pd.DataFrame | None = None
    """The columns `CANDLE`, if they were asked for and are there."""

    def located(self, error: PriceError) -> str:
        """The error's text, with the line where there is one."""
        return str(error) if self.lines is None else f"{self.unit} {self.lines[error.row]}: {error}"


def read_prices(path: Path, column: str = "close", *, candles: bool = False) -> Prices:
    """One symbol's prices from a file, with whole candles if wanted; its ending tells the format.

    ``.parquet`` and ``.feather`` (also freqtrade's) need pyarrow; ``.jsonl`` and ``.ndjson`` have one JSON
    object a line; everything else is CSV with a header. Column names are matched without regard to case.
    Dates are ISO 8601, or numbers: seconds or milliseconds since 1970. A file with the newest row first is
    turned around. An empty cell is a missing price.

    Raises
    ------
    OSError
        The file cannot be read.
    ImportError
        pyarrow is missing.
    ValueError
        A column is missing, or a line has no date or no number; the message names the line.
    """
    reader, unit = _reader(path)
    frame = reader(path, column, candles)
    if frame.empty:
        raise ValueError(f"there is no {unit} with a price")
    dates, closes = as_dates(frame.pop("date"), unit), _numbers(frame.pop("price"), column, unit)
    others = frame.apply(lambda values: _numbers(values, str(values.name), unit))
    if dates.is_monotonic_decreasing:
        closes, dates, others = closes[::-1], dates[::-1], others[::-1]
    index = pd.DatetimeIndex(dates)
    return Prices(
        pd.Series(closes.to_numpy(), index, name=column),
        closes.index,
        unit,
        None if others.empty else others.set_axis(index),
    )


def unit_of(path: Path) -> str:
    """What `Prices.lines` counts of a file, and what messages call it."""
    return _reader(path)[1]


def freqtrade_path(datadir: Path, pair: str, timeframe: str) -> Path:
    """Where freqtrade keeps a pair's candles: ``BTC/USDT`` of ``1h`` in ``BTC_USDT-1h.feather``.

    Raises
    ------
    FileNotFoundError
        There is none; the message tells what there is.
    """
    stem = f"{''.join('_' if sign in '/ .@$+:' else sign for sign in pair)}-{timeframe}"
    for suffix in (".feather", ".parquet"):
        if (path := datadir / f"{stem}{suffix}").exists():
            return path
    there = [path.stem for pattern in ("*.feather", "*.parquet") for path in datadir.glob(pattern)]
    raise FileNotFoundError(f"{datadir} has no {stem}.feather; {suggestion(stem, there)}")


def write_table(path: Path, table: pd.DataFrame, index_label: str) -> None:
    """Write a table with its index, whole or not at all; the ending tells the format, as in `read_prices`."""
    suffix = path.suffix.lower()
    with replacing(path) as part:
        if suffix in (".parquet", ".feather"):
            _need_pyarrow(path)
            plain = table.rename_axis(index_label).reset_index()
            (plain.to_parquet if suffix == ".parquet" else plain.to_feather)(part)
        elif suffix in (".jsonl", ".ndjson"):
            rows = table.rename_axis(index_label).reset_index().astype(object)
            records = rows.where(rows.notna(), None).to_dict("records")
            part.write_text("".join(json.dumps(record, default=str) + "\n" for record in records))
        else:
            part.write_text(table.to_csv(index_label=index_label))


def _read_csv(path: Path, column: str, candles: bool) -> pd.DataFrame:
    # Numbers are read as text first: pandas' own number reader is not correctly rounded everywhere.
    columns = _columns(list(pd.read_csv(path, nrows=0).columns), column, candles)
    frame = pd.read_csv(path, usecols=[*columns.values()], dtype=str, skip_blank_lines=False)
    frame.index = pd.RangeIndex(2, len(frame) + 2)  # lines of the file
    return _renamed(frame.dropna(how="all"), columns)


def _read_json_lines(path: Path, column: str, candles: bool) -> pd.DataFrame:
    rows = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip():
            try:
                rows[number] = json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number}: no valid JSON: {error}") from None
            if not isinstance(rows[number], dict):
                raise ValueError(f"line {number}: give one JSON object a line")
    frame = pd.DataFrame(list(rows.values()), list(rows), dtype=object)
    return _renamed(frame, _columns(list(frame.columns), column, candles)) if rows else frame


def _read_arrow(path: Path, column: str, candles: bool) -> pd.DataFrame:
    _need_pyarrow(path)
    read: Callable[..., pd.DataFrame] = (
        pd.read_parquet if path.suffix.lower() == ".parquet" else pd.read_feather
    )
    frame = read(path)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame.index = pd.RangeIndex(len(frame))
    return _renamed(frame, _columns(list(frame.columns), column, candles))


_Reader = tuple[Callable[[Path, str, bool], pd.DataFrame], str]
_READERS: dict[str, _Reader] = {
    ".jsonl": (_read_json_lines, "line"),
    ".ndjson": (_read_json_lines, "line"),
    ".parquet": (_read_arrow, "row"),
    ".feather": (_read_arrow, "row"),
}


def _reader(path: Path) -> _Reader:
    """How a file is read, by its ending, and what its places are called."""
    return _READERS.get(path.suffix.lower(), (_read_csv, "line"))


def _need_pyarrow(path: Path) -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise ImportError(f"{path.suffix} files need pyarrow: pip install 'atc_cy[arrow]'") from None


def _columns(header: list[Any], column: str, candles: bool) -> dict[str, Any]:
    """Which is the date, which the price, and which are the rest of a candle, if all of it is there."""
    names = {name: str(name).strip().lower() for name in header}
    date = next((name for name in header if names[name] in DATE_COLUMNS), None)
    if date is None:
        raise ValueError(
            f"no column is named {' or '.join(DATE_COLUMNS)}; there are: {', '.join(map(str, header))}"
        )
    price = next((name for name in header if names[name] == column.lower()), None)
    if price is None:
        raise ValueError(f"there is no column {column!r}; {suggestion(column, map(str, header))}")
    columns = {"date": date, "price": price}
    rest = {names[name]: name for name in header if names[name] in CANDLE and name != price}
    return columns | rest if candles and len(rest) == len(CANDLE) else columns


def _renamed(frame: pd.DataFrame, columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({name: frame[column] for name, column in columns.items()})


def as_dates(values: "pd.Series[Any]", unit: str) -> "pd.Series[Any]":
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        dates = values
    else:
        dates = pd.to_datetime(values.astype(str), format="ISO8601", errors="coerce")
        numbers = pd.to_numeric(values, errors="coerce")
        if (numbers > _EARLIEST_SECOND).all():  # smaller ones are ISO 8601's 20261030
            since = np.where(numbers > _LATEST_SECOND, 1e6, 1e9)
            dates = pd.Series(pd.to_datetime((numbers * since).astype(np.int64)), values.index)
    if dates.isna().any():
        at = dates.index[dates.isna()][0]
        raise ValueError(f"{unit} {at}: {values[at]!r} is no date such as 2026-10-30T16:00")
    return dates


def _numbers(values: "pd.Series[Any]", column: str, unit: str) -> "pd.Series[float]":
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        at = values.index[pd.to_numeric(values, errors="coerce").isna() & values.notna()][0]
        raise ValueError(f"{unit} {at}: {values[at]!r} in column {column!r} is no number") from None
