"""Reads an exported chart: its bars, the script's plots to the digits that are shown, and its arrows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import MOVING_AVERAGES
from ..files.columns import CANDLE, SOURCES, find_named, is_known_name
from ..files.format import Format
from ..files.numbers import is_missing
from ..files.prices import Prices, only_symbol, prices_of
from ..files.sources import source
from ..files.tables import Table, read_table
from ..text import find_column

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

CALIBRATION = (
    "Calibration (Main)",
    *(f"Calibration +{step}ρ" for step in (1, 2, 3, 4)),
    *(f"Calibration -{step}ρ" for step in (1, 2, 3, 4)),
)
"""The script's names of the nine lanes of one type, in lane order."""

_LONG = frozenset(("▲", "long", "buy", "bull", "bullish", "up"))
_SHORT = frozenset(("▼", "short", "sell", "bear", "bearish", "down"))
"""Words that occur in the names of arrow columns."""


class Plot(NamedTuple):
    """One plot of the script."""

    name: str
    values: Floats
    """NaN where the chart shows nothing."""
    half: Floats
    """For each value, half a unit of the last digit that is shown."""


class Export(NamedTuple):
    """The bars of a chart, oldest first, and what the script plotted on them."""

    prices: Prices
    """The prices of the file. Its `lines` are those of rows with a price, as in `close`."""
    times: pd.Index[Any]
    close: Floats
    sources: dict[str, Floats]
    """The sources that the averages may run on, by name. The source asked for, if any, comes first."""
    types: dict[str, Plot]
    """The plots of the base lanes, by type, if the chart shows these lanes."""
    lanes: tuple[Plot, ...]
    """The plots of the nine lanes of one type, in lane order, if the chart shows these lanes instead."""
    arrows: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None
    """The bars with long arrows and those with short arrows; None if a column of arrows is not known."""
    unknown: tuple[str, ...]
    """The columns whose meaning is not known; they may be columns of arrows."""


def read_export(
    path: Path, column: str, form: Format, arrows: Sequence[str] | None, src: str | None
) -> Export:
    """Read the bars and plots of an exported chart; the arguments are those of `verify_chart`.

    Raises
    ------
    OSError, ImportError
        The file cannot be read (see `atc_cy.files.prices.read_price_file`).
    ValueError
        The file is not a table of prices, or it has no plot of the script.
    """
    table = read_table(path, form)
    plots = _plots(table)
    long_short = _arrow_columns(table, plots.values(), arrows)
    if not plots and not long_short:
        raise ValueError(
            f"there is no plot of the script, such as EMA or {CALIBRATION[0]!r}: export the chart with the "
            f"script on it; columns are {', '.join(map(str, table.names))}"
        )
    known = {*plots.values(), *long_short, *MOVING_AVERAGES, *CALIBRATION, column, src}
    others = [*dict.fromkeys([*plots.values(), *long_short])]
    file = prices_of(table, column, src=src, candles=True, form=form, others=others)
    _, prices = only_symbol(file, None)
    there = prices.series.notna().to_numpy()
    if not there.any():
        raise ValueError("no bar has a price")
    assert prices.others is not None
    columns = {name: prices.others[name].to_numpy()[there] for name in others}
    read = {
        name: Plot(name, columns[found], _half_units(columns[found], table.column(found)))
        for name, found in plots.items()
    }
    drawn = [np.nan_to_num(columns[name]) != 0 for name in long_short]
    if arrows is None and any(shown.mean() > 0.5 for shown in drawn):
        drawn = []  # the columns are of another script: arrows are rare
    close: Floats = np.asarray(prices.series, np.float64)[there]
    parts: dict[str, Floats] = {"close": close}
    if prices.candles is not None:
        parts |= {name: prices.candles[name].to_numpy()[there] for name in CANDLE}
    averaged: dict[str, Floats] = {}
    if src is not None and prices.src is not None:
        averaged[src] = np.asarray(prices.src, np.float64)[there]
    assert prices.lines is not None
    return Export(
        prices._replace(lines=prices.lines[there]),
        prices.series.index[there],
        close,
        {**averaged, **_sources(parts)},
        {name: read[name] for name in MOVING_AVERAGES if name in read},
        tuple(read[name] for name in CALIBRATION if name in read),
        (drawn[0], drawn[1]) if drawn else None,
        tuple(str(name) for name in table.names if name not in known and not is_known_name(name)),
    )


def _plots(table: Table) -> dict[str, Any]:
    """The columns of the script's plots, by the name of the plot; columns without values are left out."""
    found = {name: find_named(table.names, name) for name in (*MOVING_AVERAGES, *CALIBRATION)}
    plots = {
        name: column
        for name, column in found.items()
        if column is not None and not all(map(is_missing, table.column(column)))
    }
    lanes = [name for name in CALIBRATION if name in plots]
    if lanes and len(lanes) < len(CALIBRATION):
        missing = ", ".join(name for name in CALIBRATION if name not in lanes)
        raise ValueError(
            f"of the nine lanes of calibration there is no {missing}: plot all, and export again"
        )
    return plots


def _arrow_columns(table: Table, plots: Iterable[Any], given: Sequence[str] | None) -> list[Any]:
    """The columns of long and short arrows; empty unless exactly one column can be each of them."""
    if given is not None:
        return [find_column("arrows", name, table.names) for name in given]
    taken = {*plots}
    named = [name for name in table.names if name not in taken and not is_known_name(name)]
    found = [
        [name for name in named if words.intersection(re.findall(r"[▲▼]|[a-z]+", str(name).lower()))]
        for words in (_LONG, _SHORT)
    ]
    return [names[0] for names in found] if all(len(names) == 1 for names in found) else []


def _sources(parts: dict[str, Floats]) -> dict[str, Floats]:
    """The sources that the columns of a chart give, by name."""
    named = {name: parts[name] for name in ("close", *CANDLE) if name in parts}
    computed = {
        name: source(name, parts.__getitem__) for name, needed in SOURCES.items() if parts.keys() >= {*needed}
    }
    return named | computed


def _half_units(values: Floats, cells: pd.Series[Any]) -> Floats:
    """Half a unit of each value's last digit, as the cells of its column are written.

    An export rounds to a number of decimals, or of significant digits, and leaves out zeros at the end. The
    longest cells of a column show these numbers.
    """
    decimals = digits = 1
    for cell in cells:
        if is_missing(cell):
            continue
        mantissa, _, exponent = str(cell).strip().lower().partition("e")
        whole, *fraction = re.split(r"[.,](?=\d*$)", mantissa)
        decimals = max(decimals, len("".join(fraction)) - int(exponent or 0))
        digits = max(digits, len(re.sub(r"\D", "", whole + "".join(fraction)).lstrip("0")))
    sizes = np.abs(values)
    places = np.floor(np.log10(np.where(sizes > 0, sizes, 1.0)))
    units: Floats = np.maximum(math.pow(10, -decimals), 10.0 ** (places - digits + 1))
    return 0.5 * units
