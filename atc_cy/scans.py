"""Many symbols in one call: `scan`."""

from collections.abc import Hashable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from .config import ATCConfig, ConfigFields, public, resolve, unknown
from .engine.direction import with_config
from .engine.many import jobs_of, run, symbols_of, thread_count
from .errors import PriceError
from .progress import ProgressOption, check_progress, reporting
from .text import shown

if TYPE_CHECKING:
    import pandas as pd


@overload
def scan(
    data: NDArray[Any],
    config: ATCConfig | str = ...,
    *,
    outputs: str | Sequence[str] = ...,
    threads: int | None = ...,
    progress: ProgressOption = ...,
    failures: MutableMapping[Hashable, PriceError] | None = ...,
    out: NDArray[Any] | None = ...,
    **overrides: Unpack[ConfigFields],
) -> NDArray[Any]: ...
@overload
def scan(
    data: "pd.DataFrame",
    config: ATCConfig | str = ...,
    *,
    outputs: str | Sequence[str] = ...,
    threads: int | None = ...,
    progress: ProgressOption = ...,
    failures: MutableMapping[Hashable, PriceError] | None = ...,
    **overrides: Unpack[ConfigFields],
) -> "pd.DataFrame": ...
@overload
def scan(
    data: Mapping[Any, Any],
    config: ATCConfig | str = ...,
    *,
    outputs: Literal["last"],
    threads: int | None = ...,
    progress: ProgressOption = ...,
    failures: MutableMapping[Hashable, PriceError] | None = ...,
    src: Mapping[Any, Any] | None = ...,
    **overrides: Unpack[ConfigFields],
) -> "pd.DataFrame": ...
@overload
def scan(
    data: Mapping[Any, Any],
    config: ATCConfig | str = ...,
    *,
    outputs: Literal["all"] | tuple[str, ...] | list[str] = ...,
    threads: int | None = ...,
    progress: ProgressOption = ...,
    failures: MutableMapping[Hashable, PriceError] | None = ...,
    src: Mapping[Any, Any] | None = ...,
    **overrides: Unpack[ConfigFields],
) -> "dict[Any, pd.DataFrame]": ...
@public
def scan(
    data: Any,
    config: ATCConfig | str = "default",
    *,
    outputs: str | Sequence[str] = "all",
    threads: int | None = None,
    progress: ProgressOption = None,
    failures: MutableMapping[Hashable, PriceError] | None = None,
    out: NDArray[Any] | None = None,
    src: Mapping[Any, Any] | None = None,
    **overrides: Unpack[ConfigFields],
) -> Any:
    """Adaptive Trend Classification of many symbols: the numbers of `compute_atc_signals`, on all CPUs.

    Parameters
    ----------
    data
        Closing prices: an array (symbols, bars), a DataFrame with one column a symbol, or a mapping of
        symbols to Series, arrays or lists, each of its own length. NaN where a symbol has no bar. An index
        of times increases; without one, the rows are taken as they come.
    config
        A config, or the name of a preset.
    outputs
        "all"; "last" for those of each symbol's last bar alone; or some names, such as
        ("Average_Signal",). What is not asked for takes no memory.
    threads
        How many threads; by default as many as there are CPUs for this process. The numbers are the same.
    progress
        True shows a bar, in a terminal and in a notebook (extra ``cli``). A function is called in this
        thread, now and then, with the bars done and the bars in all.
    failures
        A mapping that takes, for each symbol with a row that is not a valid price, the reason; the symbol's
        outputs are NaN from there on. Of a symbol that has no series of prices at all (it is empty, None or
        text, or not in the order of time) the reason has the row -1. Without it, the first reason is raised.
    out
        Where to write the outputs of an array: what is returned below, to be used again. Memory that is new
        to a process can cost as much as the computation.
    src
        Of a mapping: by symbol, what the moving averages run on, where that is not the price.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    numpy.ndarray
        Of an array: (symbols, outputs, bars), or with "last" (symbols, outputs). float32 of float32.
    pandas.DataFrame
        Of a DataFrame: its index, columns (symbol, output). With "last": one row a symbol.
    dict of pandas.DataFrame
        Of a mapping: a DataFrame a symbol. With "last": one DataFrame, one row a symbol.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    PriceError
        A row is not a valid price, and there is no `failures`.
    KernelError
        No kernel can be loaded.
    """
    config = resolve(config, overrides, function=scan)
    last = isinstance(outputs, str) and outputs == "last"
    names = _chosen(outputs, config)
    threads = thread_count(threads)
    failed: MutableMapping[Hashable, PriceError] = {} if failures is None else failures
    _check(data, out, src, progress, failures)
    symbols = [(name, prices, None if src is None else src.get(name)) for name, prices in symbols_of(data)]
    jobs, values = jobs_of(symbols, len(names), last, out, None if failures is None else failed)
    with reporting(progress, "bars") as report:
        run(jobs, config, names, threads, report, failed)
    if failures is None and failed:
        symbol, error = next(iter(failed.items()))
        raise PriceError(f"{symbol}: {error}", error.row)

    if isinstance(data, np.ndarray):
        return values
    import pandas as pd

    if last:
        return pd.DataFrame(values, pd.Index([job.name for job in jobs], name="symbol"), list(names))
    if isinstance(data, pd.DataFrame):
        columns = pd.MultiIndex.from_product([data.columns, names], names=["symbol", "output"])
        return with_config(
            pd.DataFrame(values.reshape(len(columns), len(data)).T, data.index, columns), config
        )
    frames = {job.name: pd.DataFrame(job.out.T, job.bars.labels, list(names)) for job in jobs}
    return {name: with_config(frame, config) for name, frame in frames.items()}


def _check(data: Any, out: Any, src: Any, progress: Any, failures: Any) -> None:
    """Refuse arguments of another kind, and those that do not go with the data."""
    if not isinstance(data, np.ndarray | Mapping) and not (
        hasattr(data, "iloc") and hasattr(data, "columns")
    ):
        kind = f"{type(data).__module__.split('.')[0]}.{type(data).__name__}".removeprefix("builtins.")
        if hasattr(data, "collect"):
            advice = "give data.collect().to_pandas()"
        elif hasattr(data, "columns"):
            advice = "give data.to_pandas()"
        else:
            advice = "give one symbol as {'BTC': data}, or to compute_atc_signals"
        raise TypeError(
            "data must be a NumPy array (symbols, bars), a pandas DataFrame with a column a symbol, or a "
            f"mapping of symbols to series, not {kind} ({shown(data)}): {advice}"
        )
    if isinstance(data, np.ndarray) and data.ndim == 1:
        raise ValueError(f"data must have the shape (symbols, bars), not {data.shape}: give data[None]")
    if out is not None and not isinstance(out, np.ndarray):
        raise TypeError(f"out={shown(out)} must be a NumPy array, not {type(out).__name__}")
    if out is not None and not isinstance(data, np.ndarray):
        raise TypeError("out is for an array: leave it out, or give data.to_numpy().T")
    if src is not None and not isinstance(data, Mapping):
        raise TypeError("src is for a mapping of symbols: leave it out, or give data as one")
    if src is not None and not isinstance(src, Mapping):
        raise TypeError(f"src={shown(src)} must be a mapping of symbols to series, not {type(src).__name__}")
    check_progress(progress)
    if failures is not None and not isinstance(failures, MutableMapping):
        raise TypeError(f"failures={shown(failures)} must be a dict, or None, not {type(failures).__name__}")


def _chosen(outputs: str | Sequence[str], config: ATCConfig) -> tuple[str, ...]:
    if isinstance(outputs, str):
        if outputs not in ("all", "last"):
            raise ValueError(f"outputs={outputs!r} must be 'all', 'last' or a sequence of names")
        return config.output_names
    if not isinstance(outputs, Sequence):
        raise TypeError(f"outputs={shown(outputs)} must be 'all', 'last' or a sequence of names")
    for name in outputs:
        if name not in config.output_names:
            raise ValueError(f"outputs has {shown(name)}; {unknown(name, config.output_names)}")
    if not outputs or len(set(outputs)) < len(outputs):
        raise ValueError(f"outputs={shown(outputs)} must name at least one output, each once")
    return tuple(outputs)
