"""A source distribution whose bytes depend only on the sources, used by setup.py."""

import gzip
import os
import tarfile
from pathlib import Path
from typing import Any

from setuptools.command.sdist import sdist

_1980 = 315532800
"""The time if none is given: wheels cannot have an earlier one, and an sdist has the time of its wheel."""


class same_sdist(sdist):
    """`sdist` without traces of this machine: names in order, no owner, one time, and the modes of git.

    The time is that of `SOURCE_DATE_EPOCH`, in seconds since 1970; 1980 if it is not set.
    """

    def make_archive(self, base_name: Any, format: str, *_: Any, base_dir: Any = None, **__: Any) -> str:  # noqa: A002
        """Archive the folder `base_dir`. Formats other than `gztar` are refused."""
        if format != "gztar":
            raise ValueError(f"format={format!r} is not supported: give gztar")
        self._time = int(os.environ.get("SOURCE_DATE_EPOCH", _1980))
        path = f"{base_name}.tar.gz"
        with (
            open(path, "wb") as file,
            gzip.GzipFile("", "wb", 9, file, mtime=self._time) as zipped,
            tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for each in sorted(path for path in Path(base_dir).rglob("*") if path.is_file()):
                archive.add(each, each.as_posix(), filter=self._without_machine)
        return path

    def _without_machine(self, entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mtime, entry.mode = self._time, 0o755 if entry.mode & 0o100 else 0o644
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry
