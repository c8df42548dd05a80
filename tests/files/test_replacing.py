"""What becomes of what is there when a file is written: links, devices, pipes, modes; and of kills."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from support.commands import atc_cy
from support.price_files import CLOSE, write_csv

import atc_cy as package
from atc_cy.files import atomic
from atc_cy.files.atomic import move, replaced, replacing, write
from atc_cy.files.hidden import beside
from atc_cy.files.locks import lock

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")

Writer = Callable[[Path], object]


def stream(path: Path) -> None:
    package.Stream().save(path)


def config(path: Path) -> None:
    package.ATCConfig(La=0.05).save(path)


def compute(path: Path) -> None:
    atc_cy("compute", write_csv(path.parent / "prices.csv"), "-o", path)


def chart(path: Path) -> None:
    package.chart(CLOSE).save(path)


def datasets(path: Path) -> None:
    atc_cy("datasets", "USD", "-o", path)


def results(path: Path) -> None:
    package.sweep(np.array(CLOSE), {"La": [0.02]}, results=path)


def state(path: Path) -> None:
    feed = path.parent / "feed.csv"
    feed.write_text("time,close\n1,2\n2,3\n")
    atc_cy("watch", feed, "--state", path, "-o", path.parent / "events")


WRITERS = {
    **{"stream.atc": stream, "config.toml": config, "state": state},
    **{
        "out.csv": compute,
        "out.parquet": compute,
        "out.xlsx": compute,
        "chart.html": chart,
        "USD.csv": datasets,
    },
}
FILES = [name for name in WRITERS if name not in ("stream.atc", "config.toml", "state")]
each = pytest.mark.parametrize("name", WRITERS)


@each
def test_the_target_of_a_link_is_replaced(name: str, tmp_path: Path) -> None:
    target, link = tmp_path / "elsewhere" / name, tmp_path / name
    target.parent.mkdir()
    link.symlink_to(Path("elsewhere") / name)
    for _ in range(2):  # at first it points to nothing
        WRITERS[name](link)
        assert link.is_symlink()
        assert target.stat().st_size > 0
        target.write_bytes(b"") if name != "state" else target.unlink()
    assert [path.name for path in target.parent.iterdir() if path.name != name] == []


@each
def test_mode_and_owner_are_kept(name: str, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = tmp_path / name
        WRITERS[name](path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        if os.geteuid() == 0:
            os.chown(path, 12, 34)
        WRITERS[name](path)
        found = path.stat()
        assert stat.S_IMODE(found.st_mode) == 0o604
        assert os.geteuid() != 0 or (found.st_uid, found.st_gid) == (12, 34)
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", FILES)
def test_a_fifo_is_written_through(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    fifo = tmp_path / "pipe" / name
    fifo.parent.mkdir()
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    WRITERS[name](fifo)
    reader.join()
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert read[0][:2] == b"PK" if name == "out.xlsx" else read == [whole]  # it has the time of writing
    assert {path.name for path in fifo.parent.iterdir()} <= {name, "prices.csv"}


def device(name: str, folder: Path) -> Path:
    """A device of the same kind as that in /dev, which a wrong program would replace if root runs it."""
    known, own = Path("/dev") / name, folder / name
    if os.geteuid() != 0:
        return known
    try:
        os.mknod(own, 0o666 | stat.S_IFCHR, known.stat().st_rdev)
        own.open("rb").close()
    except PermissionError:
        pytest.skip("this system does not allow a device in this folder")
    return own


def test_a_device_is_written_through(tmp_path: Path) -> None:
    link = tmp_path / "null.csv"
    link.symlink_to(device("null", tmp_path))
    compute(link)
    assert stat.S_ISCHR(link.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system has no /dev/fd")
def test_an_open_file_is_written_through(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    command = 'atc=$1; shift; "$atc" -P -m atc_cy datasets USD -o "$2" > "$1"; echo rest >> "$1"'
    named = tmp_path / "stdout.csv"
    named.symlink_to("/dev/stdout")
    subprocess.run(["sh", "-c", command, "sh", sys.executable, output, named], check=True)
    assert output.read_text() == atc_cy("datasets", "USD").stdout + "rest\n"
    assert named.is_symlink()


@pytest.mark.parametrize("name", ["stream.atc", "config.toml", "state", "results"])
def test_what_must_be_a_file(name: str, tmp_path: Path) -> None:
    fifo = tmp_path / name
    os.mkfifo(fifo)
    writer = {**WRITERS, "results": results}[name]
    if name == "state":
        feed = tmp_path / "feed.csv"
        feed.write_text("time,close\n1,2\n")
        message = atc_cy("watch", feed, "--state", fifo, code=1).stderr
    else:
        with pytest.raises(ValueError, match="is a pipe") as raised:
            writer(fifo)
        message = str(raised.value)
    assert f"{fifo} is a pipe, and not a file: give the path of a file" in message
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(IsADirectoryError) as raised:
        stream(tmp_path / "x.csv")
    assert raised.value.filename == str(tmp_path / "x.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder of a user who is not root, who may write every file."""
    before = os.geteuid()
    with TemporaryDirectory() as folder:
        if before == 0:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            os.seteuid(before)


def test_a_file_that_must_not_be_written(nobody: Path) -> None:
    path = nobody / "x"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError) as raised, replacing(path):
        pytest.fail("the work has begun")
    assert raised.value.filename == str(path)
    assert path.read_bytes() == b"old"


def test_a_link_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.symlink_to(path)
    with pytest.raises(OSError, match="symbolic links") as raised:
        stream(path)
    assert raised.value.filename == str(path)


KILLED = """
import os, signal, sys
from pathlib import Path
from atc_cy.files.atomic import replacing
with replacing(Path(sys.argv[1])) as part:
    part.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("name", ["x", "n" * 255])
def test_the_next_one_removes_what_a_killed_one_left(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
        assert done.returncode == -signal.SIGKILL
    assert len([*tmp_path.iterdir()]) == 1  # each removed that of the one before
    other = tmp_path / ".y.part"
    other.write_bytes(b"of somebody else")
    with replacing(path) as mine:
        mine.write_bytes(b"2")
        write(path, b"1")  # meanwhile: it leaves the one that is being written
    assert path.read_bytes() == b"2"
    assert {found.name for found in tmp_path.iterdir()} == {name, other.name}


def test_an_error_names_the_file_that_the_user_knows(tmp_path: Path) -> None:
    """A disk that is full names the hidden file, or none."""
    path = tmp_path / "x.csv"
    for hidden in (True, False):
        with pytest.raises(OSError, match="No space") as raised, replacing(path) as part:
            raise OSError(28, "No space left on device", *([str(part)] if hidden else []))
        assert raised.value.filename == str(path)
    assert [*tmp_path.iterdir()] == []
    full = device("full", tmp_path)
    path.symlink_to(full)
    message = atc_cy("datasets", "USD", "-o", path, code=1).stderr
    assert message == f"atc-cy: {path}: no space left on device\n"


def test_a_device_is_refused_unless_it_is_asked_for(tmp_path: Path) -> None:
    null = device("null", tmp_path)
    with pytest.raises(ValueError, match="null is a device, and not a file"), replacing(null):
        pytest.fail("the work has begun")
    with replacing(null, through=True) as part:
        part.write_bytes(b"1")
    assert stat.S_ISCHR(null.stat().st_mode)
    (tmp_path / "x").write_bytes(b"old")
    with replacing(tmp_path / "x", through=True) as part:
        part.write_bytes(b"1")
    assert (tmp_path / "x").read_bytes() == b"1"


def test_a_file_is_synced_and_then_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl: Any = pytest.importorskip("fcntl")
    synced: list[tuple[bool, bool]] = []

    def sync(number: int) -> None:
        # Windows syncs no file that is open for reading alone.
        writable = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_RDWR == os.O_RDWR
        synced.append((stat.S_ISDIR(os.fstat(number).st_mode), writable))

    monkeypatch.setattr(os, "fsync", sync)
    write(tmp_path / "x", b"1")
    assert synced == [(False, True), (True, False)]


def test_no_open_file_is_replaced_or_removed_where_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows; what is closed has no lock."""

    def closed_first(change: Callable[..., None]) -> Callable[..., None]:
        def changed(path: Path, *others: Path) -> None:
            with open(path, "r+b") as file:
                lock(file, wait=False)
            change(path, *others)

        return changed

    monkeypatch.setattr(atomic, "holds_files", lambda: True)
    monkeypatch.setattr(atomic, "move", closed_first(atomic.move))
    monkeypatch.setattr(os, "unlink", closed_first(os.unlink))
    beside(tmp_path / "x", f".{'0' * 32}.part").write_bytes(b"of a process that was killed")
    write(tmp_path / "x", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_file_is_private_and_locked_until_it_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def locked(part: Path, path: Path) -> None:
        with open(part, "r+b") as file, pytest.raises(BlockingIOError):
            lock(file, wait=False)
        move(part, path)

    def unlink(path: str) -> None:
        with open(path, "r+b") as file, pytest.raises(BlockingIOError):
            lock(file, wait=False)
        removed.append(path)

    removed: list[str] = []
    left = beside(tmp_path / "x", f".{'0' * 32}.part")
    left.write_bytes(b"of a process that was killed")
    monkeypatch.setattr(atomic, "move", locked)
    monkeypatch.setattr(os, "unlink", unlink)
    before = os.umask(0)
    try:
        for content in (b"1", b"2"):
            with replacing(tmp_path / "x") as part:
                seen.append(stat.S_IMODE(part.stat().st_mode))
                part.write_bytes(content)
            seen.append(stat.S_IMODE((tmp_path / "x").stat().st_mode))
    finally:
        os.umask(before)
    assert seen == [0o666, 0o666, 0o600, 0o666]
    assert (tmp_path / "x").read_bytes() == b"2"
    assert removed == [str(left)] * 2


def test_what_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert replaced("x") == Path("x")
    (tmp_path / "link").symlink_to("x")
    assert replaced("link") == tmp_path.resolve() / "x"
    with pytest.raises(IsADirectoryError) as raised:
        replaced(tmp_path)
    assert raised.value.filename == str(tmp_path)
    with (
        pytest.raises(FileNotFoundError, match="there is no such folder") as missing,
        replacing(tmp_path / "none" / "x"),
    ):
        pytest.fail("the work has begun")
    assert missing.value.filename == str(tmp_path / "none")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system has no /dev/fd")
def test_an_open_file_is_no_file_to_replace(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        link = tmp_path / "link"
        link.symlink_to(f"/dev/fd/{file.fileno()}")
        for path in (link, link.readlink()):
            with pytest.raises(ValueError, match=f"{path} is a file that a process has open, and not a file"):
                replaced(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize(
    ("refused", "expected"),
    [(set(), [(12, 34)]), ({12}, [(12, 34), (-1, 34)]), ({12, -1}, [(12, 34), (-1, 34)])],
)
def test_the_group_is_kept_where_the_owner_cannot_be(
    refused: set[int], expected: list[tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []

    def chown(_: Path, owner: int, group: int) -> None:
        asked.append((owner, group))
        if owner in refused:
            raise PermissionError

    write(tmp_path / "x", b"1")
    os.chown(tmp_path / "x", 12, 34)
    monkeypatch.setattr(os, "chown", chown)
    write(tmp_path / "x", b"2")
    assert asked == expected


def test_what_cannot_be_moved_to_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part").write_bytes(b"1")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "denied")))
    with pytest.raises(PermissionError, match=r"denied$"):
        move(tmp_path / "part", tmp_path / "x")


def test_files_that_are_no_parts_of_it_stay(tmp_path: Path) -> None:
    part = beside(tmp_path / "x", f".{'0' * 32}.part").name
    others = {part[:-1] + "s", ".y" + part[2:], beside(tmp_path / "x.y", f".{'0' * 32}.part").name}
    for name in (part, *others):
        (tmp_path / name).write_bytes(b"1")
    write(tmp_path / "x", b"2")
    assert {path.name for path in tmp_path.iterdir()} == {"x", *others}


def test_each_try_to_move_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals, waits = [1, 2], list[float]()

    def replace(*_: Path) -> None:
        if refusals:
            refusals.pop()
            raise PermissionError(13, "denied")

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(atomic.time, "sleep", waits.append)
    (tmp_path / "x").write_bytes(b"1")
    move(tmp_path / "part", tmp_path / "x")
    assert len(waits) == 2


@pytest.mark.parametrize("error", [OSError("spoilt"), OSError(2, "missing", "/another")], ids=repr)
def test_an_error_of_something_else_stays(error: OSError, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"spoilt|missing") as raised, replacing(tmp_path / "x"):
        raise error
    assert raised.value is error


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system has no /dev/fd")
def test_what_was_synced_is_closed(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    atomic.fsync(tmp_path)
    assert len(os.listdir("/dev/fd")) == before
