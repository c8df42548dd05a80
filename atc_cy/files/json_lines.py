"""Files with one JSON object per line, to which processes append; a killed one may leave half a line."""

import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .columns import folded
from .locks import lock

logger = logging.getLogger("atc_cy")


def append(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append whole lines; processes that do so at the same time wait for each other.

    Raises
    ------
    OSError
        The file cannot be written; this is raised even if there are no rows.
    """
    with path.open("ab+") as file:
        lock(file)  # until it is closed
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a killed process left half a line: end it
                file.write(b"\n")
        file.write("".join(json.dumps(row) + "\n" for row in rows).encode())


def read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of each line, from 1, and its object; a line that is not JSON is logged and skipped.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        A line is JSON, but not an object.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                logger.warning("%s: line %d is incomplete: it is skipped", path, number)
                continue
            if not isinstance(row, dict):
                raise ValueError(f"{path}, line {number}: give one JSON object per line")
            yield number, row


def parse(text: str) -> dict[int, dict[str, Any]]:
    r"""The objects of a whole text by the number of their lines, from 1.

    Lines end with ``\n`` alone: other separators, such as U+2028, may stand in a string.

    Raises
    ------
    ValueError
        A line is not a JSON object; the message names it.
    """
    rows: dict[int, dict[str, Any]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = loads(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        if not isinstance(row, dict):
            raise ValueError(f"line {number}: give one JSON object per line")
        rows[number] = row
    return rows


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(f"the name {twice!r} occurs twice")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object)
"""It refuses a name that occurs twice; Python's decoder would take the last of its values."""


def names_of(rows: Mapping[Any, Mapping[str, Any]], unit: str = "line") -> list[str]:
    """The names of all objects, in the order in which they come; an object need not have all of them.

    rows: the objects by line, or by another unit.
    unit: how messages call it.

    Raises
    ------
    ValueError
        Two lines spell a name in different ways, with other letter case or outer spaces.
    """
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    spellings: dict[str, list[str]] = {}
    for name in names:
        spellings.setdefault(folded(name), []).append(name)
    for alike in spellings.values():
        if len(alike) == 1:
            continue
        first = next(line for line, row in rows.items() if any(name in row for name in alike))
        there = [name for name in alike if name in rows[first]]
        for line, row in rows.items():
            here = [name for name in alike if name in row]
            if here and set(here) != set(there):
                raise ValueError(
                    f"{unit} {line}: it has {' and '.join(map(repr, here))}, and {unit} {first} has "
                    f"{' and '.join(map(repr, there))}: spell the name in one way"
                )
    return names


def loads(line: str) -> Any:
    """The value of one line.

    Raises
    ------
    ValueError
        It is not JSON, has a name twice, or is nested too deeply.
    """
    try:
        return _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not valid JSON: {error}") from None
