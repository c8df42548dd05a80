"""The bytes of a file from the disk, a pipe or standard input, packed by gzip or not, and their format."""

import gzip
import sys
import zlib
from pathlib import Path

STANDARD_INPUT = Path("-")
"""The path that means standard input."""
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
"""The endings of the files that are read from a folder."""
WRITTEN = (".csv", ".jsonl", ".ndjson", ".parquet", ".feather", ".xlsx")
"""The endings of files that can be written."""
_PACKED = b"\x1f\x8b"
_MARKS = (
    (b"PAR1", PARQUET),
    (b"ARROW1", FEATHER),
    (b"PK\x03\x04", EXCEL),
    (b"\xd0\xcf\x11\xe0", EXCEL),
)


def kind_of(path: Path) -> str | None:
    """What a file holds, by the ending of its name (before ``.gz``); None if the ending does not say."""
    return _ENDINGS.get(_unpacked(path).suffix.lower())


def symbol_of(path: Path) -> str:
    """The symbol that a file is named after.

    >>> symbol_of(Path("prices/BTC.csv.gz"))
    'BTC'
    """
    if path == STANDARD_INPUT:
        return "stdin"
    return _unpacked(path).stem


def _unpacked(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def check_ending(path: Path) -> Path:
    """Check the ending of a path to which a table will be written, and return the path.

    Raises
    ------
    ValueError
        The ending is not one of `WRITTEN`.
    """
    if path.suffix.lower() not in WRITTEN:
        raise ValueError(f"{path} must end in {', '.join(WRITTEN[:-1])} or {WRITTEN[-1]}")
    return path


def name_of(path: Path) -> str:
    """How messages call a file."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def kind_of_bytes(data: bytes) -> str:
    """What bytes hold, by how they begin; `CSV` stands for any text, JSON included."""
    return next((kind for mark, kind in _MARKS if data.startswith(mark)), CSV)


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """The unpacked bytes of a file: all, or the first `most`. Standard input is always read to its end.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        The file begins like one of gzip, but is damaged.
    """
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read()
    else:
        with path.open("rb") as file:
            data = file.read(most)
    if not data.startswith(_PACKED):
        return data
    try:
        if most is None:
            return gzip.decompress(data)
        with gzip.open(path) as unpacked:
            return unpacked.read(most)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"the gzip file is incomplete or damaged: {error}") from None


def is_listed(path: Path) -> bool:
    """Whether a file is read if its folder is named: its ending is in `LISTED`, and it is not hidden."""
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
        raise FileNotFoundError(f"{folder} has no file of prices: {', '.join(LISTED)}, each also with .gz")
    return found
