"""What is computed: the moving averages, their lengths, and the numbers that ride along.

`Structure` is the part that a kernel is compiled for; `ATCConfig` is a structure with its numbers.
"""

import math
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

from .text import suggestion

MOVING_AVERAGES = ("EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA")
"""The six types, in the order in which the law sums them."""

OFFSETS = {"Narrow": (1, 2, 3, 4), "Medium": (1, 2, 4, 6), "Wide": (1, 3, 5, 7)}
"""Robustness: how far the eight neighbouring lanes stand from the base length."""

LONGEST_LANE = 12_000
"""Up to here every sum of indices that WMA and LSMA divide by is an exact binary64 number."""

LAW_VERSION = 1
"""Of what `atc_cy.reference` computes: another one gives other numbers for the same prices."""

LENGTH_FIELDS = {
    "EMA": "ema_len",
    "HMA": "hull_len",
    "WMA": "wma_len",
    "DEMA": "dema_len",
    "LSMA": "lsma_len",
    "KAMA": "kama_len",
}
_WEIGHT_FIELDS = {name: f"{name.lower()}_w" for name in MOVING_AVERAGES}
_NUMBERS = ("La", "De", "cutout", "long_threshold", "short_threshold", "strategy_mode")


def checked_robustness(robustness: object) -> str:
    if not isinstance(robustness, str) or robustness not in OFFSETS:
        raise ValueError(f"robustness={robustness!r} is unknown; {suggestion(robustness, OFFSETS)}")
    return robustness


def checked_types(moving_averages: object) -> tuple[str, ...]:
    """The types in the law's order."""
    if isinstance(moving_averages, str) or not isinstance(moving_averages, Iterable):
        raise TypeError(
            f"moving_averages={moving_averages!r} must be a sequence of types, such as {MOVING_AVERAGES[:2]}"
        )
    given = list(moving_averages)
    for name in given:
        if name not in MOVING_AVERAGES:
            raise ValueError(
                f"moving_averages has the unknown type {name!r}; {suggestion(name, MOVING_AVERAGES)}"
            )
    if not given or len(set(given)) != len(given):
        raise ValueError(f"moving_averages={given!r} must name at least one type, each once")
    return tuple(name for name in MOVING_AVERAGES if name in given)


def checked_integer(name: str, value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(f"{name}={value!r} must be an integer, not a truth value")
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} must be an integer, not {type(value).__name__}") from None


def checked_length(name: str, value: Any, robustness: str) -> int:
    length = checked_integer(name, value)
    reach = max(OFFSETS[robustness])
    if length <= reach:
        raise ValueError(
            f"{name}={length} makes a lane of length {length - reach} with "
            f"robustness={robustness!r}: the smallest base length is {reach + 1}"
        )
    if length + reach > LONGEST_LANE:
        raise ValueError(
            f"{name}={length} makes a lane of length {length + reach} with "
            f"robustness={robustness!r}: the largest base length is {LONGEST_LANE - reach}"
        )
    return length


def _checked_number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool | str | bytes) or not hasattr(value, "__float__"):
        raise TypeError(f"{name}={value!r} must be a number, not {type(value).__name__}")
    number = float(value)
    if not low <= number <= high or math.isinf(number):
        upper = "and finite" if math.isinf(high) else f"and at most {high:g}"
        raise ValueError(f"{name}={number!r} is out of range: it must be at least {low:g} {upper}")
    return number


class Structure(NamedTuple):
    """What a kernel is compiled for: two configs with equal structures run on the same kernel."""

    moving_averages: tuple[str, ...]
    """The types, in the law's order."""
    lengths: tuple[int, ...]
    """One base length a type, in bars."""
    robustness: str

    def lane_lengths(self) -> tuple[tuple[int, ...], ...]:
        """Nine lane lengths a type, in the law's order of lanes, in bars."""
        offsets = OFFSETS[self.robustness]
        return tuple(
            (base, *(base + o for o in offsets), *(base - o for o in offsets)) for base in self.lengths
        )

    def __str__(self) -> str:
        lengths = dict(zip(self.moving_averages, self.lengths, strict=True))
        return f"{' '.join(f'{name} {length}' for name, length in lengths.items())}, {self.robustness}"


@dataclass(frozen=True)
class ATCConfig:
    """Everything that decides the numbers, checked when it is made.

    The fields are the keyword arguments of `compute_atc_signals` and have the same defaults.

    Lengths are in bars: each lane (base length and its eight neighbours, see `robustness`) must be 1 to
    12,000 bars long. Weights are the starting equities of the second layer, finite and ≥ 0. A length or
    weight of a type that `moving_averages` leaves out decides nothing and reads as its default.

    `La` (lambda, finite, ≥ 0, in thousandths a bar) makes recent returns count more; `De` (decay, 0 to 100,
    in percent a bar) shrinks the equities; equities start at bar number `cutout` (≥ 0). The thresholds,
    -1 to 1, are where `direction` sees a crossing; with `strategy_mode` the average is one bar late.

    Raises
    ------
    TypeError
        A value of the wrong kind: a length that is no integer, say.
    ValueError
        A value out of its range or an unknown name, with the nearest one that exists.
    """

    ema_len: int = 28
    hull_len: int = 28
    wma_len: int = 28
    dema_len: int = 28
    lsma_len: int = 28
    kama_len: int = 28
    ema_w: float = 1.0
    hma_w: float = 1.0
    wma_w: float = 1.0
    dema_w: float = 1.0
    lsma_w: float = 1.0
    kama_w: float = 1.0
    robustness: str = "Medium"
    La: float = 0.02
    De: float = 0.03
    cutout: int = 0
    long_threshold: float = 0.1
    short_threshold: float = -0.1
    strategy_mode: bool = False
    moving_averages: tuple[str, ...] = MOVING_AVERAGES

    def __post_init__(self) -> None:
        types = checked_types(self.moving_averages)
        robustness = checked_robustness(self.robustness)
        checked: dict[str, Any] = {"moving_averages": types}
        for name in MOVING_AVERAGES:
            length, weight = LENGTH_FIELDS[name], _WEIGHT_FIELDS[name]
            if name in types:
                checked[length] = checked_length(length, getattr(self, length), robustness)
                checked[weight] = _checked_number(weight, getattr(self, weight), 0, math.inf)
            else:
                checked[length] = type(self).__dataclass_fields__[length].default
                checked[weight] = type(self).__dataclass_fields__[weight].default
        checked["La"] = _checked_number("La", self.La, 0, math.inf)
        checked["De"] = _checked_number("De", self.De, 0, 100)
        checked["cutout"] = checked_integer("cutout", self.cutout)
        if checked["cutout"] < 0:
            raise ValueError(f"cutout={self.cutout} is out of range: it counts bars, from 0")
        for name in ("long_threshold", "short_threshold"):
            checked[name] = _checked_number(name, getattr(self, name), -1, 1)
        if checked["short_threshold"] > checked["long_threshold"]:
            raise ValueError(
                f"short_threshold={self.short_threshold} must not be above "
                f"long_threshold={self.long_threshold}"
            )
        if not isinstance(self.strategy_mode, bool):
            raise TypeError(f"strategy_mode={self.strategy_mode!r} must be True or False")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @cached_property
    def structure(self) -> Structure:
        """What decides the kernel: types, base lengths and robustness."""
        lengths = tuple(getattr(self, LENGTH_FIELDS[name]) for name in self.moving_averages)
        return Structure(self.moving_averages, lengths, self.robustness)

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """The starting weight of each type in `moving_averages`."""
        return tuple(getattr(self, _WEIGHT_FIELDS[name]) for name in self.moving_averages)

    @cached_property
    def kernel_arguments(
        self,
    ) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...], tuple[float, ...], float, float, int, bool]:
        """What a kernel's `Symbol` and `Panel` are made with."""
        lanes = self.structure.lane_lengths()
        return self.moving_averages, lanes, self.weights, self.La, self.De, self.cutout, self.strategy_mode

    @cached_property
    def output_names(self) -> tuple[str, ...]:
        """The outputs, in the order in which a kernel writes them."""
        signals = [f"{name}_Signal" for name in self.moving_averages]
        equities = [f"{name}_S" for name in self.moving_averages]
        return (*signals, *equities, "Average_Signal")

    @classmethod
    def from_structure(cls, structure: Structure, **numbers: Any) -> Self:
        """A config of this structure; `numbers` are any of the other fields."""
        lengths: dict[str, Any] = {
            LENGTH_FIELDS[name]: length
            for name, length in zip(structure.moving_averages, structure.lengths, strict=True)
        }
        return cls(
            moving_averages=structure.moving_averages,
            robustness=structure.robustness,
            **lengths,
            **numbers,
        )

    @classmethod
    def from_preset(cls, preset: str, **overrides: Any) -> Self:
        """The config of an installed preset; `overrides` are fields that replace its values.

        Raises
        ------
        ValueError
            No such preset is installed.
        TypeError, ValueError
            An override is unknown or bad.
        """
        from .dispatch import preset_structure

        return cls.from_structure(preset_structure(preset)).override(**overrides)

    def override(self, **overrides: Any) -> Self:
        """The same config with some fields replaced.

        Raises
        ------
        TypeError, ValueError
            A field is unknown, or its value bad.
        """
        for name in overrides:
            if name not in type(self).__dataclass_fields__:
                raise TypeError(
                    f"there is no parameter {name!r}; "
                    f"{suggestion(name, (field.name for field in fields(self)))}"
                )
        return replace(self, **overrides)

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a config, as `to_toml` writes it; a preset file is one too.

        `moving_averages` and the table `[lengths]` must be there. `robustness`, the table `[weights]` and
        the numbers may be left out and have their defaults.

        Raises
        ------
        OSError
            The file cannot be read.
        ValueError, TypeError
            The file is no TOML, or has an unknown, missing or bad value; the message names the file.
        """
        table = _read_toml(path)
        try:
            structure = _structure(table, {"description", "weights", *_NUMBERS})
            weights = _type_table(table.get("weights", {}), "weights", structure.moving_averages)
            numbers = {name: table[name] for name in _NUMBERS if name in table}
            numbers |= {_WEIGHT_FIELDS[name]: weight for name, weight in weights.items()}
            return cls.from_structure(structure, **numbers)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{path}: {error}") from None

    def to_toml(self) -> str:
        """The config as TOML text; written to a file, `from_toml` reads an equal config back."""
        types = ", ".join(f'"{name}"' for name in self.moving_averages)
        lines = [f"moving_averages = [{types}]", f'robustness = "{self.robustness}"']
        for name in _NUMBERS:
            value = getattr(self, name)
            lines.append(f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
        for table, values in (("lengths", self.structure.lengths), ("weights", self.weights)):
            lines += ["", f"[{table}]"]
            lines += [f"{name} = {value!r}" for name, value in zip(self.moving_averages, values, strict=True)]
        return "\n".join(lines) + "\n"


def _read_toml(path: str | Path) -> dict[str, Any]:
    import tomllib

    with open(path, "rb") as file:
        try:
            return tomllib.load(file)
        except ValueError as error:
            raise ValueError(f"{path}: no valid TOML: {error}") from None


def _structure(table: Mapping[str, Any], also: set[str]) -> Structure:
    """The structure that a TOML table holds; besides its keys, only those in `also` may be there."""
    known = {"moving_averages", "robustness", "lengths"} | also
    for key in table:
        if key not in known:
            raise ValueError(f"there is no setting {key!r}; {suggestion(key, known)}")
    if "moving_averages" not in table:
        raise ValueError('moving_averages is missing: list the types, such as ["EMA", "KAMA"]')
    types = checked_types(table["moving_averages"])
    robustness = checked_robustness(table.get("robustness", "Medium"))
    lengths = _type_table(table.get("lengths", {}), "lengths", types)
    if len(lengths) < len(types):
        missing = next(name for name in types if name not in lengths)
        raise ValueError(f"[lengths] has no {missing}: give one length for each listed type")
    checked = (checked_length(f"[lengths] {name}", lengths[name], robustness) for name in types)
    return Structure(types, tuple(checked), robustness)


def _type_table(table: Any, name: str, types: tuple[str, ...]) -> dict[str, Any]:
    """A TOML table with one value a type."""
    if not isinstance(table, dict):
        raise TypeError(f"{name} must be a table: [{name}], then a line such as {types[0]} = 28")
    for key in table:
        if key not in types:
            raise ValueError(f"[{name}] has {key!r}, which moving_averages does not list")
    return table


def lookback(config: ATCConfig) -> int:
    """Bars before the first bar on which every lane is defined, as TA-Lib counts them.

    A lane of length L is defined from bar number L - 1 (EMA, HMA, WMA, LSMA) or 2L - 2 (DEMA), bars numbered
    from 0; KAMA is defined from the first bar.

    >>> lookback(ATCConfig())
    66
    """
    rounds = {"DEMA": 2, "KAMA": 0}
    lanes = config.structure.lane_lengths()
    return max(
        rounds.get(name, 1) * (max(lengths) - 1)
        for name, lengths in zip(config.moving_averages, lanes, strict=True)
    )
