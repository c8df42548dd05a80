"""How the bytes of a text file become text: as UTF-8, or as a byte order mark at the beginning says."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_SEEN = 1_000
"""How many characters are searched for NULs, which UTF-16 without a byte order mark has."""


def encoding_of(beginning: bytes) -> str:
    """The encoding of a text file that begins with these bytes; four bytes are enough.

    >>> encoding_of("date".encode("utf-16"))
    'utf-16'
    """
    return next((encoding for mark, encoding in _MARKS if beginning.startswith(mark)), "utf-8")


def decode(data: bytes) -> str:
    """The text of a whole file, without a byte order mark, with the ends of lines as they are.

    Raises
    ------
    ValueError
        A byte does not fit the encoding; the message names the line.
    """
    encoding = encoding_of(data[:4])
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(encoding, "ignore")  # without the mark of UTF-8
        line = len(re.findall(r"\r\n?|\n", before)) + 1
        raise ValueError(
            f"line {line}: the file is not {encoding.removesuffix('-sig').upper()}: save it as UTF-8"
        ) from None
    if "\0" in text[:_SEEN]:
        raise ValueError(
            "line 1: the file has NUL characters, as UTF-16 without a byte order mark has: save it as UTF-8"
        )
    return text
