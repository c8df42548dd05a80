"""The candles of stocks, funds and indices, from Yahoo through yfinance.

Prices are those of a chart: adjusted for splits, not for dividends. A daily or weekly candle starts at
midnight in UTC of its day at the stock exchange, so that its date is that day everywhere.
"""

from __future__ import annotations

import asyncio
import importlib
import math
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..files.timeframes import read_timeframe
from .source import Candle, Source, checked, local_clock

if TYPE_CHECKING:
    import pandas as pd

YAHOO = "yahoo"
"""The name for --exchange."""
_DAY = 86_400_000
_TIMEFRAMES = {
    **dict.fromkeys(["1m", "2m", "5m", "15m", "30m", "90m", "1h"]),
    "1d": "1d",
    "1w": "1wk",
}
"""The timeframes that are offered, with Yahoo's name if it differs."""
_KEPT_DAYS = {"1m": 7, "1h": 729}
"""How many days Yahoo keeps candles of these timeframes; of other ones of less than a day it is 59."""
_LARGEST_SCREEN = 250


class Stocks(Source):
    """Yahoo's candles of one length.

    Parameters
    ----------
    timeframe
        "1d", "1w" or, for the last weeks, "1h" and less.

    Raises
    ------
    ImportError
        yfinance is not installed.
    ValueError
        There are no such candles.
    """

    name = YAHOO
    at_once = 4
    earlier_step = 10_000

    def __init__(self, timeframe: str) -> None:
        try:
            self._yfinance: Any = importlib.import_module("yfinance")
            errors: Any = importlib.import_module("yfinance.exceptions")
        except ModuleNotFoundError:
            raise ImportError("--exchange yahoo needs yfinance: pip install 'atc_cy[stocks]'") from None
        if timeframe not in _TIMEFRAMES:
            raise ValueError(
                f"--timeframe {timeframe!r} is not a timeframe of yahoo: give one of "
                f"{', '.join(_TIMEFRAMES)}; --resample makes longer ones"
            )
        self.throttled = (errors.YFRateLimitError,)
        self.transient = (errors.YFRateLimitError, OSError)
        self.errors = (errors.YFException, OSError)
        self.timeframe = timeframe
        self.length = read_timeframe(timeframe).longest * 1_000
        self._config = self._yfinance.config.debug
        self._hidden = self._config.hide_exceptions
        self._config.hide_exceptions = False  # otherwise an error would return an empty table
        super().__init__()

    async def clock(self) -> int:
        return local_clock()

    def begin(self, now: int, history: int) -> int:
        """The time from which to ask: stocks trade on five days of seven, for 6.5 hours a day or more."""
        if self.length >= _DAY:
            closed = 1 if self.length > _DAY else 1.5
            return max(int(now - now % _DAY - (history * closed + 14) * self.length), 0)
        days = history * self.length / (6 * 3_600_000) * 1.5 + 7
        kept = _KEPT_DAYS.get(self.timeframe, 59)
        return now - now % _DAY - int(min(days, kept)) * _DAY

    async def symbols(self, quote: str | None, top: int | None) -> list[str]:
        if quote is not None:
            raise ValueError("--quote is not for yahoo: give --symbols, or --top-volume alone")
        if top is None:
            raise ValueError("yahoo has no list of all stocks: give --symbols, or --top-volume")
        if top > _LARGEST_SCREEN:
            raise ValueError(f"--top-volume {top}: yahoo lists {_LARGEST_SCREEN} stocks at the most")
        answer = await asyncio.to_thread(self._yfinance.screen, "most_actives", count=top)
        return [str(stock["symbol"]) for stock in answer["quotes"]][:top]

    async def pages(self, symbol: str, since: int, until: int) -> AsyncGenerator[list[Candle], None]:
        rows = await asyncio.to_thread(self._history, symbol, since)
        candles = [
            candle
            for candle in self._candles(rows)
            if since <= candle.start <= until and not math.isnan(candle.close)
        ]
        ordered = checked(self.name, symbol, candles, self.length)
        if ordered:
            yield ordered

    def _history(self, symbol: str, since: int) -> pd.DataFrame:
        # A day earlier, because the day of a stock exchange in the east begins before that of UTC.
        start = datetime.fromtimestamp(since / 1_000 - (86_400 if self.length >= _DAY else 0), UTC)
        rows: pd.DataFrame = self._yfinance.Ticker(symbol).history(
            interval=_TIMEFRAMES[self.timeframe] or self.timeframe,
            start=start,
            auto_adjust=False,
            actions=False,
        )
        return rows

    def _candles(self, rows: pd.DataFrame) -> list[Candle]:
        import pandas as pd

        opened = pd.DatetimeIndex(rows.index)
        if self.length >= _DAY:
            days = opened if opened.tz is None else opened.tz_localize(None)
            opened = days.normalize().tz_localize("UTC")
        starts = opened.tz_convert("UTC").as_unit("ms").astype("int64").tolist()
        if len(starts) > 1 and starts[-1] - starts[-2] < self.length:
            # Yahoo adds the latest trade as a separate row, which does not belong to a candle yet.
            starts, rows = starts[:-1], rows.iloc[:-1]
        values = rows[["Open", "High", "Low", "Close", "Volume"]].astype("float64").to_numpy().tolist()
        return [Candle(start, *row) for start, row in zip(starts, values, strict=True)]

    def close(self) -> None:
        self._config.hide_exceptions = self._hidden
        super().close()
