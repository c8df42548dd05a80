"""Tables on the terminal, as CSV and as JSON."""

import json
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from rich.text import Text

FORMATS = ("table", "csv", "json")


def print_table(table: pd.DataFrame, format_: str, title: str) -> None:
    if format_ == "csv":
        print(table.to_csv(index=False), end="")
    elif format_ == "json":
        records = table.astype(object).where(table.notna(), None).to_dict("records")
        print(json.dumps(records, indent=2, default=str))
    else:
        _print_rich(table, title)


def _print_rich(table: pd.DataFrame, title: str) -> None:
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        raise ImportError("tables need rich: pip install 'atc_cy[cli]', or --format csv or json") from None

    shown = Table(title=title, box=None, header_style="bold", pad_edge=False)
    for name in table.columns:
        number = pd.api.types.is_numeric_dtype(table[name])
        shown.add_column(name.replace("_", " "), justify="right" if number else "left", no_wrap=True)
    for row in table.itertuples(index=False):
        shown.add_row(*(_cell(name, value) for name, value in zip(table.columns, row, strict=True)))
    Console(width=None if sys.stdout.isatty() else 200).print(shown)


def _cell(name: str, value: Any) -> "Text":
    from rich.text import Text

    if pd.isna(value):
        return Text("")
    if name.endswith("_Signal"):
        return Text(f"{value:+.2f}", "green" if value > 0 else "red" if value < 0 else "")
    if name == "direction":
        return Text(value, "green" if value == "long" else "red")
    return Text(f"{value:.10g}" if isinstance(value, float) else str(value))
