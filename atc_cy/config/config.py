"""`ATCConfig`: what is computed, a structure and the numbers that go with it."""

import math
import os
import warnings
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self, Unpack

from ..text import html_table
from .calls import public
from .config_text import fields_from_toml, fields_of, named_after, toml_of
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
    """A field of a config, with its help text for the command line."""
    return field(default=default, metadata={"help": help_})


@public
@dataclass(frozen=True)
class ATCConfig:
    """All settings that decide the numbers, checked when the config is made.

    The fields are the keyword arguments of `compute_atc_signals` and have the same defaults. A config cannot
    be changed: `override` makes another one. Two configs with equal fields are equal.

    Parameters
    ----------
    ema_len, hull_len, wma_len, dema_len, lsma_len, kama_len
        The base length of each type, in bars. Its nine lanes, whose lengths `robustness` spaces, must be 1 to
        12,000 bars long.
    ema_w, hma_w, wma_w, dema_w, lsma_w, kama_w
        The starting weight of each type, any finite number; a weight below 0.25 counts as 0.25. Lengths and
        weights of types that `moving_averages` leaves out have no effect, and are set to their defaults.
    robustness
        How far apart the lengths of the lanes are: "Narrow", "Medium" or "Wide".
    La
        Lambda, in thousandths per bar, finite and ≥ 0: how fast the weight of returns grows with time; with
        0, all count alike.
    De
        The decay of the equities, in percent per bar, 0 to 100.
    cutout
        The number of the bar at which the equities start, ≥ 0.
    long_threshold, short_threshold
        Where `direction` turns long and short: any finite numbers, in any order.
    strategy_mode
        Whether the average comes one bar late, when a strategy can act on it.
    moving_averages
        The types to use, in any order.

    Raises
    ------
    TypeError
        A value of the wrong kind, such as a length that is not an integer.
    ValueError
        A value out of its range, or an unknown name; the message has the nearest name that exists.

    See Also
    --------
    Structure : The part that decides which kernel runs.
    list_presets : The names of the presets, which name configs.

    Examples
    --------
    >>> config = atc_cy.ATCConfig(La=0.05, moving_averages=["EMA", "KAMA"])
    >>> config.output_names
    ('EMA_Signal', 'KAMA_Signal', 'EMA_S', 'KAMA_S', 'Average_Signal')
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
    robustness: Robustness = _setting("Medium", "how far apart lane lengths are: Narrow, Medium or Wide")
    La: float = _setting(
        0.02, "lambda, in thousandths per bar, ≥ 0: how fast the weight of returns grows; 0: all count alike"
    )
    De: float = _setting(0.03, "decay of the equities, in percent per bar, 0 to 100")
    cutout: int = _setting(0, "the number of the bar at which the equities start, from 0")
    long_threshold: float = _setting(0.1, "where the direction turns to long")
    short_threshold: float = _setting(-0.1, "where the direction turns to short")
    strategy_mode: bool = _setting(False, "whether the average comes one bar late, for a strategy to act on")
    moving_averages: tuple[MovingAverage, ...] = _setting(
        MOVING_AVERAGES, "the types to use, such as EMA+KAMA"
    )

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
        """The arguments of a kernel's `Symbol` and `Panel`."""
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
        """A config with this structure.

        Parameters
        ----------
        structure
            The types, lengths and robustness.
        **numbers
            Any of the other fields.

        Returns
        -------
        ATCConfig

        Examples
        --------
        >>> short = atc_cy.ATCConfig.from_preset("short").structure
        >>> atc_cy.ATCConfig.from_structure(short, La=0.05).ema_len
        14
        """
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
        """The config of an installed preset.

        Parameters
        ----------
        preset
            A name from `list_presets`.
        **overrides
            Fields of `ATCConfig` that replace the preset's.

        Returns
        -------
        ATCConfig

        Raises
        ------
        TypeError, ValueError
            No such preset is installed; or an override is unknown or bad.

        Examples
        --------
        >>> atc_cy.ATCConfig.from_preset("ema_only", La=0.05)
        ATCConfig(La=0.05, moving_averages=('EMA',))
        """
        return cls.from_structure(preset_structure(preset)).override(**overrides)

    def override(self, **overrides: Unpack[ConfigFields]) -> Self:
        """The same config with some fields replaced.

        A config does not remember the lengths and weights of types that `moving_averages` left out: give them
        again with a new list of types.

        Parameters
        ----------
        **overrides
            The fields to replace.

        Returns
        -------
        ATCConfig

        Raises
        ------
        TypeError, ValueError
            A field is unknown, or its value bad.

        Examples
        --------
        >>> config = atc_cy.ATCConfig(La=0.05)
        >>> config.override(De=0.1)
        ATCConfig(La=0.05, De=0.1)
        """
        changed: dict[str, Any] = {**overrides}
        return replace(self, **changed)

    @classmethod
    def from_toml(cls, text: str | os.PathLike[str]) -> Self:
        """The config that a TOML text describes, as `to_toml` writes it.

        Parameters
        ----------
        text
            TOML, with any of the fields under their names; the others have their defaults. Lengths and
            weights may also stand under their types, in the tables ``[lengths]`` and ``[weights]``, so that
            the text of a preset describes a config too. (A path is read as by `load`, with a
            DeprecationWarning.)

        Returns
        -------
        ATCConfig

        Raises
        ------
        TypeError, ValueError
            The text is not TOML, or has an unknown or bad value.

        Examples
        --------
        >>> atc_cy.ATCConfig.from_toml("La = 0.05")
        ATCConfig(La=0.05)
        """
        if isinstance(text, os.PathLike) or _is_path(text):
            warnings.warn("from_toml(path) is now called load(path)", DeprecationWarning, stacklevel=2)
            return cls.load(text)
        return cls(**fields_from_toml(text))

    def to_toml(self) -> str:
        """The config as TOML text, which `from_toml` turns into an equal config.

        Returns
        -------
        str

        Examples
        --------
        >>> text = atc_cy.ATCConfig(moving_averages=["EMA"], La=0.05).to_toml()
        >>> "La = 0.05" in text, atc_cy.ATCConfig.from_toml(text).La
        (True, 0.05)
        """
        return toml_of(asdict(self), self.structure.moving_averages)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a config from a file that `save` wrote, or that you wrote.

        Parameters
        ----------
        path
            A TOML file; see `from_toml` for what it may have and leave out.

        Returns
        -------
        ATCConfig

        Raises
        ------
        OSError
            The file cannot be read.
        TypeError, ValueError
            As from `from_toml`; the message names the file.

        Examples
        --------
        >>> atc_cy.ATCConfig(La=0.05).save("config.toml")
        >>> atc_cy.ATCConfig.load("config.toml")
        ATCConfig(La=0.05)
        """
        with named_after(path):
            return cls(**fields_of(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the config to a file, which `load` reads.

        Parameters
        ----------
        path
            The file, TOML; an existing one is replaced.

        Raises
        ------
        OSError
            The file cannot be written.

        Examples
        --------
        >>> atc_cy.ATCConfig(La=0.05).save("config.toml")
        """
        from ..files.atomic import write

        write(path, self.to_toml().encode())


def _is_path(text: str) -> bool:
    """Whether text is a file's name rather than TOML."""
    if "\n" in text:
        return False
    try:
        return text.endswith(".toml") or Path(text).is_file()
    except (OSError, ValueError):  # a file cannot have this name
        return False


def _as_text(value: Any) -> str:
    """A field's value as a table shows it."""
    return "+".join(value) if isinstance(value, tuple) else str(value)


FIELDS = tuple(ATCConfig.__dataclass_fields__)
