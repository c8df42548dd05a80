"""The page that a command writes: its options, and how it is written and opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.atomic import check_folder
from .console import open_page, temporary_page

if TYPE_CHECKING:
    import argparse

    from ..charts.document import Page


def add_page_options(group: Any) -> None:
    """Add them to a command, or a group of its options."""
    group.add_argument("-o", "--output", type=Path, metavar="HTML", help="the page to write")
    group.add_argument(
        "--open",
        action="store_true",
        help="open the page in the browser; without -o, in a temporary folder",
    )


def page_wanted(options: argparse.Namespace) -> bool:
    """Whether there is to be a page; refuse one that cannot be written, before anything is computed."""
    if options.output is not None:
        if options.output.suffix.lower() != ".html":
            options.usage(f"{options.output} must end in .html")
        check_folder(options.output)
    return options.output is not None or options.open


def write_page(options: argparse.Namespace, page: Page, name: str) -> None:
    """Write the page, and open it if that is wanted; one in a temporary folder has this name."""
    path = options.output or temporary_page(name)
    page.save(path)
    if options.open:
        open_page(path)
