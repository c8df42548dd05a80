"""How the bytes of a text file become text."""

import pytest

from atc_cy.files.encoding import decode, encoding_of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_has_no_mark(encoding: str) -> None:
    data = "date,€\r\n1\n".encode(encoding)
    assert encoding_of(data) == encoding
    assert decode(data) == "date,€\r\n1\n"


@pytest.mark.parametrize(
    ("text", "encoding"), [("\ufeffa", "utf-16-be"), ("\ufeffa", "utf-32-be"), ("\ufeffa", "utf-16-le")]
)
def test_the_order_of_bytes(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == "a"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xe4", "^line 1: the file is not UTF-8: save it as UTF-8$"),
        (b"a\r\nb\rc\n\xe4", "^line 4: the file is not UTF-8: save"),
        (b"\xef\xbb\xbfa\n\xe4", "^line 2: the file is not UTF-8: save"),
        ("a\nb".encode("utf-16") + b"\0", "^line 2: the file is not UTF-16: save"),
        ("a,b".encode("utf-16-le"), "^line 1: the file has NUL characters"),
        (b"a" * 999 + b"\0", "^line 1: the file has NUL characters"),
    ],
)
def test_what_cannot_be_decoded(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode(data)


def test_a_nul_far_from_the_beginning_is_left_to_the_reader() -> None:
    assert decode(b"a" * 1000 + b"\0").endswith("\0")
