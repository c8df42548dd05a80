"""The functions of an earlier Python port, with its names and arguments, on this package's numbers.

It is for programs that were written for such a port: change what they import, and nothing else. Arguments
that choose how the port computes (its backends, caches, approximations) are dropped, because there is one
way here; a line of the logger ``atc_cy`` says so, once for each set of them. A scanner that catches every
exception would hide an error, so errors are logged too before they are raised.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from . import signals
from .config import LENGTH_FIELDS, ATCConfig, MovingAverage, resolve, unknown
from .config.config import FIELDS
from .engine.direction import Result
from .text import shown, suggestion

__all__ = [
    "compute_atc_signals",
    "compute_atc_specialized",
    "config_of",
    "get_specialized_compute_fn",
    "is_config_specializable",
]

RENAMED = {"hma_len": "hull_len", "lambda_param": "La", "decay": "De"}
"""The port's names of fields."""
MEANINGLESS = frozenset(
    ("batch_size", "fast_mode", "max_workers", "n_partitions", "npartitions", "num_threads", "precision")
)
"""The port's names of arguments that are dropped, though some are near those of fields; besides those that
begin with ``approximate_``, ``parallel_`` and ``use_``."""
SOURCES = frozenset(("calculation_source", "source"))
"""The port's names of what the averages run on; only the close is the same without `src`."""
MODES: dict[str, tuple[str, tuple[MovingAverage, ...] | None]] = {
    "default": ("default", None),
    "short_length": ("short", None),
    "short": ("short", None),
    "ema_only": ("ema_only", ("EMA",)),
    "kama_only": ("kama_only", ("KAMA",)),
}
"""The port's modes: the preset of each, for calls without a config, and its types, if they are not all."""

logger = logging.getLogger("atc_cy")
_logged: set[tuple[str, ...]] = set()


def compute_atc_signals(prices: Any, src: Any = None, **keywords: Any) -> Result:
    """`atc_cy.compute_atc_signals`, called as the port's function of this name.

    Parameters
    ----------
    prices, src
        As in `atc_cy.compute_atc_signals`.
    **keywords
        Fields of `ATCConfig`, under their names here or in the port (``hma_len``, ``lambda_param``,
        ``decay``). Others, such as ``precision`` or ``use_rust_backend``, are dropped.

    Returns
    -------
    dict of pandas.Series
        As from `atc_cy.compute_atc_signals`.

    Raises
    ------
    TypeError
        A name is nearly that of a field, or names a source other than the close without `src`: dropping it
        would silently change the numbers. Or a value is of the wrong kind. All errors are logged too.
    ValueError, PriceError, KernelError
        As from `atc_cy.compute_atc_signals`.

    See Also
    --------
    atc_cy.compute_atc_signals : The function without the port's names.

    Examples
    --------
    >>> from atc_cy.compat import compute_atc_signals
    >>> result = compute_atc_signals([1.0, 1.1, 1.2], ema_len=20, precision="float64", use_rust_backend=True)
    >>> result.config.ema_len
    20
    """
    with _errors_logged():
        return _compute(prices, src, ATCConfig(**_fields(keywords, src)))


def compute_atc_specialized(
    prices: Any,
    config: Any = None,
    mode: str = "default",
    use_codegen_specialization: bool = True,
    fallback_to_generic: bool = True,
    **keywords: Any,
) -> Result:
    """The port's function of this name: the outputs of a config and a mode.

    Parameters
    ----------
    prices
        As in `atc_cy.compute_atc_signals`.
    config, mode
        As in `config_of`.
    use_codegen_specialization, fallback_to_generic
        They change nothing: a preset's kernel and the generic one give the same numbers.
    **keywords
        As in `compute_atc_signals`; they replace the config's fields.

    Returns
    -------
    dict of pandas.Series
        As from `atc_cy.compute_atc_signals`.

    Raises
    ------
    TypeError, ValueError, PriceError, KernelError
        As from `compute_atc_signals` and `config_of`.

    See Also
    --------
    atc_cy.compat.config_of : The config that is used.

    Examples
    --------
    >>> from atc_cy.compat import compute_atc_specialized
    >>> result = compute_atc_specialized([1.0, 1.1, 1.2], mode="ema_only", lambda_param=0.05)
    >>> result.config
    ATCConfig(La=0.05, moving_averages=('EMA',))
    """
    del use_codegen_specialization, fallback_to_generic
    with _errors_logged():
        src = keywords.pop("src", None)
        return _compute(prices, src, config_of(config, mode).override(**_fields(keywords, src)))


def get_specialized_compute_fn(
    config: Any = None, mode: str = "default", use_codegen: bool = True
) -> Callable[..., Result] | None:
    """The port's function of this name: `atc_cy.get_specialized_fn` of a config and a mode.

    Parameters
    ----------
    config, mode
        As in `config_of`.
    use_codegen
        False returns None.

    Returns
    -------
    function or None
        None if no preset's kernel runs the config.

    Raises
    ------
    TypeError, ValueError
        As from `config_of`.
    KernelError
        As from `atc_cy.get_specialized_fn`.

    See Also
    --------
    atc_cy.get_specialized_fn : The function without the port's names.

    Examples
    --------
    >>> from atc_cy.compat import get_specialized_compute_fn
    >>> compute = get_specialized_compute_fn(mode="ema_only")
    >>> list(compute([1.0, 1.1, 1.2]))
    ['EMA_Signal', 'EMA_S', 'Average_Signal']
    >>> get_specialized_compute_fn({"ema_len": 20}) is None
    True
    """
    with _errors_logged():
        return signals.get_specialized_fn(config_of(config, mode)) if use_codegen else None


def is_config_specializable(config: Any = None, mode: str = "default") -> bool:
    """The port's function of this name: whether a preset's kernel runs a config and a mode.

    Parameters
    ----------
    config, mode
        As in `config_of`.

    Returns
    -------
    bool

    Raises
    ------
    TypeError, ValueError
        As from `config_of`.
    KernelError
        As from `atc_cy.is_config_specializable`.

    See Also
    --------
    atc_cy.is_config_specializable : The function without the port's names.

    Examples
    --------
    >>> from atc_cy.compat import is_config_specializable
    >>> is_config_specializable(mode="short_length"), is_config_specializable({"ema_len": 20})
    (True, False)
    """
    with _errors_logged():
        return signals.is_config_specializable(config_of(config, mode))


def config_of(config: Any = None, mode: str = "default") -> ATCConfig:
    """The config that the port's config and mode mean.

    Parameters
    ----------
    config
        The port's config, an object or a mapping with its fields; fields that mean nothing here are left out.
        Or an `ATCConfig`, or a preset's name. None is the preset of the mode.
    mode
        "default", "short_length" (or "short"), "ema_only" or "kama_only". The last two keep one type, with
        the lengths of the config.

    Returns
    -------
    ATCConfig

    Raises
    ------
    TypeError, ValueError
        The mode is unknown, the config is of another kind, or a value is bad.

    See Also
    --------
    atc_cy.ATCConfig : The config, and its fields.

    Examples
    --------
    >>> from atc_cy.compat import config_of
    >>> config_of({"hma_len": 20, "lambda_param": 0.05, "timeframe": "1h"})
    ATCConfig(hull_len=20, La=0.05)
    >>> config_of(mode="ema_only").moving_averages
    ('EMA',)
    """
    if not isinstance(mode, str) or mode not in MODES:
        raise ValueError(f"mode={shown(mode)} is unknown; {suggestion(mode, MODES)}")
    preset, types = MODES[mode]
    if config is None:
        return resolve(preset)
    base = resolve(config) if isinstance(config, ATCConfig | str) else ATCConfig(**_fields_of(config))
    return base if types is None else base.override(moving_averages=types)


def _fields_of(config: Any) -> dict[str, Any]:
    """The fields of the port's config; what else it has, such as timeframe and limit, is for its scanners."""
    names = [*FIELDS, *RENAMED]
    given = (
        config
        if isinstance(config, Mapping)
        else {n: getattr(config, n) for n in names if hasattr(config, n)}
    )
    fields = {name: given[name] for name in names if name in given}
    if not fields:
        raise TypeError(
            f"config={shown(config)} has none of the fields {', '.join(LENGTH_FIELDS.values())}: give the "
            "port's config, an ATCConfig or a preset's name"
        )
    return _renamed(fields)


def _fields(keywords: Mapping[str, Any], src: Any) -> dict[str, Any]:
    """The fields among a call's keywords; the others are dropped, and named in the log."""
    others = [name for name in keywords if name not in FIELDS and name not in RENAMED]
    for name in SOURCES.intersection(others):
        if src is None and keywords[name] not in (None, "close"):
            raise TypeError(f"{name}={shown(keywords[name])} changes the numbers: give the series as src")
    for name in others:
        if name in MEANINGLESS or name.startswith(("approximate_", "parallel_", "use_")):
            continue
        if not (hint := unknown(name, FIELDS)).startswith("known: "):
            raise TypeError(f"there is no parameter {name!r}; {hint}")
    _log_dropped(others)
    return _renamed({name: value for name, value in keywords.items() if name not in others})


def _renamed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields under their names here."""
    renamed: dict[str, Any] = {}
    for name, value in fields.items():
        here = RENAMED.get(name, name)
        if here in renamed and renamed[here] != value:
            raise TypeError(f"{here}={shown(renamed[here])} and {name}={shown(value)} are the same: give one")
        renamed[here] = value
    return renamed


def _log_dropped(names: Iterable[str]) -> None:
    """Log the names of arguments, once for each set of them: a scanner calls once a symbol."""
    dropped = tuple(sorted(names))
    if dropped and dropped not in _logged:
        _logged.add(dropped)
        logger.warning("dropped, as there is one way to compute here: %s", ", ".join(dropped))


def _compute(prices: Any, src: Any, config: ATCConfig) -> Result:
    """The outputs of a config."""
    fields: dict[str, Any] = {name: getattr(config, name) for name in FIELDS}
    return signals.compute_atc_signals(prices, src, **fields)


@contextmanager
def _errors_logged() -> Iterator[None]:
    """Log what is raised: the port's scanners catch every exception, and drop the symbol."""
    try:
        yield
    except Exception as error:
        logger.error("%s: %s", type(error).__name__, error)
        raise
