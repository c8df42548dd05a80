"""Ctrl-C ends a long computation before it is through, and a stream is then as it was."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from support.golden import golden

from atc_cy import ATCConfig, PriceError, Stream, compute_atc_signals
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


def test_a_stream() -> None:
    stream = Stream(CONFIG)
    stream.extend(CLOSE[:500])
    before = stream.to_bytes()
    with ctrl_c():
        stream.extend(CLOSE)
    assert stream.to_bytes() == before


def test_calls_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long series, taken in parts, has the bits of one call; a bad row is found in any part."""
    close = CLOSE[:5000].copy()
    close[[0, 17, 1234]] = np.nan
    stream, in_parts = Stream(), Stream()
    expected = stream.extend(close)
    monkeypatch.setattr(run, "ROWS_OF_CALL", 617)
    np.testing.assert_array_equal(in_parts.extend(close), expected)
    assert in_parts.to_bytes() == stream.to_bytes()
    close[4321] = -1.0
    for compute in (compute_atc_signals, in_parts.extend):
        with pytest.raises(PriceError, match="row 4321") as raised:
            compute(close)
        assert raised.value.row == 4321
    assert in_parts.to_bytes() == stream.to_bytes()
