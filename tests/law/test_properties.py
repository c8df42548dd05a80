"""Generic against preset against oracle, and any split of the bars against one call, on generated prices."""

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
    new_symbol,
    run_bars,
    run_kernel,
    run_oracle,
    run_panel,
)

from atc_cy import MOVING_AVERAGES, ATCConfig, Structure
from atc_cy.config import OFFSETS

DEFAULT = f"default_{LEVELS[-1]}"
Draw = st.DrawFn
slow = settings(
    deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@st.composite
def segment(draw: Draw) -> NDArray[np.float64]:
    """A stretch of prices of one kind."""
    n = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["walk", "flat", "ticks", "wild", "gaps", "round", "scales"]))
    start = draw(st.sampled_from([1.0, 100.0, 0.37, 5e-10, 31234.5, 1e7]))
    if kind == "flat":
        return np.full(n, start)
    if kind == "ticks":
        return start * (1 + 0.001 * np.cumsum(rng.integers(-1, 2, n) * 0.01))
    if kind == "wild":
        return start * rng.uniform(0.3, 3.0, n)
    if kind == "round":
        return rng.integers(1, 6, n).astype(np.float64)
    if kind == "scales":
        return 10.0 ** rng.uniform(-12, 12, n)
    walk = start * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    if kind == "gaps":
        walk[rng.random(n) < 0.3] = np.nan
    return walk


@st.composite
def prices(draw: Draw) -> NDArray[np.float64]:
    return np.concatenate(draw(st.lists(segment(), min_size=1, max_size=4)))


numbers = st.fixed_dictionaries(
    {
        "La": st.sampled_from([0.0, 0.005, 0.02, 0.5, 7.0]),
        "De": st.sampled_from([0.0, 0.01, 0.03, 0.25, 60.0, 100.0]),
        "cutout": st.sampled_from([0, 0, 1, 2, 30, 1000]),
        "ema_w": st.sampled_from([0.0, 0.25, 1.0, 3.5]),
        "kama_w": st.floats(0, 5),
    }
)


@st.composite
def structures(draw: Draw) -> Structure:
    robustness = draw(st.sampled_from(sorted(OFFSETS)))
    types = draw(st.lists(st.sampled_from(MOVING_AVERAGES), min_size=1, unique=True))
    shortest = max(OFFSETS[robustness]) + 1
    lengths = st.integers(shortest, 30) if draw(st.booleans()) else st.just(draw(st.integers(shortest, 30)))
    ordered = tuple(name for name in MOVING_AVERAGES if name in types)
    return Structure(ordered, tuple(draw(lengths) for _ in ordered), robustness)


@slow
@given(st.data(), structures(), numbers, prices())
def test_generic_against_oracle(
    data: st.DataObject, structure: Structure, chosen: dict[str, Any], close: NDArray[np.float64]
) -> None:
    config = ATCConfig.from_structure(structure, **chosen)
    src = close[::-1].copy() if data.draw(st.booleans(), "src") else None
    splits = sorted(data.draw(st.lists(st.integers(0, close.size), max_size=6), "splits"))
    expected = run_oracle(config, close, src)
    for name in at_all_levels("generic"):
        assert_same_bits(run_kernel(name, config, close, src), expected)
        assert_same_bits(run_kernel(name, config, close, src, splits), expected)


@st.composite
def short_structures(draw: Draw) -> Structure:
    """Lanes of 1 to 13 bars: shorter than a square of eight bars, or a little longer."""
    robustness = draw(st.sampled_from(sorted(OFFSETS)))
    types = draw(st.lists(st.sampled_from(MOVING_AVERAGES), min_size=1, unique=True))
    shortest = max(OFFSETS[robustness]) + 1
    ordered = tuple(name for name in MOVING_AVERAGES if name in types)
    lengths = st.integers(shortest, max(12 - max(OFFSETS[robustness]), shortest))
    return Structure(ordered, tuple(draw(lengths) for _ in ordered), robustness)


@st.composite
def ticks(draw: Draw) -> NDArray[np.float64]:
    """Prices on a grid, which meet their averages, and jump, so that rolling sums fire anywhere."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, tick = draw(st.integers(1, 150)), draw(st.sampled_from([1.0, 0.25, 0.01, 1e-5]))
    steps = rng.integers(-2, 3, n) * rng.choice([1, 1, 1, 1000], n)
    return (np.abs(draw(st.integers(5, 5000)) + np.cumsum(steps)) + 1) * tick


@settings(slow, max_examples=60)
@given(st.data(), short_structures(), numbers, ticks())
def test_short_lanes_on_a_grid(
    data: st.DataObject, structure: Structure, chosen: dict[str, Any], close: NDArray[np.float64]
) -> None:
    config = ATCConfig.from_structure(structure, **chosen)
    splits = sorted(data.draw(st.lists(st.integers(0, close.size), max_size=6), "splits"))
    expected = run_oracle(config, close)
    for name in at_all_levels("generic"):
        assert_same_bits(run_kernel(name, config, close), expected)
        assert_same_bits(run_kernel(name, config, close, splits=splits), expected)
        assert_same_bits(run_kernel(name, config, close, splits=range(1, close.size)), expected)


@pytest.mark.parametrize("preset", PRESETS)
@settings(slow, max_examples=15)
@given(chosen=numbers, close=prices(), data=st.data())
def test_preset_against_generic_and_oracle(
    preset: str, chosen: dict[str, Any], close: NDArray[np.float64], data: st.DataObject
) -> None:
    config = ATCConfig.from_structure(PRESETS[preset].structure, **chosen)
    splits = sorted(data.draw(st.lists(st.integers(0, close.size), max_size=6), "splits"))
    expected = run_oracle(config, close)
    for name in at_all_levels("generic", preset):
        assert_same_bits(run_kernel(name, config, close), expected)
    for name in at_all_levels(preset):
        assert_same_bits(run_kernel(name, config, close, splits=splits), expected)


@pytest.mark.parametrize("name", at_all_levels("generic", *PRESETS))
def test_bar_by_bar_is_batch(name: str) -> None:
    rng = np.random.default_rng(1)
    close = np.exp(np.cumsum(rng.normal(0, 0.02, 400)))
    preset = PRESETS.get(name.rpartition("_")[0], PRESETS["default"])
    config = ATCConfig.from_structure(preset.structure)
    whole = run_kernel(name, config, close)
    assert_same_bits(run_kernel(name, config, close, splits=range(1, close.size)), whole)
    live = run_bars(name, config, close)
    assert_same_bits(live, {output: whole[output] for output in live})


@slow
@given(numbers, prices(), st.integers(0, 2**32 - 1))
def test_dropping_the_gaps_first_gives_the_same(
    chosen: dict[str, Any], close: NDArray[np.float64], seed: int
) -> None:
    config = ATCConfig(**chosen)
    gaps = np.random.default_rng(seed).random(close.size) < 0.2
    close[gaps] = np.nan
    is_bar = ~np.isnan(close)
    with_gaps = run_kernel(DEFAULT, config, close)
    assert all(np.isnan(values[~is_bar]).all() for values in with_gaps.values())
    assert_same_bits(
        {name: values[is_bar] for name, values in with_gaps.items()},
        run_kernel(DEFAULT, config, close[is_bar]),
    )


@slow
@given(prices(), st.sampled_from([1, 2, 3, -1, -2]), st.booleans())
def test_any_stride_and_read_only(close: NDArray[np.float64], step: int, single: bool) -> None:
    config = ATCConfig()
    prices = close.astype(np.float32 if single else np.float64)
    spread = np.full(prices.size * abs(step), np.nan, prices.dtype)[::step]
    spread[:] = prices
    spread.flags.writeable = False
    assert_same_bits(run_kernel(DEFAULT, config, spread), run_kernel(DEFAULT, config, prices))


def test_a_copy_goes_its_own_way() -> None:
    rng = np.random.default_rng(5)
    close = np.exp(np.cumsum(rng.normal(0, 0.02, 300)))
    expected = run_kernel(DEFAULT, ATCConfig(), close)
    original, out = new_symbol(DEFAULT, ATCConfig()), np.empty((13, 300))
    original.advance(close[:170], close[:170], out[:, :170])
    copy = original.copy()
    assert copy.bars == 170
    copy.advance(close[:50], close[:50], np.empty((13, 50)))
    assert original.bars == 170
    original.copy().advance(close[170:], close[170:], out[:, 170:])
    for values, name in zip(out, expected, strict=False):
        assert np.array_equal(values, expected[name], equal_nan=True)
    with pytest.raises(TypeError, match="Symbol needs its arguments"):
        kernel(DEFAULT).Symbol().advance(close, close, out)


@pytest.mark.parametrize("name", ["bars", "nbytes", "last_bar", "values", "direction", "event", "trend"])
def test_a_symbol_without_arguments_has_no_state(name: str) -> None:
    symbol = kernel(DEFAULT).Symbol()
    with pytest.raises(TypeError, match="Symbol needs its arguments"):
        getattr(symbol, name)
    with pytest.raises(TypeError, match="Symbol needs its arguments"):
        symbol.peek(1.0)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 1, 63, 64, 65, 199])
def test_a_bad_price_stops_before_it_and_leaves_the_state(bad: float, row: int) -> None:
    rng = np.random.default_rng(2)
    close = np.exp(np.cumsum(rng.normal(0, 0.02, 200)))
    expected = run_kernel(DEFAULT, ATCConfig(), close)
    spoilt = close.copy()
    spoilt[row] = bad
    out = np.empty((13, 200))
    symbol = new_symbol(DEFAULT, ATCConfig())
    assert symbol.advance(spoilt, spoilt, out) == row == symbol.bars
    assert symbol.advance(close[row:], close[row:], out[:, row:]) == 200 - row
    for values, name in zip(out, expected, strict=False):
        assert np.array_equal(values, expected[name], equal_nan=True)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
@pytest.mark.parametrize("row", [1, 64, 199])
def test_a_bad_price_leaves_the_whole_series(bad: float, row: int) -> None:
    """If it is asked for: the state, what can be taken back, and the outputs are those of before."""
    close = np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.02, 200)))
    spoilt = close.copy()
    spoilt[row] = bad
    symbol = kernel(DEFAULT).Symbol(*ATCConfig().kernel_arguments, 5)
    for price in close[:30].tolist():
        symbol.update(price)
    before, values = symbol.record(), symbol.values
    assert symbol.advance(spoilt, spoilt, np.empty((13, 200)), whole=True) == row
    assert (symbol.record(), symbol.values) == (before, values)
    assert (symbol.bars, symbol.rewindable, symbol.last_bar) == (30, 5, (close[29], close[29]))


@slow
@given(
    data=st.data(), structure=structures(), chosen=numbers, panel=st.lists(prices(), min_size=1, max_size=16)
)
def test_bar_by_bar_is_one_call(
    data: st.DataObject, structure: Structure, chosen: dict[str, Any], panel: list[NDArray[np.float64]]
) -> None:
    """Ragged panels with gaps, of any number of symbols, whose bars come when they like."""
    name = data.draw(st.sampled_from(["generic", "generic", "generic", *PRESETS]), "kernel")
    if name in PRESETS:
        structure = PRESETS[name].structure
    config = ATCConfig.from_structure(structure, **chosen)
    for kernel_name in at_all_levels(name):
        for close, actual in zip(panel, run_panel(kernel_name, config, panel), strict=True):
            alone = run_kernel(kernel_name, config, close)
            assert_same_bits(actual, {output: alone[output] for output in actual})
        live = run_bars(kernel_name, config, panel[-1])
        assert_same_bits(live, actual)


@pytest.mark.parametrize("name", at_all_levels("generic", "default"))
@pytest.mark.parametrize("bars", [1, 70, 71, 300])
def test_what_is_taken_back_has_never_been(name: str, bars: int) -> None:
    """By whatever way the bars came; what comes after it is as if it came first."""
    close = np.exp(np.cumsum(np.random.default_rng(bars).normal(0, 0.02, bars)))
    wrong = close[::-1] * 3.0
    for depth in (1, 3, 100):
        symbol = kernel(name).Symbol(*ATCConfig().kernel_arguments, depth)
        expected = kernel(name).Symbol(*ATCConfig().kernel_arguments, depth)
        for each in (symbol, expected):
            each.advance(close, close, np.empty((13, bars)), whole=True)
        room = symbol.rewindable
        assert room == min(bars, depth)
        symbol.rewind(room)
        with pytest.raises(IndexError):
            symbol.rewind(1)
        for price in wrong[-room:].tolist():
            symbol.update(price)
        symbol.rewind(room)
        symbol.advance(close[-room:], close[-room:], np.empty((13, room)), whole=True)
        assert symbol.record() == expected.record()
        assert repr((symbol.values, symbol.trend)) == repr((expected.values, expected.trend))
        before = symbol.record()
        peeked = symbol.peek(7.0, 8.0)
        assert symbol.record() == before
        symbol.update(7.0, 9.0)
        symbol.revise(7.0, 8.0)
        assert repr(peeked) == repr((*symbol.values, symbol.direction, symbol.event))
        symbol.rewind(1)
        assert symbol.record() == before


def test_growth_beyond_the_largest_double_changes_nothing() -> None:
    config = ATCConfig(La=1e6, moving_averages=["EMA"])
    generic = kernel(at_all_levels("generic")[-1])
    panel, out = generic.Panel(*config.kernel_arguments), np.full((5, 2), -7.0)
    panel.add(2)
    prices, alone = np.array([1.0, 2.0]), np.array([1.0, np.nan])
    assert panel.update(alone, alone, out) == -1
    records = panel.record(0), panel.record(1)
    shown = out.copy()
    for call in (panel.update, panel.peek):
        assert call(prices, prices, out) == 0
        assert np.array_equal(out, shown, equal_nan=True)
    assert (panel.record(0), panel.record(1)) == records
    symbol = generic.Symbol(*config.kernel_arguments, 1)
    symbol.update(1.0)
    assert symbol.update(2.0) is symbol.peek(2.0) is None
    assert (symbol.bars, symbol.rewindable) == (1, 1)


def test_the_last_bar_alone() -> None:
    config = ATCConfig()
    for close in (
        np.array([1.0, 2.0, np.nan]),
        np.arange(1.0, 90.0),
        np.arange(1.0, 300.0),
        np.array([np.nan]),
    ):
        symbol = new_symbol(DEFAULT, config)
        assert symbol.advance(close, close, None) == close.size
        alone = run_kernel(DEFAULT, config, close[~np.isnan(close)])
        expected = [alone[name][-1] if symbol.bars else np.nan for name in config.output_names]
        assert np.array_equal(symbol.values, expected, equal_nan=True)


@pytest.mark.parametrize("name", at_all_levels("generic", "default"))
@settings(slow, max_examples=25)
@given(
    st.lists(
        st.sampled_from([0.0, 1e-300, -1e-200, 1e-140, 1.0, -2.5, 1e155, 3e299, 1e307, -1e308]),
        min_size=1,
        max_size=90,
    )
)
def test_extreme_sources(name: str, src: list[float]) -> None:
    """Where a division by a constant could lose its short cut: zero, tiny, huge, overflowing."""
    close = np.linspace(1, 2, len(src))
    config = ATCConfig()
    expected = run_oracle(config, close, np.array(src))
    assert_same_bits(run_kernel(name, config, close, np.array(src)), expected)
    live = run_bars(name, config, close, np.array(src))
    assert_same_bits(live, {output: expected[output] for output in live})


@pytest.mark.parametrize("De", [0.03, 100.0])
def test_equities_that_are_no_numbers_leave_signals(De: float) -> None:
    """Prices that leap by hundreds of magnitudes: 0 times infinity is an equity, and lanes go on crossing."""
    found = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        close, src = np.exp(np.cumsum(rng.normal(0, 0.05, (2, 200)), axis=1))
        close[120:] *= 10.0 ** rng.choice([0, 0, 0, 250, -250, 300, -300], 80)
        lengths = dict.fromkeys(("ema_len", "hull_len", "wma_len", "dema_len", "lsma_len", "kama_len"), 9)
        for config in (ATCConfig(De=De, **lengths), ATCConfig(De=De)):
            expected = run_oracle(config, close, src)
            found += np.isnan(expected["eEMA"][-1]) and expected["sEMA"][-1] == 1.0
            for name in at_all_levels("generic"):
                assert_same_bits(run_kernel(name, config, close, src), expected)
                assert_same_bits(run_kernel(name, config, close, src, splits=range(1, close.size)), expected)
    assert found or De < 100.0


@pytest.mark.parametrize("spike", [1e-300, 1e200, -1e307])
def test_extreme_sources_after_ordinary_ones(spike: float) -> None:
    """What a kernel leaves out while all is ordinary is not missing when it no longer is."""
    config = ATCConfig()
    for seed in range(15):
        close = np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, 330)))
        src = close.copy()
        src[320] = spike
        expected = run_oracle(config, close, src)
        for name in at_all_levels("generic", "default"):
            assert_same_bits(run_kernel(name, config, close, src), expected)
            live = run_bars(name, config, close, src)
            assert_same_bits(live, {output: expected[output] for output in live})


@pytest.mark.parametrize("name", at_all_levels("generic", "default"))
@pytest.mark.parametrize(
    ("bars", "cutout", "late"), [(1, 0, False), (32, 0, True), (33, 40, False), (700, 40, True)]
)
def test_one_symbol_under_many_numbers(name: str, bars: int, cutout: int, late: bool) -> None:
    """`averages` gives each config what it has alone; half of the bars are wild."""
    rng, one = np.random.default_rng(bars), kernel(name)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, bars)))
    src = close * rng.uniform(0.9, 1.1, bars)
    src[bars // 2 :] *= 1e-300
    rates = [0.0, 0.02, 3.0]
    growths = np.empty((3, bars))
    for rate, growth in zip(rates, growths, strict=True):
        one.growth(rate, growth)
    base, which = ATCConfig(La=0.0, cutout=cutout, strategy_mode=late), rng.integers(0, 3, 19)
    configs = [
        base.override(La=rates[row], De=float(rng.choice([0.0, 0.03, 60.0])), ema_w=float(rng.random()))
        for row in which
    ]
    numbers = np.array([(config.De, *config.weights) for config in configs])
    out, symbol = np.empty((19, bars)), new_symbol(name, base)
    assert one.averages(symbol, close, src, growths, which, numbers, out) == bars
    for config, average in zip(configs, out, strict=True):
        expected = run_kernel(name, config, close, src)["Average_Signal"]
        assert np.array_equal(average, expected, equal_nan=True)
    with pytest.raises(ValueError, match="must be new"):
        one.averages(symbol, close, src, growths, which, numbers, out)
    for words, arguments in [
        ("which", (growths, which + 3, numbers, out)),
        ("numbers", (growths, which, numbers[:, 1:].copy(), out)),
        ("growths|which", (growths[:, 1:].copy(), which, numbers, out)),
        ("out", (growths, which, numbers, out[1:])),
    ]:
        with pytest.raises(ValueError, match=words):
            one.averages(new_symbol(name, base), close, src, *arguments)
    with pytest.raises(ValueError, match="its La 0"):
        one.averages(new_symbol(name, base.override(La=1.0)), close, src, growths, which, numbers, out)
