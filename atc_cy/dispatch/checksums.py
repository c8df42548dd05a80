"""Compares the files of kernels with their checksums, because a damaged file may crash the process."""

import base64
import hashlib
from contextlib import suppress
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ..config.installed import EXTENSIONS, installed


def altered() -> list[Path]:
    """The extensions, also of plug-ins, that differ from those that their packages installed.

    The checksums are in RECORD, the list of a package's files. Extensions that were built in a source tree
    have no checksum and are not compared.
    """
    names = {"atc_cy", *(preset.origin.split()[0] for preset in installed().values())}
    folders = {EXTENSIONS, *(preset.folder for preset in installed().values())}
    found = []
    for name in sorted(names):
        with suppress(PackageNotFoundError, OSError, ValueError):  # no package, or a damaged RECORD
            for file in distribution(name).files or ():
                path = Path(str(file.locate()))
                if file.hash and path.parent in folders and path.name.endswith(tuple(EXTENSION_SUFFIXES)):
                    digest = hashlib.new(file.hash.mode, path.read_bytes()).digest()
                    if base64.urlsafe_b64encode(digest).decode().rstrip("=") != file.hash.value:
                        found.append(path)
    return found
