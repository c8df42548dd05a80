"""Options that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from ..config import ATCConfig, value_from_text
from ..text import printable
from .values import field_value, installed_preset, moment, time_of_day, timeframe, whole_or_0

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
        add_debug(added, default=argparse.SUPPRESS)  # the program's, unless it is given here
        added.set_defaults(run=run, usage=added.error)
        return added


def add_debug(parser: argparse.ArgumentParser, default: Any) -> None:
    """Add --debug, before a command or after it."""
    parser.add_argument(
        "--debug", action="store_true", default=default, help="show the traceback of an error"
    )


def price_options() -> argparse.ArgumentParser:
    """A parent of commands that read prices; they have `files` besides."""
    prices = argparse.ArgumentParser(add_help=False)
    add_config(prices)
    add_format(prices)
    prices.add_argument(
        "--source", metavar="NAME", help="the column that the moving averages run on; default: the price"
    )
    prices.add_argument(
        "--symbol", metavar="NAME", help="the symbol to take from a file with several; default: all"
    )
    _add_time(prices.add_argument_group("time"))
    add_freqtrade(prices).add_argument(
        "-t", "--timeframe", metavar="LENGTH", help="the length of a candle, such as 1h"
    )
    return prices


def add_freqtrade(command: argparse.ArgumentParser) -> Any:
    """Add the folder of candles and its pairs; the command has --timeframe besides."""
    freqtrade = command.add_argument_group("freqtrade's candles, instead of FILE")
    freqtrade.add_argument(
        "--datadir",
        type=Path,
        metavar="DIR",
        help="the folder of the candles, such as user_data/data/binance",
    )
    freqtrade.add_argument("-p", "--pairs", nargs="+", metavar="PAIR", help="such as BTC/USDT; default: all")
    return freqtrade


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
    part = shown.add_argument_group("which bars are shown (all are computed)")
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
    table.add_argument("--format", choices=FORMATS, default="table")
    return table


def record_options() -> argparse.ArgumentParser:
    """A parent of commands whose use of the kernels can be recorded."""
    recorded = argparse.ArgumentParser(add_help=False)
    recorded.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="append to FILE which structures were computed, for 'atc-cy hot'",
    )
    return recorded


def add_config(options: Any) -> None:
    """Add a config's settings to a parser; `common.config_of` resolves them."""
    settings = options.add_argument_group(
        "settings (options replace those of --config, which replace those of --preset)"
    )
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
        help="any setting by the name of its field, such as La=0.05",
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
    group = command.add_argument_group("how FILE is written (detected by default; see docs/files.md)")
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


def add_files(command: argparse.ArgumentParser, help_: str) -> None:
    """Add the files of prices."""
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help=help_)
