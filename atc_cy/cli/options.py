"""Options that several commands have, and the types of their values."""

from __future__ import annotations

import argparse
import math
import os
import shlex
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from ..config import ATCConfig, unknown, value_from_text
from ..config.config import FIELDS
from ..config.installed import list_presets
from ..text import printable, suggestion

if TYPE_CHECKING:
    from datetime import timedelta

    from ..files.bounds import Bound
    from ..files.timeframes import Timeframe

T = TypeVar("T")
FORMATS = ("table", "csv", "json")
"""How a command can print a table."""


class Parser(argparse.ArgumentParser):
    """Parses arguments; what an error says of them cannot control the terminal."""

    def error(self, message: str) -> NoReturn:
        """Report what is wrong with the arguments, and where their help is, and end the process."""
        self.exit(2, f"{self.prog}: {printable(message)}\nsee {self.prog} --help\n")


class Commands:
    """Where a command adds itself: to the program, or as a step to another command."""

    def __init__(self, commands: Any) -> None:
        self._commands = commands

    def add(
        self,
        name: str,
        run: Callable[[argparse.Namespace], int] | None,
        summary: str,
        example: str,
        *parents: argparse.ArgumentParser,
    ) -> argparse.ArgumentParser:
        """Add a command with the options of its parents.

        `run` gets the parsed options and returns the exit code. They have `usage` besides, which reports
        arguments that do not go together, and ends the process.
        """
        added: argparse.ArgumentParser = self._commands.add_parser(
            name, help=summary, description=summary, epilog=f"Example: {example}", parents=parents
        )
        added.set_defaults(run=run, usage=added.error)
        return added


def price_options() -> argparse.ArgumentParser:
    """A parent of commands that read prices; they have `files` besides."""
    prices = argparse.ArgumentParser(add_help=False)
    add_config(prices)
    add_format(prices)
    prices.add_argument(
        "--source", metavar="NAME", help="the column that the averages run on; by default: the price"
    )
    prices.add_argument(
        "--symbol", metavar="NAME", help="of a file with several symbols, the one to take; by default: all"
    )
    _add_time(prices.add_argument_group("time"))
    freqtrade = prices.add_argument_group("freqtrade's candles, instead of FILE")
    freqtrade.add_argument("--datadir", type=Path, metavar="DIR", help="such as user_data/data/binance")
    freqtrade.add_argument(
        "-p", "--pairs", nargs="+", metavar="PAIR", help="BTC/USDT; by default: all there are"
    )
    freqtrade.add_argument("-t", "--timeframe", metavar="LENGTH", help="of a candle: 1h")
    return prices


def _add_time(time: Any) -> None:
    """Add what is made of the rows of a file before they are computed."""
    time.add_argument(
        "--resample",
        type=timeframe,
        metavar="TIMEFRAME",
        help="make bars of a higher timeframe, such as 4h, 1D or 1W",
    )
    time.add_argument(
        "--origin",
        type=time_of_day,
        metavar="HH:MM",
        help="when a day begins, for --resample; by default: 00:00",
    )
    time.add_argument(
        "--first-bar",
        type=moment,
        metavar="TIME",
        help="leave out earlier rows: equities begin at the first bar; the time is in the zone of the data",
    )
    time.add_argument(
        "--closed-only",
        action="store_true",
        help="leave out a bar that is still open; it is as long as -t says, or as most rows are apart",
    )


def shown_options() -> argparse.ArgumentParser:
    """A parent of commands that can show a part of what they compute."""
    shown = argparse.ArgumentParser(add_help=False)
    part = shown.add_argument_group("what is shown, of all that is computed")
    part.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help="bars from this time on, which is in the zone of the data",
    )
    part.add_argument(
        "--until", type=moment, metavar="TIME", help="bars until this time; a date: until its end"
    )
    return shown


def add_refused(command: argparse.ArgumentParser, names: Iterable[str], why: str) -> None:
    """Make a command refuse options of other commands, which argparse could take as abbreviations.

    why: what the message says after the option.
    """

    class Refused(argparse.Action):
        def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
            parser.error(f"{self.option_strings[0]} {why}")

    for name in names:
        option = f"--{name.replace('_', '-')}"
        command.add_argument(option, action=Refused, nargs="?", help=argparse.SUPPRESS)


def table_options() -> argparse.ArgumentParser:
    """A parent of commands that print a table."""
    table = argparse.ArgumentParser(add_help=False)
    table.add_argument("--format", choices=FORMATS, default="table")
    return table


def record_options() -> argparse.ArgumentParser:
    """A parent of commands whose use of the kernels can be recorded."""
    recorded = argparse.ArgumentParser(add_help=False)
    recorded.add_argument(
        "--record", type=Path, metavar="FILE", help="append to FILE what kernels did, for 'atc-cy hot'"
    )
    return recorded


def add_config(options: Any) -> None:
    """Add a config's settings to a parser; `common.config_of` resolves them."""
    settings = options.add_argument_group(
        "settings: of the preset, replaced by those of the file, and these by options"
    )
    settings.add_argument(
        "--preset", type=installed_preset, default="default", help="see 'atc-cy presets'; by default: default"
    )
    settings.add_argument(
        "--config", type=Path, metavar="TOML", help="any part of a config, such as the line La = 0.05"
    )
    for name, setting in ATCConfig.__dataclass_fields__.items():
        option = f"--{name.replace('_', '-')}"
        by_default = "all six" if name == "moving_averages" else setting.default
        help_ = f"{setting.metadata['help']}; by default: {by_default}"
        if isinstance(setting.default, bool):
            settings.add_argument(option, action=argparse.BooleanOptionalAction, help=help_)
        else:
            settings.add_argument(option, type=partial(value_from_text, name), metavar="X", help=help_)
    settings.add_argument(
        "--set",
        type=field_value,
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="the same by the field's name, as in --set La=0.05",
    )


FORMAT_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(["time_column", "symbol_column", "separator", "decimal", "date_format", "time_zone"]),
    **{"no_header": False, "sheet": None, "skip_lines": 0},
}
"""What `add_format` adds besides --column and --verbose, and the defaults; `common.format_of` reads them."""


def add_format(command: argparse.ArgumentParser, *, verbose: bool = True) -> None:
    """Add the options that say how files of prices are written.

    verbose: whether to add --verbose, which a command may have already.
    """
    group = command.add_argument_group("how FILE is written; by default found out, see docs/files.md")
    group.add_argument(
        "--column", default="close", metavar="NAME", help="the price's column; by default: close"
    )
    group.add_argument(
        "--time-column", metavar="NAME", help="by default, the first there is of date, datetime …"
    )
    group.add_argument("--symbol-column", metavar="NAME", help="by default: symbol, or else ticker")
    group.add_argument(
        "--separator", metavar="SIGN", help="between cells: , ; | or comma, semicolon, pipe, tab"
    )
    group.add_argument("--decimal", metavar="MARK", help="before decimals: a point or a comma")
    group.add_argument("--date-format", metavar="FORMAT", help="of times, as in Python: %%d/%%m/%%Y %%H:%%M")
    group.add_argument(
        "--no-header", action="store_true", help="name columns by their numbers: --time-column 1 --column 5"
    )
    group.add_argument("--time-zone", metavar="ZONE", help="of times without an offset: Europe/Berlin")
    group.add_argument("--sheet", metavar="NAME", help="of an Excel file; by default: the first")
    group.add_argument("--skip-lines", type=whole_or_0, default=0, metavar="N", help="above the header")
    if verbose:
        group.add_argument("--verbose", action="store_true", help="report how each file was read")


def add_files(command: argparse.ArgumentParser, help_: str) -> None:
    """Add the files of prices."""
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help=help_)


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
    """A field of a config, and what follows its equals sign."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} must be as in {example}")
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
    """A time that bounds rows, in their zone if it names no offset."""
    from ..files.bounds import read_bound
    from ..files.dates import UnclearDateError

    try:
        return read_bound(text)
    except UnclearDateError:
        raise argparse.ArgumentTypeError(
            f"the day of {text!r} could be its month: write it as in 2026-10-30"
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
    """A file; None stands for standard input or output."""
    return None if text == "-" else Path(text)


def table_or_dash(text: str) -> Path | None:
    """A file for a table, by its ending; None stands for standard output."""
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
        raise argparse.ArgumentTypeError(f"{text!r} is no command: {error}") from None
    if not arguments or shutil.which(arguments[0]) is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no command: there is no such program, or it may not be run"
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
    """A number as files have it: 1_0 is none."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan
