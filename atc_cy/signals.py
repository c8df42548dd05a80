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
        n closing prices, oldest first: Series, 1-D array or sequence of numbers; finite and above 0. A row
        with NaN is no bar: its outputs are NaN, and the others are what they would be without the row. An
        index of times, of any type, must increase; without times the rows are taken as they come.
        float32 is computed in float64 and gives float32 outputs.
    src
        What the moving averages run on, if not `prices`: n finite numbers, of the same index.
    ema_len, hull_len, wma_len, dema_len, lsma_len, kama_len
        Base length of each type, in bars. Each type has nine lanes: this length and, `robustness` apart,
        four longer and four shorter ones, all from 1 to 12,000 bars.
    ema_w, hma_w, wma_w, dema_w, lsma_w, kama_w
        Starting weight of each type, any finite number; one below 0.25 counts as 0.25.
    robustness
        "Narrow", "Medium" or "Wide".
    La
        Growth of the weight of a return, in thousandths a bar, ≥ 0.
    De
        Decay of the equities, in percent a bar, 0 to 100.
    cutout
        The number of the bar at which equities start, ≥ 0.
    long_threshold, short_threshold
        Any finite numbers, in any order; checked here, used by `direction`, `events`, `alerts` and
        `chart` of the result.
    strategy_mode
        Whether `Average_Signal` is given one bar late, as a strategy can act on it.
    moving_averages
        The types to use, of "EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA".
    use_codegen_specialization
        Whether a preset's kernel may be used where one fits. The numbers are the same.

    Returns
    -------
    dict of pandas.Series
        On the index of `prices`: for each type `{TYPE}_Signal` (-1 to 1, two decimals), then for each type
        `{TYPE}_S` (its equity, ≥ 0.25), then `Average_Signal` (-1 to 1). NaN before the cutout. The dict
        has an attribute `config`, the `ATCConfig` it was computed with.

    Raises
    ------
    TypeError, ValueError
        A bad argument; the message names it, its value and where it is.
    KernelError
        No kernel can be loaded.

    Notes
    -----
    The indicator is "Adaptive Trend Classification: Moving Averages" by InvestorUnknown. Its "HMA" is a
    simple moving average, as published. `atc_cy.reference` is the whole arithmetic in plain Python.
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
        Whether the generic kernel may step in, with one logged warning that says why.
    **overrides
        Fields of `ATCConfig`. Numbers (La, De, cutout, weights, thresholds, strategy_mode) stay on the
        preset's kernel; structure (moving_averages, lengths, robustness) needs the generic one.

    Returns
    -------
    dict of pandas.Series
        As from `compute_atc_signals`, and the same numbers.

    Raises
    ------
    TypeError, ValueError
        A bad argument, an unknown preset, or another structure than the preset's without `fallback`.
    KernelError
        The preset's kernel cannot be loaded, without `fallback`.
    """
    resolved = resolve(config, overrides, function=compute_atc_signals_specialized)
    if not isinstance(config, str):
        raise TypeError(f"config={shown(config)} must be the name of a preset, whose kernel is to be used")
    checked_flag("fallback", fallback)
    return _compute(preset_kernel(config, resolved.structure, fallback=fallback), prices, src, resolved)


@public
def is_config_specializable(config: ATCConfig | str) -> bool:
    """Whether a preset's kernel runs this config.

    Raises
    ------
    KernelError
        A preset has this structure, but its kernel cannot be loaded.
    """
    return specialized_kernel(resolve(config).structure) is not None


@public
def get_specialized_fn(config: ATCConfig | str) -> "Callable[..., Result] | None":
    """A function `(prices, src=None) -> result` on the preset kernel that runs this config, or None.

    Raises
    ------
    KernelError
        A preset has this structure, but its kernel cannot be loaded.
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
    """A function `(close, src=None, out=None) -> outputs` of arrays, for calls that are many and short.

    Parameters
    ----------
    config
        A config, or a preset's name; checked once, here.
    use_codegen_specialization
        As in `compute_atc_signals`.

    Returns
    -------
    function
        It takes n closing prices and, if they differ, n values of src: 1-D arrays, both float64 or both
        float32, of any strides. It returns one row an output, in the order of `config.output_names`: an array
        of the shape (outputs, n) and of the prices' type, or `out`, which has this shape and type. It raises
        as `compute_atc_signals` does.

    Raises
    ------
    KernelError
        No kernel can be loaded.
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
