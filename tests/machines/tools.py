"""What compiles for other machines and runs their programs, installed by name where that can be done."""

import importlib.util
import os
import shutil
import subprocess
import sysconfig
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

KEPT = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "atc-cy-machines"
"""Kept between runs: Windows' headers, and what zig has compiled of C libraries."""
KEY = "/usr/share/keyrings/debian-archive-keyring.gpg"


class MissingError(Exception):
    """A tool is not there; the message says which, and how it is had."""


def run(*command: object, **variables: str) -> str:
    """What a command prints; SystemExit with its errors if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, env={**os.environ, **variables}, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def can_install() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0


@cache
def install(package: str) -> str:
    """Install a package, if this is Debian and we may; returns what went wrong."""
    if not can_install():
        return ""
    try:
        run("apt-get", "update", "-q")
        run("apt-get", "install", "-y", "-q", package, DEBIAN_FRONTEND="noninteractive")
    except SystemExit as error:
        return f", which failed ({str(error).splitlines()[-1]})"
    return ""


def from_debian(name: str, package: str) -> str:
    """The path of a program, whose package is installed if it can be."""
    problem = "" if shutil.which(name) else install(package)
    found = shutil.which(name)
    if found is None:
        raise MissingError(f"{name} is missing: apt install {package}{problem}")
    return found


@cache
def zig() -> Path:
    """The folder of zig: clang with the headers and libraries of many systems."""
    found = importlib.util.find_spec("ziglang")
    if found is None or found.origin is None:
        raise MissingError("ziglang is missing: pip install ziglang")
    os.environ.setdefault("ZIG_GLOBAL_CACHE_DIR", str(KEPT / "zig"))
    return Path(found.origin).parent


@cache
def program(name: str) -> str:
    """A program of this machine, which is not installed."""
    found = shutil.which(name)
    if found is None:
        raise MissingError(f"{name} is missing: apt install {name}")
    return found


@cache
def headers() -> Path:
    """CPython's headers for this machine. Others' differ in pyconfig.h, which matters on Windows alone."""
    return Path(sysconfig.get_path("include"))


@contextmanager
def apt(folder: Path, kind: str, *options: str) -> Iterator[tuple[str, ...]]:
    """apt-get with lists of its own, of Debian's main packages ("deb") or their sources ("deb-src")."""
    if shutil.which("apt-get") is None:
        raise MissingError("apt-get is missing, so Debian's packages cannot be had")
    lists = folder / "lists"
    lists.mkdir()
    sources = folder / "sources.list"
    sources.write_text(
        f"{kind} [signed-by={KEY}] http://deb.debian.org/debian bookworm main\n", encoding="ascii"
    )
    command = ("apt-get", "-q", "-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=-")
    command += ("-o", f"Dir::State::lists={lists}", *options)
    try:
        run(*command, "update")
        yield command
    except SystemExit as error:
        raise MissingError(f"Debian's packages cannot be had ({str(error).splitlines()[-1]})") from None
    finally:
        shutil.rmtree(lists)


@cache
def windows_headers() -> Path:
    """CPython's headers for Windows, from Debian's package of CPython's source."""
    kept = KEPT / "windows"
    if kept.exists():
        return kept
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=KEPT))
    with apt(folder, "deb-src") as command:
        run("sh", "-ec", 'cd "$0" && exec "$@"', folder, *command, "source", "--download-only", "python3.11")
    (packed,) = folder.glob("*.orig.tar.*")
    with tarfile.open(packed) as tar:
        for member in tar:
            name = member.name.partition("/")[2]
            if member.isfile() and (name == "PC/pyconfig.h" or name.startswith("Include/")):
                member.name = name.partition("/")[2]
                tar.extract(member, folder, filter="data")
    packed.unlink()
    folder.chmod(0o755)
    return folder.rename(kept)
