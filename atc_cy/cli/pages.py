"""The page that a command writes, or a picture of it: its options, and how it is written and opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.atomic import check_folder
from .console import open_page, temporary_page

if TYPE_CHECKING:
    import argparse

    from ..charts.document import Page


def add_page_options(group: Any) -> None:
    """Add the options of a page to a command, or to a group of its options."""
    group.add_argument("-o", "--output", type=Path, metavar="HTML", help="page to write")
    group.add_argument(
        "--open",
        action="store_true",
        help="open the page in the browser; without -o, it is written to a temporary folder",
    )
    group.add_argument(
        "--png", type=Path, metavar="PNG", help="the picture to write; needs Chrome, Chromium or Edge"
    )


def page_wanted(options: argparse.Namespace) -> bool:
    """Whether a page or a picture is wanted; refuse a path that cannot be written before computing."""
    for path, suffix in ((options.output, ".html"), (options.png, ".png")):
        if path is not None:
            if path.suffix.lower() != suffix:
                options.usage(f"{path} must end in {suffix}")
            check_folder(path)
    return options.output is not None or options.png is not None or options.open


def write_page(options: argparse.Namespace, page: Page, name: str) -> None:
    """Write the page and the picture if they are wanted, and open the page if that is wanted.

    name: the name of a page in a temporary folder.
    """
    if options.open and options.output is None:
        options.output = temporary_page(name)
    for path in (options.output, options.png):
        if path is not None:
            page.save(path)
    if options.open:
        open_page(options.output)
