"""Prints tables for people, as CSV or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from ..text import SIGNED, number_text, printable, time_texts
from .console import BAD, GOOD, write_data

if TYPE_CHECKING:
    import pandas as pd
    from rich.text import Text


def print_table(table: pd.DataFrame, format_: str, title: str, *, first: Sequence[str] = ()) -> None:
    """Print a table in one of `options.FORMATS`; the one for people has the title above it.

    first: the columns that a narrow terminal keeps longest, the most important one first; by default the
    first columns of the table.
    """
    if format_ == "csv":
        from ..files.writing import csv_text

        write_data(csv_text(table, index=False))
    elif format_ == "json":
        records = table.astype(object).where(table.notna(), None).to_dict("records")
        write_data(json.dumps(records, indent=2, default=str) + "\n")
    else:
        _print_rich(table, title, first)


def _print_rich(table: pd.DataFrame, title: str, first: Sequence[str]) -> None:
    import pandas as pd

    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        raise ImportError("tables need rich: pip install 'atc_cy[cli]', or --format csv or json") from None

    table = _with_time_texts(table)
    cells = [
        [cell(name, value) for name, value in zip(table.columns, row, strict=True)]
        for row in table.itertuples(index=False)
    ]
    # A file or a pipe has room for all columns.
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    headers = [printable(str(name)).replace("_", " ") for name in table.columns]
    widths = [
        min(max([0, *(row[column].cell_len for row in cells)]), widest(str(name), console.width))
        for column, name in enumerate(table.columns)
    ]
    order = sorted(
        range(len(headers)),
        key=lambda column: first.index(name) if (name := table.columns[column]) in first else len(first),
    )
    chosen = columns_that_fit(headers, widths, order, console.width)
    if len(chosen) < len(headers):
        headers = [header.replace(" ", "\n") for header in headers]
        chosen = columns_that_fit(headers, widths, order, console.width) or order[:1]
    shown = Table(title=Text(printable(title), "table.title"), box=None, header_style="bold", pad_edge=False)
    for column in chosen:
        name = str(table.columns[column])
        number = pd.api.types.is_numeric_dtype(table[table.columns[column]])
        shown.add_column(
            Text(headers[column]),
            justify="right" if number else "left",
            no_wrap=name != "structure",
            max_width=widest(name, console.width),
        )
    for row in cells:
        shown.add_row(*(row[column] for column in chosen))
    console.print(shown)
    if len(chosen) < len(headers):
        left_out = ", ".join(
            printable(str(name)) for number, name in enumerate(table.columns) if number not in chosen
        )
        console.print(Text(f"The terminal is too narrow for {left_out}; --format csv has all", "dim"))


def _with_time_texts(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns of times as text: dates alone, if all times are at midnight."""
    times = table.select_dtypes(["datetime", "datetimetz"])
    texts = time_texts(time for name in times for time in times[name])
    rows = len(table)
    return table.assign(
        **{str(name): texts[place * rows : (place + 1) * rows] for place, name in enumerate(times)}
    )


def widest(name: str, room: int) -> int:
    """How wide a column may be: symbols and structures leave room for the other columns.

    A longer symbol is cut off; a longer structure continues on the next line.
    """
    if name == "structure" and room < 80:
        return room // 2
    return max(room // 3, 12) if name == "symbol" else room


def columns_that_fit(
    headers: Sequence[str], widths: Sequence[int], order: Sequence[int], width: int
) -> list[int]:
    """The columns that fit next to each other, two spaces between them, in the table's order.

    headers, widths: the header of each column, which may have several lines, and the width of its cells.
    order: the columns, the most important one first.
    """
    widest = [max([widths[column], *map(len, headers[column].split("\n"))]) for column in order]
    count = sum(total - 2 <= width for total in accumulate(cells + 2 for cells in widest))
    return sorted(order[:count])


def cell(name: str, value: Any) -> Text:
    """A value as it is printed in a column of this name."""
    import pandas as pd
    from rich.text import Text

    if pd.isna(value):
        return Text("")
    if name.endswith("_Signal"):
        return Text(f"{value:+.2f}", colour_of(value))
    if name == "direction":
        return Text(value, GOOD if value == "long" else BAD)
    colour = colour_of(value) if name.removeprefix("train_") in SIGNED else ""
    return Text(printable(number_text(name, value)), colour)


def colour_of(number: float) -> str:
    """The colour of a number that is good above 0 and bad below."""
    return GOOD if number > 0 else BAD if number < 0 else ""
