"""The direction of each row of a result, the rows on which it turns, and those on which alerts fire."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from ..config import MOVING_AVERAGES, ATCConfig, ConfigFields, checked_flag, public, resolve, unknown
from ..files.symbols import check_one_value
from ..reference import cut
from ..text import shown
from .crossing import crossings, of_the_bar_before, trend
from .index import check_index

if TYPE_CHECKING:
    import pandas as pd

ATTRIBUTE = "atc_config"
"""The key of the config in a DataFrame's `attrs`: it is text, which pandas copies fast and Parquet keeps."""


DIRECTIONS = {1.0: "long", -1.0: "short"}
"""The names of directions."""


class Result(dict[str, "pd.Series[float]"]):
    """Outputs by name, of one symbol: a dict that knows the config it was computed with.

    It keeps this config when outputs are replaced, as by `update`.

    Attributes
    ----------
    config
        The config; `direction`, `events` and `chart` use its thresholds.
    """

    config: ATCConfig

    @classmethod
    def of(cls, outputs: "Mapping[str, pd.Series[float]]", config: ATCConfig) -> Self:
        """Outputs with their config."""
        result = cls(outputs)
        result.config = config
        return result

    def copy(self) -> Self:
        """Another dict of the same Series, with the same config."""
        return self.of(self, self.config)


def with_config(frame: "pd.DataFrame", config: ATCConfig) -> "pd.DataFrame":
    """The frame, with the config in its `attrs`, from which `known_config` reads it."""
    frame.attrs[ATTRIBUTE] = _as_text(config)
    return frame


@lru_cache(maxsize=64)
def _as_text(config: ATCConfig) -> str:
    return json.dumps(asdict(config))


def known_config(result: object) -> ATCConfig | None:
    """The config that a result was computed with; None if it is not known."""
    if isinstance(result, Result):
        return getattr(result, "config", None)
    text = getattr(result, "attrs", {}).get(ATTRIBUTE)
    return None if text is None else ATCConfig(**json.loads(text))


@public
def direction(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame",
    *,
    config: ATCConfig | str | None = None,
    long_threshold: float | None = None,
    short_threshold: float | None = None,
    alert_from: str = "Average",
    strategy_mode: bool | None = None,
) -> "pd.Series[float]":
    """Where the trend points: 1 up, -1 down.

    The direction turns to 1 when `Average_Signal` crosses over `long_threshold`, and to -1 when it crosses
    under `short_threshold`. It is NaN before the first crossing, and on rows without a signal.

    Parameters
    ----------
    result
        What `compute_atc_signals` returned, or one symbol's DataFrame from `scan` or `atc`. These know the
        config that they were computed with; a dict or a DataFrame that was made from them may not.
    config
        A config, or a preset's name, whose thresholds are used; by default the config of the result.
    long_threshold, short_threshold
        Any finite numbers, in any order; by default those of the config.
    alert_from
        "Average", or a type such as "EMA", whose signal then takes the place of `Average_Signal`.
    strategy_mode
        Whether a type's signal is acted on one bar late; by default as the config says. It does not change
        "Average": the result has that one bar late already if its config says so.

    Returns
    -------
    pandas.Series
        float64, named "direction", on the index of the result. A crossover is a value above the threshold,
        where the last bar before it that had a value was not above it.

    Raises
    ------
    TypeError, ValueError
        A bad threshold; a result without `Average_Signal`; or a result that does not know its config, while a
        threshold is missing.

    See Also
    --------
    events : The bars on which the direction turns.
    alerts : The bars on which the script's alerts fire.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> result = atc_cy.compute_atc_signals(usd, long_threshold=0.5)
    >>> atc_cy.direction(result).tail(3).tolist()
    [-1.0, -1.0, -1.0]
    >>> atc_cy.direction(result, alert_from="EMA").tail(3).tolist()
    [-1.0, -1.0, -1.0]
    """
    import pandas as pd

    average, up_or_down, _ = _turns(
        result, config, long_threshold, short_threshold, alert_from, strategy_mode
    )
    return pd.Series(up_or_down, average.index, name="direction")


@public
def events(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame",
    *,
    config: ATCConfig | str | None = None,
    long_threshold: float | None = None,
    short_threshold: float | None = None,
    alert_from: str = "Average",
    strategy_mode: bool | None = None,
) -> "pd.Series[int]":
    """The bars on which the direction turns: 1 for a long event (from -1 to 1), -1 for a short one.

    The first direction of a series is not an event, because it does not turn from another one.

    Parameters
    ----------
    result, config, long_threshold, short_threshold, alert_from, strategy_mode
        As in `direction`.

    Returns
    -------
    pandas.Series
        int8, named "event", on the index of the result: 1, -1, or 0 where the direction does not turn.

    Raises
    ------
    TypeError, ValueError
        As from `direction`.

    See Also
    --------
    direction : The direction of every bar.
    alerts : The bars on which the script's alerts fire.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> events = atc_cy.events(atc_cy.compute_atc_signals(usd))
    >>> for day, event in events[events != 0].tail(2).items():
    ...     print(day.date(), event)
    2026-09-03 1
    2026-09-11 -1
    """
    import pandas as pd

    average, _, turns = _turns(result, config, long_threshold, short_threshold, alert_from, strategy_mode)
    return pd.Series(turns, average.index, name="event")


@public
def alerts(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame",
    *,
    config: ATCConfig | str | None = None,
    long_threshold: float | None = None,
    short_threshold: float | None = None,
    alert_from: str = "Average",
    direction_from: str = "Average",
    strategy_mode: bool | None = None,
) -> "pd.Series[int]":
    """The bars on which the script's alerts fire; `events` returns the arrows that it draws.

    An alert fires when the output of `alert_from` crosses a threshold while, on the bar before, the direction
    of `direction_from` points the other way. Strategy mode delays the direction, not that output, so an alert
    comes one bar before its arrow. Without strategy mode, and if both are of one output, the alerts are the
    events.

    Parameters
    ----------
    result, config, long_threshold, short_threshold
        As in `direction`.
    alert_from
        The script's "alert from": "Average", or a type, such as "EMA".
    direction_from
        The script's "colour bars from", whose direction is used: the same choices.
    strategy_mode
        Whether the direction is that of the bar before; by default as the config says.

    Returns
    -------
    pandas.Series
        int8, named "alert", on the index of the result: 1 for a long alert, -1 for a short one, 0 elsewhere.

    Raises
    ------
    TypeError, ValueError
        As from `direction`; or a float32 result in strategy mode, which lacks the average of its last bar.

    See Also
    --------
    events : The arrows that the script draws.
    direction : The direction of every bar.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> result = atc_cy.compute_atc_signals(usd, strategy_mode=True)
    >>> alerts, events = atc_cy.alerts(result), atc_cy.events(result)
    >>> alerts[alerts != 0].index[-1].date(), events[events != 0].index[-1].date()
    (datetime.date(2026, 9, 11), datetime.date(2026, 9, 14))
    """
    import pandas as pd

    _check_alert(result, alert_from)
    _check_alert(result, direction_from, "direction_from")
    check_rows(result, alert_from)
    checked, delayed = _checked(result, config, long_threshold, short_threshold, strategy_mode)
    known = known_config(result)
    late = delayed if known is None else known.strategy_mode
    levels = checked.long_threshold, checked.short_threshold
    alert, followed = (
        _punctual_average(result) if late and name == "Average" else result[f"{name}_Signal"]
        for name in (alert_from, direction_from)
    )
    v = followed.to_numpy()
    directions, _ = trend(of_the_bar_before(v) if delayed else v, *levels)
    rows = np.flatnonzero(alert.notna())
    up, down = crossings(alert.to_numpy(np.float64)[rows], np.nan, *levels)
    before = np.concatenate([[np.nan], directions[rows[:-1]]])[: rows.size]
    fired = np.zeros(len(alert), np.int8)
    fired[rows] = (up & (before == -1)).astype(np.int8) - (down & (before == 1))
    return pd.Series(fired, alert.index, name="alert")


def _punctual_average(result: "Mapping[str, pd.Series[float]] | pd.DataFrame") -> "pd.Series[float]":
    """The average of each bar, from a result that has each average one bar late."""
    import pandas as pd

    late = result["Average_Signal"]
    known = known_config(result)
    found = {name: [f"{name}_{end}" in result for end in ("Signal", "S")] for name in MOVING_AVERAGES}
    types = [name for name, parts in found.items() if any(parts)] if known is None else known.moving_averages
    if late.dtype != np.float64 or not types or not all(all(found[name]) for name in types):
        raise ValueError(
            "result has each average one bar late, so the last one is missing. Computing it needs the types' "
            "equities in float64: give a whole result of float64 prices, or one without strategy_mode"
        )
    bars = np.flatnonzero(result[f"{types[0]}_Signal"].notna())
    values = late.to_numpy(copy=True)
    if bars.size:
        votes = [cut(result[f"{name}_Signal"].iloc[bars[-1]]) for name in types]
        equities = [result[f"{name}_S"].iloc[bars[-1]] for name in types]
        numerator = denominator = 0.0
        for vote, equity in zip(votes, equities, strict=True):
            numerator, denominator = numerator + vote * equity, denominator + equity
        values[bars] = np.append(values[bars[1:]], numerator / denominator)
    return pd.Series(values, late.index)


def _check_alert(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame", alert_from: str, argument: str = "alert_from"
) -> None:
    if not isinstance(result, Mapping) and not (hasattr(result, "iloc") and hasattr(result, "columns")):
        raise TypeError(
            f"result={shown(result)} must be what compute_atc_signals returned, or a pandas DataFrame of "
            f"scan or atc, not {type(result).__name__}"
        )
    if not isinstance(alert_from, str):
        raise TypeError(f"{argument}={shown(alert_from)} must be 'Average' or a type, such as 'EMA'")
    if f"{alert_from}_Signal" not in result:
        known = unknown(alert_from, (*MOVING_AVERAGES, "Average"))
        raise ValueError(
            f"result has no '{alert_from}_Signal': give what compute_atc_signals returned, for "
            f"{alert_from!r}; {known}"
        )
    if not hasattr(values := result[f"{alert_from}_Signal"], "notna"):
        raise TypeError(
            f"result['{alert_from}_Signal'] must be a pandas Series, not {type(values).__name__}: "
            "give what compute_atc_signals returned"
        )


def check_rows(result: "Mapping[str, pd.Series[float]] | pd.DataFrame", alert_from: str = "Average") -> None:
    """Refuse rows of several symbols, and rows that are not in the order of time.

    If neither the index nor a column shows it, the directions are compared with those that `atc` computed for
    each symbol.

    Raises
    ------
    ValueError
        There are such rows; the message says how that was found.
    """
    check_index(result[f"{alert_from}_Signal"].index, "result")
    for name, column in result.items():
        check_one_value(name, column, "give the rows of one symbol, or use direction and event of atc")
    known = known_config(result)
    if known is None or not {"Average_Signal", "direction"} <= set(result):
        return
    now = trend(result["Average_Signal"].to_numpy(), known.long_threshold, known.short_threshold)[0]
    if ((now != result["direction"].to_numpy()) & ~np.isnan(now)).any():
        raise ValueError(
            "result: these are not one symbol's rows in the order of time: give the rows of one symbol, or "
            "use direction and event of atc"
        )


def _alert(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame", alert_from: str, strategy_mode: bool
) -> "pd.Series[float]":
    """The output that the direction follows."""
    values = result[f"{alert_from}_Signal"]
    if not strategy_mode or alert_from == "Average":
        return values
    import pandas as pd

    return pd.Series(of_the_bar_before(values.to_numpy()), values.index)


def _turns(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame",
    config: "ATCConfig | str | None",
    long_threshold: float | None,
    short_threshold: float | None,
    alert_from: str,
    strategy_mode: bool | None,
) -> "tuple[pd.Series[float], NDArray[np.float64], NDArray[np.int8]]":
    """The output that the direction follows, and the direction and event of each row."""
    _check_alert(result, alert_from)
    check_rows(result, alert_from)
    checked, delayed = _checked(result, config, long_threshold, short_threshold, strategy_mode)
    average = _alert(result, alert_from, delayed)
    return average, *trend(average.to_numpy(), checked.long_threshold, checked.short_threshold)


def _checked(
    result: "Mapping[str, pd.Series[float]] | pd.DataFrame",
    config: "ATCConfig | str | None",
    long_threshold: float | None,
    short_threshold: float | None,
    strategy_mode: bool | None,
) -> tuple[ATCConfig, bool]:
    """The config with the thresholds, and whether signals are acted on one bar late."""
    known = known_config(result) if config is None else resolve(config)
    given = {"long_threshold": long_threshold, "short_threshold": short_threshold}
    missing = [name for name, threshold in given.items() if threshold is None]
    if known is None and missing:
        raise ValueError(
            f"result has no config, because it was made from another result: give {' and '.join(missing)} "
            "(0.1 and -0.1 if it was computed with the default ones), or config"
        )
    base = ATCConfig() if known is None else known
    changed: ConfigFields = {}
    if long_threshold is not None:
        changed["long_threshold"] = long_threshold
    if short_threshold is not None:
        changed["short_threshold"] = short_threshold
    checked = base.override(**changed)
    delayed = checked.strategy_mode if strategy_mode is None else checked_flag("strategy_mode", strategy_mode)
    return checked, delayed
