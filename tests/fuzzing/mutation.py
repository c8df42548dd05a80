"""Changes of bytes, of text and of JSON, drawn by chance."""

import random
import struct
from collections.abc import Sequence
from typing import Any

INTEGERS = (0, 1, -1, 2, 89, 255, 2**31, 2**53 - 1, 2**53, 2**62, 2**63 - 1, -(2**63), -(2**31))
DOUBLES = (0.0, -0.0, 1.0, -1.0, 0.25, 1e-300, 5e-324, 1e300, float("nan"), float("inf"), float("-inf"))
JSON_VALUES: tuple[Any, ...] = (
    *(None, True, False, "", "x", "Average", "EMA", [], [1], {}, {"a": 1}, 0, 1, -1, 3, 1.5, 1e300),
    *(10**9, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30, 10**400, float("nan"), float("inf")),
)
CELLS = (
    *(
        "",
        "NaN",
        "null",
        "None",
        "-",
        "0",
        "-1",
        "1",
        "1.5",
        "1,5",
        "1.234,5",
        "1,234.5",
        "1e5",
        "1e999",
        "inf",
    ),
    *(
        "-inf",
        "$5",
        "5 %",
        "0x10",
        "1_0",
        "٣",
        '"',
        '""',
        "'",
        "é",
        "\x00",
        "\u2028",
        "true",
        "99999999999999999999",
    ),
    *("2024-01-01", "2024-13-01", "01/02/2024", "31.12.2024", "20240101", "1704067200", "1704067200000"),
    *("1704067200000000000", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00+05:30", "9999-12-31", "0001-01-01"),
    *(
        "Jan 5 2024",
        "10:59",
        "24:00",
        "1677-09-21",
        "2262-04-12",
        "2024-02-30",
        "date",
        "close",
        "symbol",
        "BTC/USD",
    ),
    *("a" * 5000, "9" * 5000, "1" * 400, "," * 40, ";", "\t", "|", "\ufeff"),
)
LINE_ENDS = ("\n", "\r\n", "\r", "\n\n", "", "\n ", "\u2028", "\x0b")


def changed_bytes(chance: random.Random, data: bytes) -> bytes:
    """Some changed, left out, put in, doubled or cut off."""
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(spoilt) + 1)
        if chance.random() < 0.3:  # where formats keep what they say of themselves
            at = max(0, len(spoilt) - chance.randrange(600))
        how = chance.randrange(7)
        if how == 0 and at < len(spoilt):
            spoilt[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            spoilt[at : at + 8] = chance.randbytes(8)
        elif how == 2:
            del spoilt[at : at + chance.randrange(1, 40)]
        elif how == 3:
            spoilt[at:at] = chance.randbytes(chance.randrange(1, 20))
        elif how == 4:
            other, size = chance.randrange(len(spoilt) + 1), chance.randrange(1, 64)
            spoilt[at : at + size] = spoilt[other : other + size]
        elif how == 5:
            spoilt[at : at + 8] = struct.pack("<q", chance.choice(INTEGERS))
        elif chance.random() < 0.2:
            del spoilt[at:]
    return bytes(spoilt)


def changed_numbers(chance: random.Random, data: bytes) -> bytes:
    """Some of the numbers of eight bytes are others."""
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 40))):
        if len(spoilt) >= 8:
            at = 8 * chance.randrange(len(spoilt) // 8)
            how = chance.randrange(4)
            if how == 0:
                struct.pack_into("<q", spoilt, at, chance.choice(INTEGERS))
            elif how == 1:
                struct.pack_into("<d", spoilt, at, chance.choice(DOUBLES))
            elif how == 2:
                spoilt[at : at + 8] = chance.randbytes(8)
            else:
                struct.pack_into("<d", spoilt, at, chance.uniform(-300, 300))
    return bytes(spoilt)


def changed_json(chance: random.Random, value: Any) -> Any:
    """The same with one value, somewhere in it, that is another, or gone."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice([*value])
        fields = {key: one for key, one in value.items() if key != name}
        how = chance.random()
        if how < 0.1:
            return fields
        if how < 0.2:
            return {**fields, chance.choice(("x", "", name * 2)): value[name]}
        return {**fields, name: changed_json(chance, value[name])}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        how = chance.random()
        if how < 0.15:
            return value[:at] + value[at + 1 :]
        if how < 0.3:
            return value[: at + 1] + value[at:]
        return [*value[:at], changed_json(chance, value[at]), *value[at + 1 :]]
    return chance.choice(JSON_VALUES)


def changed_rows(chance: random.Random, rows: Sequence[Sequence[str]], separator: str) -> str:
    """A table as text, with other cells, rows, separators or line ends."""
    rows = [list(row) for row in rows]
    end = "\n"
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        at = chance.randrange(len(rows)) if chance.random() < 0.7 else 0
        row, how = rows[at], chance.randrange(9)
        if how <= 2 and row:
            row[chance.randrange(len(row))] = chance.choice(CELLS)
        elif how == 3 and len(rows) > 1:
            del rows[at]
        elif how == 4:
            rows.insert(at, list(chance.choice(rows)))
        elif how == 5:
            row.insert(chance.randrange(len(row) + 1), chance.choice(CELLS))
        elif how == 6 and row:
            del row[chance.randrange(len(row))]
        elif how == 7:
            separator, end = chance.choice(",;\t| "), chance.choice(LINE_ENDS)
        elif how == 8:
            column, cell = chance.randrange(max(1, len(row))), chance.choice(CELLS)
            for other in rows[1:]:
                other[column : column + 1] = [cell]
    return end.join(separator.join(row) for row in rows) + end
