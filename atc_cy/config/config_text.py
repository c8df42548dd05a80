"""Configs as TOML text, which may have all fields or only some."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .names import LENGTH_FIELDS, MOVING_AVERAGES, NUMBER_FIELDS, WEIGHT_FIELDS, unknown

TABLES = {"lengths": LENGTH_FIELDS, "weights": WEIGHT_FIELDS}
"""The tables with one value per type, and the fields that they set."""
_FIELDS = (
    *("moving_averages", "robustness"),
    *NUMBER_FIELDS,
    *LENGTH_FIELDS.values(),
    *WEIGHT_FIELDS.values(),
)


def fields_from_toml(text: str) -> dict[str, Any]:
    """The fields that TOML text sets.

    A field is set by its name; a length or a weight also by its type, in the tables ``[lengths]`` and
    ``[weights]``. ``description`` has no effect.

    Raises
    ------
    ValueError, TypeError
        The text is not TOML, has an unknown name, or sets a field twice.

    Examples
    --------
    >>> fields_from_toml("La = 0.05\\n[lengths]\\nEMA = 21")
    {'La': 0.05, 'ema_len': 21}
    """
    import tomllib

    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))  # a byte order mark, as Windows' editors write it
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not valid TOML: {error}") from None
    fields: dict[str, Any] = {}
    for name, value in table.items():
        if name in TABLES:
            continue
        if name not in (*_FIELDS, "description"):
            raise ValueError(f"there is no setting {name!r}; {unknown(name, [*_FIELDS, *TABLES])}")
        if name != "description":
            fields[name] = value
    for name in TABLES.keys() & table.keys():
        for key, value in _type_table(table[name], name).items():
            field = TABLES[name][key]
            if field in fields:
                raise ValueError(f"{field} is given twice, also as {key} in [{name}]: give it once")
            fields[field] = value
    return fields


def _type_table(table: Any, name: str) -> Mapping[str, Any]:
    """Check a TOML table with a value for some types; ``moving_averages`` says which types are used."""
    if not isinstance(table, dict):
        raise TypeError(f"{name} must be a table: [{name}], then a line such as EMA = 28")
    for key in table:
        if key not in MOVING_AVERAGES:
            raise ValueError(f"[{name}] has {key!r}, which is not a type; {unknown(key, MOVING_AVERAGES)}")
    return table


def toml_of(fields: Mapping[str, Any], types: tuple[str, ...]) -> str:
    """All of a config as TOML text.

    fields: those of the config. types: its moving averages.
    """
    quoted = ", ".join(f'"{name}"' for name in types)
    lines = [f"moving_averages = [{quoted}]", f'robustness = "{fields["robustness"]}"']
    for name in NUMBER_FIELDS:
        value = fields[name]
        lines.append(f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
    for table, names in TABLES.items():
        lines += ["", f"[{table}]", *(f"{name} = {fields[names[name]]!r}" for name in types)]
    return "\n".join(lines) + "\n"


def load_fields(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The fields that a file sets.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError, TypeError
        As from `fields_from_toml`; the message names the file.
    """
    with named_after(path):
        return fields_of(path)


def fields_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The fields that a file sets; an error does not name the file."""
    return fields_from_toml(Path(path).read_text("utf-8"))


@contextmanager
def named_after(path: str | os.PathLike[str]) -> Iterator[None]:
    """Make errors about the content of a file begin with its path."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: it is not text in UTF-8: {error.reason} at byte {error.start}") from None
    except (TypeError, ValueError) as error:
        raise type(error)(f"{path}: {error}") from None
