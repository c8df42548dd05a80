"""What people call: prices in, signals out."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .config import (
    MOVING_AVERAGES,
    ATCConfig,
    ConfigFields,
    MovingAverage,
    Robustness,
    checked_flag,
    public,
    resolve,
)
from .dispatch import Kernel, best_kernel, generic_kernel, preset_kernel, specialized_kernel
from .engine import run
from .engine.bars import Bars, as_bars
from .engine.direction import Result
from .text import shown

if TYPE_CHECKING:
    import pandas as pd


@public
def compute_atc_signals(
    prices: "ArrayLike | pd.Series[Any]",
    src: "ArrayLike | pd.Series[Any] | None" = None,
    *,
    ema_len: int = 28,
    hull_len: int = 28,
    wma_len: int = 28,
    dema_len: int = 28,
    lsma_len: int = 28,
    kama_len: int = 28,
    ema_w: float = 1.0,
    hma_w: float = 1.0,
    wma_w: float = 1.0,
    dema_w: float = 1.0,
    lsma_w: float = 1.0,
    kama_w: float = 1.0,
    robustness: Robustness = "Medium",
    La: float = 0.02,
    De: float = 0.03,
    cutout: int = 0,
    long_threshold: float = 0.1,
    short_threshold: float = -0.1,
    strategy_mode: bool = False,
    moving_averages: Iterable[MovingAverage] = MOVING_AVERAGES,
    use_codegen_specialization: bool = True,
) -> Result:
    """Adaptive Trend Classification of one symbol, bit for bit as TradingView's engine computes it.

    Parameters
    ----------
    prices
        n closing prices, oldest first: a Series, a 1-D array or a sequence of numbers, finite and above 0. A
        row with NaN is not a bar: its outputs are NaN, and the other rows get the numbers that they would get
        without it. An index of times, of any type, must increase; without times, rows are taken in their
        order. float32 prices are computed in float64 and give float32 outputs.
    src
        What the moving averages run on, if not `prices`: n finite numbers with the same index.
    ema_len, hull_len, wma_len, dema_len, lsma_len, kama_len
        The base length of each type of moving average, in bars. Each type has nine lanes: averages of this
        length, of four longer and of four shorter ones, which `robustness` spaces. All must be 1 to 12,000
        bars.
    ema_w, hma_w, wma_w, dema_w, lsma_w, kama_w
        The starting weight of each type, any finite number; a weight below 0.25 counts as 0.25.
    robustness
        How far apart the lengths of the lanes are: "Narrow", "Medium" or "Wide".
    La
        Lambda, by how much the weight of a return grows, in thousandths per bar, ≥ 0.
    De
        The decay of the equities, in percent per bar, 0 to 100.
    cutout
        The number of the bar at which the equities start, ≥ 0.
    long_threshold, short_threshold
        Where the direction turns long and short: any finite numbers, in any order. The outputs do not depend
        on them; `direction`, `events`, `alerts` and `chart` use them when they are given the result.
    strategy_mode
        Whether `Average_Signal` comes one bar late, when a strategy can act on it.
    moving_averages
        The types to use, of "EMA", "HMA", "WMA", "DEMA", "LSMA" and "KAMA".
    use_codegen_specialization
        Whether to use a preset's kernel if one fits. The numbers are the same either way.

    Returns
    -------
    dict of pandas.Series
        On the index of `prices`: `{TYPE}_Signal` for each type (-1 to 1, two decimals), then `{TYPE}_S` for
        each type (its equity, ≥ 0.25), then `Average_Signal` (-1 to 1). All are NaN before the cutout. The
        attribute `config` of the dict is the `ATCConfig` that was used.

    Raises
    ------
    TypeError, ValueError
        A bad argument; the message names it, its value and where it is.
    PriceError
        A row is not a valid price; the message names the row.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    atc : The same columns for a table of any library.
    scan : Many symbols at once, on all CPUs.
    Stream : One symbol, bar by bar.
    direction, events, alerts : What is read off the result.

    Notes
    -----
    The indicator is "Adaptive Trend Classification: Moving Averages" by InvestorUnknown. Its "HMA" is a
    simple moving average, as published. `atc_cy.reference` is the whole arithmetic in plain Python.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> result = atc_cy.compute_atc_signals(usd, ema_len=20)
    >>> result["Average_Signal"].round(2).tail(3).tolist()
    [-0.83, -0.83, -0.34]
    >>> result.config.ema_len
    20
    """
    config = _config(
        ema_len=ema_len,
        hull_len=hull_len,
        wma_len=wma_len,
        dema_len=dema_len,
        lsma_len=lsma_len,
        kama_len=kama_len,
        ema_w=ema_w,
        hma_w=hma_w,
        wma_w=wma_w,
        dema_w=dema_w,
        lsma_w=lsma_w,
        kama_w=kama_w,
        robustness=robustness,
        La=La,
        De=De,
        cutout=cutout,
        long_threshold=long_threshold,
        short_threshold=short_threshold,
        strategy_mode=strategy_mode,
        moving_averages=moving_averages,
    )
    specialized = checked_flag("use_codegen_specialization", use_codegen_specialization)
    kernel = best_kernel(config.structure) if specialized else generic_kernel()
    return _compute(kernel, prices, src, config)


_known_config = lru_cache(maxsize=256, typed=True)(ATCConfig)  # typed: 28.0 is not 28, and True is not 1


def _config(**parameters: Any) -> ATCConfig:
    """The config of these parameters; checking twenty of them takes as long as computing a hundred bars."""
    try:
        return _known_config(**parameters)
    except (TypeError, ValueError):  # one that cannot be hashed, which may be a list of types; or a bad one
        return ATCConfig(**parameters)


@public
def compute_atc_signals_specialized(
    prices: "ArrayLike | pd.Series[Any]",
    config: str = "default",
    *,
    src: "ArrayLike | pd.Series[Any] | None" = None,
    fallback: bool = True,
    **overrides: Unpack[ConfigFields],
) -> Result:
    """`compute_atc_signals` on a preset's own kernel.

    Parameters
    ----------
    prices, src
        As in `compute_atc_signals`.
    config
        A name from `list_presets`.
    fallback
        Whether to use the generic kernel, and to log a warning with the reason, when the preset's kernel
        cannot run this call.
    **overrides
        Fields of `ATCConfig`. The preset's kernel takes any numbers (La, De, cutout, weights, thresholds,
        strategy_mode); another structure (moving_averages, lengths, robustness) needs the generic kernel.

    Returns
    -------
    dict of pandas.Series
        As from `compute_atc_signals`, with the same numbers.

    Raises
    ------
    TypeError, ValueError
        A bad argument or an unknown preset; without `fallback`, also a structure that is not the preset's.
    KernelError
        The preset's kernel cannot be loaded, and `fallback` is False.

    See Also
    --------
    get_specialized_fn : The same for many calls with one config.
    list_presets : The presets that are installed.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> result = atc_cy.compute_atc_signals_specialized(usd, "short", La=0.05)
    >>> result["Average_Signal"].round(2).tail(3).tolist()
    [-1.0, -1.0, -0.34]
    """
    resolved = resolve(config, overrides, function=compute_atc_signals_specialized)
    if not isinstance(config, str):
        raise TypeError(f"config={shown(config)} must be the name of a preset, whose kernel is to be used")
    checked_flag("fallback", fallback)
    return _compute(preset_kernel(config, resolved.structure, fallback=fallback), prices, src, resolved)


@public
def is_config_specializable(config: ATCConfig | str) -> bool:
    """Whether a preset's kernel runs this config.

    Parameters
    ----------
    config
        A config, or a preset's name.

    Returns
    -------
    bool
        True if a preset has the structure of the config: its types, lengths and robustness. Other configs run
        on the generic kernel, which computes the same numbers.

    Raises
    ------
    TypeError, ValueError
        The config is neither a config nor the name of a preset.
    KernelError
        A preset has this structure, but its kernel cannot be loaded.

    See Also
    --------
    get_specialized_fn : The function that runs the config on that kernel.
    kernels : All kernels.

    Examples
    --------
    >>> atc_cy.is_config_specializable("short")
    True
    >>> atc_cy.is_config_specializable(atc_cy.ATCConfig(ema_len=20))
    False
    """
    return specialized_kernel(resolve(config).structure) is not None


@public
def get_specialized_fn(config: ATCConfig | str) -> "Callable[..., Result] | None":
    """A function that computes this config on a preset's kernel; None if no preset has its structure.

    Parameters
    ----------
    config
        A config, or a preset's name.

    Returns
    -------
    function or None
        It takes `prices` and optionally `src`, and returns a result, as `compute_atc_signals` does.

    Raises
    ------
    TypeError, ValueError
        The config is neither a config nor the name of a preset.
    KernelError
        A preset has this structure, but its kernel cannot be loaded.

    See Also
    --------
    is_config_specializable : Whether there is such a function.
    get_array_fn : A function of arrays, for any config.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> compute = atc_cy.get_specialized_fn("ema_only")
    >>> compute(usd)["EMA_Signal"].tail(3).tolist()
    [-1.0, -1.0, -1.0]
    >>> atc_cy.get_specialized_fn(atc_cy.ATCConfig(ema_len=20)) is None
    True
    """
    resolved = resolve(config)
    kernel = specialized_kernel(resolved.structure)
    if kernel is None:
        return None

    def specialized(
        prices: "ArrayLike | pd.Series[Any]", src: "ArrayLike | pd.Series[Any] | None" = None
    ) -> Result:
        return _compute(kernel, prices, src, resolved)

    return specialized


@public
def get_array_fn(
    config: ATCConfig | str, *, use_codegen_specialization: bool = True
) -> "Callable[..., NDArray[np.float64] | NDArray[np.float32]]":
    """A function that computes this config on NumPy arrays, for many short calls.

    Parameters
    ----------
    config
        A config, or a preset's name; checked once, here.
    use_codegen_specialization
        As in `compute_atc_signals`.

    Returns
    -------
    function
        ``compute(close, src=None, out=None)``. `close` has n closing prices, and `src` n values that the
        moving averages run on, if not the prices: 1-D arrays, both float64 or both float32, of any strides.
        It returns an array of the shape (outputs, n) and the type of the prices, with a row for each name in
        `config.output_names`; or `out`, which must have this shape and type. It raises what
        `compute_atc_signals` raises.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    compute_atc_signals : The same for Series and lists, with an index.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> config = atc_cy.ATCConfig(La=0.05)
    >>> outputs = atc_cy.get_array_fn(config)(usd.to_numpy())
    >>> outputs.shape == (len(config.output_names), len(usd))
    True
    """
    resolved = resolve(config)
    specialized = checked_flag("use_codegen_specialization", use_codegen_specialization)
    kernel = best_kernel(resolved.structure) if specialized else generic_kernel()
    start = run.new_symbol(kernel, resolved)
    columns = len(resolved.output_names)

    def compute(
        close: NDArray[Any], src: NDArray[Any] | None = None, out: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        for name, given in (("close", close), ("src", src), ("out", out)):
            if not isinstance(given, np.ndarray) and (given is not None or name == "close"):
                raise TypeError(
                    f"{name}={shown(given)} must be a NumPy array, not {type(given).__name__}: "
                    f"give numpy.asarray({name})"
                )
        out = np.empty((columns, close.size), close.dtype) if out is None else out
        bars = Bars(close, close if src is None else src, None)
        run.compute(kernel, resolved, start.copy(), bars, out)
        return out

    return compute


def _compute(kernel: Kernel, prices: Any, src: Any, config: ATCConfig) -> Result:
    import pandas as pd

    if isinstance(src, ATCConfig | str):
        raise TypeError(
            f"src={shown(src)} must be prices, or None: give a config's fields by name, as in La=0.05; "
            "functions such as atc take a whole config as config="
        )
    bars = as_bars(prices, src)
    out = np.empty((len(config.output_names), bars.close.size), bars.close.dtype)
    run.compute(kernel, config, run.new_symbol(kernel, config), bars, out)
    index = pd.RangeIndex(bars.close.size) if bars.labels is None else bars.labels
    named = zip(config.output_names, out, strict=True)
    return Result.of(
        {name: pd.Series(values, index, name=name, copy=False) for name, values in named}, config
    )
