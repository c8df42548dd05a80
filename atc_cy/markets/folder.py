"""A folder of candles that have closed, as freqtrade keeps them: Feather files, one for each symbol.

Each file also says, in its Arrow metadata, whose candles it has and from when on they were asked for: a
symbol that was listed later is not asked for its earlier candles again.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..files.atomic import replacing
from ..files.damage import damage_told
from ..files.freqtrade import candle_file
from ..files.tables import feather_table, need_pyarrow
from .source import Candle

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

COLUMNS = ("date", "open", "high", "low", "close", "volume")
"""As freqtrade has them."""
_KEY = b"atc_cy"


class Held(NamedTuple):
    """The candles of a symbol."""

    candles: list[Candle]
    since: int
    """From when on they were asked for, in milliseconds since 1970: until the first one, there are none."""


class Folder:
    """Where the candles of one source and length are kept.

    Parameters
    ----------
    path
        Of the source: user_data/data/binance, say. It is made when the first file is written.
    name, timeframe
        Of the source.
    is_cache
        Whether candles that cannot be continued are fetched again. A user's own files are left as they are.
    """

    def __init__(self, path: Path, name: str, timeframe: str, *, is_cache: bool) -> None:
        need_pyarrow(".feather files")
        self.path, self.name, self.timeframe, self.is_cache = path, name, timeframe, is_cache

    def file(self, symbol: str) -> Path:
        """Where a symbol's candles are."""
        return candle_file(self.path, symbol, self.timeframe)

    def check_names(self, symbols: Sequence[str]) -> None:
        """Refuse symbols whose files would be one, on some systems at least.

        Raises
        ------
        ValueError
            There are two such symbols.
        """
        seen: dict[str, str] = {}
        for symbol in symbols:
            other = seen.setdefault(str(self.file(symbol)).casefold(), symbol)
            if other != symbol:
                raise ValueError(
                    f"{other} and {symbol} would share the file {self.file(symbol)}: fetch them apart, into "
                    "two folders"
                )

    def read(self, symbol: str) -> Held | None:
        """The candles of a symbol; None: there are none.

        Raises
        ------
        OSError
            The file cannot be read.
        ValueError
            It is damaged, or has something else; the message names it.
        """
        import pyarrow as pa

        path = self.file(symbol)
        if not path.exists():
            return None
        try:
            with damage_told():
                table = feather_table(path)
            metadata = json.loads((table.schema.metadata or {}).get(_KEY, b"{}"))
            if metadata and (metadata["source"], metadata["symbol"]) != (self.name, symbol):
                raise ValueError(f"it has {metadata['symbol']} of {metadata['source']}")
            if tuple(table.column_names) != COLUMNS:
                raise ValueError(f"its columns are {', '.join(table.column_names)}")
            starts = table["date"].cast(pa.timestamp("ms", "UTC")).cast(pa.int64()).to_pylist()
            values = [table[name].cast(pa.float64()).to_pylist() for name in COLUMNS[1:]]
        except (ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise ValueError(f"{path} is not of {symbol} of {self.name}: {error}") from None
        if not starts:
            return None
        if any(after <= before for before, after in pairwise(starts)):
            raise ValueError(f"{path}: the candles are not in the order of their times")
        candles = [Candle(*row) for row in zip(starts, *values, strict=True)]
        return Held(candles, metadata.get("since", starts[0]))

    def write(self, symbol: str, held: Held) -> None:
        """Keep the candles of a symbol, in place of those that there are.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        import pyarrow as pa
        from pyarrow import feather

        path = self.file(symbol)
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"source": self.name, "symbol": symbol, "since": held.since}
        starts, *values = zip(*held.candles, strict=True)
        dates = pa.array(starts, pa.timestamp("ms", "UTC"))
        columns = [dates, *(pa.array(part, pa.float64()) for part in values)]
        table = pa.table(columns, [*COLUMNS]).replace_schema_metadata({_KEY: json.dumps(metadata)})
        with replacing(path) as part:
            feather.write_feather(table, part, compression="lz4")


def frame_of(candles: Sequence[Candle]) -> pd.DataFrame:
    """One candle or more as a table of `COLUMNS`; dates are in UTC."""
    import numpy as np
    import pandas as pd

    starts, *values = zip(*candles, strict=True)
    dates = pd.to_datetime(np.array(starts, "datetime64[ms]")).tz_localize("UTC")
    parts = {name: np.array(part, np.float64) for name, part in zip(COLUMNS[1:], values, strict=True)}
    return pd.DataFrame({"date": dates, **parts})


def cache_path() -> Path:
    """Where candles are kept for later runs: ATC_CY_CACHE, or else in the user's cache folder."""
    given = os.environ.get("ATC_CY_CACHE")
    if given:
        return Path(given)
    try:
        from platformdirs import user_cache_path
    except ImportError:
        raise ImportError(
            "the cache needs platformdirs: pip install 'atc_cy[live]', or set ATC_CY_CACHE to a folder"
        ) from None
    return user_cache_path("atc-cy", appauthor=False) / "candles"
