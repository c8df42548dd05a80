"""The bytes of a file: from the disk, a pipe or standard input, packed by gzip or not, and what they hold."""

import gzip
import sys
import zlib
from pathlib import Path

STANDARD_INPUT = Path("-")
"""Stands for standard input."""
CSV, LINES, JSON, PARQUET, FEATHER, EXCEL = "csv", "json lines", "json", "parquet", "feather", "excel"
"""What a file holds."""
_ENDINGS = {
    **dict.fromkeys([".csv", ".tsv", ".txt"], CSV),
    **dict.fromkeys([".jsonl", ".ndjson"], LINES),
    ".json": JSON,
    ".parquet": PARQUET,
    ".feather": FEATHER,
    **dict.fromkeys([".xlsx", ".xlsm", ".xls"], EXCEL),
}
LISTED = tuple(ending for ending in _ENDINGS if ending != ".txt")
"""The endings of files that are taken if their folder is named."""
WRITTEN = (".csv", ".jsonl", ".ndjson", ".parquet", ".feather", ".xlsx")
"""The endings of files that are written."""
_PACKED = b"\x1f\x8b"
_MARKS = (
    (b"PAR1", PARQUET),
    (b"ARROW1", FEATHER),
    (b"PK\x03\x04", EXCEL),
    (b"\xd0\xcf\x11\xe0", EXCEL),
)


def kind_of(path: Path) -> str | None:
    """What a file holds, by the ending of its name, before ``.gz`` if it has that; None: it does not say."""
    return _ENDINGS.get(_unpacked(path).suffix.lower())


def symbol_of(path: Path) -> str:
    """The symbol that a file is named after.

    >>> symbol_of(Path("prices/BTC.csv.gz"))
    'BTC'
    """
    if path == STANDARD_INPUT:
        return "stdin"
    unpacked = _unpacked(path)
    return unpacked.stem if unpacked != path or kind_of(path) else path.stem


def _unpacked(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def check_ending(path: Path) -> Path:
    """The path itself, which a table is to be written to.

    Raises
    ------
    ValueError
        Its ending is not one of `WRITTEN`.
    """
    if path.suffix.lower() not in WRITTEN:
        raise ValueError(f"{path} must end in {', '.join(WRITTEN[:-1])} or {WRITTEN[-1]}")
    return path


def name_of(path: Path) -> str:
    """How messages call a file."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def kind_of_bytes(data: bytes) -> str:
    """What bytes hold whose name does not say so: by how they begin, else CSV or JSON."""
    return next((kind for mark, kind in _MARKS if data.startswith(mark)), CSV)


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """All bytes of a file, unpacked, or the first ones; of a pipe, or of standard input, all that come.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        It begins as gzip writes files, and is damaged.
    """
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read()
    else:
        with path.open("rb") as file:
            data = file.read() if most is None else file.read(most)
    if not data.startswith(_PACKED):
        return data
    try:
        if most is None:
            return gzip.decompress(data)
        with gzip.open(path) as unpacked:
            return unpacked.read(most)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"the file is not whole, or was not packed by gzip: {error}") from None


def is_listed(path: Path) -> bool:
    """Whether a file is taken if its folder is named: by its ending, other than .txt, and how it begins."""
    return (
        kind_of(path) is not None
        and _unpacked(path).suffix.lower() != ".txt"  # which may be anything
        and not path.name.startswith((".", "_"))
    )


def files_in(folder: Path) -> list[Path]:
    """The files of prices in a folder, by their endings, in the order of their names.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    found = sorted(path for path in folder.iterdir() if path.is_file() and is_listed(path))
    if not found:
        raise FileNotFoundError(f"{folder} has no file of prices: {', '.join(LISTED)}, also with .gz")
    return found
