"""Text that people type and read: names and values, how they are matched, and how messages show them."""

import os
import re
import unicodedata
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def suggestion(name: object, choices: Iterable[str]) -> str:
    """The end of an error message about an unknown name: the near miss, and all that is known.

    >>> suggestion("Mediun", ["Narrow", "Medium", "Wide"])
    "did you mean 'Medium'? known: Medium, Narrow, Wide"
    """
    known = sorted(choices)
    near = nearest(name, known)
    question = f"did you mean {near!r}? " if near is not None else ""
    return f"{question}known: {', '.join(known)}"


def nearest(name: object, choices: Iterable[str]) -> str | None:
    """The choice that may have been meant; None: there is none.

    >>> nearest("btc/usdt", ["BTC/USDT", "ETH/USDT"])
    'BTC/USDT'
    """
    import difflib

    folded = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(str(name).lower(), folded, n=1)
    return folded[near[0]] if near else None


def shown(value: object) -> str:
    """A value as an error message has it: on one line, of at most 80 characters; NumPy's numbers as Python's.

    >>> shown("Medium"), shown(10**100)[-6:]
    ("'Medium'", '000...')
    """
    if isinstance(value, Real) and hasattr(value, "item"):
        value = value.item()
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python does not print an integer of more than some thousand digits
        text = f"<{type(value).__name__} too long to print>"
    return text if len(text) <= 80 else f"{text[:77]}..."


_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of what has no shape: controls, marks of direction, halves of characters, lines."""


def printable(text: str) -> str:
    r"""Text as a terminal may have it: each character that could control the terminal is an escape.

    >>> print(printable("EUR\x1b[2J 1 €"))
    EUR\x1b[2J 1 €
    """
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _UNPRINTABLE
        else character
        for character in text
    )


def html_table(title: str, table: "pd.DataFrame") -> str:
    """A table as a notebook shows it, below what it is of; long ones are cut in the middle."""
    import html

    import pandas as pd

    most = pd.get_option("display.max_rows")
    return f"<p>{html.escape(printable(title))}</p>\n{table.to_html(max_rows=most, na_rep='')}"


def problem_of(error: Exception, named: object = None) -> str:
    """What an error says; of an error of the system its file and the reason, without the number.

    named: a file that the caller names, so that the text leaves it out.

    >>> problem_of(FileNotFoundError(2, "No such file or directory", "BTC.csv"))
    'BTC.csv: no such file or directory'
    """
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    reason = error.strerror[:1].lower() + error.strerror[1:]
    files = [os.fsdecode(file) for file in (error.filename, error.filename2) if isinstance(file, str | bytes)]
    return ": ".join([*(file for file in files if file != str(named)), reason])


def matches(name: Any, names: Iterable[Any]) -> list[Any]:
    """The names that are equal to this one; if none is, those that differ in letter case or outer spaces.

    >>> matches("close", ["Close", "date", "close"])
    ['close']
    >>> matches("close", ["Close", "CLOSE"])
    ['Close', 'CLOSE']
    """
    names = list(names)
    exact = [other for other in names if other == name]
    wanted = str(name).strip().lower()
    return exact or [other for other in names if str(other).strip().lower() == wanted]


def find_column(argument: str, name: Any, names: Sequence[Any], advice: str = "") -> Any:
    """The column of this name, or else the only one that differs in letter case alone.

    Raises
    ------
    TypeError
        It cannot be a name: it is a list, say.
    ValueError
        No column has this name, or several have it. The message names `argument` and ends with `advice`.
    """
    if not isinstance(name, Hashable):
        raise TypeError(f"{argument}={shown(name)} must be the name of a column, not {type(name).__name__}")
    found = matches(name, names)
    if not found:
        raise ValueError(
            f"{argument}={shown(name)} is not a column; {suggestion(name, map(str, names))}{advice}"
        )
    if len(found) > 1:
        if all(other == name for other in found):
            raise ValueError(f"there are {len(found)} columns {name!r}: give each a different name")
        same = ", ".join(map(repr, found))
        raise ValueError(f"{argument}={name!r} could be any of the columns {same}: give each its own name")
    return found[0]


def value_from_text(field: str, text: str) -> Any:
    """A field's value as a CSV file or the command line has it; several types as "EMA KAMA" or "EMA+KAMA".

    >>> value_from_text("ema_len", "28"), value_from_text("moving_averages", "EMA+KAMA")
    (28, ('EMA', 'KAMA'))
    """
    if field == "moving_averages":
        return tuple(re.split(r"[\s,+]+", text.strip()))
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if "_" in text:  # Python reads 1_0 as 10; nobody writes a price or a length so
        return text
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def time_texts(times: "Iterable[pd.Timestamp]") -> list[str]:
    """Times as people read them: dates alone, if all are at midnight; missing ones are empty.

    >>> import pandas as pd
    >>> time_texts(pd.to_datetime(["2026-10-30", None])), time_texts([pd.Timestamp("2026-10-30 16:00")])
    (['2026-10-30', ''], ['2026-10-30 16:00:00'])
    """
    import pandas as pd

    given = [*times]
    daily = all(time == time.normalize() for time in given if not pd.isna(time))
    return ["" if pd.isna(time) else str(time.date() if daily else time) for time in given]


PERCENT = (
    *("total_return", "max_drawdown", "exposure", "buy_and_hold", "win_rate", "cagr"),
    *("of_time", "of_calls", "of_bars"),
)
"""Columns of parts of 1, which people read in percent."""
SIGNED = ("total_return", "sharpe", "buy_and_hold", "sortino", "calmar", "cagr")
"""Columns whose numbers are good above 0 and bad below."""
_TWO_DIGITS = ("sharpe", "sortino", "calmar", "profit_factor", "turnover", "skew", "kurtosis")
DIGITS = dict.fromkeys(_TWO_DIGITS, 2) | {"p_value": 3, "deflated_sharpe": 3, "mean_equity": 4}
"""How many digits after the point people read of a column."""


PRICES = ("close", "price")
"""Columns of prices."""


def price_text(price: float) -> str:
    """A price with ten digits at most, or all those before the point; no power of ten, unless that is long.

    >>> price_text(1.890100244e-08), price_text(1052581658353.59)
    ('0.00000001890100244', '1052581658354')
    """
    text = f"{price:.10g}"
    if "e" not in text or not 1e-16 < abs(price) < 1e16:
        return text
    return f"{price:.0f}" if abs(price) > 1 else f"{Decimal(text):f}"


def number_text(name: str, value: Any) -> str:
    """A number as people read it in a column of this name; ``train_`` before the name changes nothing.

    >>> number_text("total_return", 0.1234), number_text("train_sharpe", 1.234), number_text("La", 0.1 * 3)
    ('+12.3%', '+1.23', '0.3')
    """
    name = name.removeprefix("train_")
    if name in PRICES and isinstance(value, float):
        return price_text(value)
    if name in PERCENT:
        return percent(value, signed=name in SIGNED)
    if name in DIGITS:
        return f"{value:{'+' if name in SIGNED else ''}.{DIGITS[name]}f}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def percent(part: float, *, signed: bool) -> str:
    """A part of 1 in percent: one decimal, or two digits of what is smaller than that.

    >>> percent(0.12345, signed=True), percent(-0.000123, signed=True), percent(12.5, signed=False)
    ('+12.3%', '-0.012%', '1250.0%')
    """
    number = 100 * part
    digits = ".2g" if 0.0001 <= abs(number) < 0.1 else ".1f"
    return f"{number:{'+' if signed else ''}{digits}}%"
