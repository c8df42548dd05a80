"""Options that several commands have."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from ..config import ATCConfig, value_from_text
from ..config.names import LENGTH_FIELDS, WEIGHT_FIELDS
from ..text import nearest, printable, suggestion
from .values import field_value, installed_preset, moment, time_of_day, timeframe, whole_or_0

FORMATS = ("table", "csv", "json")
"""How a command can print a table."""
TIME = "time"
SHOWN = "which bars are shown (all are computed)"
SETTINGS = "settings (options replace those of --config, which replace those of --preset)"
AVERAGES = "lengths and weights of the moving averages"
READ = "how FILE is read (detected by default; see docs/files.md)"
FREQTRADE = "freqtrade's candles, instead of FILE"
MARKET = "candles of an exchange (pip install 'atc_cy[live]') or of stocks (pip install 'atc_cy[stocks]')"
DATASET = "a dataset, as with 'atc-cy dataset' (pip install 'atc_cy[arrow]')"
OTHER = "other options"
SHARED = (TIME, SHOWN, SETTINGS, AVERAGES, READ, FREQTRADE, MARKET, DATASET, OTHER)
"""Titles of the groups of options that commands share, in the order of the help, after other groups."""
_MOST_IN_USAGE = 8
"""How many options the usage line lists; if there are more, it says [options] instead."""


class _Help(argparse.HelpFormatter):
    """Formats the help of a command; a command with many options has a short usage line."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any = None) -> None:
        optional = [action for action in actions if action.option_strings and not action.required]
        if len(optional) > _MOST_IN_USAGE:
            self._prog += " [options]"
            actions, groups = [action for action in actions if action not in optional], ()
        super().add_usage(usage, actions, groups, prefix)


class Parser(argparse.ArgumentParser):
    """Parses arguments, and suggests near ones in errors; its messages cannot control the terminal."""

    def __init__(self, prog: str | None = None, **keywords: Any) -> None:
        super().__init__(prog, formatter_class=_Help, **keywords)
        self._given: list[str] = []
        """The arguments that are being parsed."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse what the command has, as argparse does."""
        self._given = sys.argv[1:] if args is None else [*args]
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Report what is wrong with the arguments, and where their help is, and end the process."""
        given, self._given = self._given, []
        if message.startswith("the following arguments are required"):  # one of them may be misspelt
            words = [word.partition("=")[0] for word in given if word.startswith("--")]
            known = "\n".join(self._option_string_actions)
            if unknown := [word for word in words if word not in known]:
                self.refuse(unknown)
        self.exit(2, f"{self.prog}: {printable(message)}\nsee {self.prog} --help\n")

    def refuse(self, unknown: Iterable[str]) -> NoReturn:
        """Report arguments that this command does not have, with the near options that it has."""
        given = [*unknown]
        options = [
            option[2:]
            for action in self._actions
            for option in action.option_strings
            if option.startswith("--") and action.help != argparse.SUPPRESS
        ]
        names = [argument[2:].partition("=")[0] for argument in given if argument.startswith("--")]
        near = dict.fromkeys(f"--{option}" for name in names if (option := nearest(name, options)))
        question = f"; did you mean {' or '.join(near)}?" if near else ""
        self.error(f"unrecognized arguments: {' '.join(given)}{question}")

    def format_help(self) -> str:
        """The help, in which the groups that commands share come last."""
        places = {title: place for place, title in enumerate(SHARED)}
        self._action_groups.sort(key=lambda group: places.get(group.title or "", -1))
        return super().format_help()

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = suggestion(value, map(str, action.choices))
            raise argparse.ArgumentError(action, f"invalid choice: {value!r}; {known}")


class Commands:
    """Adds commands to the program, or steps to a command."""

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

        `run` gets the parsed options and returns the exit code. The options also have `usage`, which reports
        arguments that do not go together, and `refuse`, which reports unknown ones; both end the process.
        """
        debug = argparse.ArgumentParser(add_help=False)
        # If it is not given after the command, the program's value stays.
        add_debug(debug.add_argument_group(OTHER), default=argparse.SUPPRESS)
        added: Parser = self._commands.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=f"Example: {example}",
            parents=[*parents, debug],
        )
        added.set_defaults(run=run, usage=added.error, refuse=added.refuse)
        return added


def add_debug(parser: Any, default: Any) -> None:
    """Add --debug, before a command or after it."""
    parser.add_argument(
        "--debug", action="store_true", default=default, help="show the traceback of an error"
    )


def price_options() -> argparse.ArgumentParser:
    """A parent of commands that read prices; such a command must add `files` too."""
    prices = argparse.ArgumentParser(add_help=False)
    add_config(prices)
    read = add_format(prices)
    read.add_argument(
        "--source", metavar="NAME", help="the column that the moving averages run on; default: the price"
    )
    read.add_argument(
        "--symbol", metavar="NAME", help="the symbol to take from a file with several; default: all"
    )
    _add_time(prices.add_argument_group(TIME))
    add_freqtrade(prices).add_argument(
        "-t", "--timeframe", metavar="LENGTH", help="the length of a candle, such as 1h"
    )
    return prices


def add_freqtrade(command: argparse.ArgumentParser) -> Any:
    """Add the folder of candles and its pairs; the command must add --timeframe too."""
    freqtrade = command.add_argument_group(FREQTRADE)
    freqtrade.add_argument(
        "--datadir",
        type=Path,
        metavar="DIR",
        help="the folder of the candles, such as user_data/data/binance",
    )
    freqtrade.add_argument("-p", "--pairs", nargs="+", metavar="PAIR", help="such as BTC/USDT; default: all")
    return freqtrade


def _add_time(time: Any) -> None:
    """Add the options that say which bars are made of the rows of a file."""
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
        help="the time at which a day begins, for --resample; default: 00:00",
    )
    time.add_argument(
        "--first-bar",
        type=moment,
        metavar="TIME",
        help="leave out earlier rows, so that the equities begin at this bar; in the time zone of the data",
    )
    time.add_argument(
        "--closed-only",
        action="store_true",
        help="leave out the last bar if it is still open; -t gives the length of a bar, by default "
        "that between most rows",
    )


def shown_options() -> argparse.ArgumentParser:
    """A parent of commands that can show a part of what they compute."""
    shown = argparse.ArgumentParser(add_help=False)
    part = shown.add_argument_group(SHOWN)
    part.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help="bars from this time on, in the time zone of the data",
    )
    part.add_argument(
        "--until", type=moment, metavar="TIME", help="bars until this time, or until the end of this day"
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
    table.add_argument(
        "--format", choices=FORMATS, default="table", help="how the table is printed; default: table"
    )
    return table


def record_options() -> argparse.ArgumentParser:
    """A parent of commands whose use of the kernels can be recorded."""
    recorded = argparse.ArgumentParser(add_help=False)
    recorded.add_argument_group(OTHER).add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="append to FILE which structures were computed, for 'atc-cy hot'",
    )
    return recorded


def add_config(options: Any) -> None:
    """Add a config's settings to a parser; `common.config_of` resolves them."""
    settings, averages = options.add_argument_group(SETTINGS), options.add_argument_group(AVERAGES)
    settings.add_argument(
        "--preset",
        type=installed_preset,
        default="default",
        help="a name that 'atc-cy presets' lists; default: default",
    )
    settings.add_argument(
        "--config", type=Path, metavar="TOML", help="a file with any settings, such as the line La = 0.05"
    )
    for name, setting in ATCConfig.__dataclass_fields__.items():
        option = f"--{name.replace('_', '-')}"
        by_default = "all six" if name == "moving_averages" else setting.default
        help_ = f"{setting.metadata['help']}; default: {by_default}"
        of_averages = name in (*LENGTH_FIELDS.values(), *WEIGHT_FIELDS.values())
        group = averages if of_averages else settings
        if isinstance(setting.default, bool):
            group.add_argument(option, action=argparse.BooleanOptionalAction, help=help_)
        else:
            group.add_argument(option, type=partial(value_from_text, name), metavar="X", help=help_)
    settings.add_argument(
        "--set",
        type=field_value,
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="any setting by the name of its field, such as La=0.05",
    )


FORMAT_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(["time_column", "symbol_column", "separator", "decimal", "date_format", "time_zone"]),
    **{"no_header": False, "sheet": None, "skip_lines": 0},
}
"""The options of `add_format` without --column and --verbose, with their defaults, for `common.format_of`."""


def add_format(command: argparse.ArgumentParser, *, verbose: bool = True) -> Any:
    """Add the options that say how files of prices are written; returns their group.

    verbose: whether to add --verbose, which a command may have already.
    """
    group = command.add_argument_group(READ)
    group.add_argument(
        "--column", default="close", metavar="NAME", help="the column of the price; default: close"
    )
    group.add_argument(
        "--time-column",
        metavar="NAME",
        help="the column of the time; default: the first of date, datetime, … that exists",
    )
    group.add_argument(
        "--symbol-column", metavar="NAME", help="the column of the symbol; default: symbol, or else ticker"
    )
    group.add_argument(
        "--separator", metavar="SIGN", help="what separates cells: , ; | or comma, semicolon, pipe, tab"
    )
    group.add_argument("--decimal", metavar="MARK", help="the decimal mark, a point or a comma")
    group.add_argument(
        "--date-format",
        metavar="FORMAT",
        help="how times are written, in Python's notation: %%d/%%m/%%Y %%H:%%M",
    )
    group.add_argument(
        "--no-header",
        action="store_true",
        help="there is no header; name columns by number: --time-column 1 --column 5",
    )
    group.add_argument(
        "--time-zone", metavar="ZONE", help="the zone of times without an offset, such as Europe/Berlin"
    )
    group.add_argument("--sheet", metavar="NAME", help="the sheet of an Excel file; default: the first")
    group.add_argument(
        "--skip-lines", type=whole_or_0, default=0, metavar="N", help="skip N lines above the header"
    )
    if verbose:
        group.add_argument("--verbose", action="store_true", help="report how each file was read")
    return group


def add_files(command: argparse.ArgumentParser, help_: str) -> None:
    """Add the files of prices."""
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help=help_)
