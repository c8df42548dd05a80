"""Bayesian search: Optuna's tree-structured Parzen estimator suggests the next config after each trial.

The sampler depends only on the trials before and on a seed, which is made of the search's seed and the
trial's number. So a search continues from the trials in its results as if it had not been stopped.
"""

import hashlib
import json
import math
from typing import Any

from .grid import Axis


class Search:
    """A search among the values of some fields.

    axes: the fields and their values. low: whether the lowest value of the objective is the best.

    Raises
    ------
    ImportError
        Optuna is not installed.
    """

    def __init__(self, axes: list[Axis], seed: int, *, low: bool = False) -> None:
        optuna = _optuna()
        self._axes, self._seed = axes, seed
        self.trials = 0
        # A trial has the places of its values, which have the order of the values.
        self._distributions: dict[str, Any] = {
            axis.field: optuna.distributions.IntDistribution(0, len(axis.values) - 1)
            if axis.is_ordered
            else optuna.distributions.CategoricalDistribution(range(len(axis.values)))
            for axis in axes
        }
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)  # Optuna would report each study
        try:
            self._study = optuna.create_study(direction="minimize" if low else "maximize")
        finally:
            optuna.logging.set_verbosity(before)

    def suggest(self) -> tuple[Any, ...]:
        """The values to try next; `finish` must be called after trying them."""
        import numpy as np
        import optuna

        (seed,) = np.random.SeedSequence([self._seed, self.trials]).generate_state(1).tolist()
        self._study.sampler = optuna.samplers.TPESampler(seed=seed)
        self._trial = self._study.ask(self._distributions)
        return tuple(axis.values[self._trial.params[axis.field]] for axis in self._axes)

    def finish(self, value: float) -> None:
        """Set the objective of the values that were suggested last; NaN means that there is no result."""
        import optuna

        self.trials += 1
        if math.isfinite(value):
            self._study.tell(self._trial, value)
        else:
            self._study.tell(self._trial, state=optuna.trial.TrialState.FAIL)

    def add(self, values: tuple[Any, ...], value: float) -> None:
        """Add a trial of an earlier run."""
        import optuna

        self.trials += 1
        states, done = optuna.trial.TrialState, math.isfinite(value)
        self._study.add_trial(
            optuna.trial.create_trial(
                state=states.COMPLETE if done else states.FAIL,
                value=value if done else None,
                params={
                    axis.field: axis.values.index(each) for axis, each in zip(self._axes, values, strict=True)
                },
                distributions=self._distributions,
            )
        )


def identity_of(axes: list[Axis], objective: str, seed: int) -> str:
    """A digest of the settings of a search, its id in a file of results."""
    space = json.dumps([["tpe", objective, seed], *axes], default=str)
    return hashlib.sha256(space.encode()).hexdigest()[:16]


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise ImportError("search='tpe' needs Optuna: pip install 'atc_cy[optimize]'") from None
    return optuna
