"""`plot_sweep`: a sweep as a map and a ranking, or walking forward as a curve, on one page."""

import math
from collections.abc import Hashable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from ..config import public
from ..sweeps import BEST_IS_LOW, METRICS
from ..sweeps.rows import ranked, rows_of_windows
from ..sweeps.walk import WalkForward
from ..text import DIGITS, PERCENT, SIGNED, number_text, printable, shown, suggestion
from .columns import times_of
from .data import labels_of
from .document import CHARTS, Page, document, symbol_text
from .packing import Column, pack
from .style import HEIGHT, checked_look

if TYPE_CHECKING:
    import pandas as pd

BETTER, WORSE = "#2f7ed8", "#d9731a"
"""Blue and orange, which colour-blind people can distinguish."""
OF_TESTS = (*METRICS, "buy_and_hold")
"""The metrics that are shown for each test of a walk forward."""
_SCRIPTS = {
    "sweep": ("figures.js", "choices.js", "shades.js", "grid.js", "map.js", "ranking.js", "sweep.js"),
    "walk": (*CHARTS, "figures.js", "choices.js", "walk.js"),
}


class SweepPage(Page):
    """A page of a sweep, which `plot_sweep` makes. A notebook shows it.

    See Also
    --------
    plot_sweep : Makes it.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> atc_cy.plot_sweep(atc_cy.sweep(usd, {"La": [0.0, 0.02]}), title="EUR/USD")
    <SweepPage: EUR/USD; .save('page.html') writes it>
    """

    __module__ = "atc_cy"
    _height = HEIGHT

    def __init__(
        self, kind: str, title: str, facts: dict[str, Any], symbols: Sequence[tuple[Hashable, str]]
    ) -> None:
        """`symbols` are the names, and the packed numbers of each."""
        self._kind, self._title, self._facts, self._symbols = kind, printable(title), facts, symbols

    def _page(self, *, picture: bool) -> str:
        return document(
            f"{self._kind}.html",
            title=self._title,
            styles=["chart.css", "sweep.css"],
            scripts=_SCRIPTS[self._kind],
            facts={
                **self._facts,
                "symbols": [symbol_text(name) for name, _ in self._symbols],
                "picture": picture,
            },
            numbers=pack([], 0),
            texts={"symbols": "\n".join(packed for _, packed in self._symbols)},
        )


@public
def plot_sweep(
    table: Any, *, by: str | None = None, title: str | None = None, theme: str = "auto"
) -> SweepPage:
    """Show the result of a sweep on a page that its reader can explore.

    A sweep is shown as a map of two fields of the grid, coloured by a metric, and as a table of all configs,
    ranked. For the fields that are not on the map, a cell shows the best config, or those with a value that
    the reader chooses. Cells without a config stay empty. A result of `walk_forward` is shown as the equity
    of all tests and the prices, with the windows and the config that was chosen for each.

    Parameters
    ----------
    table
        What `sweep` returned, or its transpose; what `walk_forward` returned; or a mapping of symbols to one
        of these.
    by
        The metric that ranks the configs and colours the map at first; by default "sharpe", or the first
        metric of the table. The best value is the largest, for "p_value" the smallest.
    title
        By default "Sweep" or "Walking forward".
    theme
        "light", "dark" or "auto", as the reader's system prefers.

    Returns
    -------
    SweepPage
        Its `save` writes the page; a notebook shows it.

    Raises
    ------
    TypeError, ValueError
        A bad argument, or a `table` that neither `sweep` nor `walk_forward` returned.

    See Also
    --------
    sweep, walk_forward : What it shows.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> table = atc_cy.sweep(usd, {"La": [0.0, 0.02], "De": [0.0, 0.03]})
    >>> atc_cy.plot_sweep(table).save("sweep.html")
    """
    facts = checked_look(title, theme, BETTER, WORSE)
    named = dict(table) if isinstance(table, Mapping) else {None: table}
    if named and all(isinstance(each, WalkForward) for each in named.values()):
        if by is not None:
            raise ValueError(f"by={shown(by)} would have no effect: a walk forward is in the order of time")
        walks = [(name, _walk(walk)) for name, walk in named.items()]
        return SweepPage("walk", "Walking forward" if title is None else title, facts, walks)
    rows = _rows(named)
    metrics = [str(name) for name in rows if name != "symbol" and not _is_field(name)]
    if by is None:
        by = "sharpe" if "sharpe" in metrics else metrics[0]
    if not isinstance(by, str) or by not in metrics:
        raise ValueError(f"by={shown(by)} is not a metric of the table; {suggestion(by, metrics)}")
    maps = [
        (name, _map(of_symbol.drop(columns="symbol"), metrics, by))
        for name, of_symbol in rows.groupby("symbol", sort=False, dropna=False)
    ]
    facts |= {"by": metrics.index(by), "metrics": [_form(name) for name in metrics]}
    return SweepPage("sweep", "Sweep" if title is None else title, facts, maps)


def _form(name: str) -> dict[str, Any]:
    """How the page writes a metric, and which of its values is the best."""
    return {
        "name": name,
        "percent": name in PERCENT,
        "signed": name in SIGNED,
        "digits": DIGITS.get(name),
        "low": name in BEST_IS_LOW,
    }


def _rows(named: "Mapping[Any, Any]") -> "pd.DataFrame":
    """One row per config: `symbol`, the fields as `atc_<field>`, the metrics."""
    import pandas as pd

    if not named:
        raise ValueError("table has no symbol: give at least one")
    parts = [_of_table(name, table) for name, table in named.items()]
    rows = pd.concat(parts, ignore_index=True)
    if any({*part} != {*rows} for part in parts):
        raise ValueError(
            "table has symbols with other fields or metrics than the first: plot them one by one"
        )
    return rows


def _of_table(name: Any, table: Any) -> "pd.DataFrame":
    """The rows of the table that `sweep` returned, or of its transpose."""
    import pandas as pd

    if isinstance(table, pd.Series):
        table = table.to_frame()
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"table={shown(table)} must be what sweep or walk_forward returned, not {type(table).__name__}"
        )
    if _has_fields(table.columns.names):
        if _has_fields(table.index.names):
            raise ValueError(
                "table has fields in its rows and its columns: give what sweep returned, "
                "before it was unstacked"
            )
        table = table.T
    rows: pd.DataFrame = table.reset_index() if _has_fields(table.index.names) else table.copy()
    if not _has_fields(rows):
        raise ValueError(
            f"table has no column atc_<field>, only {shown([*rows])}: give what sweep returned, or its "
            "transpose"
        )
    if "symbol" not in rows:
        rows.insert(0, "symbol", name)
    elif name is not None:
        raise ValueError(f"table[{name!r}] has several symbols: give the table itself, not a mapping")
    return _checked(rows)


def _checked(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Check that each row has a value of every field, and numbers as metrics."""
    fields = [column for column in rows if _is_field(column)]
    if rows.empty or len(fields) + 1 == rows.shape[1]:
        raise ValueError("table has no config, or no metric: give what sweep returned")
    if rows.columns.has_duplicates:
        twice = rows.columns[rows.columns.duplicated()][0]
        raise ValueError(f"table has {twice!r} more than once: give each metric once")
    for column in rows:
        if column in fields and rows[column].isna().any():
            raise ValueError(f"table has a config without a value of {column}: give what sweep returned")
        if column not in fields and column != "symbol":
            try:
                rows[column] = rows[column].astype(np.float64)
            except (TypeError, ValueError):
                raise TypeError(f"table[{column!r}] must be numbers, one for each config") from None
    return rows


def _is_field(name: Any) -> bool:
    return str(name).startswith("atc_")


def _without_prefix(name: Any) -> str:
    return str(name).removeprefix("atc_")


def _has_fields(names: Any) -> bool:
    return any(map(_is_field, names))


def _map(rows: "pd.DataFrame", metrics: list[str], by: str) -> str:
    """The packed configs of a symbol, the best first: the number of each field's value, and the metrics."""
    axes, columns = [], []
    best_first = ranked(rows, by)
    for place, field in enumerate(filter(_is_field, rows)):
        values, texts, numbers = _axis(rows[field].tolist())
        axes.append({"name": _without_prefix(field), "texts": texts, "numbers": numbers})
        columns.append(Column(f"field {place}", np.array([values[each] for each in best_first[field]])))
    for place, metric in enumerate(metrics):
        columns.append(Column(f"metric {place}", best_first[metric].to_numpy(), None))
    return pack(columns, len(rows)).with_facts({"rows": len(rows), "fields": axes})


def _axis(values: list[Any]) -> tuple[dict[Any, int], list[str], list[float] | None]:
    """The numbers of a field's different values; their texts; and the sorted values, if they are numbers."""
    distinct = [*dict.fromkeys(values)]
    ordered = all(
        isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value) for value in distinct
    )
    if ordered:
        distinct.sort()
    texts = ["+".join(value) if isinstance(value, tuple) else number_text("", value) for value in distinct]
    if len({*texts}) < len(texts):
        texts = [repr(value) for value in distinct]
    numbers = [float(value) for value in distinct] if ordered else None
    return {value: place for place, value in enumerate(distinct)}, texts, numbers


def _walk(walk: WalkForward) -> str:
    """The packed curves of all tests and of the prices, and the windows as the page shows them."""
    curve, windows = walk.curve, walk.windows
    times, columns = times_of(labels_of(curve.index, np.ones(len(curve), np.bool_)))
    columns += [
        Column("equity", curve["equity"].to_numpy(), None),
        Column("hold", np.cumprod(1.0 + walk.account.changes), None),
        Column("position", curve["position"].to_numpy()),
    ]
    first = {label: bar for bar, label in reversed([*enumerate(curve.index)])}
    last = {label: bar for bar, label in enumerate(curve.index)}
    rows = rows_of_windows(walk, OF_TESTS)
    head = [_without_prefix(name) for name in rows]
    return pack(columns, len(curve)).with_facts(
        {
            "rows": len(curve),
            "times": times,
            "head": head,
            "signed": [name.removeprefix("train_") in SIGNED for name in head],
            "chosen": [_without_prefix(name) for name in windows if _is_field(name)],
            "windows": [
                [_cell(name, value) for name, value in zip(head, row, strict=True)]
                for row in rows.itertuples(index=False, name=None)
            ],
            "spans": [
                [first[begin], last[end]]
                for begin, end in zip(windows["test_first"], windows["test_last"], strict=True)
            ],
        }
    )


def _cell(name: str, value: Any) -> str:
    """The text of a cell in the table of windows."""
    import pandas as pd

    if isinstance(value, tuple):
        return "+".join(value)
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):  # as clocks show it, like the labels of the bars
        value = value.tz_localize(None)
    return number_text(name, value).removesuffix(" 00:00:00")
