"""The types of options' values: each reads the text of a value, or says what it must be."""

from __future__ import annotations

import argparse
import math
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..config import unknown, value_from_text
from ..config.config import FIELDS
from ..config.installed import list_presets
from ..text import suggestion

if TYPE_CHECKING:
    from datetime import timedelta

    from ..files.bounds import Bound
    from ..files.timeframes import Timeframe

T = TypeVar("T")


def installed_preset(name: str) -> str:
    """The name of an installed preset."""
    if name not in list_presets():
        raise argparse.ArgumentTypeError(f"there is no preset {name!r}; {suggestion(name, list_presets())}")
    return name


def field_value(text: str) -> tuple[str, Any]:
    """A field of a config and its value."""
    name, value = field_and_text(text, "La=0.05")
    return name, value_from_text(name, value)


def field_and_text(text: str, example: str) -> tuple[str, str]:
    """A field of a config, and the text after its equals sign."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} must be written like {example}")
    if name not in FIELDS:
        raise argparse.ArgumentTypeError(f"there is no parameter {name!r}; {unknown(name, FIELDS)}")
    return name, value


def count(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number above 0")
    return int(text)


def whole_or_0(text: str) -> int:
    """A whole number, 0 or above."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, 0 or above")
    return int(text)


def sort_keys(text: str) -> list[str]:
    """Keys that symbols are sorted by, such as fresh,equity."""
    from ..scans import SORT_KEYS

    keys = text.split(",")
    for key in keys:
        if key not in SORT_KEYS:
            raise argparse.ArgumentTypeError(f"there is no key {key!r}; {suggestion(key, SORT_KEYS)}")
    return keys


def age(text: str) -> str | timedelta:
    """How old a last bar may be: stale, any, or a length of time."""
    from ..files.timeframes import read_duration

    return text if text in ("stale", "any") else _read(read_duration, text)


def seconds(text: str) -> float:
    """A length of time."""
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above 0")
    return number


def strength(text: str) -> float:
    """The size of a signal."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 0 to 1")
    return number


def moment(text: str) -> Bound:
    """A time that bounds rows, in their zone if it has no offset."""
    from ..files.bounds import read_bound
    from ..files.dates import UnclearDateError

    try:
        return read_bound(text)
    except UnclearDateError:
        raise argparse.ArgumentTypeError(
            f"the day of {text!r} could be its month: write it like 2026-10-30"
        ) from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def timeframe(text: str) -> Timeframe:
    """The length of a bar."""
    from ..files.timeframes import read_timeframe

    return _read(read_timeframe, text)


def time_of_day(text: str) -> timedelta:
    """When a day begins, as the time since midnight."""
    from ..files.timeframes import read_origin

    return _read(read_origin, text)


def _read(read: Callable[[str], T], text: str) -> T:
    """Call `read`, and turn its ValueError into the type of error whose message argparse prints."""
    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def file_or_dash(text: str) -> Path | None:
    """A file; None for standard input or output."""
    return None if text == "-" else Path(text)


def table_or_dash(text: str) -> Path | None:
    """A file for a table, in the format of its ending; None for standard output."""
    from ..files.opening import check_ending

    try:
        return None if text == "-" else check_ending(Path(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def program(text: str) -> list[str]:
    """A program that can be run, and its arguments."""
    try:
        arguments = _words(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a command: {error}") from None
    if not arguments or shutil.which(arguments[0]) is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a command: there is no such program, or you may not run it"
        )
    return arguments


def _words(text: str, separator: str = os.sep) -> list[str]:
    """The words of a command, quoted as in a shell; on Windows a backslash separates folders."""
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split = True
    words.commenters = ""
    if separator == "\\":
        words.escape = ""
    return list(words)


def decimal(text: str) -> float:
    """A number."""
    number = _number(text)
    if math.isnan(number):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number")
    return number


def whole(text: str) -> int:
    """A whole number."""
    if not text.removeprefix("-").isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number")
    return int(text)


def _number(text: str) -> float:
    """A number by the rules for files, where 1_0 is not one; NaN if it is not a number."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan
