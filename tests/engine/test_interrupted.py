"""Ctrl-C ends a long computation before it is through."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from support.golden import golden

from atc_cy import ATCConfig, PriceError, compute_atc_signals
from atc_cy.dispatch import best_kernel
from atc_cy.engine import run
from atc_cy.engine.bars import as_bars

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timer of signals")

CLOSE = np.tile(golden("usd_default").close, 500)
CONFIG = ATCConfig(La=0.0)
"""Whose growth never overflows."""


@contextmanager
def ctrl_c() -> Iterator[None]:
    """As if it was pressed, some milliseconds after the block has begun."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_batch() -> None:
    kernel = best_kernel(CONFIG.structure)
    out = np.full((len(CONFIG.output_names), CLOSE.size), np.nan)
    with ctrl_c():
        run.compute(kernel, CONFIG, run.new_symbol(kernel, CONFIG), as_bars(CLOSE, None), out)
    assert not np.isnan(out[:, 0]).any()
    assert np.isnan(out[:, -1]).all()


def test_calls_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long series, taken in parts, has the bits of one call; a bad row is found in any part."""
    close = CLOSE[:5000].copy()
    close[[0, 17, 1234]] = np.nan
    kernel, outputs = best_kernel(CONFIG.structure), []
    for rows in (50_000, 617):
        monkeypatch.setattr(run, "ROWS_OF_CALL", rows)
        out = np.empty((len(CONFIG.output_names), close.size))
        run.compute(kernel, CONFIG, run.new_symbol(kernel, CONFIG), as_bars(close, None), out)
        outputs.append(out)
    np.testing.assert_array_equal(*outputs)
    close[4321] = -1.0
    with pytest.raises(PriceError, match="row 4321") as raised:
        compute_atc_signals(close)
    assert raised.value.row == 4321


def test_all_rows_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "ROWS_OF_CALL", 3)
    kernel = best_kernel(CONFIG.structure)
    close = CLOSE[:10].copy()
    close[7] = -1.0
    for options, bars in (({"whole": True}, 0), ({}, 7)):
        symbol = run.new_symbol(kernel, CONFIG)
        assert run.advance(symbol, close, close, None, **options) == 7
        assert symbol.bars == bars
