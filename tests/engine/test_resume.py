"""Symbols that go on from a state give what they would give at once."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from atc_cy import ATCConfig, compute_atc_signals, direction, events
from atc_cy.engine.resume import Series, State, resume

RNG = np.random.default_rng(5)
CLOSE = {symbol: 100 * np.exp(np.cumsum(RNG.normal(0, 0.03, 300))) for symbol in "AB"}
CLOSE["B"][[5, 120, 299]] = np.nan
FIELDS: dict[str, Any] = {"moving_averages": ("EMA",), "cutout": 3}
CONFIG = ATCConfig(**FIELDS)


def pieces(part: slice, states: "dict[str, State | None]") -> list[Series]:
    times = np.arange(300, dtype=np.int64)[part]
    taken: dict[str, NDArray[np.float64]] = {symbol: close[part] for symbol, close in CLOSE.items()}
    begins = np.cumsum([0, *(close.size for close in taken.values())])
    return [
        Series(symbol, int(begin), times, close, close, states[symbol])
        for begin, (symbol, close) in zip(begins, taken.items(), strict=False)
    ]


@pytest.mark.parametrize("parts", [[300], [1, 4, 115, 180], [119, 1, 180]])
def test_parts_give_the_whole(parts: list[int]) -> None:
    states: dict[str, State | None] = dict.fromkeys(CLOSE)
    found: dict[str, list[dict[str, NDArray[np.float64]]]] = {symbol: [] for symbol in CLOSE}
    begin = 0
    for size in parts:
        columns, results = resume(CONFIG, pieces(slice(begin, begin + size), states), 2 * size, np.float64)
        begin += size
        for number, (symbol, (state, accepted)) in enumerate(zip(CLOSE, results, strict=True)):
            assert accepted == size
            assert state is not None
            assert state.time == begin - 1
            np.testing.assert_equal(state.close, CLOSE[symbol][begin - 1])
            states[symbol] = state
            found[symbol].append({name: column[number * size :][:size] for name, column in columns.items()})
    for symbol, close in CLOSE.items():
        whole = compute_atc_signals(close, **FIELDS)
        expected = {**whole, "direction": direction(whole), "event": events(whole)}
        assert expected["event"].any()
        for name, column in expected.items():
            np.testing.assert_array_equal(np.concatenate([part[name] for part in found[symbol]]), column)
        state = states[symbol]
        assert state is not None
        assert state.average == whole["Average_Signal"].dropna().iloc[-1]
        assert state.direction == expected["direction"].dropna().iloc[-1]


def test_rows_before_one_that_is_not_valid() -> None:
    (series, _) = pieces(slice(0, 10), dict.fromkeys(CLOSE))
    close = series.close.copy()
    close[4] = -1
    _, ((state, accepted),) = resume(CONFIG, [series._replace(close=close, src=close)], 10, np.float64)
    assert accepted == 4
    assert state is not None
    assert (state.time, state.close) == (3, close[3])
    close[0] = -1
    _, ((state, accepted),) = resume(CONFIG, [series._replace(close=close, src=close)], 10, np.float64)
    assert (state, accepted) == (None, 0)
