"""What is computed: a structure with the numbers that ride along, and how every entry point is given one."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from ..text import shown
from .calls import NOT_GIVEN, check_fields, public, with_new_name
from .installed import preset_structure
from .names import LENGTH_FIELDS, MOVING_AVERAGES, NUMBER_FIELDS, WEIGHT_FIELDS
from .structure import (
    Structure,
    checked_flag,
    checked_integer,
    checked_length,
    checked_number,
    checked_robustness,
    checked_types,
    structure_from,
    type_table,
)


@public
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
            length, weight = LENGTH_FIELDS[name], WEIGHT_FIELDS[name]
            if name in types:
                checked[length] = checked_length(length, getattr(self, length), robustness)
                checked[weight] = checked_number(weight, getattr(self, weight), 0, math.inf)
            else:
                checked[length] = type(self).__dataclass_fields__[length].default
                checked[weight] = type(self).__dataclass_fields__[weight].default
        checked["La"] = checked_number("La", self.La, 0, math.inf)
        checked["De"] = checked_number("De", self.De, 0, 100)
        checked["cutout"] = checked_integer("cutout", self.cutout, 0)
        for name in ("long_threshold", "short_threshold"):
            checked[name] = checked_number(name, getattr(self, name), -1, 1)
        if checked["short_threshold"] > checked["long_threshold"]:
            raise ValueError(
                f"short_threshold={checked['short_threshold']} must not be above "
                f"long_threshold={checked['long_threshold']}"
            )
        checked_flag("strategy_mode", self.strategy_mode)
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
        return tuple(getattr(self, WEIGHT_FIELDS[name]) for name in self.moving_averages)

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
        return cls.from_structure(preset_structure(preset)).override(**overrides)

    def override(self, **overrides: Any) -> Self:
        """The same config with some fields replaced.

        Raises
        ------
        TypeError, ValueError
            A field is unknown, or its value bad.
        """
        check_fields(overrides, FIELDS)
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
            structure = structure_from(table, {"description", "weights", *NUMBER_FIELDS})
            weights = type_table(table.get("weights", {}), "weights", structure.moving_averages)
            numbers = {name: table[name] for name in NUMBER_FIELDS if name in table}
            numbers |= {WEIGHT_FIELDS[name]: weight for name, weight in weights.items()}
            return cls.from_structure(structure, **numbers)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{path}: {error}") from None

    def to_toml(self) -> str:
        """The config as TOML text; written to a file, `from_toml` reads an equal config back."""
        types = ", ".join(f'"{name}"' for name in self.moving_averages)
        lines = [f"moving_averages = [{types}]", f'robustness = "{self.robustness}"']
        for name in NUMBER_FIELDS:
            value = getattr(self, name)
            lines.append(f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
        for table, values in (("lengths", self.structure.lengths), ("weights", self.weights)):
            lines += ["", f"[{table}]"]
            lines += [f"{name} = {value!r}" for name, value in zip(self.moving_averages, values, strict=True)]
        return "\n".join(lines) + "\n"


def _keywords(function: Callable[..., Any] | None) -> list[str]:
    """The names of the arguments that can be given by name."""
    import inspect

    parameters = inspect.signature(function).parameters.values() if function else ()
    return [each.name for each in parameters if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)]


FIELDS = tuple(ATCConfig.__dataclass_fields__)


def resolve(
    config: object,
    overrides: Mapping[str, Any] | None = None,
    *,
    function: Callable[..., Any] | None = None,
    stacklevel: int = 3,
) -> ATCConfig:
    """The config that a caller means: a config or a preset's name, with some fields replaced.

    Every entry point that takes a config calls this once, and passes what it returns inward.

    Parameters
    ----------
    config
        A config, or the name of an installed preset.
    overrides
        Fields of `ATCConfig` that replace the config's; or an old name of `config` itself.
    function
        The entry point, whose own keyword arguments the error about an unknown one suggests too.
    stacklevel
        Of the warning about an old name: 3 is the caller of the entry point.

    Raises
    ------
    TypeError
        The config is of the wrong kind, or an override is unknown.
    ValueError
        There is no such preset, or an override is bad.
    """
    config, overrides = with_new_name(
        NOT_GIVEN if isinstance(config, str) and config == "default" else config,
        overrides or {},
        stacklevel=stacklevel,
    )
    if config is NOT_GIVEN:
        config = "default"
    if isinstance(config, str):
        config = ATCConfig.from_preset(config)
    elif not isinstance(config, ATCConfig):
        example = "ATCConfig(**config)" if isinstance(config, Mapping) else "ATCConfig(La=0.05)"
        raise TypeError(
            f"config={shown(config)} must be an ATCConfig or the name of a preset, "
            f"not {type(config).__name__}: "
            f'give {example}, "default", or the fields as keyword arguments, La=0.05'
        )
    if not overrides:
        return config
    if not overrides.keys() <= set(FIELDS):
        check_fields(overrides, [*FIELDS, *_keywords(function)])
    return config.override(**overrides)


def _read_toml(path: str | Path) -> dict[str, Any]:
    import tomllib

    with open(path, "rb") as file:
        try:
            return tomllib.load(file)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path}: no valid TOML: {error}") from None


@public
def lookback(config: ATCConfig | str) -> int:
    """Bars before the first bar on which every lane is defined, as TA-Lib counts them.

    A lane of length L is defined from bar number L - 1 (EMA, HMA, WMA, LSMA) or 2L - 2 (DEMA), bars numbered
    from 0; KAMA is defined from the first bar.

    >>> lookback(ATCConfig())
    66
    """
    config = resolve(config)
    rounds = {"DEMA": 2, "KAMA": 0}
    lanes = config.structure.lane_lengths()
    return max(
        rounds.get(name, 1) * (max(lengths) - 1)
        for name, lengths in zip(config.moving_averages, lanes, strict=True)
    )
