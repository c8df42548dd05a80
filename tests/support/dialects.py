"""One table of prices, written as exchanges, brokers, spreadsheets and libraries write theirs."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from support.places import ROOT


class Candle(NamedTuple):
    """A row of the table."""

    time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int

    @property
    def prices(self) -> tuple[float, float, float, float]:
        return self[1:5]

    @property
    def seconds(self) -> int:
        return int((self.time - datetime(1970, 1, 1)).total_seconds())


def table(rows: int = 400) -> list[Candle]:
    """Hourly candles of more than twelve days."""
    with (ROOT / "tests" / "watch" / "cases" / "long_two_symbols.csv").open() as file:
        closes = [float(row["close"]) for row in csv.DictReader(file) if row["symbol"] == "AAA"][:rows]
    candles, first = [], closes[0]
    for number, close in enumerate(closes):
        high, low = round(max(first, close) * 1.001, 2), round(min(first, close) * 0.999, 2)
        time = datetime(2024, 1, 1) + timedelta(hours=number)
        candles.append(Candle(time, first, high, low, close, 100 + number))
        first = close
    return candles


def text(rows: Sequence[Sequence[object]], separator: str = ",", quoting: Any = csv.QUOTE_MINIMAL) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator="\n").writerows(rows)
    return out.getvalue()


def continental(value: float, thousands: str = ".") -> str:
    """A number with a decimal comma."""
    return f"{value:,.2f}".translate({ord(","): thousands, ord("."): ","})


def plain(candles: Sequence[Candle]) -> bytes:
    rows = [(candle.time.isoformat(), candle.close) for candle in candles]
    return text([("date", "close"), *rows]).encode()


def german(candles: Sequence[Candle]) -> bytes:
    rows = [
        (candle.time.strftime("%d.%m.%Y %H:%M"), *map(continental, candle.prices), candle.volume)
        for candle in candles
    ]
    return text([("Date", "Open", "High", "Low", "Close", "Volume"), *rows], ";").encode("utf-8-sig")


def french(candles: Sequence[Candle]) -> bytes:
    rows = [(f"{candle.time:%d/%m/%Y %H:%M:%S}", continental(candle.close, "\u202f")) for candle in candles]
    return gzip.compress(text([("date", "Last"), *rows], ";").encode())


def american(candles: Sequence[Candle]) -> bytes:
    rows = [(f"{candle.time:%m/%d/%Y %I:%M %p}", f"${candle.close:,.2f}") for candle in candles]
    return text([("Date", "Close/Last"), *rows], quoting=csv.QUOTE_ALL).encode()


def swiss(candles: Sequence[Candle]) -> bytes:
    rows = [(f"{candle.time:%d-%b-%Y %H:%M}", f"{candle.close:,.2f}".replace(",", "'")) for candle in candles]
    return ("# prices of a desk\n" + text([("date", "price"), *rows], "|")).encode("utf-16")


def metatrader5(candles: Sequence[Candle]) -> bytes:
    header = ("<DATE>", "<TIME>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<TICKVOL>")
    rows = [
        (f"{candle.time:%Y.%m.%d}", f"{candle.time:%H:%M:%S}", *candle.prices, candle.volume)
        for candle in candles
    ]
    return text([header, *rows], "\t").encode()


def metatrader4(candles: Sequence[Candle]) -> bytes:
    rows = [
        (f"{candle.time:%Y.%m.%d}", f"{candle.time:%H:%M}", *candle.prices, candle.volume)
        for candle in candles
    ]
    return text(rows).encode()


def histdata(candles: Sequence[Candle]) -> bytes:
    return text([(f"{candle.time:%Y%m%d %H%M%S}", *candle.prices, 0) for candle in candles], ";").encode()


def binance(candles: Sequence[Candle]) -> bytes:
    rows = [
        (
            candle.seconds * 1000,
            *(f"{price:.8f}" for price in candle.prices),
            candle.volume,
            candle.seconds * 1000 + 3_599_999,
            candle.volume * candle.close,
            12,
            1.5,
            2.5,
            0,
        )
        for candle in candles
    ]
    return text(rows).encode()


def kraken(candles: Sequence[Candle]) -> bytes:
    return text([(candle.seconds, *candle.prices, candle.volume, 7) for candle in candles]).encode()


def stooq(candles: Sequence[Candle]) -> bytes:
    header = (
        "<TICKER>",
        "<PER>",
        "<DATE>",
        "<TIME>",
        "<OPEN>",
        "<HIGH>",
        "<LOW>",
        "<CLOSE>",
        "<VOL>",
        "<OPENINT>",
    )
    rows = [
        ("X", 60, f"{candle.time:%Y%m%d}", f"{candle.time:%H%M%S}", *candle.prices, candle.volume, 0)
        for candle in candles
    ]
    return text([header, *rows]).encode()


def dukascopy(candles: Sequence[Candle]) -> bytes:
    rows = [
        (f"{candle.time:%d.%m.%Y %H:%M:%S}.000 GMT+0000", *candle.prices, candle.volume) for candle in candles
    ]
    return text([("Gmt time", "Open", "High", "Low", "Close", "Volume"), *rows]).encode()


def yfinance(candles: Sequence[Candle]) -> bytes:
    fields = ("Close", "High", "Low", "Open", "Volume")
    rows = [
        (
            f"{candle.time:%Y-%m-%d %H:%M:%S}+00:00",
            candle.close,
            candle.high,
            candle.low,
            candle.open,
            candle.volume,
        )
        for candle in candles
    ]
    headers = [("Price", *fields), ("Ticker", *["X"] * 5), ("Datetime", *[""] * 5)]
    return text([*headers, *rows]).encode()


def wide(candles: Sequence[Candle]) -> bytes:
    return text([("time", "X"), *((candle.time, candle.close) for candle in candles)]).encode()


def newest_first(candles: Sequence[Candle]) -> bytes:
    rows = [(candle.seconds, candle.time, "X", *candle.prices, candle.volume) for candle in reversed(candles)]
    header = ("unix", "date", "symbol", "open", "high", "low", "close", "Volume USD")
    return ("https://www.example.com\n" + text([header, *rows])).encode()


def freqtrade(candles: Sequence[Candle]) -> bytes:
    rows = [[candle.seconds * 1000, *candle.prices, candle.volume] for candle in candles]
    return json.dumps(rows).encode()


def objects(candles: Sequence[Candle]) -> bytes:
    rows = [{"open_time": candle.seconds, "close": str(candle.close)} for candle in candles]
    return json.dumps(rows).encode()


def excel(candles: Sequence[Candle]) -> bytes:
    out = io.BytesIO()
    frame = pd.DataFrame(candles).rename(columns={"time": "Date", "close": "Close"})
    frame.to_excel(out, index=False, startrow=2, engine="openpyxl")
    return out.getvalue()


Writer = Callable[[Sequence[Candle]], bytes]
DIALECTS: dict[str, Writer] = {
    "german.csv": german,
    "french.csv.gz": french,
    "american.csv": american,
    "swiss.txt": swiss,
    "metatrader5.csv": metatrader5,
    "metatrader4.csv": metatrader4,
    "histdata.csv": histdata,
    "binance.csv": binance,
    "kraken.csv": kraken,
    "stooq.txt": stooq,
    "dukascopy.csv": dukascopy,
    "yfinance.csv": yfinance,
    "wide.csv": wide,
    "newest_first.csv": newest_first,
    "freqtrade.json": freqtrade,
    "objects.json": objects,
    "excel.xlsx": excel,
}
"""How to write the table, by the name of the file."""
LINES = [name for name in DIALECTS if name.endswith((".csv", ".txt")) and name != "newest_first.csv"]
"""Those that a feed can have: text, the oldest row first."""


def write_dialect(folder: Path, name: str) -> Path:
    """Write the table into a file of this name."""
    path = folder / name
    path.write_bytes(DIALECTS[name](table()))
    return path
