"""The names of the types, their fields and their outputs, and the hint in errors about unknown names.

If an unknown name mentions one of the six types, the hint suggests only fields of that type, so that
following it never changes another moving average.
"""

import difflib
import re
from collections.abc import Iterable

from .fields import MovingAverage

MOVING_AVERAGES: tuple[MovingAverage, ...] = ("EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA")
"""The six types, in the order in which the law sums them."""

LENGTH_FIELDS: dict[str, str] = {
    "EMA": "ema_len",
    "HMA": "hull_len",
    "WMA": "wma_len",
    "DEMA": "dema_len",
    "LSMA": "lsma_len",
    "KAMA": "kama_len",
}
WEIGHT_FIELDS: dict[str, str] = {name: f"{name.lower()}_w" for name in MOVING_AVERAGES}
NUMBER_FIELDS = ("La", "De", "cutout", "long_threshold", "short_threshold", "strategy_mode")

_ALIASES = {
    "La": ("lambda", "lamda", "lmda", "lambda_param", "lambda_value", "lam"),
    "De": ("decay", "decay_param", "decay_rate", "decay_value", "dec"),
    "moving_averages": ("ma_types", "ma_type", "mas", "types"),
}
"""The names of some fields of `ATCConfig` in other libraries."""
_LENGTH, _WEIGHT = r"len|length|lengths|period|periods|window|bars", r"w|weight|weights"
_TYPES = {
    "ema": "EMA",
    "hma": "HMA",
    "hull": "HMA",
    "wma": "WMA",
    "dema": "DEMA",
    "lsma": "LSMA",
    "kama": "KAMA",
}
_OTHERS = (
    *("sma", "rma", "smma", "tema", "tma", "trima", "vwma", "vwap", "alma", "zlema", "zlsma", "t3", "jma"),
    *("frama", "vidya", "swma", "lwma", "mama", "fama", "mcginley", "ehma", "thma", "hwma", "pwma", "sinwma"),
)
"""Moving averages that other libraries have."""
_MENTION = re.compile(rf"(?:^|_)({'|'.join([*_TYPES, *_OTHERS])})(?={_LENGTH}|{_WEIGHT}|[_\d]|$)")


def unknown(name: object, choices: Iterable[str]) -> str:
    """The end of an error about an unknown type, field, output or argument.

    >>> unknown("hma_length", ["hull_len", "wma_len", "hma_w"])
    "did you mean 'hull_len'? known: hma_w, hull_len, wma_len"
    >>> unknown("EMMA", MOVING_AVERAGES)
    "did you mean 'EMA'? known: DEMA, EMA, HMA, KAMA, LSMA, WMA"
    """
    known = sorted(set(choices))
    folded = re.sub(r"\W", "_", str(name).strip()).strip("_").lower()
    mention = _mentioned(folded)
    if mention in _OTHERS:
        six = ", ".join(MOVING_AVERAGES).replace("HMA", "HMA (a simple moving average, as published)")
        return f"there is no {mention.upper()} here, but {six}; known: {', '.join(known)}"
    meant = _of_a_type(folded, mention, known) if mention else _of_no_type(folded, known)
    question = f"did you mean {' or '.join(map(repr, meant))}? " if meant else ""
    return f"{question}known: {', '.join(known)}"


def _mentioned(folded: str) -> str:
    """The moving average that a name mentions, one of the six or another one, in lower case; else empty."""
    found = _MENTION.search(folded)
    return found[1] if found else ""


def _of_a_type(folded: str, mention: str, known: list[str]) -> list[str]:
    """The choices that a name which mentions one of the six types can mean."""
    name = _TYPES[mention]
    of_type = [choice for choice in known if _TYPES.get(_mentioned(choice.lower())) == name]
    if name in of_type:
        return [name]
    rest = folded.replace(mention, "").strip("_")
    for words, fields in ((_LENGTH, LENGTH_FIELDS), (_WEIGHT, WEIGHT_FIELDS)):
        if re.fullmatch(words, rest):
            return [field for field in of_type if field == fields[name]]
    return _near(folded, of_type) if rest else of_type


def _of_no_type(folded: str, known: list[str]) -> list[str]:
    """The choices that a name without a type can mean: a type, but not a field or an output of a type."""
    names = {
        choice: choice for choice in known if not _mentioned(choice.lower()) or choice in MOVING_AVERAGES
    }
    for field, aliases in _ALIASES.items():
        if field in names:
            names |= dict.fromkeys(aliases, field)
    return [names[near] for near in _near(folded, names)]


def _near(folded: str, names: Iterable[str]) -> list[str]:
    """The nearest of some names, if one is near."""
    by_case = {name.lower(): name for name in names}
    return [by_case[name] for name in difflib.get_close_matches(folded, by_case, n=1)]
