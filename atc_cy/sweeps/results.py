"""Results of a sweep: the file that a stopped sweep goes on from."""

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig
from ..engine.bars import Bars
from ..files import json_lines
from ..text import shown
from .choices import METRICS
from .trading import Floats, Trading


class ResultsFile:
    """Lines of JSON, one a finished config: what it is of, the config, and its metrics.

    path: None keeps nothing. keys: of the configs, in their order.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None,
        base: ATCConfig,
        trading: Trading,
        symbols: list[Bars],
        keys: list[str],
    ) -> None:
        if not isinstance(path, str | os.PathLike | None):
            raise TypeError(f"results={shown(path)} must be the path of a file, or None")
        self._path = None if path is None else Path(path)
        self._keys = keys
        self._identities = [] if path is None else [_identity(bars, (base, *trading)) for bars in symbols]

    def read(self, values: Floats) -> NDArray[np.bool_]:
        """Fill `values`, (metric, symbol, config), with what the file has; returns which configs it had.

        Raises
        ------
        ValueError
            A line is not of a sweep.
        """
        done = np.zeros(values.shape[1:], np.bool_)
        if self._path is None or not self._path.exists():
            return done
        numbers = {key: number for number, key in enumerate(self._keys)}
        places = {identity: place for place, identity in enumerate(self._identities)}
        for line, row in json_lines.read(self._path):
            if not _is_result(row):
                raise ValueError(
                    f"{self._path}, line {line}: no sweep wrote this; name another file for results"
                )
            place, number = places.get(row["of"]), numbers.get(row["config"])
            if place is not None and number is not None:
                values[:, place, number] = row["metrics"]
                done[place, number] = True
        return done

    def append(self, symbol: int, configs: list[int], metrics: Floats) -> None:
        """Add the metrics, (metric, config), of some configs of a symbol."""
        if self._path is None:
            return
        identity = self._identities[symbol]
        json_lines.append(
            self._path,
            [
                {"of": identity, "config": self._keys[number], "metrics": numbers}
                for number, numbers in zip(configs, metrics.T.tolist(), strict=True)
            ],
        )


def _is_result(row: dict[str, Any]) -> bool:
    return (
        row.keys() == {"of", "config", "metrics"}
        and isinstance(row["of"], str)
        and isinstance(row["config"], str)
        and isinstance(row["metrics"], list)
        and len(row["metrics"]) == len(METRICS)
        and all(isinstance(number, int | float) for number in row["metrics"])
    )


def _identity(bars: Bars, arguments: tuple[Any, ...]) -> str:
    """A digest of all that decides a symbol's numbers besides the grid."""
    digest = hashlib.sha256(repr(arguments).encode())
    digest.update(bars.close.tobytes())
    digest.update(bars.src.tobytes())
    return digest.hexdigest()[:16]
