"""Where the direction turns: on thresholds, in rows without a bar, and in rows that come in parts."""

import math
from itertools import product

import numpy as np
import pytest

from atc_cy import ATCConfig
from atc_cy.engine.crossing import Turns, of_the_bar_before, trend

LONG, SHORT = 0.5, -0.5
LEVELS = (-1.0, SHORT, 0.0, LONG, 1.0)


def as_the_law(
    average: list[float], before: float = math.nan, direction: float = math.nan
) -> tuple[list[float], list[int]]:
    """The direction and the event of each bar, a bar at a time; NaN is no bar."""
    directions, events = [], []
    for now in average:
        turned = direction
        if not math.isnan(now):
            if now > LONG and before <= LONG:
                turned = 1.0
            if now < SHORT and before >= SHORT:
                turned = -1.0
            before = now
        directions.append(math.nan if math.isnan(now) else turned)
        events.append(int(turned) if turned == -direction else 0)
        direction = turned
    return directions, events


def walks() -> list[list[float]]:
    """All ways of three bars between five levels, and a long one with gaps."""
    chance = np.random.default_rng(1)
    long = chance.choice([*LEVELS, math.nan], 3_000).tolist()
    return [*map(list, product(LEVELS, repeat=3)), long]


def test_a_crossing_begins_on_or_before_the_threshold_and_ends_beyond_it() -> None:
    direction, event = trend(np.array([LONG, 1.0, LONG, 1.0, SHORT, -1.0, SHORT, 1.0]), LONG, SHORT)
    assert np.array_equal(direction, [math.nan, 1, 1, 1, 1, -1, -1, 1], equal_nan=True)
    assert event.tolist() == [0, 0, 0, 0, 0, -1, 0, 1]


@pytest.mark.parametrize(
    "last", [(math.nan, math.nan), (LONG, -1.0), (SHORT, 1.0), (1.0, 1.0), (0.0, math.nan)], ids=str
)
def test_directions_are_those_of_the_law(last: tuple[float, float]) -> None:
    for walk in walks():
        directions, events = as_the_law(walk, *last)
        found, event = trend(np.array(walk), LONG, SHORT, last)
        assert np.array_equal(found, directions, equal_nan=True)
        assert event.tolist() == events


def test_rows_in_parts_turn_where_the_whole_turns() -> None:
    config = ATCConfig(long_threshold=LONG, short_threshold=SHORT)
    walk = np.array(walks()[-1])[:600]
    close = np.where(np.random.default_rng(2).random(walk.size) < 0.1, math.nan, 1.0)
    walk[np.isnan(close)] = math.nan
    directions, events = as_the_law(walk.tolist())
    for size in (1, 2, 7, 600):
        turns, since, bars = Turns(config), None, 0
        for first in range(0, walk.size, size):
            part = slice(first, first + size)
            turns.follow(close[part], walk[part])
            for row in range(*part.indices(walk.size)):
                if not math.isnan(close[row]):
                    bars = 0 if events[row] else bars + 1
                    since = bars if events[row] or since is not None else None
            assert turns.bars_since_event == since
            known = [way for way in directions[: part.stop] if not math.isnan(way)]
            assert turns.direction == known[-1] if known else math.isnan(turns.direction)
        assert since is not None


def test_the_value_of_the_bar_before() -> None:
    values = np.array([math.nan, 1.0, math.nan, 2.0, 3.0])
    assert np.array_equal(of_the_bar_before(values), [math.nan, math.nan, math.nan, 1.0, 2.0], equal_nan=True)
    assert of_the_bar_before(np.empty(0)).size == 0
