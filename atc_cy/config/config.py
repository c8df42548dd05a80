"""What is computed: a structure with the numbers that ride along, and how every entry point is given one."""

import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self, Unpack

from ..text import html_table, shown
from .calls import NOT_GIVEN, check_fields, public, with_new_name
from .config_text import fields_from_toml, toml_of
from .fields import ConfigFields, MovingAverage, Robustness
from .installed import preset_structure
from .names import LENGTH_FIELDS, MOVING_AVERAGES, WEIGHT_FIELDS
from .structure import (
    Structure,
    checked_flag,
    checked_integer,
    checked_length,
    checked_number,
    checked_robustness,
    checked_types,
)


def _setting(default: Any, help_: str) -> Any:
    """A field of a config, and what the command line says of it."""
    return field(default=default, metadata={"help": help_})


@public
@dataclass(frozen=True)
class ATCConfig:
    """Everything that decides the numbers, checked when it is made.

    The fields are the keyword arguments of `compute_atc_signals` and have the same defaults.

    Lengths are in bars: each lane (base length and its eight neighbours, see `robustness`) must be 1 to
    12,000 bars long. Weights are the starting equities of the second layer, any finite number: no
    equity is below 0.25. A length or
    weight of a type that `moving_averages` leaves out decides nothing and reads as its default.

    `La` (lambda, finite, ≥ 0, in thousandths a bar) makes recent returns count more; `De` (decay, 0 to 100,
    in percent a bar) shrinks the equities; equities start at bar number `cutout` (≥ 0). The thresholds,
    any finite numbers in any order, are where `direction` sees a crossing; with `strategy_mode` the average
    is one bar late.

    Raises
    ------
    TypeError
        A value of the wrong kind: a length that is no integer, say.
    ValueError
        A value out of its range or an unknown name, with the nearest one that exists.
    """

    ema_len: int = _setting(28, "base length of EMA, in bars")
    hull_len: int = _setting(28, "base length of HMA, in bars")
    wma_len: int = _setting(28, "base length of WMA, in bars")
    dema_len: int = _setting(28, "base length of DEMA, in bars")
    lsma_len: int = _setting(28, "base length of LSMA, in bars")
    kama_len: int = _setting(28, "base length of KAMA, in bars")
    ema_w: float = _setting(1.0, "starting weight of EMA")
    hma_w: float = _setting(1.0, "starting weight of HMA")
    wma_w: float = _setting(1.0, "starting weight of WMA")
    dema_w: float = _setting(1.0, "starting weight of DEMA")
    lsma_w: float = _setting(1.0, "starting weight of LSMA")
    kama_w: float = _setting(1.0, "starting weight of KAMA")
    robustness: Robustness = _setting(
        "Medium", "distance between the nine lengths of a type: Narrow, Medium or Wide"
    )
    La: float = _setting(0.02, "lambda, in thousandths a bar, at least 0: how much more recent returns count")
    De: float = _setting(0.03, "decay of the equities, in percent a bar, 0 to 100")
    cutout: int = _setting(0, "number of the bar at which equities start, from 0")
    long_threshold: float = _setting(0.1, "signal at which the direction turns long")
    short_threshold: float = _setting(-0.1, "signal at which the direction turns short")
    strategy_mode: bool = _setting(
        False, "delay the average by one bar, to the bar on which a strategy can act"
    )
    moving_averages: tuple[MovingAverage, ...] = _setting(MOVING_AVERAGES, "the types, such as EMA+KAMA")

    def __post_init__(self) -> None:
        types = checked_types(self.moving_averages)
        robustness = checked_robustness(self.robustness)
        checked: dict[str, Any] = {"moving_averages": types}
        for name in MOVING_AVERAGES:
            length, weight = LENGTH_FIELDS[name], WEIGHT_FIELDS[name]
            if name in types:
                checked[length] = checked_length(length, getattr(self, length), robustness)
                checked[weight] = checked_number(weight, getattr(self, weight), -math.inf, math.inf)
            else:
                checked[length] = type(self).__dataclass_fields__[length].default
                checked[weight] = type(self).__dataclass_fields__[weight].default
        checked["La"] = checked_number("La", self.La, 0, math.inf)
        checked["De"] = checked_number("De", self.De, 0, 100)
        checked["cutout"] = checked_integer("cutout", self.cutout, 0)
        for threshold in ("long_threshold", "short_threshold"):
            checked[threshold] = checked_number(threshold, getattr(self, threshold), -math.inf, math.inf)
        checked_flag("strategy_mode", self.strategy_mode)
        for field_name, value in checked.items():
            object.__setattr__(self, field_name, value)

    def __repr__(self) -> str:
        """The call that makes it: the fields that differ from their defaults."""
        changed = ", ".join(
            f"{name}={getattr(self, name)!r}"
            for name, setting in self.__dataclass_fields__.items()
            if getattr(self, name) != setting.default
        )
        return f"{type(self).__name__}({changed})"

    def _repr_html_(self) -> str:
        """All fields but those of types that are left out, for a notebook."""
        import pandas as pd

        left_out = set(MOVING_AVERAGES) - set(self.moving_averages)
        unused = {field for name in left_out for field in (LENGTH_FIELDS[name], WEIGHT_FIELDS[name])}
        rows = {
            name: (_as_text(getattr(self, name)), _as_text(setting.default), setting.metadata["help"])
            for name, setting in self.__dataclass_fields__.items()
            if name not in unused
        }
        return html_table(repr(self), pd.DataFrame(rows, ["value", "default", "what it is"]).T)

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
    def from_preset(cls, preset: str, **overrides: Unpack[ConfigFields]) -> Self:
        """The config of an installed preset; `overrides` are fields that replace its values.

        Raises
        ------
        ValueError
            No such preset is installed.
        TypeError, ValueError
            An override is unknown or bad.
        """
        return cls.from_structure(preset_structure(preset)).override(**overrides)

    def override(self, **overrides: Unpack[ConfigFields]) -> Self:
        """The same config with some fields replaced.

        What was given for a type that `moving_averages` left out is not remembered: with a new list of types,
        give their lengths and weights, too.

        Raises
        ------
        TypeError, ValueError
            A field is unknown, or its value bad.
        """
        changed: dict[str, Any] = {**overrides}
        return replace(self, **changed)

    @classmethod
    def from_toml(cls, text: str | os.PathLike[str]) -> Self:
        """The config of TOML text, as `to_toml` writes it; what the text leaves out has its default.

        Fields stand under their own names; lengths and weights also under their types, in the tables
        ``[lengths]`` and ``[weights]``. A preset's text is a config, too. (A path is still read as `load`
        does, with a DeprecationWarning.)

        Raises
        ------
        ValueError, TypeError
            It is no TOML, or has an unknown or bad value.

        Examples
        --------
        >>> ATCConfig.from_toml("La = 0.05").La
        0.05
        """
        if isinstance(text, os.PathLike) or _is_path(text):
            warnings.warn("from_toml(path) is now called load(path)", DeprecationWarning, stacklevel=2)
            return cls.load(text)
        return cls(**fields_from_toml(text))

    def to_toml(self) -> str:
        """The config as TOML text, of which `from_toml` makes an equal one."""
        return toml_of(asdict(self), self.structure.moving_averages)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The config of a file, as `save` writes it; any part of it may be left out, as for `from_toml`.

        Raises
        ------
        OSError
            The file cannot be read.
        ValueError, TypeError
            As from `from_toml`; the message names the file.
        """
        with named_after(path):
            return cls(**_fields_of(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the config to a file, which `load` reads.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        from ..files.atomic import write

        write(path, self.to_toml().encode())


def _is_path(text: str) -> bool:
    """Whether text is a file's name, and no TOML."""
    if "\n" in text:
        return False
    try:
        return text.endswith(".toml") or Path(text).is_file()
    except (OSError, ValueError):  # no name that a file can have
        return False


def _as_text(value: Any) -> str:
    """A field's value as a table has it."""
    return "+".join(value) if isinstance(value, tuple) else str(value)


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
        return _fields_of(path)


def _fields_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    return fields_from_toml(Path(path).read_text("utf-8"))


@contextmanager
def named_after(path: str | os.PathLike[str]) -> Iterator[None]:
    """Have errors about what a file says begin with its path."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: it is not text in UTF-8: {error.reason} at byte {error.start}") from None
    except (TypeError, ValueError) as error:
        raise type(error)(f"{path}: {error}") from None


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
