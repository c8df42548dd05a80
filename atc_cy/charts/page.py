"""`chart`, and the page or picture that shows it in a browser, a notebook or a file."""

import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from ..config import (
    ATCConfig,
    ConfigFields,
    checked_flag,
    checked_integer,
    public,
    resolve,
)
from ..engine.direction import known_config
from ..lanes import LONGEST_FIRST, lane_labels
from ..multiplier import multiplier_and_problem
from . import data as numbers
from .columns import bar_columns, times_of
from .document import CHARTS, Page, document
from .packing import Column, decimals, pack
from .style import BEAR, BULL, HEIGHT, HEIGHT_OF_SIGNALS, checked_look

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Chart(Page):
    """A chart of one symbol, which `chart` makes. A notebook shows it.

    See Also
    --------
    chart : Makes it.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> atc_cy.chart(usd, title="EUR/USD")
    <Chart: EUR/USD, 7,126 bars; .save('page.html') writes it>
    """

    __module__ = "atc_cy"

    def __init__(self, view: numbers.View, config: ATCConfig, title: str, options: dict[str, Any]) -> None:
        self._view, self._config, self._title, self._options = view, config, title, options
        self._height = HEIGHT if view.candles else HEIGHT_OF_SIGNALS

    @cached_property
    def figure(self) -> "go.Figure":
        """The same chart as a `plotly.graph_objects.Figure`, to be changed as you like.

        Its x axis counts the bars, from 0. The page and the picture that `save` writes are not made of it.

        Raises
        ------
        ImportError
            Plotly is missing.
        """
        try:
            import plotly  # noqa: F401
        except ImportError:
            raise ImportError("a chart's figure needs plotly: pip install 'atc_cy[chart]'") from None
        from .figure import figure_of

        return figure_of(self._view, self._config, self._title, self._options)

    def _content(self, path: Path) -> bytes:
        if path.suffix.lower() != ".svg":
            return super()._content(path)
        warnings.warn(
            ".svg is drawn by plotly and kaleido: save .png, or call .figure.write_image",
            DeprecationWarning,
            stacklevel=3,
        )
        figure = self.figure
        from .figure import svg_of

        return svg_of(figure)

    def _about(self) -> str:
        return f"{self._title}, {len(self._view.labels):,} bars"

    def part(self, seen: NDArray[np.bool_]) -> "Chart":
        """The same chart with some of its bars; their numbers do not change.

        Parameters
        ----------
        seen
            True for each bar to show: an array with one value for each bar of the chart.

        Returns
        -------
        Chart

        Raises
        ------
        ValueError
            No bar is to be shown.

        Examples
        --------
        >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
        >>> atc_cy.chart(usd, title="EUR/USD").part(usd.index >= "2026")
        <Chart: EUR/USD, 213 bars; .save('page.html') writes it>
        """
        if not seen.any():
            raise ValueError("there is no bar to draw between --since and --until")
        return Chart(self._view.part(seen), self._config, self._title, self._options)

    def _page(self, *, picture: bool) -> str:
        view, config = self._view, self._config
        rows = len(view.labels)
        multiplier, problem = multiplier_and_problem(view.computed, config) if view.candles else (None, "")
        times, bars = times_of(view.labels)
        names = lane_labels(config)
        facts = {
            **self._options,
            "title": self._title,
            "structure": str(config.structure),
            "multiplier": None if multiplier is None else max(multiplier, 1.0),
            "problem": problem,
            "rows": rows,
            "times": times,
            "lines": [line.name for line in view.lines],
            "types": [name.removesuffix("_Signal") for name in view.outputs if name.endswith("_Signal")][:-1],
            "panes": _panes(view),
            "lanes": [names[lane] for lane in LONGEST_FIRST] if view.candles else [],
            "thresholds": {"long": config.long_threshold, "short": config.short_threshold},
            "picture": picture,
        }
        return document(
            "chart.html",
            title=self._title,
            styles=["chart.css"],
            scripts=[*CHARTS, "page.js"],
            facts=facts,
            numbers=pack(bars + _columns(view, config), rows),
        )


def _panes(view: numbers.View) -> list[str]:
    if view.candles:
        return ["Price", "Average", "Signals", "Equities"]
    return ["Average", "Signals"] if len(view.outputs) > 1 else ["Average"]


def _columns(view: numbers.View, config: ATCConfig) -> list[Column]:
    """All columns of numbers, with as many digits as the page shows."""
    columns = bar_columns(view)
    if not view.candles:
        return columns
    digits = decimals(view.candles["close"])
    for name, average, signal in view.lines:
        # One more digit: in a close view, a line through rounded prices has steps.
        columns += [Column(f"{name} average", average, digits + 1), Column(f"{name} lane", signal)]
    for place, name in enumerate(config.moving_averages):
        columns.append(Column(f"{name} γ", view.outputs[f"{name}_S"], 2))
        for label, lane in zip(lane_labels(config), range(9), strict=True):
            columns.append(Column(f"{name} {label} signal", view.lane_signals[place, lane]))
            columns.append(Column(f"{name} {label} equity", view.lane_equities[place, lane], 2))
    return columns


@public
def chart(
    data: Any,
    config: ATCConfig | str | None = None,
    *,
    close: str = "close",
    src: Any = None,
    calibration: str | None = None,
    title: str | None = None,
    theme: str = "auto",
    bars: int = 250,
    color_from: str = "Average",
    labels: bool = False,
    bull: str = BULL,
    bear: str = BEAR,
    **overrides: Unpack[ConfigFields],
) -> Chart:
    """Chart one symbol, as users of the indicator know it.

    From top to bottom: the price and the moving averages at their base lengths, with an arrow at each long
    and short event; `Average_Signal` with its thresholds; the signals of the types, and their equities; and
    the weight table of the bar under the pointer. The price is coloured from `bear` at -1 to `bull` at 1, and
    each moving average by its own signal. Bars are evenly spaced, whatever time lies between them.

    Parameters
    ----------
    data
        One symbol, as `atc` takes it: a Series, an array, a DataFrame or a Table. A table with the columns
        ``open``, ``high``, ``low`` and ``close``, the last as the price, gives candles. What
        `compute_atc_signals` or `atc` returned has no prices, and gives the signals alone. Rows without a
        price are left out.
    config
        A config, or a preset's name. By default the config that `data` was computed with, if it knows it, and
        otherwise "default". Signals that do not know their config need this, or both thresholds.
    close, src
        As in `atc`, for one symbol.
    calibration
        One of the config's types, such as "EMA". The chart then shows its nine lanes instead of the types,
        each in the colour of its signal.
    title
        By default the symbol: the name of a Series, or the value of a column ``symbol``.
    theme
        "light", "dark" or "auto": a page as the reader's system prefers, and a picture light.
    bars
        How many of the latest bars are in view at first, ≥ 1.
    color_from
        What colours the price and turns the direction: "Average", or one of the config's types, such as
        "EMA". "direction" follows the average, and colours the price by the direction.
    labels
        Whether each bar is labelled with the value that colours it. A page has a switch for it.
    bull, bear
        Colours, such as "#4caf50".
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    Chart
        Its `save` writes a page or a picture; its `figure` is a Plotly figure.

    Raises
    ------
    TypeError, ValueError
        A bad argument; several symbols; signals whose thresholds are not known; or prices with an
        `Average_Signal` that differs from what this config gives.
    PriceError, KernelError
        As from `atc`.

    See Also
    --------
    screener : Many symbols, with a chart of each.
    plot_sweep : What a sweep found.
    calibration : The lanes that ``calibration="EMA"`` draws, as a table.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> chart = atc_cy.chart(usd, title="EUR/USD", La=0.05)
    >>> chart
    <Chart: EUR/USD, 7,126 bars; .save('page.html') writes it>
    >>> chart.save("usd.html")
    """
    known = known_config(data) if config is None else config
    config = resolve("default" if known is None else known, overrides, function=chart)
    options = {
        **checked_look(title, theme, bull, bear),
        "bars": checked_integer("bars", bars, 1),
        "colorFrom": color_from,
        "labels": checked_flag("labels", labels),
    }
    given = numbers.read(data, close, src)
    if (
        given.prices is None
        and known is None
        and not {"long_threshold", "short_threshold"} <= overrides.keys()
    ):
        raise ValueError(
            "data has no config, because it was made from another result: give config, or long_threshold and "
            "short_threshold"
        )
    view = numbers.view(given, config, calibration, color_from)
    name = (given.symbol or "Adaptive Trend Classification") if title is None else title
    return Chart(view, config, name, options)
