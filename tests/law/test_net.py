"""Where a kernel may be wrong unnoticed: edges of blocks, of the floor, of thresholds; short cuts; guards.

Each test here notices changes of the kernel that the other tests let pass: `python tests/mutants.py` shows
it. The numbers are the law's (`run_oracle`), never within a tolerance.
"""

import itertools
import math
import operator
import pickle
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.golden import assert_same_bits
from support.kernels import (
    LEVELS,
    PRESETS,
    at_all_levels,
    kernel,
    kernels_of,
    lane_names,
    new_symbol,
    output_names,
    run_kernel,
    run_oracle,
)

from atc_cy import (
    MOVING_AVERAGES,
    ATCConfig,
    PanelStream,
    Stream,
    compute_atc_signals,
    direction,
    events,
    get_array_fn,
    reference,
    saving,
    scan,
    sweep,
)
from atc_cy.config import LENGTH_FIELDS, OFFSETS

Values = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]

BEST = LEVELS[-1]
TINY = ATCConfig(ema_len=7, hull_len=9, wma_len=12, dema_len=8, lsma_len=10, kama_len=7)
"""A lane of length 1, lanes shorter than eight bars, and lengths that differ from type to type."""
PAIR = ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=7, kama_len=9)
EMA_ONLY = ATCConfig(moving_averages=("EMA",))


def walk(bars: int, seed: int, step: float = 0.02) -> Floats:
    return 100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, step, bars)))


def two_walks(bars: int, seed: int, dtype: type) -> tuple[NDArray[Any], NDArray[Any]]:
    """A close, and a source beside it."""
    return walk(bars, seed).astype(dtype), walk(bars, seed + 9).astype(dtype)


def rows_of(values: Values, rows: slice) -> Values:
    return {name: own[rows] for name, own in values.items()}


def run_without_lanes(
    name: str, config: ATCConfig, close: NDArray[Any], src: NDArray[Any], splits: Sequence[int] = ()
) -> Values:
    """The outputs alone, as a call without `lanes` gives them."""
    out = np.full((len(config.output_names), close.size), -7.0, close.dtype)
    symbol = new_symbol(name, config)
    for first, last in zip((0, *splits), (*splits, close.size), strict=True):
        assert symbol.advance(close[first:last], src[first:last], out[:, first:last]) == last - first
    return dict(zip(config.output_names, out, strict=True))


def run_updates(symbol: Any, config: ATCConfig, close: Floats, src: Floats) -> Values:
    """The outputs bar by bar, as `update` and `values` give them; NaN where there is no bar."""
    rows = []
    for price, x in zip(close.tolist(), src.tolist(), strict=True):
        average = symbol.update(price, x)
        is_bar = price == price and x == x
        rows.append(symbol.values if is_bar else [np.nan] * len(config.output_names))
        assert average == rows[-1][-1] or (math.isnan(average) and math.isnan(rows[-1][-1]))
    columns = np.reshape(rows, (-1, len(config.output_names))).T
    return dict(zip(config.output_names, columns, strict=True))


def outputs_of(config: ATCConfig, values: Values) -> Values:
    return {name: values[name] for name in output_names(config)}


def assert_every_way(
    config: ATCConfig,
    close: NDArray[Any],
    src: NDArray[Any] | None = None,
    *,
    seed: int = 0,
    names: Iterable[str] | None = None,
) -> Values:
    """One call, bars one by one, random splits, `update`, with lanes and without; returns the oracle's."""
    expected = late(config, run_oracle(config, close, src))
    outputs, src = outputs_of(config, expected), close if src is None else src
    rng = np.random.default_rng(seed)
    for name in kernels_of(config.structure) if names is None else names:
        random = sorted(rng.integers(0, close.size + 1, 7).tolist())
        for splits in ((), random, range(1, close.size)):
            assert_same_bits(run_kernel(name, config, close, src, splits), expected)
            assert_same_bits(run_without_lanes(name, config, close, src, splits), outputs)
        if close.dtype == np.float64:
            assert_same_bits(run_updates(new_symbol(name, config), config, close, src), outputs)
    return expected


def late(config: ATCConfig, values: Values) -> Values:
    """The oracle's values, the average one bar late if the config wants that."""
    if not config.strategy_mode:
        return values
    average = values["Average_Signal"].copy()
    bars = ~np.isnan(values[f"s{config.moving_averages[0]}"])  # every bar has a signal, if 0
    average[bars] = np.concatenate([[np.nan], average[bars][:-1]])
    return {**values, "Average_Signal": average}


def assert_side_by_side(config: ATCConfig, closes: Sequence[Floats], expected: Sequence[Values]) -> None:
    """Many symbols at once, by `scan` and by `PanelStream`, give each its own numbers."""
    found = scan(dict(enumerate(closes)), config)
    for number, own in enumerate(expected):
        own = outputs_of(config, own)
        assert_same_bits({name: found[number][name].to_numpy() for name in own}, own)
    panel = PanelStream(range(len(closes)), config)
    for bar in range(max(close.size for close in closes)):
        now = {number: close[bar] for number, close in enumerate(closes) if bar < close.size}
        result = panel.update(now)
        shown = np.array([result[name] for name in config.output_names])
        for number in now:
            wanted = [expected[number][name][bar] for name in config.output_names]
            assert np.array_equal(shown[:, number], wanted, equal_nan=True), (number, bar)


def last_lanes(panel: PanelStream, price: float) -> Floats:
    """The lanes of a panel's last symbol on its last bar, whose price is given.

    A panel shows no lanes. But it saves the state before its last bar, at the end the last symbol's record,
    and from there a symbol alone goes on.
    """
    config, header, payload = saving.unpack(saving.PANEL_STREAM, panel.to_bytes())
    symbol = new_symbol(f"generic_{BEST}", config)
    symbol.restore(payload[-header["record"] :])
    types = len(config.moving_averages)
    out, lanes = np.empty((2 * types + 1, 1)), np.empty((27 * types, 1))
    assert symbol.advance(np.array([price]), np.array([price]), out, lanes) == 1
    return lanes[:, 0]


# Cutouts.

ENDS = (0, 8, 32, 64, 96, 128, 200, 264, 320, 448, 512, 600)
"""Of squares (8 bars), of blocks (32 and 64), and far behind the first of them."""
CUTOUTS = sorted({max(0, end + near) for end in ENDS for near in (-1, 0, 1)})


def begun_late(kind: str, cutout: int, seed: int) -> Floats:
    """Prices up to some bars behind the cutout.

    walk: most lanes have crossed their averages by then. rise: none has, and some cross behind it. flat:
    prices that their averages meet exactly, or nearly.
    """
    behind = walk(90, seed)
    if kind == "rise":
        before = 100.0 * 1.001 ** np.arange(cutout + 10)
    elif kind == "flat":
        before = np.full(cutout + 3, 37.3)
    else:
        before = walk(cutout + 1, seed + 1)
    return np.concatenate([before, behind * (before[-1] / behind[0])])


@cache
def cut_out(config: ATCConfig, cutout: int) -> ATCConfig:
    """The config with this cutout, and with other numbers for each."""
    rng = np.random.default_rng(cutout)
    weights = {f"{name.lower()}_w": float(rng.choice(STARTS)) for name in config.moving_averages}
    return config.override(
        cutout=cutout,
        La=float(rng.choice([0.0, 0.02, 3.0])),
        De=float(rng.choice([0.0, 0.03, 2.0])),
        strategy_mode=bool(rng.random() < 0.4),
        **weights,
    )


AT_FLOOR = 0.24999999990000002
BELOW, ABOVE = math.nextafter(AT_FLOOR, 0), math.nextafter(AT_FLOOR, 1)
STARTS = (0.0, 0.2499999998, BELOW, AT_FLOOR, ABOVE, 0.25, 0.3)


@pytest.mark.parametrize("cutout", CUTOUTS)
def test_cutout(cutout: int) -> None:
    """Behind the first block too, whatever the lanes have done by then."""
    kinds = ("walk", "rise", "flat")
    for kind in kinds:
        close = begun_late(kind, cutout, cutout)
        expected = assert_every_way(cut_out(EMA_ONLY, cutout), close)
        crossed = [abs(expected[f"sEMA{suffix}"][cutout]) for suffix in reference.LANE_SUFFIXES]
        assert kind != "rise" or sum(crossed) == 0
        assert kind != "walk" or cutout < 127 or sum(crossed) == 9
    place = CUTOUTS.index(cutout)
    for config, kind in ((ATCConfig(), kinds[place % 3]), (TINY, kinds[(place + 1) % 3])):
        assert_every_way(cut_out(config, cutout), begun_late(kind, cutout, cutout + 1), seed=cutout)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_cutout_of_each_preset(preset: str) -> None:
    for cutout in (7, 64, 200):
        config = cut_out(ATCConfig.from_structure(PRESETS[preset].structure), cutout)
        assert_every_way(config, begun_late("walk", cutout, cutout))


@pytest.mark.parametrize("cutout", [0, 1, 31, 32, 33, 64, 200, 256, 257])
def test_cutout_side_by_side(cutout: int) -> None:
    """Lanes that have crossed, that have not, and that are at their average, of one type and of six."""
    for base in (EMA_ONLY, TINY):
        config = cut_out(base, cutout)
        closes = [
            begun_late(kind, cutout, seed)[seed:] for seed in range(3) for kind in ("walk", "rise", "flat")
        ]
        closes[4][5:8] = np.nan
        expected = [late(config, run_oracle(config, close)) for close in closes]
        assert_side_by_side(config, closes, expected)


# The floor of equities.


def test_where_the_floor_ends() -> None:
    assert not AT_FLOOR - 0.25 < -1e-10
    assert BELOW - 0.25 < -1e-10
    for start in STARTS:
        first = reference.Equity(start, 0.0).update(math.nan, math.nan)
        assert first == (start if start >= AT_FLOOR else 0.25)


@pytest.mark.parametrize("cutout", [0, 5, 63, 64])
def test_starts_around_the_floor(cutout: int) -> None:
    """Nothing trades here, so what a type starts with stays to the last bit."""
    closes = [begun_late(kind, cutout, 3)[: cutout + 12] for kind in ("rise", "flat")]
    for shift in range(len(STARTS)):
        starts = [STARTS[(shift + i) % len(STARTS)] for i in range(6)]
        weights: dict[str, Any] = {
            f"{name.lower()}_w": start for name, start in zip(MOVING_AVERAGES, starts, strict=True)
        }
        for config in (ATCConfig(De=0.0, cutout=cutout, **weights), TINY.override(De=0.0, **weights)):
            expected = [assert_every_way(config, close) for close in closes]
            for name, start in zip(MOVING_AVERAGES, starts, strict=True):
                assert expected[0][f"{name}_S"][config.cutout] == (start if start >= AT_FLOOR else 0.25)
            assert_side_by_side(config, closes * 5, expected * 5)


def step_onto(target: float, side: int) -> tuple[float, float]:
    """A De and a price after 1.0 with which an equity of 1.0 on this side comes to `target` exactly."""
    for De in np.arange(5.0, 40.0, 0.3).tolist():
        keep = 1 - De / 100
        factor = target / keep
        price = 1.0 + side * (factor - 1.0)
        for _ in range(4):
            price = math.nextafter(price, 0)
        for _ in range(9):
            if keep * (1 + side * ((price - 1.0) / 1.0)) == target:
                return De, price
            price = math.nextafter(price, 9)
    raise AssertionError("no such price")


def turned(bars: int, side: int, seed: int) -> Floats:
    """Prices that end at 1.0, far on one side of all averages."""
    close = walk(bars, seed)
    close[-1] = close.max() * 3.0 if side > 0 else close.min() / 3.0
    ended: Floats = close / close[-1]
    return ended


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("target", [BELOW, AT_FLOOR, ABOVE])
@pytest.mark.parametrize("bars", [70, 128, 129, 140])
def test_equities_onto_the_edge_of_the_floor(target: float, side: int, bars: int) -> None:
    """Those of lanes and of types; beside lanes that never cross, and beside none."""
    De, price = step_onto(target, side)
    floored = target if target >= AT_FLOOR else 0.25
    lead = turned(bars, side, bars)
    close = np.concatenate([lead, price * np.array([1.0, 0.1, 0.11, 0.12, 0.1])])  # all are short by then
    for base in (EMA_ONLY, ATCConfig(), TINY):
        config = base.override(De=De, La=0.0, cutout=bars - 1)
        expected = assert_every_way(config, close)
        suffixes = [
            suffix for suffix in reference.LANE_SUFFIXES if expected[f"sEMA{suffix}"][bars - 1] == side
        ]
        assert len(suffixes) == (8 if base is TINY else 9)
        assert all(expected[f"eEMA{suffix}"][bars] == floored for suffix in suffixes)
        assert expected["EMA_S"][bars] == floored
        assert_side_by_side(config, [close] * 9, [expected] * 9)
        panel = PanelStream(range(9), config)
        for now in close[: bars + 2].tolist():
            panel.update([now] * 9)
        lanes = [expected[name][bars + 1] for name in lane_names(config)]
        assert np.array_equal(last_lanes(panel, close[bars + 1]), lanes)
        assert sum(expected[f"eEMA{suffix}"][bars + 1] > 0.3 for suffix in suffixes) >= 6


def test_equities_that_decay_onto_the_edge() -> None:
    """Lanes that never traded: 1.0 times 1 - De / 100, again and again."""
    close = 100.0 * 1.001 ** np.arange(40)
    found = set()
    for target in (BELOW, AT_FLOOR, ABOVE):
        for count in range(1, 33):
            De = 100.0 * (1 - target ** (1 / count))
            for _ in range(40):
                De = math.nextafter(De, 0)
            for _ in range(80):
                keep, equity = 1 - De / 100, 1.0
                for _ in range(count):
                    equity = equity * keep
                if equity == target and target not in found:
                    found.add(target)
                    expected = assert_every_way(EMA_ONLY.override(De=De), close)
                    assert expected["eEMA"][count] == (target if target >= AT_FLOOR else 0.25)
                    assert_every_way(ATCConfig(De=De), close)
                De = math.nextafter(De, 100)
    assert len(found) == 3


# The growth factor.

DOUBTS = [
    # Beside 1, just below the middle between two doubles.
    (1.1102230246251564e-13, 1),
    # Far from 1, below the middle by less than 2**-85.
    (412.4060219039001, 1),
    (193.94573252621228, 2),
    (38.789146505242456, 10),
    (3.8789146505242456, 100),
    (0.41240602190390013, 1000),
    (0.4301366447712606, 1000),
    (0.12469819302190552, 2500),
    (559989.509572874, 1),
    (56783.051955202434, 10),
    (645069.508109837, 1),
    (322534.7540549185, 2),
    (389.39434520539515, 1),
    (0.3893943452053952, 1000),
    (299.7273589322905, 1),
    # Above it.
    (388.58598820069597, 1),
    (0.5551228402867086, 700),
    (276.0147476074581, 1),
    (578696.0369691114, 1),
    (192898.6789897038, 3),
    # Above it by so little that the square of the error of (La / 1000) * k, which is left out, decides.
    (96449.3394948519, 6),
    (80427.22422023682, 7),
    (80427.22422023684, 7),
    (89615.60898499479, 6),
    (23881.21838498722, 29),
]
"""Values of La and numbers of bars after the cutout where E**z is next to the middle between two doubles."""


def factor(La: float, bars: int) -> float:
    return reference.growth((La / 1000) * bars)


@pytest.mark.parametrize("name", at_all_levels("generic", *PRESETS))
def test_growth_in_doubt(name: str) -> None:
    for La, bars in DOUBTS:
        out = np.empty(bars + 1)
        kernel(name).growth(La, out)
        assert out[bars] == factor(La, bars), (La, bars)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("La", "bars"), [(0.03850847, 9_335_707), (0.030887216, 10_286_380)])
def test_growth_in_doubt_after_millions_of_bars(level: str, La: float, bars: int) -> None:
    """By then what each multiplication loses has come to more than the doubt at the beginning."""
    out = np.empty(bars + 1)
    kernel(f"generic_{level}").growth(La, out)
    assert out[bars] == factor(La, bars)


@pytest.mark.parametrize(("La", "bars"), [doubt for doubt in DOUBTS if doubt[1] <= 1000])
def test_outputs_where_the_growth_is_in_doubt(La: float, bars: int) -> None:
    """The one return that is not 0 is such that its last bit shows in the equities."""
    g = factor(La, bars)
    side, change = (-1, 0.7 / g) if g < 2.0 else (1, 2.0)
    for lead in (70, 128):
        flat = np.concatenate([turned(lead, side, lead), np.ones(bars - 1)])
        close = np.concatenate([flat, [1.0 + change], np.full(3, 1.0 + change)])
        for base in (EMA_ONLY, ATCConfig()) if bars < 100 else (EMA_ONLY,):
            config = base.override(La=La, De=0.0, cutout=lead - 1)
            expected = run_oracle(config, close[: lead + bars])
            assert expected["eEMA"][lead - 1 + bars] == 1.0 + side * (((1.0 + change) - 1.0) * g)
            for name in kernels_of(config.structure):
                assert_same_bits(run_kernel(name, config, close[: lead + bars]), expected)
                one_by_one = run_updates(new_symbol(name, config), config, flat, flat)
                assert_same_bits(one_by_one, rows_of(outputs_of(config, expected), slice(flat.size)))
            found = scan(dict.fromkeys(range(9), close[: lead + bars]), config)
            for own in found.values():
                shown = {name: own[name].to_numpy() for name in config.output_names}
                assert_same_bits(shown, outputs_of(config, expected))


@pytest.mark.parametrize("cutout", [0, 7, 56, 64, 130])
def test_a_growth_beyond_the_doubles_ends_the_run(cutout: int) -> None:
    """At whatever place of a block: the eighth factor is too large."""
    config = TINY.override(La=100_000.0, cutout=cutout)
    close = walk(cutout + 40, 1)
    expected = run_oracle(config, close[: cutout + 8])
    for name in kernels_of(config.structure):
        out = np.full((len(config.output_names), close.size), -7.0)
        symbol = new_symbol(name, config)
        assert symbol.advance(close, close, out) == cutout + 8 == symbol.bars
        assert (out[:, cutout + 8 :] == -7.0).all()
        for values, output in zip(out, config.output_names, strict=True):
            assert np.array_equal(values[: cutout + 8], expected[output], equal_nan=True)
        assert symbol.update(1.0, 1.0) is None
        assert symbol.peek(1.0, 1.0) is None
        assert symbol.bars == cutout + 8


# Sources that leave no room for the short cut of a division, and what remembers that there were some.

ORDINARY, HUGE, TINIEST, GRAINS, ZEROS, MIXED = "ordinary", "huge", "tiniest", "grains", "zeros", "mixed"


def sources(kind: str, close: Floats, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    src = close.copy()
    src *= rng.uniform(0.99, 1.01, close.size)
    if kind == HUGE:  # sums overflow, some both ways to NaN; no difference of two values does
        sign = -1.0 if seed % 2 else 1.0
        src[-4:] = [sign * 8e307, sign * 8e307, sign * -8e307, sign * 8e307]
    elif kind == TINIEST:
        src *= 1e-308
    elif kind == GRAINS:  # so small that quotients are in the middle between two doubles
        src[:] = rng.integers(-300, 300, close.size) * 5e-324
    elif kind == ZEROS:
        src[:] = 0.0
    elif kind == MIXED:
        src[-6:] = [1e-300, 1e200, -1e307, 5e-324, 0.0, -1e-310]
    return src


SEED = 5
"""Of prices that have crossed all averages before the third block of 64."""


def in_turn(*kinds: str) -> tuple[Floats, Floats, list[int]]:
    """Closes, sources of these kinds, and where each but the first begins."""
    lengths = [100 if kind in (ORDINARY, HUGE, MIXED) else 45 for kind in kinds]
    close = walk(sum(lengths), SEED)
    begins = [0, *itertools.accumulate(lengths)]
    parts = [
        sources(kind, close[first:last], number)
        for number, (kind, (first, last)) in enumerate(zip(kinds, itertools.pairwise(begins), strict=True))
    ]
    return close, np.concatenate(parts), begins[1:-1]


TURNS = [
    (ORDINARY, HUGE, ORDINARY),
    (ORDINARY, TINIEST, ZEROS),
    (GRAINS, ZEROS, ORDINARY),
    (TINIEST, ORDINARY),
    (ORDINARY, MIXED, ORDINARY),
    (MIXED, GRAINS, ZEROS),
    (ORDINARY, TINIEST),
    (ORDINARY, ORDINARY, HUGE),
    (HUGE, TINIEST),
]


def recorded(symbol: Any, config: ATCConfig, name: str) -> Any:
    other = new_symbol(name, config)
    other.restore(symbol.record())
    return other


def recorded_over_another(symbol: Any, config: ATCConfig, name: str) -> Any:
    """Into one that has had ordinary bars."""
    other = new_symbol(name, config)
    close = walk(90, 9)
    other.advance(close, close, np.empty((len(config.output_names), close.size)))
    other.restore(symbol.record())
    return other


def assigned(symbol: Any, config: ATCConfig, name: str) -> Any:
    other = new_symbol(name, config)
    other.assign(symbol)
    return other


WAYS: tuple[Callable[[Any, ATCConfig, str], Any], ...] = (
    recorded,
    recorded_over_another,
    assigned,
    lambda symbol, *_: symbol.copy(),
)


@pytest.mark.parametrize("config", [ATCConfig(), EMA_ONLY, TINY], ids=["default", "ema_only", "tiny"])
@pytest.mark.parametrize("kinds", TURNS, ids=" ".join)
def test_what_sources_were_is_known_after_a_way(kinds: tuple[str, ...], config: ATCConfig) -> None:
    """Recorded, assigned or copied at each turn, a symbol goes on as if it had been one run."""
    close, src, begins = in_turn(*kinds)
    expected = assert_every_way(config, close, src)
    if kinds[:2] == (ORDINARY, HUGE) and config is not TINY:
        assert all(expected[name][127] != 0 for name in lane_names(config) if name.startswith("s"))
    names = kernels_of(config.structure)
    for cut in (begin + after for begin in begins for after in (0, 1, 9)):
        for number, name in enumerate(names):
            symbol = new_symbol(name, config)
            symbol.advance(close[:cut], src[:cut], np.empty((len(config.output_names), cut)))
            for way in WAYS:
                to = names[(number + 1) % len(names)] if way in (recorded, recorded_over_another) else name
                rest = values_of(way(symbol, config, to), config, close[cut:], src[cut:])
                assert_same_bits(rest, rows_of(expected, slice(cut, None)))
                rest = run_updates(way(symbol, config, to), config, close[cut:], src[cut:])
                assert_same_bits(rest, rows_of(outputs_of(config, expected), slice(cut, None)))


def values_of(symbol: Any, config: ATCConfig, close: NDArray[Any], src: NDArray[Any]) -> Values:
    """All outputs and lanes of the rows that this symbol takes next."""
    types = len(config.moving_averages)
    out, lanes = np.full((2 * types + 1, close.size), -7.0), np.full((27 * types, close.size), -7.0)
    assert symbol.advance(close, src, out, lanes) == close.size
    return dict(zip((*config.output_names, *lane_names(config)), (*out, *lanes), strict=True))


STREAM_WAYS: tuple[Callable[[Any], Any], ...] = (
    lambda stream: type(stream).from_bytes(stream.to_bytes()),
    lambda stream: pickle.loads(pickle.dumps(stream)),
)


@pytest.mark.parametrize("config", [ATCConfig(), TINY], ids=["default", "tiny"])
@pytest.mark.parametrize("kinds", TURNS, ids=" ".join)
def test_streams_among_such_sources(kinds: tuple[str, ...], config: ATCConfig) -> None:
    """Wrong bars of each kind that are peeked, revised, and taken back leave nothing behind."""
    close, src, begins = in_turn(*kinds)
    expected = run_oracle(config, close, src)
    columns = np.array([expected[name] for name in config.output_names])
    averages = np.array([expected[name] for name in lane_names(config)[:54]])
    name = kernels_of(config.structure)[-1]
    near = {begin + late for begin in begins for late in range(-3, 12)}
    rng = np.random.default_rng(len(kinds))
    for depth, way in ((3, STREAM_WAYS[0]), (20, Stream.copy), (5, STREAM_WAYS[1])):
        stream = Stream(config, depth=depth)
        for bar, (price, x) in enumerate(zip(close.tolist(), src.tolist(), strict=True)):
            if bar in near:
                stream = way(stream)
                straight = after(name, config, close[:bar], src[:bar])
                for edge in edges(rng, averages[:, bar]):
                    shown = [stream.peek(edge, x)[output] for output in config.output_names]
                    assert np.array_equal(shown, next_outputs(straight.copy(), edge, x), equal_nan=True)
                peeked = stream.peek(price, x)
                stream.update(price, 1.7e308)
                stream.revise(price * 1.1, 1e-310)
                stream.update(price, 50.0)
                stream.rewind(2)
                stream.update(price, -1e-305)
                stream.revise(price, x)
                assert all(
                    np.array_equal(peeked[name], now, equal_nan=True) for name, now in stream.result.items()
                )
            else:
                stream.update(price, x)
            shown = [stream.result[name] for name in config.output_names]
            assert np.array_equal(shown, columns[:, bar], equal_nan=True), bar


@pytest.mark.parametrize("kinds", [*TURNS[:3], *TURNS[4:6]], ids=" ".join)
def test_panels_among_such_sources(kinds: tuple[str, ...]) -> None:
    """Of symbols side by side, some have wild sources at some time, and each keeps its own numbers."""
    config = ATCConfig()
    close, src, begins = in_turn(*kinds)
    ordinary = close * 1.01
    rows = [ordinary, src, close, src[::-1].copy(), ordinary, ordinary, ordinary, ordinary, ordinary, src]
    oracle = {id(row): run_oracle(config, close, row) for row in rows}
    expected = np.array([[oracle[id(row)][name] for row in rows] for name in config.output_names])
    sides = np.array(rows)
    panel = PanelStream(range(len(rows)), config)
    averages = {
        key: np.array([values[name] for name in lane_names(config)[:54]]) for key, values in oracle.items()
    }
    name = kernels_of(config.structure)[-1]
    rng = np.random.default_rng(len(kinds))
    near = {begin + late for begin in begins for late in (-1, 0, 1, 9, 10, 11)}
    for bar, price in enumerate(close.tolist()):
        if bar in near:
            panel = STREAM_WAYS[bar % 2](panel)
            closes = [edges(rng, averages[id(row)][:, bar])[bar % 3] for row in rows]
            result = panel.peek(closes, sides[:, bar])
            for number, row in enumerate(rows):
                straight = after(name, config, close[:bar], row[:bar])
                peeked = [result[output][number] for output in config.output_names]
                wanted = next_outputs(straight, closes[number], float(row[bar]))
                assert np.array_equal(peeked, wanted, equal_nan=True)
            panel.peek([price] * len(rows), [1.7e308] * len(rows))
            panel.update([price] * len(rows), np.roll(sides[:, bar], 1))
            result = panel.revise([price] * len(rows), sides[:, bar])
        else:
            result = panel.update([price] * len(rows), sides[:, bar])
        shown = np.array([result[name] for name in config.output_names])
        assert np.array_equal(shown, expected[:, :, bar], equal_nan=True), bar
    found = [get_array_fn(config)(close, row) for row in rows]
    assert np.array_equal(np.stack(found, axis=1), expected, equal_nan=True)


# What a stream may take back.


@pytest.mark.parametrize("depth", [1, 3, 20])
def test_a_loaded_stream_takes_back_what_it_could(depth: int) -> None:
    """As many bars as before it was saved, to the last one, and no more."""
    config = PAIR
    close = walk(120, 2)
    expected = get_array_fn(config)(close)
    none = np.full(len(expected), np.nan)
    rng = np.random.default_rng(depth)
    stream, room = Stream(config, depth=depth), 0
    ways = (*STREAM_WAYS, Stream.copy)
    tried = set()
    for step in range(150):
        if stream.bars == close.size:
            break
        if step == 40:
            stream.extend(close[stream.bars : stream.bars + 30])
            room = depth
        for way in ways:
            for back in range(1, room + 1):
                other = way(stream)
                other.rewind(back)
                bars = stream.bars - back
                assert other.bars == bars
                shown = [other.result[name] for name in config.output_names]
                assert np.array_equal(shown, expected[:, bars - 1] if bars else none, equal_nan=True)
                with pytest.raises(IndexError, match=f"{room - back} can be taken back"):
                    other.rewind(room - back + 1)
                for price in close[bars : stream.bars].tolist():
                    other.update(price)
                assert repr(other.result) == repr(stream.result)
            with pytest.raises(IndexError, match=f"{room} can be taken back"):
                way(stream).rewind(room + 1)
            other = way(stream)
            if stream.bars:
                other.revise(1.0)
                other.revise(float(close[stream.bars - 1]))
                assert repr(other.result) == repr(stream.result)
            tried.add((room, min(stream.bars, depth)))
        if room and rng.random() < 0.3:
            back = int(rng.integers(1, room + 1))
            stream.rewind(back)
            room -= back
            if rng.random() < 0.5:
                stream = ways[step % 3](stream)
        else:
            stream.update(float(close[stream.bars]))
            room = min(room + 1, depth)
    assert any(room < bars for room, bars in tried)


# Crossings at the very thresholds.

Rule = Callable[[float, float], bool]
LAW: tuple[Rule, Rule, Rule, Rule] = (operator.gt, operator.le, operator.lt, operator.ge)
"""A crossing over: above the threshold, and not above it before. Under: below it, and not below it before."""
WRONG = tuple(
    (*LAW[:place], rule, *LAW[place + 1 :])
    for place, rule in enumerate((operator.ge, operator.lt, operator.le, operator.gt))
)


def followed(
    values: Iterable[float], long: float, short: float, law: Sequence[Rule] = LAW
) -> tuple[list[float], list[int]]:
    """The direction after each value and whether it turned, as the law tells it; NaN is no value."""
    over, not_over, under, not_under = law
    way = before = math.nan
    ways, turns = [], []
    for value in values:
        old = way
        if value == value:
            if over(value, long) and not_over(before, long):
                way = 1.0
            elif under(value, short) and not_under(before, short):
                way = -1.0
            before = value
        ways.append(way)
        turns.append(int(way) if way * old == -1.0 else 0)
    return ways, turns


def threshold_pairs(values: NDArray[Any], rng: np.random.Generator) -> list[tuple[float, float]]:
    """(long, short): values that are there, the same for both too, and some beside them."""
    there = np.unique(values[~np.isnan(values)])
    pairs = []
    for _ in range(10):
        short, long = sorted(rng.choice(there, 2).tolist())
        pairs += [(long, short), (long, long)]
    pairs += [(0.0, 0.0), (1.0, -1.0), (0.0, -1.0), (1.0, 0.0), (1 / 3, -1 / 3)]
    return [(long, short) for long, short in pairs if -1 <= short <= long <= 1]


ONE_TYPE = ATCConfig(moving_averages=("EMA",), ema_len=7)
TWO_TYPES = ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=7, kama_len=8, De=0.0, La=0.0)


@pytest.mark.parametrize("strategy_mode", [False, True])
@pytest.mark.parametrize("alert_from", ["Average", "EMA", "KAMA"])
def test_crossings_at_equality(alert_from: str, strategy_mode: bool) -> None:
    """An average that is exactly 1, 0 or -1, and signals of two decimals, meet thresholds of these values."""
    rng = np.random.default_rng(5)
    reported = 0
    missed = set(WRONG)
    for base, cutout in ((ONE_TYPE, 0), (TWO_TYPES, 0), (TWO_TYPES, 70)):
        if alert_from not in ("Average", *base.moving_averages):
            continue
        config = base.override(strategy_mode=strategy_mode, cutout=cutout)
        closes = [walk(260, seed, 0.03) for seed in range(3)]
        results = [compute_atc_signals(close, **fields(config)) for close in closes]
        alerts = [result[f"{alert_from}_Signal"].to_numpy() for result in results]
        if strategy_mode and alert_from != "Average":
            alerts = [np.concatenate([[np.nan], alert[:-1]]) for alert in alerts]
        for long, short in threshold_pairs(alerts[0], rng):
            laws = [followed(alert.tolist(), long, short) for alert in alerts]
            reported += sum(sum(map(abs, turns)) for _, turns in laws)
            missed -= {
                wrong for wrong in missed if followed(alerts[0].tolist(), long, short, wrong) != laws[0]
            }
            numbers: dict[str, Any] = {
                "long_threshold": long,
                "short_threshold": short,
                "alert_from": alert_from,
                "strategy_mode": strategy_mode,
            }
            own = config.override(long_threshold=long, short_threshold=short)
            panel = PanelStream(range(3), own, alert_from=alert_from)
            shown = [panel.update(prices) for prices in np.transpose(closes)]
            for number, (close, result, (ways, turns)) in enumerate(zip(closes, results, laws, strict=True)):
                assert np.array_equal(direction(result, **numbers), ways, equal_nan=True)
                assert np.array_equal(events(result, **numbers), turns)
                rows = [row["direction"][number] for row in shown]
                assert np.array_equal(rows, ways, equal_nan=True)
                assert np.array_equal([row["event"][number] for row in shown], turns)
                assert_stream_follows(own, alert_from, close, ways, turns)
    assert reported > 100
    assert len(missed) < len(WRONG) if alert_from == "KAMA" else not missed


def assert_stream_follows(
    config: ATCConfig, alert_from: str, close: Floats, ways: list[float], turns: list[int]
) -> None:
    """Bar by bar, saved and loaded on the way, and many bars at once."""
    stream = Stream(config, alert_from=alert_from)
    for bar, price in enumerate(close.tolist()):
        if bar % 50 == 49:
            stream = Stream.from_bytes(stream.to_bytes())
        stream.update(price)
        assert np.array_equal(stream.direction, ways[bar], equal_nan=True)
        assert stream.event == turns[bar]
    many = Stream(config, alert_from=alert_from)
    for first in range(0, close.size, 20):
        many.extend(close[first : first + 20])
        bar = many.bars - 1
        assert np.array_equal(many.direction, ways[bar], equal_nan=True)
        assert many.event == turns[bar]


def fields(config: ATCConfig) -> dict[str, Any]:
    """The arguments of `compute_atc_signals` that make this config."""
    lengths = {
        LENGTH_FIELDS[name]: length
        for name, length in zip(config.moving_averages, config.structure.lengths, strict=True)
    }
    names = ("La", "De", "cutout", "strategy_mode", "moving_averages", "robustness")
    return lengths | {name: getattr(config, name) for name in names}


def test_crossings_at_equality_with_gaps_side_by_side() -> None:
    """Symbols of a panel that miss bars, revise them, and come back from a file."""
    rng = np.random.default_rng(8)
    closes = np.array([walk(200, seed, 0.03) for seed in range(9)])
    closes[rng.random(closes.shape) < 0.1] = np.nan
    for long, short in ((0.0, 0.0), (0.0, -1.0), (1.0, 0.0)):
        config = ONE_TYPE.override(long_threshold=long, short_threshold=short)
        panel = PanelStream(range(9), config)
        shown = []
        for bar, prices in enumerate(closes.T):
            panel.update(prices * 1.3)
            shown.append(panel.revise(prices))
            if bar % 40 == 7:
                panel = PanelStream.from_bytes(panel.to_bytes())
        for number, close in enumerate(closes):
            bars = ~np.isnan(close)
            average = compute_atc_signals(close[bars], **fields(config))["Average_Signal"]
            ways, turns = followed(average.tolist(), long, short)
            rows = [row for row, is_bar in zip(shown, bars, strict=True) if is_bar]
            assert np.array_equal([row["direction"][number] for row in rows], ways, equal_nan=True)
            assert np.array_equal([row["event"][number] for row in rows], turns)


@pytest.mark.parametrize("rule", ["long_short", "long_only", "strategy"])
@pytest.mark.parametrize("cutout", [0, 32, 200])
def test_sweeps_at_equality(rule: str, cutout: int) -> None:
    """What is held on each bar, where thresholds are values that the average takes: one bit of it decides."""
    close = walk(300, 4, 0.03)
    rng = np.random.default_rng(1)
    for base in (ONE_TYPE, TWO_TYPES, TINY):
        config = base.override(cutout=cutout)
        grid, expected = [], []
        for La, De in itertools.product((0.0, 0.02, 3.0), (0.0, 0.2)):
            numbers = fields(config) | {"La": La, "De": De, "strategy_mode": rule == "strategy"}
            average = compute_atc_signals(close, **numbers)["Average_Signal"].to_numpy()
            for long, short in threshold_pairs(average, rng)[: 30 if La == De == 0.0 else 8]:
                grid.append({"La": La, "De": De, "long_threshold": long, "short_threshold": short})
                ways, _ = followed(average.tolist(), long, short)
                expected.append(traded(close.tolist(), ways, rule))
        table = sweep(close, grid, config=config, rule=rule)
        found = table.loc[["total_return", "trades", "exposure"]].to_numpy()
        assert np.array_equal(found.T, expected)


def traded(close: list[float], ways: list[float], rule: str) -> tuple[float, int, float]:
    """The total return of holding the direction, the trades, and the part of the bars with a position."""
    held, equity, trades, exposed = 0.0, 1.0, 0, 0
    for bar, way in enumerate(ways):
        change = (close[bar] - close[bar - 1]) / close[bar - 1] if bar else 0.0
        equity *= 1.0 + held * change
        wanted = 0.0 if way != way else max(way, 0.0) if rule == "long_only" else way
        trades += wanted not in (0.0, held)
        held = wanted
        exposed += held != 0.0
    return equity - 1.0, trades, exposed / len(close)


# Two threads on one symbol.


def busy_calls(config: ATCConfig, symbol: Any) -> dict[str, Callable[[], Any]]:
    """What another thread might do meanwhile; none may come through."""
    other, few = new_symbol(kernels_of(config.structure)[-1], config), np.ones(3)
    record = other.record()
    return {
        "advance": lambda: symbol.advance(few, few, np.empty((len(config.output_names), 3))),
        "update": lambda: symbol.update(1.0, 1.0),
        "record": symbol.record,
        "restore": lambda: symbol.restore(record),
        "copy": symbol.copy,
        "assign to": lambda: symbol.assign(other),
        "assign from": lambda: other.assign(symbol),
        "peek": lambda: symbol.peek(1.0, 1.0),
        "revise": lambda: symbol.revise(1.0, 1.0),
        "rewind": lambda: symbol.rewind(0),
    }


# Those that would break least come first.
CALLS = (
    "peek",
    "rewind",
    "copy",
    "assign from",
    "record",
    "update",
    "revise",
    "restore",
    "assign to",
    "advance",
)


@pytest.mark.parametrize("call", CALLS)
def test_a_busy_symbol_lets_no_other_thread_in(call: str) -> None:
    """A call is refused, twice, while the first thread is at work, whose numbers are the batch's."""
    config = ATCConfig()
    bars = 400_000
    close = walk(bars, 1, 0.001)
    expected = np.empty((len(config.output_names), bars))
    new_symbol(kernels_of(config.structure)[-1], config).advance(close, close, expected)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        refused = sum(refusals(config, close, call, expected) for _ in range(3))
    finally:
        sys.setswitchinterval(interval)
    assert refused > 0


def refusals(config: ATCConfig, close: Floats, call: str, expected: Floats) -> int:
    """How often a call was refused for sure; a call that came through while the other was at work fails."""
    symbol = new_symbol(kernels_of(config.structure)[-1], config)
    out = np.full(expected.shape, -7.0)
    taken = []
    thread = threading.Thread(target=lambda: taken.append(symbol.advance(close, close, out)), daemon=True)
    forbidden = busy_calls(config, symbol)[call]
    refused, ended = 0, time.monotonic() + 60
    thread.start()
    try:
        while out[0, 0] == -7.0 and time.monotonic() < ended:  # it has not begun yet
            time.sleep(1e-5)
        for _ in range(2):
            try:
                forbidden()
            except RuntimeError:
                refused += 1
            else:
                assert out[-1, -1] != -7.0, f"{call} came through"
                break  # the other one was done before: this attempt tells nothing
    finally:
        thread.join(60)
    assert not thread.is_alive()
    if refused == 2:
        assert taken == [close.size]
        assert symbol.bars == close.size
        assert np.array_equal(out, expected, equal_nan=True)
        assert symbol.update(1.0, 1.0) is not None  # it can be used again
    return refused == 2


# Rolling sums that are taken afresh.


def fired(values: Iterable[float], length: int) -> list[int]:
    """The numbers, from 1, of the values at which a rolling sum is taken afresh."""
    own = reference.RollingSum(length)
    found = []
    for number, value in enumerate(values, 1):
        if reference.fires(own.c, value):
            found.append(number)
        own.update(value)
    return found


def all_lengths(length: int, robustness: str = "Medium") -> ATCConfig:
    lengths: dict[str, Any] = dict.fromkeys(LENGTH_FIELDS.values(), length)
    return ATCConfig(**lengths, robustness=robustness)


def jumpy(bars: int, seed: int) -> Floats:
    """Prices on a grid of ticks that jump between magnitudes; or, of each third seed, of any magnitude."""
    rng = np.random.default_rng(seed)
    if seed % 3 == 2:
        return 10.0 ** rng.uniform(-6, 6, bars)
    tick = float(rng.choice([0.01, 0.05, 0.25, 1e-4]))
    level = np.cumsum(np.where(rng.random(bars) < 0.2, rng.uniform(-4, 4, bars), rng.normal(0, 0.01, bars)))
    ticks: Floats = np.round(10.0 * np.exp(np.clip(level, -3, 6)) / tick).clip(1)
    return ticks * tick


def situations(close: Floats, lengths: Iterable[int]) -> set[tuple[str, str]]:
    """Where sums of these prices fire: of which average, and when."""
    found = set()
    for length in lengths:
        first = reference.EMA(length)
        values = {
            "sum": close.tolist(),
            "noise": np.abs(np.diff(close)).tolist(),
            "second seed": [e for e in map(first.update, close.tolist()) if e == e],
        }
        for name, own in values.items():
            for number in fired(own[: length if name == "second seed" else None], length):
                when = "before it is full" if number < length else "as it gets full"
                if number > length:
                    when = "amid a square" if (number - 1) % 8 not in (0, 7) else "afterwards"
                found.add((name, when))
    return found


def test_the_prices_have_all_situations() -> None:
    found = set().union(*(situations(jumpy(70, seed), range(2, 13)) for seed in range(12)))
    assert found == {
        *itertools.product(
            ("sum", "noise"), ("before it is full", "as it gets full", "amid a square", "afterwards")
        ),
        ("second seed", "before it is full"),
        ("second seed", "as it gets full"),
    }


FIRING = [
    TINY,
    all_lengths(7),
    all_lengths(5, "Narrow"),
    all_lengths(8, "Wide"),
    ATCConfig(ema_len=8, hull_len=13, wma_len=8, dema_len=11, lsma_len=17, kama_len=14, robustness="Wide"),
]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("config", FIRING, ids=lambda config: str(config.structure.lengths))
def test_sums_that_fire(config: ATCConfig, seed: int) -> None:
    """Bar by bar, in one call, in random splits; and recorded at every bar of the warm-up."""
    close = jumpy(70, seed)
    expected = assert_every_way(config, close, seed=seed)
    names = kernels_of(config.structure)
    for cut in range(2 * max(map(max, config.structure.lane_lengths())) + 3):
        name, other = names[(cut + seed) % len(names)], names[cut % len(names)]
        symbol = new_symbol(name, config)
        symbol.advance(close[:cut], close[:cut], np.empty((13, cut)))
        rest = values_of(recorded(symbol, config, other), config, close[cut:], close[cut:])
        assert_same_bits(rest, rows_of(expected, slice(cut, None)))


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_sums_that_fire_in_each_preset(preset: str) -> None:
    config = ATCConfig.from_structure(PRESETS[preset].structure)
    longest = max(map(max, config.structure.lane_lengths()))
    for seed in range(2):
        close = jumpy(2 * longest + 40, 100 + seed)
        expected = assert_every_way(config, close, seed=seed)
        names = kernels_of(config.structure)
        for cut in range(0, 2 * longest + 8, 1 if seed else 5):
            symbol = new_symbol(names[cut % len(names)], config)
            symbol.advance(close[:cut], close[:cut], np.empty((len(config.output_names), cut)))
            other = names[(cut + 1) % len(names)]
            rest = values_of(recorded(symbol, config, other), config, close[cut:], close[cut:])
            assert_same_bits(rest, rows_of(expected, slice(cut, None)))


SQUARES = {
    "alike": ATCConfig(moving_averages=("HMA", "KAMA"), hull_len=14, kama_len=14),
    "unlike": ATCConfig(moving_averages=("HMA", "KAMA"), hull_len=15, kama_len=17, robustness="Wide"),
    "prices": ATCConfig(moving_averages=("HMA",), hull_len=16),
    "moves": ATCConfig(moving_averages=("KAMA",), kama_len=15),
    "shorter": ATCConfig(moving_averages=("HMA", "KAMA"), hull_len=10, kama_len=15, robustness="Narrow"),
}
"""No sum, or two of one type, are shorter than a square of bars."""


@pytest.mark.parametrize("seed", [0, 1, 2, 8, 11, 14, 18])  # in some, the shortest lane alone fires at times
@pytest.mark.parametrize("kind", SQUARES)
def test_sums_that_fire_in_squares(kind: str, seed: int) -> None:
    """Of many lanes side by side, each in its turn, to the last bit of what a record has."""
    config, close = SQUARES[kind], jumpy(200, seed)
    assert_every_way(config, close, seed=seed)
    names = kernels_of(config.structure)
    symbol = new_symbol(names[-1], config)
    for bar, price in enumerate(close.tolist()):
        assert symbol.record() == after(names[0], config, close[:bar], close[:bar]).record(), bar
        symbol.update(price)


@pytest.mark.parametrize("length", [7, 14])
def test_the_last_move_that_seeds(length: int) -> None:
    """Next to moves much smaller or larger; the longest lane's comes with the bar of number `longest`."""
    config, longest = ATCConfig(moving_averages=("KAMA",), kama_len=length), length + 6
    rng = np.random.default_rng(length)
    for _ in range(300):
        close = 10.0 ** rng.uniform(-6, 6, longest + 3)
        expected = run_oracle(config, close)
        for name in kernels_of(config.structure):
            assert_same_bits(run_kernel(name, config, close, splits=[longest]), expected)


@settings(deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_short_lengths_on_jumpy_prices(data: st.DataObject) -> None:
    robustness = data.draw(st.sampled_from(sorted(OFFSETS)))
    shortest = max(OFFSETS[robustness]) + 1
    lengths: dict[str, Any] = {
        field: data.draw(st.integers(shortest, shortest + 6)) for field in LENGTH_FIELDS.values()
    }
    types = data.draw(st.lists(st.sampled_from(MOVING_AVERAGES), min_size=1, max_size=3, unique=True))
    config = ATCConfig(**lengths, robustness=robustness, moving_averages=tuple(types))
    close = jumpy(data.draw(st.integers(1, 90)), data.draw(st.integers(0, 2**32 - 1)))
    src = jumpy(close.size, data.draw(st.integers(0, 99))) if data.draw(st.booleans()) else None
    assert_every_way(config, close, src, seed=close.size)


@pytest.mark.parametrize(
    "config", [*FIRING[:2], ATCConfig()], ids=lambda config: str(config.structure.lengths)
)
def test_sums_that_fire_side_by_side(config: ATCConfig) -> None:
    closes = [jumpy(80 - 3 * seed, seed) for seed in range(9)]
    assert_side_by_side(config, closes, [run_oracle(config, close) for close in closes])


# Rows that are no bars, and rows that cannot be.

EDGES = (0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 71, 72, 127, 128, 129, 136, 139)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("config", [EMA_ONLY, TINY], ids=["ema_only", "tiny"])
def test_gaps(config: ATCConfig, dtype: type) -> None:
    """A price is missing in one of the two or in both: one row, several, or so many that a block has none."""
    close, src = two_walks(140, 1, dtype)
    runs = [slice(row, row + length) for row in EDGES for length in (1, 2)]
    runs += [
        slice(0, 8),
        slice(5, 70),
        slice(60, 129),
        slice(8, 16),
        slice(100, 140),
        slice(0, 139),
        slice(0, 140),
    ]
    names = kernels_of(config.structure)
    for number, run in enumerate(runs):
        own_close, own_src = close.copy(), src.copy()
        if number % 3 != 1:
            own_close[run] = np.nan
        if number % 3 != 0:
            own_src[run] = np.nan
        expected = assert_every_way(
            config, own_close, own_src, seed=number, names=[names[number % len(names)], names[-1]]
        )
        assert all(np.isnan(values[run]).all() for values in expected.values())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("cutout", [0, 30, 70])
def test_gaps_anywhere(dtype: type, cutout: int) -> None:
    for seed, part in enumerate((0.02, 0.2, 0.9)):
        rng = np.random.default_rng(seed)
        close, src = two_walks(200, seed, dtype)
        close[rng.random(200) < part] = np.nan
        src[rng.random(200) < part / 2] = np.nan
        for base in (ATCConfig(), TINY):
            config = base.override(cutout=cutout, strategy_mode=bool(seed % 2))
            assert_every_way(config, close, src, seed=seed)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("row", EDGES)
def test_a_row_that_cannot_be_a_bar(row: int, dtype: type) -> None:
    """It ends the run: nothing is written from there on, and the state is the one before it."""
    close, src = two_walks(140, 3, dtype)
    for gap in (None, row - 1, row - 3):
        if gap is not None and gap >= 0:
            close[gap] = np.nan
        for config in (EMA_ONLY, TINY):
            expected = run_oracle(config, close, src)
            for bad, (price, x) in itertools.product(
                kernels_of(config.structure),
                [
                    (0.0, 1.0),
                    (-0.0, 1.0),
                    (-1.0, 1.0),
                    (np.inf, 1.0),
                    (1.0, np.inf),
                    (1.0, -np.inf),
                    (-1.0, np.inf),
                ],
            ):
                assert_stops(bad, config, (close, src), row, (price, x), expected)


def assert_stops(
    name: str,
    config: ATCConfig,
    prices: tuple[NDArray[Any], NDArray[Any]],
    row: int,
    bad: tuple[float, float],
    expected: Values,
) -> None:
    close, src = prices[0].copy(), prices[1].copy()
    close[row], src[row] = bad
    types, size = len(config.moving_averages), close.size
    out, lanes = (
        np.full((2 * types + 1, size), -7.0, close.dtype),
        np.full((27 * types, size), -7.0, close.dtype),
    )
    symbol = new_symbol(name, config)
    assert symbol.advance(close, src, out, lanes) == row
    assert (out[:, row:] == -7.0).all()
    assert (lanes[:, row:] == -7.0).all()
    before = symbol.record()
    assert symbol.update(*bad) is None
    assert symbol.advance(close[row:], src[row:], out[:, row:], lanes[:, row:]) == 0
    assert symbol.record() == before
    close, src = prices
    assert symbol.advance(close[row:], src[row:], out[:, row:], lanes[:, row:]) == size - row
    found = dict(zip((*config.output_names, *lane_names(config)), (*out, *lanes), strict=True))
    assert_same_bits(found, expected)


# Bars that come and go: one by one and many at once, peeked at, replaced, and taken back.

LONG = ATCConfig(moving_averages=("WMA", "LSMA"), wma_len=67, lsma_len=90)
"""Windows so long that single bars keep their open sums; WMA's lanes are others than LSMA's."""
COMING = {
    "long": LONG,
    "long_lsma": ATCConfig(moving_averages=("LSMA",), lsma_len=90),
    "long_alike": ATCConfig(moving_averages=("WMA", "KAMA", "LSMA"), wma_len=76, lsma_len=76, kama_len=83),
    "default": ATCConfig(strategy_mode=True, cutout=40),
    "tiny": TINY.override(cutout=21),
    "shortest_sum_7": ATCConfig(hull_len=13, kama_len=13, moving_averages=("HMA", "KAMA")),
    "dema": ATCConfig(moving_averages=("DEMA",), dema_len=9, cutout=3),
    "late": ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=7, kama_len=9, strategy_mode=True),
    "all_late": ATCConfig(strategy_mode=True),
}
"""Closes of the late ones cross all averages soon; those of others as short never: sources are too wild."""


Case = tuple[ATCConfig, Floats, Floats, Floats, Floats]


@cache
def of_kind(kind: str) -> Case:
    """A config with a La that shows, closes, sources, the outputs of each bar, and the lanes' averages."""
    config = COMING[kind].override(La=0.7, De=0.4)
    bars = 620 if max(map(max, config.structure.lane_lengths())) > 64 else 260
    close, src = two_walks(bars, len(kind), np.float64)
    if "late" in kind:
        src = sources(ORDINARY, close, 3)
    elif bars == 260:  # of any magnitude, so that sums fire after the warm-up too, or on a grid
        src = jumpy(bars, 2 if kind in ("default", "shortest_sum_7") else 3)
    expected = late(config, run_oracle(config, close, src))
    averages = [expected[name] for name in lane_names(config)[: 9 * len(config.moving_averages)]]
    return config, close, src, np.array([expected[name] for name in config.output_names]), np.array(averages)


def live(name: str, config: ATCConfig, depth: int = 0) -> Any:
    return kernel(name).Symbol(*config.kernel_arguments, depth)


def edges(rng: np.random.Generator, averages: Floats) -> list[float]:
    """Closes on some lanes' averages and next to them: there an average's last bit shows in the outputs."""
    fit = averages[(averages > 5e-324) & (averages < 1e308)]
    some = rng.choice(fit, 3) if fit.size else np.ones(3)
    return [float(np.nextafter(average, to)) for average in some for to in (0.0, average, math.inf)]


def after(name: str, config: ATCConfig, close: Floats, src: Floats) -> Any:
    """A symbol that took these bars in one call."""
    symbol = live(name, config)
    assert symbol.advance(close, src, np.empty((len(config.output_names), close.size))) == close.size
    return symbol


def with_gaps(rng: np.random.Generator, close: Floats, src: Floats) -> tuple[Floats, Floats, NDArray[Any]]:
    """The same bars with rows between them that are none; and which rows are bars."""
    places = rng.integers(0, close.size + 1, rng.integers(0, 4))
    rows = np.insert(np.stack([close, src]), places, np.nan, axis=1)
    bars = np.insert(np.full(close.size, True), places, False)
    for gap in np.flatnonzero(~bars):
        rows[rng.integers(0, 2), gap] = rng.choice([7.0, np.nan])
    return rows[0].copy(), rows[1].copy(), bars


@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize("kind", COMING)
def test_bars_that_come_and_go(kind: str, depth: int) -> None:
    """Whatever way led to a bar, its outputs are the law's, and its record is that of one call."""
    config, close, src, expected, averages = of_kind(kind)
    for number, name in enumerate(kernels_of(config.structure)):
        rng = np.random.default_rng(number + depth)
        symbol = live(name, config, depth)
        can, furthest = 0, 0
        while symbol.bars < close.size:
            bar = symbol.bars
            price, x = float(close[bar]), float(src[bar])
            wrong = price * float(rng.uniform(0.5, 2.0)), x * float(rng.choice([-1.5, 0.4, 1e160, 1.01]))
            what = rng.choice(
                ["update", "peek", "revise", "rewind", "extend", "stop"], p=[0.4, 0.2, 0.2, 0.1, 0.06, 0.04]
            )
            if what == "update":
                symbol.update(price, x)
            elif what == "peek":
                before = symbol.values
                straight = after(name, config, close[:bar], src[:bar])
                for edge in edges(rng, averages[:, bar]):
                    shown = symbol.peek(edge, x)
                    assert np.array_equal(shown[:-2], next_outputs(straight.copy(), edge, x), equal_nan=True)
                shown = symbol.peek(price, x)
                symbol.peek(*wrong)
                assert np.array_equal(shown[:-2], expected[:, bar], equal_nan=True)
                assert np.array_equal(symbol.values, before, equal_nan=True)
            elif what == "revise":
                symbol.update(*wrong)
                symbol.revise(wrong[1] if wrong[1] > 0 else 1.0, wrong[0])
                symbol.revise(price, x)
            elif what == "rewind":
                symbol.update(*wrong)
                can = min(can + 1, depth) - 1
                back = int(rng.integers(0, can + 1))
                symbol.rewind(1 + back)
                can -= back
            else:
                count = int(rng.integers(1, 2 * depth + 3 if rng.random() < 0.7 else 90))
                if furthest > bar and rng.random() < 0.5:  # a bar was there that is not any more
                    count = furthest - bar
                part = slice(bar, bar + count)
                rows = with_gaps(rng, close[part], src[part])
                if what == "stop":
                    assert_stops_whole(symbol, rows[:2], rng)
                    symbol.rewind(symbol.rewindable)
                    can = 0
                else:
                    out = np.full((len(expected), rows[2].size), -7.0)
                    assert symbol.advance(rows[0], rows[1], out) == rows[2].size
                    assert np.array_equal(out[:, rows[2]], expected[:, part], equal_nan=True)
                    assert np.isnan(out[:, ~rows[2]]).all()
                    can = min(can + rows[2].sum(), depth)
            if what in ("update", "peek", "revise", "rewind"):
                furthest = max(furthest, bar + 1)
            if what in ("update", "revise"):
                can = min(can + 1, depth)
            assert symbol.rewindable == can
            now = symbol.bars
            if now and what != "stop":
                assert np.array_equal(symbol.values, expected[:, now - 1], equal_nan=True), (bar, what)
            if what not in ("update", "revise"):
                assert symbol.record() == after(name, config, close[:now], src[:now]).record(), (bar, what)


def next_outputs(symbol: Any, close: float, src: float) -> Floats:
    """The outputs of the next bar, as a call of many rows gives them."""
    out = np.empty((len(symbol.values), 1))
    assert symbol.advance(np.array([close]), np.array([src]), out) == 1
    return out[:, 0]


def assert_stops_whole(symbol: Any, rows: tuple[Floats, Floats], rng: np.random.Generator) -> None:
    """A row that cannot be a bar ends the call, or with `whole` undoes it."""
    close, src = rows[0].copy(), rows[1].copy()
    row = int(rng.integers(0, close.size))
    close[row], src[row] = [(0.0, 1.0), (1.0, math.inf)][row % 2]
    out = np.empty((len(symbol.values), close.size))
    reported = symbol.record(), repr(symbol.values), symbol.rewindable, symbol.trend
    assert symbol.advance(close, src, out, whole=True) == row
    assert repr((symbol.record(), repr(symbol.values), symbol.rewindable, symbol.trend)) == repr(reported)
    assert symbol.advance(close, src, out) == row


@pytest.mark.parametrize("kind", [kind for kind in COMING if "long" in kind])
@pytest.mark.parametrize(("rows", "back"), [(1, 0), (1, 1), (2, 2), (70, 2)])
def test_long_windows_forget_bars_that_are_taken_back(kind: str, rows: int, back: int) -> None:
    """Peeked at, or taken and taken back; then a call of many rows ends where such a bar was."""
    config, close, src, expected, averages = of_kind(kind)
    rng = np.random.default_rng(rows + back)
    for name in kernels_of(config.structure):
        symbol = live(name, config, 80)
        for bar in range(250):
            symbol.update(close[bar], src[bar])
        for bar in range(250, 250 + rows if back else 250):
            symbol.update(close[bar] * 1.1, src[bar] * 1.3)
        symbol.rewind(rows if back else 0)
        if not back:
            symbol.peek(close[250], src[250] * 0.7)
        many = slice(250, 250 + rows)
        symbol.advance(close[many], src[many], np.empty((len(expected), rows)))
        for bar in range(250 + rows, 270 + rows):
            straight = after(name, config, close[:bar], src[:bar])
            for edge in edges(rng, averages[:, bar]):
                shown = symbol.peek(edge, src[bar])
                assert np.array_equal(shown[:-2], next_outputs(straight.copy(), edge, src[bar]))
            symbol.update(close[bar], src[bar])


# Many symbols, each with its own bars.


@pytest.mark.parametrize("kind", COMING)
def test_panel_symbols_that_come_and_go(kind: str) -> None:
    """They are added and dropped, miss bars, are peeked at, replaced, recorded and restored."""
    config, close, *_ = of_kind(kind)
    for number, name in enumerate(kernels_of(config.structure)):
        rng = np.random.default_rng(number)
        panel = kernel(name).Panel(*config.kernel_arguments)
        bars: list[int] = []  # of each symbol
        last: list[bool] = []  # whether its last bar can be replaced
        for step in range(close.size - 1):
            if step % 30 == 0:
                panel.add(2)
                bars += [0] * 2
                last += [False] * 2
            if step % 60 == 30:  # the new ones move up
                kept = sorted(rng.choice(len(bars) - 2, min(len(bars) - 3, 3), replace=False).tolist())
                kept += [len(bars) - 2, len(bars) - 1]
                panel.keep(tuple(kept))
                bars, last = [bars[own] for own in kept], [last[own] for own in kept]
            if step % 30 == 7:
                to, own = rng.integers(0, len(bars), 2).tolist()
                panel.restore(to, panel.record(own))
                bars[to], last[to] = bars[own], False
            take_a_bar(panel, name, of_kind(kind), bars, last, rng)
            assert len(panel) == len(bars)
            if step % 40 == 11:
                assert_records(panel, name, of_kind(kind), bars, last)


def take_a_bar(
    panel: Any,
    name: str,
    case: Case,
    bars: list[int],
    last: list[bool],
    rng: np.random.Generator,
) -> None:
    """The next bar of most symbols, after others in its place; bars and last go along."""
    config, close, src, expected, averages = case
    numbers = np.arange(len(bars))
    has = rng.random(len(bars)) < 0.8
    now = np.array(bars) % close.size
    prices, sources = np.where(has, close[now], np.nan), np.where(has, src[now], np.nan)
    out = np.full((len(expected) + 2, len(bars)), -7.0)
    wrong = prices * rng.uniform(0.5, 2.0, len(bars)), sources * rng.choice([-1.5, 0.4, 1e160], len(bars))
    way = rng.integers(0, 5)
    if way == 1:
        assert panel.peek(*wrong, out) == -1
    if way == 4:
        straight = [after(name, config, close[:count], src[:count]) for count in now]
        edge = np.where(has, [edges(rng, averages[:, bar])[rng.integers(0, 3)] for bar in now], np.nan)
        assert panel.peek(edge, sources, out) == -1
        for own in numbers[has]:
            wanted = next_outputs(straight[own], edge[own], sources[own])
            assert np.array_equal(out[:-2, own], wanted, equal_nan=True)
    fixed = np.flatnonzero(~np.array(last))
    if fixed.size:
        alone = np.full(len(bars), np.nan)
        alone[fixed[0]] = 1.0
        assert panel.revise(alone, alone, out) == fixed[0]
    if way == 2 and any(last):
        here = np.array(last)
        again = np.where(here, close[now - 1], np.nan), np.where(here, src[now - 1], np.nan)
        assert panel.peek(prices, sources, out) == -1
        assert np.array_equal(out[:-2, has], expected[:, now[has]], equal_nan=True)
        assert panel.revise(again[0] * 1.1, again[1] * 0.9, out) == -1
        assert panel.revise(*again, out) == -1
        assert np.array_equal(out[:-2, here], expected[:, now[here] - 1], equal_nan=True)
    if way == 3:
        assert panel.update(*wrong, out) == -1
        assert panel.revise(prices, sources, out) == -1
    else:
        assert panel.update(prices, sources, out) == -1
    assert np.array_equal(out[:-2, has], expected[:, now[has]], equal_nan=True), now
    assert np.isnan(out[:-2, ~has]).all()
    assert (out[-1, ~has] == 0.0).all()
    for own in numbers[has].tolist():
        bars[own], last[own] = bars[own] + 1, True
    found = np.empty(len(bars), np.int64)
    panel.bars(found)
    assert found.tolist() == bars


def assert_records(panel: Any, name: str, case: Case, bars: list[int], last: list[bool]) -> None:
    """Those of each symbol, and of the bar before, are those of one call."""
    config, close, src, *_ = case
    for number, count in enumerate(bars):
        reported = panel.record(number)
        if last[number]:
            one_less = after(name, config, close[: count - 1], src[: count - 1]).record()
            assert panel.record(number, 1) == one_less
        assert panel.record(number) == reported == after(name, config, close[:count], src[:count]).record()


@pytest.mark.parametrize("kind", ["default", "tiny", "dema"])
def test_panel_symbols_that_replace_each_bar_of_the_warm_up(kind: str) -> None:
    """Whatever stood there before: each record is that of one call, of the bar before too."""
    config, close, src, expected, _ = of_kind(kind)
    bars = 2 * max(map(max, config.structure.lane_lengths())) + 3
    rng = np.random.default_rng(bars)
    for name in kernels_of(config.structure):
        panel = kernel(name).Panel(*config.kernel_arguments)
        panel.add(2)
        out = np.empty((len(expected) + 2, 2))
        for bar in range(bars):
            price, x = np.full(2, close[bar]), np.full(2, src[bar])
            for take in (panel.peek, panel.update, panel.revise):
                assert take(price * rng.uniform(0.5, 2.0, 2), x * rng.uniform(0.5, 2.0, 2), out) == -1
            assert panel.revise(price, x, out) == -1
            assert np.array_equal(out[:-2], np.stack([expected[:, bar]] * 2, axis=1), equal_nan=True)
            assert_records(panel, name, of_kind(kind), [bar + 1] * 2, [True] * 2)


@pytest.mark.parametrize(("La", "bars"), [(100_000.0, 8), (101_400.0, 7)])
@pytest.mark.parametrize("cutout", [0, 5])
def test_a_growth_beyond_the_doubles_stops_a_panel(La: float, bars: int, cutout: int) -> None:
    """Symbol 2 has a bar more than the others: its next growth is too large; also if a record brought it."""
    config = EMA_ONLY.override(La=La, cutout=cutout)
    with pytest.raises(OverflowError):
        factor(La, bars)
    for name in kernels_of(config.structure):
        panel, other = (kernel(name).Panel(*config.kernel_arguments) for _ in range(2))
        panel.add(4)
        other.add(4)
        out = np.empty((5, 4))
        for bar in range(cutout + bars):
            prices = np.full(4, 100.0 + bar % 3)
            if bar == 0:
                prices[[0, 1, 3]] = np.nan
            assert panel.update(prices, prices, out) == -1
        records = [panel.record(number) for number in range(4)]
        assert panel.peek(prices, prices, out) == panel.update(prices, prices, out) == 2
        assert [panel.record(number) for number in range(4)] == records
        assert panel.revise(prices, prices, out) == -1
        for number in (2, 0):
            other.restore(number, records[number])
        assert other.peek(prices, prices, out) == other.update(prices, prices, out) == 2


# Records.

RECORDED = {
    "tiny": TINY.override(cutout=20, strategy_mode=True),
    "tiny_later": TINY.override(cutout=52),
    "default": ATCConfig(cutout=70, strategy_mode=True),
    "jumpy": FIRING[-1].override(cutout=11),
    "close": TINY,
    "flat": TINY,
    "alone": ATCConfig(moving_averages=("DEMA", "KAMA"), dema_len=8, kama_len=9),
    "lsma": ATCConfig(moving_averages=("HMA", "LSMA"), hull_len=9, lsma_len=7),
    "crossed": ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=8, kama_len=9),
}


@cache
def to_record(kind: str) -> tuple[ATCConfig, Floats, Floats, Values]:
    """A config with numbers that show, prices that jump, and what the law makes of them."""
    weights: dict[str, Any] = {
        f"{name.lower()}_w": 0.5 + number for number, name in enumerate(MOVING_AVERAGES)
    }
    config = RECORDED[kind].override(La=3.0, De=1.5, **weights)
    close, src = walk(110, 3, 0.01), jumpy(110, len(kind) + 2)
    if kind == "flat":  # and then below its averages
        close[:40] = 32.0
        close[40:] *= 30.0 / close[40]
    if kind in ("close", "flat", "crossed"):  # a lane of length 1 never crosses it, all of others do
        src = close
    return config, close, src, late(config, run_oracle(config, close, src))


@pytest.mark.parametrize("kind", RECORDED)
def test_records_at_every_bar(kind: str) -> None:
    """The same bytes by whatever way, and all that the bars after them need."""
    config, close, src, expected = to_record(kind)
    names = kernels_of(config.structure)
    one_by_one = live(names[0], config, 2)
    for bar in range(close.size):
        name = names[bar % len(names)]
        record = one_by_one.record()
        assert record == after(name, config, close[:bar], src[:bar]).record(), bar
        other = new_symbol(name, config)
        other.restore(record)
        assert other.record() == record
        if bar and not config.strategy_mode:
            shown = [expected[output][bar - 1] for output in output_names(config)]
            assert np.array_equal(other.values, shown, equal_nan=True)
        rest = values_of(other.copy(), config, close[bar:], src[bar:])
        assert_same_bits(rest, rows_of(expected, slice(bar, None)))
        rest = run_updates(other, config, close[bar:], src[bar:])
        assert_same_bits(rest, rows_of(outputs_of(config, expected), slice(bar, None)))
        one_by_one.update(close[bar], src[bar])


def seed_of(values: Sequence[float], length: int) -> reference.RollingSum:
    """The sum of an average's first `length` values."""
    seed = reference.RollingSum(length)
    for value in values[:length]:
        seed.update(value)
    return seed


def exponential(values: Sequence[float], length: int) -> list[float]:
    """The exponential averages, from the first one on; the formula stands for length 1 too."""
    averages: list[float] = []
    for number, value in enumerate(values, 1):
        if number == length:
            averages = [seed_of(values, length).s / length]
        elif number > length:
            averages.append(averages[-1] + 2.0 / (length + 1) * (value - averages[-1]))
    return averages


def record_version_1(config: ATCConfig, close: Floats, src: Floats, expected: Values) -> bytes:
    """What version 1 had after these bars, but for what nobody reads: the growth, open sums, older values."""
    bars, x = close.size, src.tolist()
    moves = [0.0, *(abs(after - before) for before, after in itertools.pairwise(x))][:bars]
    lengths = dict(zip(config.moving_averages, config.structure.lane_lengths(), strict=True))
    longest = max(map(max, lengths.values()))
    parts: list[Sequence[float]] = [[close[-1] if bars else 0.0]]
    rings: list[Sequence[float]] = []

    def first_seeds(row: Sequence[int]) -> None:
        seeds = [seed_of(x, length) for length in row]
        parts.append([(exponential(x, length) or [0.0])[-1] for length in row])
        parts.append([seed.s for seed in seeds])
        parts.append([seed.c for seed in seeds])

    def sums(row: Sequence[int], values: Sequence[float]) -> None:
        own = [reference.RollingSum(length) for length in row]
        ring = np.zeros((max(row), 9))
        for number, value in enumerate(values):
            for lane, one in enumerate(own):
                one.update(value)
                ring[number % max(row), lane] = one.realized[-1]
        parts.append([one.s for one in own])
        parts.append([one.c for one in own])
        rings.append(ring.ravel().tolist())

    if "EMA" in lengths:
        first_seeds(lengths["EMA"])
    if "DEMA" in lengths:
        row = lengths["DEMA"]
        first_seeds(row)
        firsts = [exponential(x, length) for length in row]
        seeds = [seed_of(first, length) for first, length in zip(firsts, row, strict=True)]
        seconds = [exponential(first, length) for first, length in zip(firsts, row, strict=True)]
        parts.append([(second or [0.0])[-1] for second in seconds])
        parts.append([seed.s for seed in seeds])
        parts.append([seed.c for seed in seeds])
    if "HMA" in lengths:
        sums(lengths["HMA"], x)
    if "KAMA" in lengths:
        sums(lengths["KAMA"], moves[1:])
        kamas = [reference.KAMA(length) for length in lengths["KAMA"]]
        parts.append([[0.0, *map(own.update, x)][-1] for own in kamas])
    if "DEMA" in lengths:
        room = max(lengths["DEMA"])
        rings.append([value for first in firsts for value in [*first[:room], *[0.0] * room][:room]])

    def last(name: str, none: float) -> float:
        return float(expected[name][bars - 1]) if bars else none

    lanes = [f"{name}{suffix}" for name in config.moving_averages for suffix in reference.LANE_SUFFIXES]
    begun = bars > config.cutout
    parts.append([last(f"s{lane}", 0.0) for lane in lanes])
    sides = []
    for lane in lanes:
        side = float(close[bars - 1] - expected[lane][bars - 1]) if bars else math.nan
        sides.append(0.0 if last(f"s{lane}", 0.0) else side)
    parts.append(sides)
    parts.append([last(f"e{lane}", math.nan) if begun else math.nan for lane in lanes])
    parts.append([last(f"{name}_Signal", math.nan) for name in config.moving_averages])
    parts.append([applied(config, name, close, expected) for name in config.moving_averages])
    parts.append([last(f"{name}_S", 0.0) if begun else 0.0 for name in config.moving_averages])
    parts.append([last("Average_Signal", math.nan) if config.strategy_mode else math.nan])
    parts.append([0.0] * (longest - bars) + x[-longest:])
    if "KAMA" in lengths:
        parts.append([0.0] * (longest - bars) + moves[-longest:])
    window = max((max(row) for name, row in lengths.items() if name in ("WMA", "LSMA")), default=1)
    numbers = [*itertools.chain(*parts, *rings), *[0.0] * (2 * (window - 1))]
    return struct.pack(f"<qqqdd{len(numbers)}d", bars, 1, 0, 1.0, 0.0, *numbers)


def applied(config: ATCConfig, name: str, close: Floats, expected: Values) -> float:
    """The return that a type's equity was last multiplied by, with the sign of its side."""
    result = 0.0
    for bar in range(config.cutout + 1, close.size):
        ret = (close[bar] - close[bar - 1]) / close[bar - 1] * factor(config.La, bar - config.cutout)
        signal = expected[f"{name}_Signal"][bar - 1]
        result = float(ret) if signal > 0 else float(-ret) if signal < 0 else result
    return result


@pytest.mark.parametrize("kind", RECORDED)
def test_records_of_version_1(kind: str) -> None:
    """From any bar on, the numbers go on as the law has them."""
    config, close, src, expected = to_record(kind)
    oracle = run_oracle(config, close, src)  # the average before it is late
    names = kernels_of(config.structure)
    for bar in range(close.size):
        record = record_version_1(config, close[:bar], src[:bar], oracle)
        symbol = new_symbol(names[bar % len(names)], config)
        symbol.restore(record)
        assert symbol.bars == bar
        assert np.array_equal(
            symbol.last_bar, (close[bar - 1], src[bar - 1]) if bar else [np.nan] * 2, equal_nan=True
        )
        rest = values_of(symbol.copy(), config, close[bar:], src[bar:])
        assert_same_bits(rest, rows_of(expected, slice(bar, None)))
        rest = run_updates(symbol.copy(), config, close[bar:], src[bar:])
        assert_same_bits(rest, rows_of(outputs_of(config, expected), slice(bar, None)))
        if bar > 2 * max(map(max, config.structure.lane_lengths())):
            assert symbol.record() == after(names[0], config, close[:bar], src[:bar]).record()
    wild = bytearray(record)
    wild[8:16] = bytes(8)
    symbol.restore(bytes(wild))
    assert symbol.record()[16:24] == bytes(8)


# Rows that do not lie side by side.


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("config", [EMA_ONLY, TINY], ids=["ema_only", "tiny"])
@pytest.mark.parametrize("gaps", [False, True])
def test_strides(config: ATCConfig, dtype: type, gaps: bool) -> None:
    """Every second row, backwards, or a table's columns: of the closes, the sources, and both outputs."""
    close, src = two_walks(150, 2, dtype)
    if gaps:
        close[[3, 70, 71, 149]] = np.nan
        src[[0, 64, 128]] = np.nan
    expected = run_oracle(config, close, src)

    def second(rows: NDArray[Any]) -> NDArray[Any]:
        wide = np.full((*rows.shape[:-1], 2 * rows.shape[-1]), 3.0, dtype)
        wide[..., ::2] = rows
        return wide[..., ::2]

    def backwards(rows: NDArray[Any]) -> NDArray[Any]:
        return rows[..., ::-1].copy()[..., ::-1]

    def column(rows: NDArray[Any]) -> NDArray[Any]:
        return np.asfortranarray(rows) if rows.ndim == 2 else np.stack([rows, rows + 1], axis=1)[:, 0]

    ways: tuple[Callable[[NDArray[Any]], NDArray[Any]], ...] = (np.copy, second, backwards, column)
    names = kernels_of(config.structure)
    types = len(config.moving_averages)
    for number, (of_close, of_src, of_out) in enumerate(itertools.product(ways, repeat=3)):
        out = of_out(np.full((2 * types + 1, close.size), -7.0, dtype))
        lanes = ways[(number // 5) % 4](np.full((27 * types, close.size), -7.0, dtype))
        symbol = new_symbol(names[number % len(names)], config)
        assert symbol.advance(of_close(close), of_src(src), out, lanes) == close.size
        found = dict(zip((*config.output_names, *lane_names(config)), (*out, *lanes), strict=True))
        assert_same_bits(found, expected)
        if out.base is not None and of_out is second:
            assert (out.base[:, 1::2] == 3.0).all()


@pytest.mark.parametrize("config", [ATCConfig(), TINY], ids=["default", "tiny"])
@pytest.mark.parametrize("kinds", TURNS, ids=" ".join)
def test_such_sources_between_gaps(kinds: tuple[str, ...], config: ATCConfig) -> None:
    close, src, _ = in_turn(*kinds)
    src[2::13] = np.nan
    close[5::17] = np.nan
    assert_every_way(config, close, src)


# The direction after many rows at once.


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 8, 64, 65, 66, 67, 68, 130])
def test_direction_after_many_rows(rows: int, depth: int) -> None:
    """Each bar turns it: one that nobody follows shows."""
    close = 100.0 * 1.5 ** (np.arange(300) % 2)
    for name in kernels_of(EMA_ONLY.structure):
        one_by_one, many = live(name, EMA_ONLY, depth), live(name, EMA_ONLY, depth)
        for first in range(0, close.size, rows):
            part = close[first : first + rows]
            many.advance(part, part, np.empty((3, part.size)))
            for price in part.tolist():
                one_by_one.update(price)
            assert repr(many.trend) == repr(one_by_one.trend), first
            assert repr((many.direction, many.event)) == repr((one_by_one.direction, one_by_one.event))
        assert one_by_one.event != 0
