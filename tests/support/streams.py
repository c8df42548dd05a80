"""What the tests of live feeds share: the batch that a stream must equal, prices, a kernel of choice."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import atc_cy
from atc_cy import ATCConfig
from atc_cy.live import panel, stream
from support.kernels import kernel


def batch(config: ATCConfig, close: Any, src: Any = None) -> NDArray[np.float64]:
    return atc_cy.get_array_fn(config)(np.asarray(close, np.float64), src)


def prices(bars: int, seed: int = 0) -> NDArray[np.float64]:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, bars)))


def outputs(config: ATCConfig, result: dict[str, Any]) -> list[Any]:
    return [result[name] for name in config.output_names]


def use_kernel(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have every new stream run on this kernel."""
    for module in (stream, panel):
        monkeypatch.setattr(module, "best_kernel", lambda _: kernel(name))
