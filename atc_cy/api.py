"""What people call: prices in, signals out."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import hotpaths
from .config import MOVING_AVERAGES, ATCConfig
from .dispatch import Kernel, Symbol, best_kernel, generic_kernel, preset_kernel, specialized_kernel
from .engine.bars import Bars, as_bars
from .errors import ExponentialMultiplierWarning, PriceError

if TYPE_CHECKING:
    import pandas as pd

Result = dict[str, "pd.Series[float]"]


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
    robustness: str = "Medium",
    La: float = 0.02,
    De: float = 0.03,
    cutout: int = 0,
    long_threshold: float = 0.1,
    short_threshold: float = -0.1,
    strategy_mode: bool = False,
    moving_averages: Iterable[str] = MOVING_AVERAGES,
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
        Starting weight of each type, ≥ 0; a weight below 0.25 counts as 0.25.
    robustness
        "Narrow", "Medium" or "Wide".
    La
        Growth of the weight of a return, in thousandths a bar, ≥ 0.
    De
        Decay of the equities, in percent a bar, 0 to 100.
    cutout
        The number of the bar at which equities start, ≥ 0.
    long_threshold, short_threshold
        -1 to 1; checked here, used by `direction` and `events`.
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
        `{TYPE}_S` (its equity, ≥ 0.25), then `Average_Signal` (-1 to 1). NaN before the cutout.

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
    kernel = best_kernel(config.structure) if use_codegen_specialization else generic_kernel()
    return _compute(kernel, prices, src, config)


_known_config = lru_cache(maxsize=256, typed=True)(ATCConfig)  # typed: 28.0 is not 28, and True is not 1


def _config(**parameters: Any) -> ATCConfig:
    """The config of these parameters; checking twenty of them takes as long as computing a hundred bars."""
    try:
        return _known_config(**parameters)
    except TypeError:  # a parameter that cannot be hashed, which may be a list of types; or a bad one
        return ATCConfig(**parameters)


def compute_atc_signals_specialized(
    prices: "ArrayLike | pd.Series[Any]",
    config_preset: str,
    *,
    src: "ArrayLike | pd.Series[Any] | None" = None,
    fallback: bool = True,
    **overrides: Any,
) -> Result:
    """`compute_atc_signals` on a preset's own kernel.

    Parameters
    ----------
    prices, src
        As in `compute_atc_signals`.
    config_preset
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
    config = ATCConfig.from_preset(config_preset, **overrides)
    return _compute(preset_kernel(config_preset, config.structure, fallback=fallback), prices, src, config)


def is_config_specializable(config: ATCConfig) -> bool:
    """Whether a preset's kernel runs this config.

    Raises
    ------
    KernelError
        A preset has this structure, but its kernel cannot be loaded.
    """
    return specialized_kernel(config.structure) is not None


def get_specialized_fn(config: ATCConfig) -> "Callable[..., Result] | None":
    """A function `(prices, src=None) -> result` on the preset kernel that runs this config, or None.

    Raises
    ------
    KernelError
        A preset has this structure, but its kernel cannot be loaded.
    """
    kernel = specialized_kernel(config.structure)
    if kernel is None:
        return None

    def specialized(
        prices: "ArrayLike | pd.Series[Any]", src: "ArrayLike | pd.Series[Any] | None" = None
    ) -> Result:
        return _compute(kernel, prices, src, config)

    return specialized


def get_array_fn(
    config: ATCConfig, *, use_codegen_specialization: bool = True
) -> "Callable[..., NDArray[np.float64] | NDArray[np.float32]]":
    """A function `(close, src=None, out=None) -> outputs` of arrays, for calls that are many and short.

    Parameters
    ----------
    config
        What to compute; checked once, here.
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
    kernel = best_kernel(config.structure) if use_codegen_specialization else generic_kernel()
    start = new_symbol(kernel, config)
    columns = len(config.output_names)

    def compute(
        close: NDArray[Any], src: NDArray[Any] | None = None, out: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        src = close if src is None else src
        out = np.empty((columns, close.size), close.dtype) if out is None else out
        symbol = start.copy()
        if hotpaths.recorders:
            with hotpaths.measured(kernel, config.structure, close.size, 1):
                taken = symbol.advance(close, src, out)
        else:
            taken = symbol.advance(close, src, out)
        if taken < close.size:
            raise price_error(Bars(close, src, None), taken, config)
        return out

    return compute


@lru_cache(maxsize=256)
def _start(kernel: Kernel, config: ATCConfig, live: tuple[Any, ...]) -> Symbol:
    return kernel.Symbol(*config.kernel_arguments, *live)


def new_symbol(kernel: Kernel, config: ATCConfig, *live: Any) -> Symbol:
    """A symbol before its first bar: a copy, which is made sooner and shares what the config fixes.

    live: the arguments of a kernel's `Symbol` after those of the config.
    """
    return _start(kernel, config, live).copy()


def _compute(kernel: Kernel, prices: Any, src: Any, config: ATCConfig) -> Result:
    import pandas as pd

    bars = as_bars(prices, src)
    out = np.empty((len(config.output_names), bars.close.size), bars.close.dtype)
    symbol, size = new_symbol(kernel, config), bars.close.size
    with hotpaths.measured(kernel, config.structure, size, 1):
        taken = symbol.advance(bars.close, bars.src, out)
    if taken < bars.close.size:
        raise price_error(bars, taken, config)
    index = pd.RangeIndex(bars.close.size) if bars.labels is None else bars.labels
    named = zip(config.output_names, out, strict=True)
    return {name: pd.Series(values, index, name=name, copy=False) for name, values in named}


def price_error(bars: Bars, row: int, config: ATCConfig) -> PriceError:
    """What is wrong with the row at which a kernel stopped."""
    close, src = bars.close[row], bars.src[row]
    if not 0 < close < np.inf:
        problem = f"prices has {close} at row {bars.label(row)}: a price must be above 0 and finite"
    elif not np.isfinite(src):
        problem = f"src has {src} at row {bars.label(row)}: it must be finite"
    else:
        problem = (
            f"La={config.La} is too large for {bars.close.size} rows: at row {bars.label(row)} the growth "
            "passes the largest double"
        )
        return PriceError(problem, row)
    return PriceError(f"{problem}, or NaN where there is none", row)


def direction(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame",
    *,
    long_threshold: float = 0.1,
    short_threshold: float = -0.1,
    alert_from: str = "Average",
    strategy_mode: bool = False,
) -> "pd.Series[float]":
    """Where the trend points: 1 up, -1 down.

    It turns to 1 when `Average_Signal` crosses over `long_threshold`, to -1 when it crosses under
    `short_threshold`, and is NaN before the first crossing and where there is no signal.

    Parameters
    ----------
    result
        What `compute_atc_signals` returned, or one symbol's DataFrame from `scan`.
    long_threshold, short_threshold
        -1 to 1, the short one not above the long one.
    alert_from
        "Average", or the type whose signal takes the place of `Average_Signal`, such as "EMA".
    strategy_mode
        Whether a type's signal is acted on one bar late; a result's average comes so if it was asked for.

    Returns
    -------
    pandas.Series
        float64, named "direction", on the result's index. A crossover is a value above the threshold after
        one that was not above it, on the last bar that had one.

    Raises
    ------
    TypeError, ValueError
        A bad threshold, or a result without `Average_Signal`.
    """
    import pandas as pd

    average = _alert(result, alert_from, strategy_mode)
    way, _ = trend(average.to_numpy(), *_thresholds(long_threshold, short_threshold))
    return pd.Series(way, average.index, name="direction")


def events(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame",
    *,
    long_threshold: float = 0.1,
    short_threshold: float = -0.1,
    alert_from: str = "Average",
    strategy_mode: bool = False,
) -> "pd.Series[int]":
    """Where the direction turns: 1 for a long event (from -1 to 1), -1 for a short event, 0 elsewhere.

    The first direction that a series takes is no event: there is nothing that it turns from.

    Parameters and errors are those of `direction`.

    Returns
    -------
    pandas.Series
        int8, named "event", on the result's index.
    """
    import pandas as pd

    average = _alert(result, alert_from, strategy_mode)
    _, turns = trend(average.to_numpy(), *_thresholds(long_threshold, short_threshold))
    return pd.Series(turns, average.index, name="event")


def _alert(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame", alert_from: str, strategy_mode: bool
) -> "pd.Series[float]":
    """The output that the direction follows."""
    name = f"{alert_from}_Signal"
    if name not in result:
        raise ValueError(
            f"result has no {name!r}: give what compute_atc_signals returned, for {alert_from!r}"
        )
    values = result[name]
    if not strategy_mode or alert_from == "Average":
        return values
    bars = values.notna()  # rows without a bar stay so
    late = values.copy()
    late[bars] = values[bars].shift().to_numpy()
    return late


def _thresholds(long_threshold: float, short_threshold: float) -> tuple[float, float]:
    """The same, checked."""
    checked = ATCConfig(long_threshold=long_threshold, short_threshold=short_threshold)
    return checked.long_threshold, checked.short_threshold


def trend(
    average: NDArray[Any],
    long_threshold: float,
    short_threshold: float,
    last: tuple[float, float] = (np.nan, np.nan),
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """The direction and the event of each row, NaN and 0 without a signal; thresholds are a config's.

    last: the average and the direction on the bar before the first row.
    """
    rows = np.flatnonzero(~np.isnan(average))
    now = average[rows].astype(np.float64, copy=False)
    before = np.concatenate([last[:1], now[:-1]])
    up = (now > long_threshold) & (before <= long_threshold)
    down = (now < short_threshold) & (before >= short_threshold)
    crossings = np.flatnonzero(up | down)
    ways = np.append(last[1], np.where(up[crossings], 1.0, -1.0))
    direction, event = np.full(average.size, np.nan), np.zeros(average.size, np.int8)
    direction[rows] = np.repeat(ways, np.diff(crossings, prepend=0, append=now.size))
    turns = np.flatnonzero(ways[1:] == -ways[:-1])
    event[rows[crossings[turns]]] = ways[1:][turns]
    return direction, event


def exponential_multiplier(bars: int, *, La: float = 0.02, cutout: int = 0) -> float:
    """How much more the last bar weighs than the bar at the cutout.

    It is E ** ((La / 1000) * (bars - 1 - cutout)), correctly rounded, with E the double nearest to e.

    Parameters
    ----------
    bars
        Number of bars, ≥ 1; rows without a price do not count.
    La, cutout
        As in `compute_atc_signals`.

    Warns
    -----
    ExponentialMultiplierWarning
        Above 1.1 it is "too high", above 1.25 "way too high".

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    OverflowError
        The multiplier is beyond the largest double.
    """
    from .config import checked_integer

    config = ATCConfig(La=La, cutout=cutout)
    if checked_integer("bars", bars) < 1:
        raise ValueError(f"bars={bars} is out of range: give at least 1")
    multiplier, problem = multiplier_and_problem(bars, config)
    if problem:
        warnings.warn(problem, ExponentialMultiplierWarning, stacklevel=2)
    return multiplier


def multiplier_and_problem(bars: int, config: ATCConfig) -> tuple[float, str]:
    """The exponential multiplier of so many bars, and what is to be said about it, if anything."""
    from .reference import growth

    multiplier = growth((config.La / 1000) * (bars - 1 - config.cutout))
    if multiplier <= 1.1:
        return multiplier, ""
    degree = "way too high" if multiplier > 1.25 else "too high"
    return multiplier, (
        f"the exponential multiplier of {bars} bars is {multiplier:.3g}, {degree}: "
        f"lower La={config.La:g} or raise cutout={config.cutout}"
    )
