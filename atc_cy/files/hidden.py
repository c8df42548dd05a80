"""Hidden files next to a file of the user: what they are called."""

import os
from hashlib import sha256
from pathlib import Path

_LONGEST_NAME = 255
"""Bytes of a file's name, on all common file systems."""


def beside(path: Path, ending: str) -> Path:
    """A hidden file in the same folder, named after a file as far as that leaves room for the ending.

    >>> beside(Path("bars.csv"), ".lock").name
    '.bars.csv.lock'
    """
    name = f".{path.name}{ending}"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = f".{sha256(os.fsencode(path.name)).hexdigest()[:32]}{ending}"
    return path.with_name(name)
