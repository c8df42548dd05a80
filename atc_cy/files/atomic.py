"""Files that are replaced safely: a crash leaves the old file or the new one, whole."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4

_LONGEST_NAME = 255
"""Bytes of a file's name, on all common file systems."""
_PATIENCE = 1.0
"""Seconds for which a file that another program has open is tried again: virus scanners look at new ones."""


def write(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that a crash of the process or the machine leaves the old one or the new one."""
    target = Path(path)
    check_folder(target)
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=".", suffix=".part", delete=False) as file:
            part = Path(file.name)
    except OSError as error:
        raise _named(error, target) from None
    try:
        write_by(part, target, data)
    finally:
        part.unlink(missing_ok=True)


def write_by(part: Path, path: Path, data: bytes) -> None:
    """The same, by a file of a name that is given, in the same folder; it is left if this fails."""
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    move(part, path)
    fsync(path.parent)


def move(part: Path, path: Path) -> None:
    """Put a file that is complete in the place of another.

    Raises
    ------
    PermissionError
        Windows does not replace a file that a program has open.
    """
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            part.replace(path)
            return
        except PermissionError as error:
            if not path.is_file():
                raise
            if time.monotonic() > end:
                problem = f"{error.strerror}; if another program has the file open, close it"
                raise PermissionError(error.errno, problem, str(path)) from None
        time.sleep(_PATIENCE / 20)


def fsync(path: Path) -> None:
    """Have a file, or a folder's names, outlast a failure of the machine."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return  # on Windows, where a folder cannot be opened; NTFS writes names down by itself
    opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write beside `path`: it takes its place when the block ends, and is gone if it fails."""
    check_folder(path)
    part = beside(path, f".{uuid4().hex}")
    try:
        yield part
        move(part, path)
    except OSError as error:
        if error.filename == str(part):
            raise _named(error, path) from None
        raise
    finally:
        part.unlink(missing_ok=True)


def _named(error: OSError, path: Path) -> OSError:
    """The same error, of the file that the user knows."""
    return type(error)(error.errno, error.strerror, str(path))


def check_folder(path: Path) -> None:
    """Refuse a file whose folder is missing, before an error names the hidden one beside it."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))


def beside(path: Path, ending: str) -> Path:
    """A hidden file in the same folder, named after a file as far as that leaves room for the ending.

    >>> beside(Path("bars.csv"), ".lock").name
    '.bars.csv.lock'
    """
    name = f".{path.name}{ending}"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = f".{sha256(os.fsencode(path.name)).hexdigest()[:32]}{ending}"
    return path.with_name(name)
