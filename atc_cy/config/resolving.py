"""`resolve`, by which every entry point takes a config, and `lookback`, the bars that it warms up."""

from collections.abc import Callable, Mapping
from typing import Any

from ..text import shown
from .calls import NOT_GIVEN, check_fields, public, with_new_name
from .config import FIELDS, ATCConfig


def _keywords(function: Callable[..., Any] | None) -> list[str]:
    """The names of the arguments that can be given by name."""
    import inspect

    parameters = inspect.signature(function).parameters.values() if function else ()
    return [each.name for each in parameters if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)]


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
        The entry point: an error about an unknown keyword suggests its keyword arguments too.
    stacklevel
        That of the warning about an old name: 3 is the caller of the entry point.

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


@public
def lookback(config: ATCConfig | str) -> int:
    """The number of bars before the first bar on which every lane is defined, as TA-Lib counts it.

    With bars numbered from 0, a lane of length L is defined from bar L - 1 on (EMA, HMA, WMA, LSMA), or from
    bar 2L - 2 on (DEMA); KAMA is defined from the first bar.

    Parameters
    ----------
    config
        A config, or a preset's name.

    Returns
    -------
    int
        The number of bars, ≥ 0.

    Raises
    ------
    TypeError, ValueError
        The config is neither a config nor the name of a preset.

    See Also
    --------
    Stream.initialized : Whether a stream has had that many bars.

    Examples
    --------
    >>> atc_cy.lookback("default")
    66
    >>> atc_cy.lookback(atc_cy.ATCConfig(moving_averages=["EMA"], ema_len=20))
    25
    """
    config = resolve(config)
    rounds = {"DEMA": 2, "KAMA": 0}
    lanes = config.structure.lane_lengths()
    return max(
        rounds.get(name, 1) * (max(lengths) - 1)
        for name, lengths in zip(config.moving_averages, lanes, strict=True)
    )
