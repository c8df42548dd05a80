"""Locks between processes, and files that are replaced."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest

from atc_cy.files import locks
from atc_cy.files.atomic import move, replacing, write
from atc_cy.files.hidden import beside
from atc_cy.files.locks import LockFile, lock

HOLD = """
import sys
from pathlib import Path
from atc_cy.files.locks import LockFile
held = LockFile(Path(sys.argv[1]))
held.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "state"
    command = [sys.executable, "-c", HOLD, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    mine = LockFile(path)
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError):
            mine.acquire()
        process.kill()
    mine.acquire()  # what a process leaves that was killed locks nothing
    mine.acquire()
    mine.release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_of_a_file_that_was_removed_is_none(tmp_path: Path) -> None:
    """Whoever had it has removed it after it was opened here: another one may have made a new one."""
    path = tmp_path / "state"
    first, second, third = LockFile(path), LockFile(path), LockFile(path)
    first.acquire()
    first.release()
    with beside(path, ".lock").open("ab") as file:
        beside(path, ".lock").unlink()
        assert not second._is_there(file)
    second.acquire()
    with pytest.raises(BlockingIOError):
        third.acquire()
    second.release()


def test_a_lock_file_that_is_removed_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state"
    held, locked = LockFile(path), []

    def lock_late(file: "IO[bytes]", *, wait: bool) -> None:
        lock(file, wait=wait)
        if not locked:
            beside(path, ".lock").unlink()
        locked.append(file)

    held.release()  # it has none yet
    monkeypatch.setattr(locks, "lock", lock_late)
    held.acquire()
    assert [file.closed for file in locked] == [True, False]
    assert beside(path, ".lock").exists()
    beside(path, ".lock").unlink()
    held.release()
    assert locked[1].closed


def test_a_lock_file_that_cannot_be_removed_while_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    held = LockFile(tmp_path / "state")
    held.acquire()
    opened, real = held._file, Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        assert opened is not None
        if not opened.closed:
            raise PermissionError(13, "it is open")
        real(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    held.release()
    assert list(tmp_path.iterdir()) == []


def test_waiting_for_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("ab") as first, path.open("ab") as second:
        lock(first)
        with pytest.raises(BlockingIOError):
            lock(second, wait=False)
        threading.Timer(0.1, first.close).start()
        begun = time.monotonic()
        lock(second)
        assert time.monotonic() - begun > 0.05


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "no" / "state"
    with pytest.raises(FileNotFoundError) as raised:
        LockFile(path).acquire()
    assert raised.value.filename == str(path)


@pytest.mark.parametrize("name", ["x" * 255, "ß" * 127, "bars.csv"])
def test_long_names(name: str, tmp_path: Path) -> None:
    """A hidden file beside it has a shorter one."""
    path = tmp_path / name
    with replacing(path) as part:
        part.write_bytes(b"1")
    write(path, b"2")
    held = LockFile(path)
    held.acquire()
    held.release()
    assert path.read_bytes() == b"2"
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_a_file_that_another_program_has_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows does not replace it: it is tried again for a while."""
    tries = []
    real = os.replace

    def refuse(self: Path, target: Path) -> None:
        tries.append(target)
        if len(tries) < 3:
            raise PermissionError(13, "Access is denied", str(self))
        real(self, target)

    part, path = tmp_path / "part", tmp_path / "path"
    part.write_bytes(b"new")
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", refuse)
    move(part, path)
    assert path.read_bytes() == b"new"
    part.write_bytes(b"newer")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "denied")))
    with pytest.raises(PermissionError, match="if another program has the file open, close it") as raised:
        move(part, path)
    assert raised.value.filename == str(path)


def test_a_system_without_fcntl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows is."""
    assert not locks.holds_files()
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert locks.holds_files()
    waits: list[bool] = []
    monkeypatch.setattr(locks, "_lock_byte", lambda _, wait: waits.append(wait))
    with (tmp_path / "x").open("wb") as file:
        lock(file)
        lock(file, wait=False)
    assert waits == [True, False]


def test_a_byte_is_locked_where_nobody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    refusals = [errno.EACCES, errno.EDEADLK, errno.EACCES, errno.ENOSPC]
    places = []

    def locking(number: int, _: int, size: int) -> None:
        places.append((os.lseek(number, 0, os.SEEK_CUR), size))
        if refusals:
            raise OSError(refusals.pop(0), "refused")

    windows = SimpleNamespace(LK_NBLCK=2, locking=locking)
    monkeypatch.setattr(locks, "import_module", lambda _: windows)
    sleeps: list[float] = []
    monkeypatch.setattr(locks.time, "sleep", sleeps.append)
    with (tmp_path / "x").open("wb+") as file:
        file.write(b"123")
        file.flush()
        with pytest.raises(BlockingIOError):
            locks._lock_byte(file, False)
        with pytest.raises(OSError, match="refused"):
            locks._lock_byte(file, True)
        locks._lock_byte(file, True)
        assert file.tell() == os.lseek(file.fileno(), 0, os.SEEK_CUR) == 3
    assert places == [(2**31 - 2, 1)] * 5
    assert sleeps == [locks._SECONDS_BETWEEN_TRIES] * 2
