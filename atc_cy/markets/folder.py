"""A folder of candles that have closed, as freqtrade keeps them: Feather files, one for each symbol.

The Arrow metadata of each file has the source, the symbol, and the time from which candles were asked for: so
the earlier candles of a symbol that was listed later are not asked for again.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..files.atomic import replacing
from ..files.damage import damage_reported
from ..files.freqtrade import candle_file
from ..files.tables import feather_table, need_pyarrow
from .source import Candle

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

COLUMNS = ("date", "open", "high", "low", "close", "volume")
"""The columns of freqtrade's files."""
_KEY = b"atc_cy"


class Held(NamedTuple):
    """The candles of a symbol."""

    candles: list[Candle]
    since: int
    """When they were asked for from, in milliseconds since 1970; there are none before the first."""


class Folder:
    """The folder with the candles of one source and length.

    Parameters
    ----------
    path
        The folder, such as user_data/data/binance. It is created when the first file is written.
    name, timeframe
        The name and the timeframe of the source.
    is_cache
        Whether candles that cannot be continued are fetched again. Files of a user are left as they are.
    """

    def __init__(self, path: Path, name: str, timeframe: str, *, is_cache: bool) -> None:
        need_pyarrow(".feather files")
        self.path, self.name, self.timeframe, self.is_cache = path, name, timeframe, is_cache

    def file(self, symbol: str) -> Path:
        """The file of a symbol's candles."""
        return candle_file(self.path, symbol, self.timeframe)

    def check_names(self, symbols: Sequence[str]) -> None:
        """Refuse symbols whose files would have the same name on some systems.

        Raises
        ------
        ValueError
            Two symbols would have the same file.
        """
        seen: dict[str, str] = {}
        for symbol in symbols:
            other = seen.setdefault(str(self.file(symbol)).casefold(), symbol)
            if other != symbol:
                raise ValueError(
                    f"{other} and {symbol} would share the file {self.file(symbol)}: fetch them separately, "
                    "into two folders"
                )

    def read(self, symbol: str) -> Held | None:
        """The candles of a symbol; None if there are none.

        Raises
        ------
        OSError
            The file cannot be read.
        ValueError
            The file is damaged, or has other content; the message names it.
        """
        import pyarrow as pa

        path = self.file(symbol)
        if not path.exists():
            return None
        try:
            with damage_reported():
                table = feather_table(path)
            metadata = json.loads((table.schema.metadata or {}).get(_KEY, b"{}"))
            if metadata and (metadata["source"], metadata["symbol"]) != (self.name, symbol):
                raise ValueError(f"it has {metadata['symbol']} of {metadata['source']}")
            if tuple(table.column_names) != COLUMNS:
                raise ValueError(f"its columns are {', '.join(table.column_names)}")
            starts = table["date"].cast(pa.timestamp("ms", "UTC")).cast(pa.int64()).to_pylist()
            values = [table[name].cast(pa.float64()).to_pylist() for name in COLUMNS[1:]]
        except (ValueError, KeyError, TypeError, pa.ArrowException) as error:
            problem = f"{path} does not have the candles of {symbol} of {self.name}: {error}"
            raise ValueError(problem) from None
        if not starts:
            return None
        if any(after <= before for before, after in pairwise(starts)):
            raise ValueError(f"{path}: the candles are not in the order of their times")
        candles = [Candle(*row) for row in zip(starts, *values, strict=True)]
        return Held(candles, metadata.get("since", starts[0]))

    def write(self, symbol: str, held: Held) -> None:
        """Write the candles of a symbol in the place of the old ones.

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
    """Candles, at least one, as a table of `COLUMNS`; dates are in UTC."""
    import numpy as np
    import pandas as pd

    starts, *values = zip(*candles, strict=True)
    dates = pd.to_datetime(np.array(starts, "datetime64[ms]")).tz_localize("UTC")
    parts = {name: np.array(part, np.float64) for name, part in zip(COLUMNS[1:], values, strict=True)}
    return pd.DataFrame({"date": dates, **parts})


def cache_path() -> Path:
    """The folder that keeps candles for later runs: ATC_CY_CACHE, or one in the user's cache folder."""
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
