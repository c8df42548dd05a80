"""The file of results, from which a sweep or a search that was stopped continues."""

import hashlib
import math
import os
import sys
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from ..config import ATCConfig
from ..config.config import FIELDS
from ..engine.bars import Bars
from ..files import json_lines
from ..files.atomic import replaced
from ..text import shown
from .choices import METRICS, OBJECTIVES
from .grid import Axis, combination_of
from .metrics import Floats
from .trading import Trading


class Trial(NamedTuple):
    """The place of a config in a search by Optuna, whose sampler depends on the trials before."""

    search: str
    """The digest of the settings of the search."""
    number: int


class ResultsFile:
    """Lines of JSON, one per finished config: a digest of its settings, the config, metrics, maybe a trial.

    path: None to keep nothing. names: the names of the metrics, `METRICS` and perhaps more.

    Raises
    ------
    ValueError
        A line was not written by a sweep, or the path is a pipe or a device.
    """

    def __init__(self, path: str | os.PathLike[str] | None, names: tuple[str, ...]) -> None:
        if not isinstance(path, str | os.PathLike | None):
            raise TypeError(f"results={shown(path)} must be the path of a file, or None")
        self._path = None if path is None else replaced(path)
        self._names = names
        self._lock = Lock()
        self._known: dict[tuple[str, str], Floats] = {}
        self._trials: dict[tuple[str, str], dict[int, tuple[int, str]]] = {}
        if self._path is None or not self._path.exists():
            return
        for line, row in json_lines.read(self._path):
            metrics = _metrics(row)
            if metrics is None:
                raise ValueError(
                    f"{self._path}, line {line}: it was not written by a sweep: remove the line, or name "
                    "another file for results"
                )
            # Earlier versions went on trading with an equity below 0: such lines are not used.
            if metrics.keys() >= {*names} and not metrics["max_drawdown"] < -1.0:
                self._known[row["of"], row["config"]] = np.array([metrics[name] for name in names])
            if "trial" in row:
                self._trials.setdefault((row["of"], row["search"]), {})[row["trial"]] = line, row["config"]

    def __bool__(self) -> bool:
        """Whether there is a file."""
        return self._path is not None

    def known(self, identity: str, key: str) -> Floats | None:
        """The metrics of a config, if the file has them all."""
        return self._known.get((identity, key))

    def trials(self, identity: str, search: str, axes: list[Axis]) -> list[tuple[tuple[Any, ...], Floats]]:
        """The values and metrics of a search's trials, from the first one up to a trial that is missing.

        Raises
        ------
        ValueError
            A trial has other values than the grid.
        """
        kept, found = self._trials.get((identity, search), {}), list[tuple[tuple[Any, ...], Floats]]()
        while len(found) in kept:
            line, key = kept[len(found)]
            metrics = self.known(identity, key)
            if metrics is None:
                break
            try:
                found.append((combination_of(axes, key), metrics))
            except ValueError as error:
                raise ValueError(
                    f"{self._path}, line {line}: {error}: remove the line, or name another file for results"
                ) from None
        return found

    def append(self, identity: str, keys: list[str], metrics: Floats, trial: Trial | None = None) -> None:
        """Append the metrics of some configs, an array (metric, config); a trial has one config."""
        if self._path is None:
            return
        of_trial = {} if trial is None else {"search": trial.search, "trial": trial.number}
        with self._lock:
            json_lines.append(
                self._path,
                [
                    {"of": identity, "config": key, "metrics": self._written(numbers), **of_trial}
                    for key, numbers in zip(keys, metrics.T.tolist(), strict=True)
                ],
            )

    def _written(self, numbers: list[float]) -> list[float | None] | dict[str, float | None]:
        """Metrics as JSON, with null for NaN; by name, unless they are the default ones."""
        valid = [number if math.isfinite(number) else None for number in numbers]
        return valid if self._names == METRICS else dict(zip(self._names, valid, strict=True))


def _metrics(row: dict[str, Any]) -> dict[str, float] | None:
    """The metrics of a line by name; None if a sweep did not write the line."""
    fields: dict[str, type] = {"of": str, "config": str}
    if "trial" in row or "search" in row:
        fields |= {"search": str, "trial": int}
    if row.keys() != {*fields, "metrics"} or any(
        type(row[name]) is not kind for name, kind in fields.items()
    ):
        return None
    metrics = row["metrics"]
    if isinstance(metrics, list) and len(metrics) == len(METRICS):
        metrics = dict(zip(METRICS, metrics, strict=True))
    if not isinstance(metrics, dict) or not metrics.keys() <= {*OBJECTIVES}:
        return None
    numbers = {name: math.nan if number is None else number for name, number in metrics.items()}
    # Earlier versions wrote NaN as Python does.
    valid = all(
        type(number) in (int, float) and not abs(number) > sys.float_info.max for number in numbers.values()
    )
    return numbers if valid else None


def identity_of(bars: Bars, first: int, base: ATCConfig, trading: Trading, names: tuple[str, ...]) -> str:
    """A digest of everything except the grid that decides a symbol's numbers.

    Settings that earlier versions did not have are included only if they are used, so that earlier files stay
    valid.
    """
    settings = ", ".join(f"{name}={getattr(base, name)!r}" for name in FIELDS)
    others = trading.rule, trading.fees, trading.bars_per_year
    digest = hashlib.sha256(f"(ATCConfig({settings}), {', '.join(map(repr, others))})".encode())
    digest.update(bars.close.tobytes())
    digest.update(bars.src.tobytes())
    more = {"first": first, "slippage": trading.slippage, "seed": trading.seed if "p_value" in names else 0}
    if used := {name: value for name, value in more.items() if value}:
        digest.update(repr(used).encode())
    return digest.hexdigest()[:16]
