"""Tables on the terminal, as CSV and as JSON."""

from __future__ import annotations

import json
import sys
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from rich.text import Text


def print_table(table: pd.DataFrame, format_: str, title: str) -> None:
    """Print a table in one of `options.FORMATS`; the title stands above the one for people."""
    if format_ == "csv":
        print(table.to_csv(index=False, lineterminator="\n"), end="")
    elif format_ == "json":
        records = table.astype(object).where(table.notna(), None).to_dict("records")
        print(json.dumps(records, indent=2, default=str))
    else:
        _print_rich(table, title)


def _print_rich(table: pd.DataFrame, title: str) -> None:
    import pandas as pd

    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        raise ImportError("tables need rich: pip install 'atc_cy[cli]', or --format csv or json") from None

    cells = [
        [_cell(name, value) for name, value in zip(table.columns, row, strict=True)]
        for row in table.itertuples(index=False)
    ]
    # A file or a pipe is as wide as it takes.
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    headers = [name.replace("_", " ") for name in table.columns]
    count = _columns_that_fit(headers, cells, console.width)
    if count < len(headers):
        headers = [header.replace(" ", "\n") for header in headers]
        count = max(_columns_that_fit(headers, cells, console.width), 1)
    shown = Table(title=title, box=None, header_style="bold", pad_edge=False)
    for name, header in zip(table.columns[:count], headers, strict=False):
        number = pd.api.types.is_numeric_dtype(table[name])
        shown.add_column(header, justify="right" if number else "left", no_wrap=True)
    for row in cells:
        shown.add_row(*row[:count])
    console.print(shown)
    if count < len(headers):
        left_out = ", ".join(table.columns[count:])
        console.print(f"The terminal is too narrow for {left_out}; --format csv has all", style="dim")


def _columns_that_fit(headers: list[str], cells: list[list[Text]], width: int) -> int:
    """The first so many; two spaces are between columns."""
    widest = [
        max([len(word) for word in header.split("\n")] + [row[i].cell_len for row in cells])
        for i, header in enumerate(headers)
    ]
    return sum(total - 2 <= width for total in accumulate(cells + 2 for cells in widest))


def _cell(name: str, value: Any) -> Text:
    import pandas as pd
    from rich.text import Text

    if pd.isna(value):
        return Text("")
    if name.endswith("_Signal"):
        return Text(f"{value:+.2f}", "green" if value > 0 else "red" if value < 0 else "")
    if name == "mean_equity":
        return Text(f"{value:.4f}")
    if name == "direction":
        return Text(value, "green" if value == "long" else "red")
    return Text(f"{value:.10g}" if isinstance(value, float) else str(value))
