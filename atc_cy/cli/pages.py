"""The page that a command writes, or a picture of it: the options, and how they are written and opened."""

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
    """Whether there is to be a page or a picture; refuse what cannot be written, before all is computed."""
    for path, suffix in ((options.output, ".html"), (options.png, ".png")):
        if path is not None:
            if path.suffix.lower() != suffix:
                options.usage(f"{path} must end in {suffix}")
            check_folder(path)
    return options.output is not None or options.png is not None or options.open


def write_page(options: argparse.Namespace, page: Page, name: str) -> None:
    """Write the page and the picture, as far as they are wanted, and open the page if that is.

    A page in a temporary folder has the name.
    """
    if options.open and options.output is None:
        options.output = temporary_page(name)
    for path in (options.output, options.png):
        if path is not None:
            page.save(path)
    if options.open:
        open_page(options.output)
