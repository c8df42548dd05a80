"""Files that list one thing per line; lines that begin with # are comments."""

from pathlib import Path


def read_list(path: Path, what: str) -> list[str]:
    """What a file lists, in the file's order.

    what: how an error calls one of the things, such as "symbol".

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        The file lists nothing, or is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: it is not text in UTF-8: write one {what} per line") from None
    listed = [line.strip() for line in text.splitlines()]
    listed = [line for line in listed if line and not line.startswith("#")]
    if not listed:
        raise ValueError(f"{path}: it has no {what}: write one per line")
    return listed
