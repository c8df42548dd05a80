"""Files that are replaced safely: a crash leaves the old file or the new one, whole.

A link stays a link: its target is replaced. The new file has the mode, owner and group of the old one. A pipe
or a device cannot be replaced: it is written to, or refused.
"""

import errno
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from uuid import uuid4

from .hidden import beside
from .locks import holds_files, lock

_PATIENCE = 1.0
"""How many seconds to try again while another program, such as a virus scanner, has the file open."""
_OPEN_ALREADY = ("/dev/fd/", "/dev/stdout", "/dev/stderr", "/proc/")
"""The beginnings of paths of open files: even a plain file must not be replaced through them."""
_KINDS = {
    stat.S_ISFIFO: "a pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


def write(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that a crash of the process or the machine leaves the old one or the new one.

    Raises
    ------
    ValueError
        The path is a pipe or a device.
    OSError
        It cannot be written; the error names it.
    """
    target = replaced(path)
    with _replacing(target) as part:
        part.write_bytes(data)
        fsync(part)
    fsync(target.parent)


@contextmanager
def replacing(path: Path, *, through: bool = False) -> Iterator[Path]:
    """Yield a new file next to `path`; it replaces `path` when the block ends, and is removed if that fails.

    through: whether `path` may be a pipe or a device, which is then written to when the block ends.

    Raises
    ------
    ValueError
        The path is a pipe or a device, and `through` is false.
    OSError
        It cannot be written; the error names it.
    """
    if not through or _kind(path) is None:
        with _replacing(replaced(path)) as part:
            yield part
        return
    with TemporaryDirectory(prefix="atc-cy-") as folder, _named(path, Path(folder)):
        part = Path(folder) / f"part{path.suffix}"
        yield part
        with part.open("rb") as file, path.open("ab") as opened:
            shutil.copyfileobj(file, opened)


def replaced(path: str | os.PathLike[str]) -> Path:
    """The file that is replaced if `path` is replaced: the target of a link, or `path` itself.

    Raises
    ------
    ValueError
        The path is a pipe or a device.
    OSError
        The path is a folder, or a link to itself.
    """
    target = Path(path)
    kind = _kind(target)
    if kind is not None:
        raise ValueError(f"{target} is {kind}, and not a file: give the path of a file")
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    return Path(os.path.realpath(target)) if target.is_symlink() else target


def _kind(path: Path) -> str | None:
    """What the path is, such as a pipe; None: a plain file, a folder or nothing."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    # As far as links lead: /dev/stdout itself is one, to a file under /proc.
    if any(str(step).startswith(_OPEN_ALREADY) for step in (path, *_links(path))):
        return "a file that a process has open"
    return next((kind for is_kind, kind in _KINDS.items() if is_kind(mode)), None)


def _links(path: Path) -> Iterator[Path]:
    """The files to which a link leads, one after the other."""
    while path.is_symlink():
        path = path.parent / path.readlink()
        yield path


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Do what `replacing` does where `path` is a plain file or does not exist."""
    check_folder(path)
    if path.exists() and not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    part = beside(path, f".{uuid4().hex}.part")
    with _named(path, part), _locked(part, path) as file:
        try:
            _remove_left(path)
            yield part
            _keep_mode_and_owner(part, path)
            if holds_files():
                file.close()
            move(part, path)
        finally:
            file.close()
            part.unlink(missing_ok=True)


def _locked(part: Path, path: Path) -> IO[bytes]:
    """A new file, locked while it is written. Other users cannot read it before it has the mode of `path`."""
    mode = 0o600 if path.exists() else 0o666
    file = os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode), "r+b")
    lock(file)
    return file


def _remove_left(path: Path) -> None:
    """Remove the unlocked parts of `path`: killed processes have left them."""
    longest = beside(path, f".{uuid4().hex}.part").name
    beginning = longest[: -len(f"{uuid4().hex}.part")]
    with os.scandir(path.parent) as entries:
        left = [entry for entry in entries if len(entry.name) == len(longest)]
    for entry in left:
        if entry.name.startswith(beginning) and entry.name.endswith(".part"):
            with suppress(OSError), open(entry.path, "r+b") as file:
                lock(file, wait=False)
                if holds_files():
                    file.close()
                os.unlink(entry.path)


def _keep_mode_and_owner(part: Path, path: Path) -> None:
    """Give the new file the mode, owner and group of the old one, as far as the system lets this user."""
    try:
        old = path.stat()
    except FileNotFoundError:
        return
    new = part.stat()
    if hasattr(os, "chown") and (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        for owner in (old.st_uid, -1):
            with suppress(PermissionError):
                os.chown(part, owner, old.st_gid)
                break
    part.chmod(stat.S_IMODE(old.st_mode))


def move(part: Path, path: Path) -> None:
    """Put a complete file in the place of another one.

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
    """Make a file's bytes, or a folder's names, survive a failure of the machine."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return  # on Windows, where a folder cannot be opened; NTFS saves names by itself
    opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def check_folder(path: Path) -> None:
    """Refuse a file whose folder is missing; otherwise the error would name the hidden file next to it."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))


@contextmanager
def _named(path: Path, hidden: Path) -> Iterator[None]:
    """Make errors of the system name the file that the user knows, rather than the hidden one or none."""
    try:
        yield
    except OSError as error:
        of_hidden = error.filename is None or str(error.filename).startswith(str(hidden))
        if error.errno is None or not of_hidden:
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from None
