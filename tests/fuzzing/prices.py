"""Files and feeds of prices, in all formats: refused, or read to prices of which right numbers come."""

import gzip
import io
import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from support.places import ROOT

from atc_cy import ATCConfig, PriceError, Stream, reference
from atc_cy.files.prices import PriceFile, read_price_file
from atc_cy.watch import Output, Stop, Watch, watch_feed
from atc_cy.watch.bars import Bar
from fuzzing.mutation import changed_bytes, changed_json, changed_rows

CONFIG = ATCConfig(moving_averages=("EMA",), ema_len=9)
CASES = ROOT / "tests" / "watch" / "cases"
ROWS = 13
"""Of each text in the corpus, its header included: short ones are changed where it matters."""


def texts() -> list[tuple[list[list[str]], str]]:
    """Tables as rows of cells, and what stands between these."""
    found = []
    for path in sorted(CASES.glob("*.csv")):
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        found.append(([line.split(",") for line in text.splitlines()[:ROWS]], ","))
    rows = [
        ["date", "BTC", "ETH"],
        *([f"0{day}.02.2024", f"{day},5", f"1.00{day},25"] for day in range(1, 10)),
    ]
    return [*found, (rows, ";")]


def objects() -> list[list[Any]]:
    """Tables as JSON, an object a row."""
    lines = [path.read_text("utf-8-sig").split("\n")[:ROWS] for path in sorted(CASES.glob("*.jsonl"))]
    candles = [[1704067200000 + 60_000 * minute, 1.0, 2.0, 0.5, 1.5 + minute, 9.0] for minute in range(ROWS)]
    return [*([json.loads(line) for line in one if line] for one in lines), candles]


class Texts:
    """Text of any form, as a file or a feed has it."""

    def __init__(self) -> None:
        self.tables, self.json = texts(), objects()

    def __call__(self, chance: random.Random) -> tuple[bytes, str]:
        """The text, and the ending of its file."""
        if chance.random() < 0.65:
            rows, separator = chance.choice(self.tables)
            text, ending = changed_rows(chance, rows, separator), ".csv"
        else:
            rows = chance.choice(self.json)
            for _ in range(chance.choice((0, 1, 1, 3))):
                changed = changed_json(chance, rows)
                rows = changed if isinstance(changed, list) else [changed]
            ending = chance.choice((".jsonl", ".jsonl", ".json"))
            text = json.dumps(rows) if ending == ".json" else "".join(json.dumps(row) + "\n" for row in rows)
        data = text.encode(chance.choice(("utf-8",) * 12 + ("utf-16", "utf-8-sig", "latin-1")), "replace")
        return (changed_bytes(chance, data) if chance.random() < 0.25 else data), ending


def check_numbers(prices: "pd.Series[float]", chance: random.Random) -> None:
    """What is computed of some prices is in range, and what the oracle has."""
    try:
        result = dict(zip(CONFIG.output_names, Stream(CONFIG).extend(prices.to_numpy()), strict=True))
    except PriceError:
        return
    signals = np.concatenate([result["EMA_Signal"], result["Average_Signal"]])
    assert (np.isnan(signals) | (np.abs(signals) <= 1.0)).all()
    if chance.random() < 0.02:
        oracle = reference.atc(prices.tolist(), CONFIG)
        for name, values in result.items():
            assert np.array_equal(values, oracle[name], equal_nan=True)


def check_file(found: PriceFile, chance: random.Random) -> None:
    assert found.symbols or found.problems
    for name, prices in found.symbols.items():
        assert name is None or isinstance(name, str)
        index = prices.series.index
        assert isinstance(index, pd.DatetimeIndex)
        assert index.is_monotonic_increasing
        assert index.is_unique
        assert prices.series.dtype == np.float64
        if len(prices.series):
            check_numbers(prices.series, chance)


class Files:
    """A file in any format, with damaged bytes, or with text of other cells."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.text = folder, Texts()
        table = pd.DataFrame(
            {"date": pd.date_range("2024-01-01", periods=30), "close": 100 + np.arange(30.0)}
        )
        two = pd.concat([table.assign(symbol="A"), table.assign(symbol="B")])
        writers: dict[str, Callable[[pd.DataFrame, Any], Any]] = {
            ".parquet": pd.DataFrame.to_parquet,
            ".feather": lambda one, to: one.reset_index(drop=True).to_feather(to),
            ".xlsx": pd.DataFrame.to_excel,
            ".csv.gz": lambda one, to: to.write(gzip.compress(one.to_csv(index=False).encode())),
        }
        self.packed = [
            (_written(write, one), name) for name, write in writers.items() for one in (table, two)
        ]

    def __call__(self, chance: random.Random) -> bool:
        if chance.random() < 0.75:
            data, ending = self.text(chance)
        else:
            data, ending = self.packed[min(chance.randrange(8), chance.randrange(8))]
            data = changed_bytes(chance, data)
        path = self.folder / f"prices{ending}"
        path.write_bytes(data)
        try:
            found = read_price_file(path)
        except (OSError, ValueError):
            return False
        check_file(found, chance)
        return True


def _written(write: Callable[[pd.DataFrame, Any], Any], table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    write(table, buffer)
    return buffer.getvalue()


class Feeds:
    """A feed of lines: its bars are those of the same file, if none is left out."""

    def __init__(self, folder: Path) -> None:
        self.path, self.text = folder / "feed.csv", Texts()

    def __call__(self, chance: random.Random) -> bool:
        data, ending = self.text(chance)
        path = self.path.with_suffix(".jsonl" if ending == ".json" else ending)
        path.write_bytes(data)
        reports: list[str] = []
        with_output = Output(None, "json", show=lambda _: None)
        watch = Watch(CONFIG, "Average", with_output, report=reports.append)

        def take(bar: Bar) -> None:
            assert isinstance(bar.symbol, str)
            assert isinstance(bar.close, float)
            assert -(2**63) <= bar.instant < 2**63
            watch.take(bar)

        try:
            watch_feed(watch, path, follow=False, stop=Stop(), take=take)
        except ValueError:
            return False
        for followed in watch.symbols.values():
            average = followed.stream.result["Average_Signal"]
            assert math.isnan(average) or -1.0 <= average <= 1.0
        return True
