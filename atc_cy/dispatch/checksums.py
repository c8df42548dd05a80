"""Whether kernels' files are as they were installed: a damaged one may end the process that loads it."""

import base64
import hashlib
from contextlib import suppress
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ..config.installed import EXTENSIONS, installed


def altered() -> list[Path]:
    """The extensions of kernels, those of plug-ins too, that differ from what their packages installed.

    A package's list of its files, RECORD, has their checksums. What is built in a source tree has none, and
    is not compared.
    """
    names = {"atc_cy", *(preset.origin.split()[0] for preset in installed().values())}
    folders = {EXTENSIONS, *(preset.folder for preset in installed().values())}
    found = []
    for name in sorted(names):
        with suppress(PackageNotFoundError, OSError, ValueError):  # its list is missing or damaged, too
            for file in distribution(name).files or ():
                path = Path(str(file.locate()))
                if file.hash and path.parent in folders and path.name.endswith(tuple(EXTENSION_SUFFIXES)):
                    digest = hashlib.new(file.hash.mode, path.read_bytes()).digest()
                    if base64.urlsafe_b64encode(digest).decode().rstrip("=") != file.hash.value:
                        found.append(path)
    return found
