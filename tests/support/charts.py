"""What the tests of charts draw, and what pages hold."""

import base64
import json
import re
import zlib
from typing import Any

import pandas as pd

from atc_cy import ATCConfig, Chart
from atc_cy.datasets import load_stocks

from .golden import golden

CLOSE = golden("usd_default").close.copy()
DAYS = pd.bdate_range("2001-01-01", periods=CLOSE.size)
USD = pd.Series(CLOSE, DAYS, name="USD")
FEW = USD.iloc[:300]
CONFIG = ATCConfig(moving_averages=("EMA", "KAMA"), kama_len=20, cutout=5)


def candles(rows: int = 600) -> pd.DataFrame:
    """Of IBM, from 2000 on."""
    stocks = load_stocks()
    return stocks[stocks["symbol"] == "IBM"].set_index("date").iloc[:rows]


def named(drawn: Chart, name: str, axis: "str | None" = None) -> list[Any]:
    """The traces of a figure that have this name, on this axis."""
    return [trace for trace in drawn.figure.data if trace.name == name and trace.yaxis == axis]


def facts_of(page: str) -> dict[str, Any]:
    """What a page's scripts read as JSON."""
    (facts,) = re.findall('id="facts">(.*)</script>', page)
    found: dict[str, Any] = json.loads(facts)
    return found


def charts_of(page: str) -> dict[str, dict[str, Any]]:
    """The facts of each symbol's chart in a screener."""
    (charts,) = re.findall('id="charts">(.*?)</script>', page, re.DOTALL)
    packed = [zlib.decompress(base64.b64decode(line)) for line in charts.splitlines()]
    facts = [json.loads(each.partition(b"\n")[0]) if each else {} for each in packed]
    return dict(zip(facts_of(page)["symbols"]["name"], facts, strict=True))
