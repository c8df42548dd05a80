"""Which column of a table is the time, the price or the symbol: one order of preference for all tables."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..text import matches, suggestion

DATE_COLUMNS = ("date", "datetime", "timestamp", "time")
"""Names of the column of times, in the order of preference."""
_OTHER_TIMES = (
    *("open_time", "open time", "opentime", "unix", "gmt time", "local time", "date time", "date_time"),
    *("date (gmt)", "date_utc", "datetime_utc", "time_utc", "unix timestamp", "unix_timestamp", "trade date"),
    *("observation_date", "exchange date", "date/time", "window_start"),
)
"""Further names of the column of times, for tables that have none of `DATE_COLUMNS`."""
_DATES = ("date", "trade date", "exchange date", "observation_date")
"""Names of columns that may have dates alone; so may a column whose name is not known, such as Datum."""
_CLOCKS = ("time", "timestamp", "time of day", "uhrzeit", "zeit", "hora", "heure")
"""Names of the column of the time of day, in the order of preference."""
CLOSE = "close"
_OTHER_PRICES = ("close/last", "price", "last", "last price", "close price", "close_price")
"""Further names of the column of prices, for tables without a column named close."""
SYMBOL = "symbol"
_OTHER_SYMBOLS = frozenset(("asset", "coin", "figi", "instrument", "isin", "market", "pair", "ric", "ticker"))
SRC = "src"
_MOST_NAMES = 20
"""How many names a message lists at most."""
CANDLE = ("open", "high", "low")
"""What a candle has besides its close."""
SOURCES = {
    "hl2": ("high", "low"),
    "hlc3": ("high", "low", "close"),
    "ohlc4": ("open", "high", "low", "close"),
    "hlcc4": ("high", "low", "close", "close"),
}
"""The sources that a chart offers: each is the mean of columns, in the order in which Pine adds them."""
_BESIDE_CLOSE = {*CANDLE, "volume", "adj close", "adj_close"}
_PARTS = frozenset([*CANDLE, "volume", "vol", "o", "h", "l", "v", "adj close", "adj_close"])
"""Names of columns that belong to one symbol: in a table that has one, a column is not a symbol."""


class Columns(NamedTuple):
    """The columns of a table that matter, as the table spells them."""

    time: Any
    clock: Any | None
    """A second column of times, which may have the time of day where the first one has the date."""
    price: Any
    src: Any | None
    """The column that the moving averages run on, if one was asked for."""
    parts: dict[str, Any]
    """The columns that the source is computed from, if it is one of `SOURCES`."""
    symbol: Any | None
    candle: dict[str, Any]
    """The columns of `CANDLE`, or nothing."""
    unused_src: Any | None
    """A column named `SRC` that was not asked for."""

    @property
    def numeric(self) -> set[Any]:
        """The columns of numbers."""
        named = {self.price, *self.parts.values(), *self.candle.values()}
        return named if self.src is None else {*named, self.src}


def prices_and_others(names: Iterable[Any], wanted: Iterable[Columns]) -> tuple[list[Any], list[Any]]:
    """The columns of a table that hold prices, and the other ones that may hold numbers.

    wanted: the columns of each symbol.
    """
    prices: list[Any] = []
    others: list[Any] = []
    every = [*wanted]
    asked = {name for columns in every for name in columns.numeric}
    besides = {name for columns in every for name in (columns.time, columns.clock, columns.symbol)}
    for name in names:
        if name in asked or folded(name[0] if isinstance(name, tuple) else name) in CANDLE:
            prices.append(name)
        elif name not in besides:
            others.append(name)
    return prices, others


def folded(name: Any) -> str:
    """A column's name in lower case and without outer spaces, for comparing names."""
    return str(name).strip().lower()


def bare_name(name: Any) -> Any:
    """A column's name without the signs around it in some files: ``<CLOSE>``, ``#date``."""
    if not isinstance(name, str):
        return name
    bare = name.strip()
    if bare.startswith("#"):
        name = bare = bare[1:].strip()
    return bare[1:-1] if bare.startswith("<") and bare.endswith(">") else name


def is_time_name(name: Any) -> bool:
    """Whether a column of this name has times."""
    return folded(bare_name(name)) in (*DATE_COLUMNS, *_OTHER_TIMES)


def is_known_name(name: Any) -> bool:
    """Whether a column of this name has times, prices, or another part of a table of prices."""
    known = folded(bare_name(name))
    return is_time_name(name) or known in (CLOSE, *_OTHER_PRICES, SYMBOL, "ticker") or known in _PARTS


def is_part_of_candle(name: Any) -> bool:
    """Whether a column of this name is a part of a candle, its volume included, rather than a symbol."""
    return folded(bare_name(name)) in _PARTS


def find_named(names: Iterable[Any], wanted: str) -> Any | None:
    """The column of this name, or one that differs in letter case or outer spaces; None if there is none.

    Raises
    ------
    ValueError
        Several columns fit equally well.
    """
    fitting = matches(wanted, names)
    if len(fitting) > 1:
        raise ValueError(
            f"{len(fitting)} columns are named {wanted!r} ({', '.join(map(repr, fitting))}): "
            "give each a different name"
        )
    return fitting[0] if fitting else None


def find_time(names: Iterable[Any]) -> Any | None:
    """The column of times: the first of `DATE_COLUMNS` that exists, or another one such as open_time."""
    return _first(names, (*DATE_COLUMNS, *_OTHER_TIMES))


def find_price(names: Iterable[Any], wanted: str = CLOSE) -> Any | None:
    """The column of prices: the one of this name or, instead of close, another, such as Close/Last."""
    return _first(names, (CLOSE, *_OTHER_PRICES) if folded(wanted) == CLOSE else (bare_name(wanted),))


def _first(names: Iterable[Any], preference: Iterable[str]) -> Any | None:
    every = list(names)
    found = (find_named(every, wanted) for wanted in preference)
    return next((name for name in found if name is not None), None)


def find_clock(names: Iterable[Any], time: Any) -> Any | None:
    """The column ``time``, or ``uhrzeit``, next to one of dates: it may have the time of day."""
    if time is None or (is_time_name(time) and folded(bare_name(time)) not in _DATES):
        return None
    return _first((name for name in names if name != time), _CLOCKS)


def names_symbols(name: Any, text: bool) -> bool:
    """Whether a column of this name, or a level of an index, has the symbol of each row.

    text: whether it holds text; numbers count as symbols only in a column named symbol.
    """
    return folded(name) == SYMBOL or (text and folded(name) in _OTHER_SYMBOLS)


def find_symbol(names: Sequence[Any], wanted: str = SYMBOL) -> Any | None:
    """The column of symbols: the one of this name or, instead of symbol, ticker."""
    return _first(names, (SYMBOL, "ticker") if wanted == SYMBOL else (bare_name(wanted),))


def find_columns(
    names: Sequence[Any],
    price: str,
    *,
    time: Any | None = None,
    src: str | None = None,
    symbol: Any | None = None,
    candle: bool = False,
) -> Columns:
    """The columns of a table of prices.

    Parameters
    ----------
    names
        Of the table's columns.
    price, src
        The names that are wanted.
    time, symbol
        The columns of times and symbols, as the table spells them.
    candle
        Whether open, high and low are wanted.

    Raises
    ------
    ValueError
        One is missing, or several have the same name.
    """
    if time is None:
        there = ", ".join(map(str, names[:_MOST_NAMES])) + (", …" if len(names) > _MOST_NAMES else "")
        raise ValueError(
            f"no column is named {', '.join(DATE_COLUMNS[:-1])} or {DATE_COLUMNS[-1]}; "
            f"the columns are {there}: name one with --time-column"
        )
    found = find_price(names, price)
    if found is None:
        raise ValueError(
            f"there is no column {price!r}; {suggestion(price, map(str, names))}: name one with --column"
        )
    rest = {name: find_named(names, name) for name in CANDLE} if candle else {}
    parts = find_parts(names, src, found)
    averaged = None
    if src is not None and not parts:
        averaged = found if is_the_price(src, names) else required(src, names, "--source names")
    return Columns(
        time,
        find_clock(names, time),
        found,
        averaged,
        parts,
        symbol,
        rest if all(name is not None and name != found for name in rest.values()) else {},
        find_unused_src(names, price, src),
    )


def find_parts(names: Sequence[Any], src: str | None, price: Any) -> dict[str, Any]:
    """The columns that a source is computed from; empty if the source is a column, or none was asked for.

    price: the column of prices, which counts as the close if no column is named close.

    Raises
    ------
    ValueError
        One of them is missing.
    """
    if src is None or folded(src) not in SOURCES or find_named(names, src) is not None:
        return {}
    return {
        part: price if is_the_price(part, names) else required(part, names, f"--source {src} needs")
        for part in SOURCES[folded(src)]
    }


def is_the_price(name: Any, names: Iterable[Any]) -> bool:
    """Whether a name is close and no column is named so: then the table's price is meant."""
    return folded(name) == CLOSE and find_named(names, CLOSE) is None


def find_unused_src(names: Iterable[Any], price: str, src: str | None) -> Any | None:
    """A column named `SRC`, if the averages run on the price instead."""
    return find_named(names, SRC) if src is None and folded(price) != SRC else None


def unused_src_note(name: Any) -> str:
    """The note about a column that `find_unused_src` found."""
    return f"the column {name!r} is not used: give --source {name} to have the averages run on it"


def required(wanted: str, names: Sequence[Any], option: str) -> Any:
    """The column of this name, which an option asks for; messages name the option, as in ``--source names``.

    Raises
    ------
    ValueError
        There is none, or there are several.
    """
    found = find_named(names, bare_name(wanted))
    if found is None:
        raise ValueError(
            f"there is no column {wanted!r}, which {option}; {suggestion(wanted, map(str, names))}"
        )
    return found


def candle_columns(names: Iterable[Any]) -> list[Any]:
    """The columns that are open, high, low, close or volume of one symbol, rather than one symbol each.

    If columns have several levels, one of these has such names.
    """
    every = list(names)
    levels = max((len(name) for name in every if isinstance(name, tuple)), default=1)
    for level in range(levels):
        parts = [
            folded(name[level] if isinstance(name, tuple) and level < len(name) else name) for name in every
        ]
        if ("close" in parts and _BESIDE_CLOSE.intersection(parts)) or {*CANDLE}.issubset(parts):
            return [
                name for name, part in zip(every, parts, strict=True) if part in {"close", *_BESIDE_CLOSE}
            ]
    return []
