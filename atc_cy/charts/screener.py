"""`screener`: many symbols as a table to sort and filter, with a chart of each, in one page."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from ..config import ATCConfig, ConfigFields, checked_integer, public, resolve
from ..engine.many import thread_count
from ..errors import PriceError
from ..progress import ProgressOption, check_progress, reporting
from ..scans.latest import Latest, latest
from ..scans.ranking import rank
from ..scans.symbols import Reading, data_of
from ..text import printable
from .columns import bar_columns, times_of
from .data import View, columns_of, fill_candles, labels_of
from .document import CHARTS, Page, document, symbol_text
from .packing import Column, Packed, decimals, integers, pack
from .style import BARS_OF_SCREENER, BEAR, BULL, HEIGHT_OF_SCREENER, checked_look

if TYPE_CHECKING:
    import pandas as pd

BARS_IN_VIEW = 250
SPARK, SPARK_HEIGHT = 60, 40
"""How many bars the small line of a row shows, and how many heights it has."""


class Screener(Page):
    """A page of many symbols, which `screener` makes. A notebook shows it.

    Attributes
    ----------
    table
        The last bar of each symbol, as `scan` with ``outputs="last"`` returns it, in the order of `rank`.
    failures
        For each symbol that could not be computed, the reason; the page has this too.

    See Also
    --------
    screener : Makes it.

    Examples
    --------
    >>> fx = atc_cy.datasets.load_ecb_fx()
    >>> atc_cy.screener(fx[fx["symbol"].isin(["JPY", "USD"])], by="symbol")
    <Screener: 2 symbols; .save('page.html') writes it>
    """

    __module__ = "atc_cy"
    _height = HEIGHT_OF_SCREENER

    def __init__(
        self,
        table: "pd.DataFrame",
        bars: Mapping[Hashable, Latest],
        failures: Mapping[Any, Any],
        config: ATCConfig,
        title: str | None,
        look: Mapping[str, Any],
        names: Mapping[Any, str] | None = None,
    ) -> None:
        """`bars` are those of the table's symbols; `names` has the names that the page shows instead."""
        self.table, self.failures = table, failures
        self._bars, self._config, self._look = bars, config, look
        self._title = printable("Screener" if title is None else title)
        self._names = names or {}

    def _about(self) -> str:
        failed = f", {len(self.failures):,} failed" if self.failures else ""
        return f"{len(self.table):,} symbol{'s' * (len(self.table) != 1)}{failed}"

    def _page(self, *, picture: bool) -> str:
        found = [self._bars.get(name) for name in self.table.index]
        views = [None if each is None else _view(each) for each in found]
        rows = self._rows(views)
        charts = [_packed(view) for view in views]
        facts = {
            **self._look,
            "structure": str(self._config.structure),
            "types": [str(name) for name in self._config.moving_averages],
            "symbols": rows,
            "problems": [[symbol_text(name), printable(str(why))] for name, why in self.failures.items()],
            "chart": {
                "lines": [],
                "lanes": [],
                "panes": ["Price", "Average", "Signals"],
                "thresholds": {"long": self._config.long_threshold, "short": self._config.short_threshold},
                "colorFrom": "Average",
                "labels": False,
                "bars": BARS_IN_VIEW,
            },
            "picture": picture,
            "spark": {"bars": SPARK, "height": SPARK_HEIGHT},
        }
        return document(
            "screener.html",
            title=self._title,
            styles=["chart.css", "screener.css"],
            scripts=[*CHARTS, "cells.js", "table.js", "screener.js"],
            facts=facts,
            numbers=_sparks(views),
            texts={"charts": "\n".join(charts)},
        )

    def _rows(self, views: list[View | None]) -> dict[str, list[Any]]:
        """The columns of the page's table, one value per symbol; None if there is none."""
        table = self.table
        closes = [np.empty(0) if view is None else view.candles["close"] for view in views]
        digits = [decimals(close) if close.size else 2 for close in closes]
        change = [100 * (close[-1] / close[-2] - 1) if close.size > 1 else np.nan for close in closes]
        signals = {name: table[name] for name in map(str, table) if name.endswith("_Signal")}
        return {
            "name": [symbol_text(self._names.get(name, name)) for name in table.index],
            "date": _dates(table["date"]),
            "close": [_rounded([close], some)[0] for close, some in zip(table["close"], digits, strict=True)],
            "digits": digits,
            "change": _rounded(change, 2),
            **{name: _rounded(values, 2) for name, values in signals.items()},
            "direction": _rounded(table["direction"], 0),
            "since": _rounded(table["bars_since_event"].astype("Float64"), 0),
            "stale": [bool(stale) for stale in table["stale"].fillna(False)],
        }


def _rounded(values: Any, digits: int) -> list[float | None]:
    """Numbers with as many digits as the page shows."""
    import pandas as pd

    exact = pd.Series(values).to_numpy(np.float64, na_value=np.nan)
    whole = integers(exact, digits) / 10.0**digits
    return [None if np.isnan(value) else float(number) for value, number in zip(exact, whole, strict=True)]


def _dates(dates: "pd.Series[Any]") -> list[str]:
    """Times as clocks show them; only dates, if all are at midnight."""
    import pandas as pd

    known = [date for date in dates if not pd.isna(date)]
    form = "%Y-%m-%d" if all(date == date.normalize() for date in known) else "%Y-%m-%d %H:%M"
    return ["" if pd.isna(date) else date.strftime(form) for date in dates]


def _view(found: Latest) -> View:
    """The view of a symbol's chart."""
    every = np.ones(found.close.size, bool)
    candles = columns_of({**found.candles, "close": found.close}, every)
    fill_candles(candles)
    outputs = columns_of(found.signals, every)
    lanes = np.empty((0, 9, every.size))
    labels, average = labels_of(found.labels, every), outputs["Average_Signal"]
    return View(labels, candles, [], outputs, average, found.direction, found.event, lanes, lanes, every.size)


def _packed(view: View | None) -> str:
    """The numbers of a symbol's chart; empty if it has no bar."""
    if view is None:
        return ""
    times, column = times_of(view.labels)
    rows = len(view.labels)
    return pack(column + bar_columns(view), rows).with_facts({"rows": rows, "times": times})


def _sparks(views: list[View | None]) -> Packed:
    """The small lines of all rows, one after the other: heights, and directions for their colours."""
    heights = np.full((len(views), SPARK), np.nan)
    directions = heights.copy()
    for row, view in enumerate(views):
        if view is None:
            continue
        close = view.candles["close"][-SPARK:]
        span = np.ptp(close) or 1.0
        heights[row, -close.size :] = (close - close.min()) / span * SPARK_HEIGHT
        directions[row, -close.size :] = view.direction[-SPARK:]
    columns = [Column("height", heights.ravel()), Column("direction", directions.ravel())]
    return pack(columns, heights.size)


@public
def screener(
    data: Any,
    config: ATCConfig | str = "default",
    *,
    bars: int = BARS_OF_SCREENER,
    title: str | None = None,
    theme: str = "auto",
    bull: str = BULL,
    bear: str = BEAR,
    threads: int | None = None,
    progress: ProgressOption = None,
    close: str = "close",
    src: Any = None,
    by: str | list[str] | None = None,
    time: str | None = None,
    sort: bool = False,
    **overrides: Unpack[ConfigFields],
) -> Screener:
    """Show many symbols on one page: a table to sort, filter and search, and the chart of each symbol.

    The numbers are those of `scan` on the last bar of each symbol, and the order is that of `rank`, until the
    reader chooses another one. The page names the symbols that could not be computed.

    Parameters
    ----------
    data
        Closing prices of many symbols, as `scan` takes them. A long table, with `by`, and the tables of a
        mapping give candles if they have the columns ``open``, ``high``, ``low`` and ``close``, the last as
        the price.
    config
        A config, or a preset's name.
    bars
        How many of the latest bars of each symbol the page has, ≥ 1. All bars are computed.
    title
        The title of the page; by default "Screener".
    theme
        "light", "dark" or "auto", as the reader's system prefers.
    bull, bear
        Colours, such as "#4caf50".
    threads, progress, close, src, by, time, sort
        As in `scan`.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    Screener
        Its `save` writes the page.

    Raises
    ------
    TypeError, ValueError
        A bad argument, or no symbol.
    PriceError
        No symbol could be computed; the message says why the first one could not.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    scan, rank : The table alone.
    chart : One symbol.

    Examples
    --------
    >>> page = atc_cy.screener(atc_cy.datasets.load_ecb_fx(), by="symbol")
    >>> page.table.index[:3].tolist()
    ['TRY', 'RUB', 'ROL']
    >>> page.save("screener.html")
    """
    config = resolve(config, overrides, function=screener)
    look = checked_look(title, theme, bull, bear)
    bars, threads = checked_integer("bars", bars, 1), thread_count(threads)
    check_progress(progress)
    failures: dict[Hashable, PriceError] = {}
    found = data_of(data, Reading(close, src, by, time, sort), failures)
    with reporting(progress, "bars") as report:
        table, latest_bars = latest(found, config, bars, threads, report, failures)
    if table.empty:
        for symbol, error in failures.items():
            raise PriceError(f"{symbol}: {error}", error.row)
        raise ValueError("data has no symbol")
    return Screener(rank(table), latest_bars, failures, config, title, look)
