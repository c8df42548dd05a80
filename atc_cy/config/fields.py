"""The types of a config's fields, for signatures that take them by name."""

from collections.abc import Sequence
from typing import Literal, TypedDict

MovingAverage = Literal["EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA"]
Robustness = Literal["Narrow", "Medium", "Wide"]


class ConfigFields(TypedDict, total=False):
    """Fields of `ATCConfig`, as keyword arguments that replace a config's."""

    ema_len: int
    hull_len: int
    wma_len: int
    dema_len: int
    lsma_len: int
    kama_len: int
    ema_w: float
    hma_w: float
    wma_w: float
    dema_w: float
    lsma_w: float
    kama_w: float
    robustness: Robustness
    La: float
    De: float
    cutout: int
    long_threshold: float
    short_threshold: float
    strategy_mode: bool
    moving_averages: Sequence[MovingAverage]
