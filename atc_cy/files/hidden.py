"""The names of hidden files next to a file of the user."""

import os
from hashlib import sha256
from pathlib import Path

_LONGEST_NAME = 255
"""The longest name of a file in bytes, on all common file systems."""


def beside(path: Path, ending: str) -> Path:
    """A hidden file in the same folder, named after a file if the name leaves room for the ending.

    >>> beside(Path("bars.csv"), ".lock").name
    '.bars.csv.lock'
    """
    name = f".{path.name}{ending}"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = f".{sha256(os.fsencode(path.name)).hexdigest()[:32]}{ending}"
    return path.with_name(name)
