"""The checksummed container that saved states are in."""

import struct

import pytest

from atc_cy.files.container import Container

KIND = Container(b"EXAMPLE!", struct.Struct("<8sI"))


def test_what_is_no_whole_container() -> None:
    data = KIND.seal(b"", 7)
    assert len(data) == 8 + 4 + 4
    assert KIND.fields(data) == (7,)
    assert KIND.body(data) == b""
    assert KIND.fields(data[:-1]) is None
    assert KIND.fields(b"") is None
    assert KIND.fields(b"e" + data[1:]) is None


@pytest.mark.parametrize("place", [0, 9, 13, -1])
def test_a_byte_that_has_changed(place: int) -> None:
    data = bytearray(KIND.seal(b"body", 7))
    assert KIND.is_intact(bytes(data))
    data[place] ^= 1
    assert not KIND.is_intact(bytes(data))
