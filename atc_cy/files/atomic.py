"""Files that are replaced safely: a crash leaves the old file or the new one, whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4


def write(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that a crash of the process or the machine leaves the old one or the new one."""
    target = Path(path)
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(target)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(file.name).unlink()
            raise
    fsync(target.parent)


def fsync(path: Path) -> None:
    """Have a file, or a folder's names, outlast a failure of the machine."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write beside `path`: it takes its place when the block ends, and is gone if it fails."""
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
