"""Each public function, called in wrong ways: the error names the argument, its value, and what to give."""

import inspect
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import atc_cy
from atc_cy import ATCConfig, scan
from atc_cy.config import public

CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, 300)))
SERIES = pd.Series(CLOSE)
RESULT = atc_cy.compute_atc_signals(SERIES)

REQUIRED: dict[str, tuple[Any, ...]] = {
    "ATCConfig": (),
    "PanelStream": (["A"],),
    "Resampler": ("4h",),
    "Stream": (),
    "alerts": (RESULT,),
    "atc": (CLOSE,),
    "calibration": (CLOSE, "EMA"),
    "chart": (SERIES,),
    "compute_atc_signals": (CLOSE,),
    "compute_atc_signals_specialized": (CLOSE,),
    "direction": (RESULT,),
    "equity": (CLOSE,),
    "events": (RESULT,),
    "exponential_multiplier": (10,),
    "get_array_fn": (),
    "get_specialized_fn": (),
    "is_config_specializable": (),
    "kernels": (),
    "list_presets": (),
    "lookback": (),
    "plot_sweep": (atc_cy.sweep(CLOSE, {"De": [0.1]}),),
    "rank": (scan({"A": SERIES}, outputs="last"),),
    "resample": (pd.Series(CLOSE, pd.date_range("2024-01-01", periods=300, freq="h")), "4h"),
    "scan": (CLOSE[None],),
    "screener": (CLOSE[None],),
    "sweep": (CLOSE, {"De": [0.1]}),
    "verify_chart": (Path(__file__).parents[1] / "tradingview" / "chart.csv",),
    "walk_forward": (CLOSE, {"De": [0.1]}, 100, 50),
    "watch_state": (Path(__file__).parents[1] / "watch" / "cases" / "version_1.state",),
    "weight_table": (CLOSE,),
}
"""What each of them is called with, besides a config."""
RECORDS = {
    *("Chart", "ChartCheck", "Equity", "KernelInfo", "Preset", "Screener", "Structure", "SweepPage"),
    *("WalkForward", "WatchState"),
}
"""Classes that others make, or that hold what they are given."""
CONFIGURED = [name for name in REQUIRED if "config" in inspect.signature(getattr(atc_cy, name)).parameters]
ONLY_CONFIG = ("get_array_fn", "get_specialized_fn", "is_config_specializable", "lookback")


def call(name: str, *arguments: Any, **keywords: Any) -> Any:
    return getattr(atc_cy, name)(*REQUIRED[name], *arguments, **keywords)


def test_all_public_functions_are_tested() -> None:
    functions = {
        name
        for name in atc_cy.__all__
        if callable(value := getattr(atc_cy, name))
        and not (isinstance(value, type) and issubclass(value, Exception))
    }
    assert functions == REQUIRED.keys() | RECORDS


@pytest.mark.parametrize("name", REQUIRED)
def test_an_unknown_keyword(name: str) -> None:
    given = {"config": "default"} if name in ONLY_CONFIG else {}
    with pytest.raises(TypeError, match=r"there is no parameter 'xyzzy'; known: ") as raised:
        call(name, xyzzy=1, **given)
    for parameter in inspect.signature(getattr(atc_cy, name)).parameters.values():
        assert (f" {parameter.name}" in str(raised.value)) == (parameter.kind is not parameter.VAR_KEYWORD)


@pytest.mark.parametrize("name", REQUIRED)
def test_too_many_arguments_without_a_name(name: str) -> None:
    parameters = inspect.signature(getattr(atc_cy, name)).parameters.values()
    places = sum(each.kind is each.POSITIONAL_OR_KEYWORD for each in parameters)
    more = places - len(REQUIRED[name])
    with pytest.raises(TypeError, match=rf"^{name} takes .*'short'") as raised:
        call(name, *["default"] * more, "short")
    for each in parameters:
        assert each.name in str(raised.value) or each.kind is each.VAR_KEYWORD


def test_a_config_by_place_where_it_has_a_name() -> None:
    for name in ("sweep", "alerts", "direction", "events"):
        with pytest.raises(TypeError, match=rf"^{name} takes .*'short' is, one of config="):
            call(name, "short")
    for config in ("short", ATCConfig(), ATCConfig.from_preset("wide")):
        for function in (atc_cy.compute_atc_signals, atc_cy.get_specialized_fn("default")):
            with pytest.raises(TypeError, match=r"src=.* must be prices, or None: .*La=0\.05; .* config="):
                function(CLOSE, config)  # type: ignore[misc, arg-type]
    for name in ("config", "preset", "config_preset"):
        with pytest.raises(TypeError, match=f"no parameter '{name}'; give a config's fields, as in La=0.05"):
            atc_cy.compute_atc_signals(CLOSE, **{name: ATCConfig()})  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=f"no parameter '{name}'; known: $"):
            atc_cy.list_presets(**{name: ATCConfig()})


def test_too_many_arguments_for_a_function_that_takes_none_by_name() -> None:
    with pytest.raises(TypeError, match=r"^list_presets takes no argument, but not 'short' in addition$"):
        atc_cy.list_presets("short")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^lookback takes config, but not 'short' in addition$"):
        atc_cy.lookback("default", "short")  # type: ignore[call-arg]


def test_a_public_class_stays_a_class() -> None:
    @public
    class Pair:
        def __init__(self, left: int, *, right: int = 2) -> None:
            self.both = (left, right)

    assert isinstance(Pair, type)
    assert Pair.__module__ == "atc_cy"
    assert (Pair(1).both, Pair(1, right=3).both) == ((1, 2), (1, 3))
    with pytest.raises(TypeError, match="no parameter 'rihgt'; did you mean 'right'"):
        Pair(1, rihgt=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^Pair takes left without a name: say what 3 is, one of right=$"):
        Pair(1, 3)  # type: ignore[misc]


def test_fields_leave_a_config_that_is_not_given_to_the_function() -> None:
    @public
    def chosen(data: object, config: object = None, **overrides: object) -> object:
        return data, config, overrides

    assert chosen(1, La=0.1) == (1, None, {"La": 0.1})
    with pytest.warns(DeprecationWarning, match="preset= is now called config="):
        assert chosen(1, preset="wide", La=0.1) == (1, "wide", {"La": 0.1})


@pytest.mark.parametrize("name", CONFIGURED)
@pytest.mark.parametrize("config", [5, {"La": 1}, ["default"], None, 0.5, b"default", SERIES], ids=repr)
def test_a_config_of_another_kind(name: str, config: Any) -> None:
    if config is None and name in ("alerts", "chart", "direction", "events"):
        return  # then it is what the data were computed with
    with pytest.raises(
        TypeError, match=r"config=.* must be an ATCConfig or the name of a preset, not "
    ) as raised:
        call(name, config=config)
    assert "La=0.05" in str(raised.value)
    assert ("give ATCConfig(**config)" in str(raised.value)) == isinstance(config, dict)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", CONFIGURED)
@pytest.mark.parametrize("old", ["preset", "config_preset"])
def test_old_names_of_config(name: str, old: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"{old}= is now called config=") as caught:
        call(name, **{old: "wide"})
    assert (caught[0].filename, caught[0].lineno) == (__file__, call.__code__.co_firstlineno + 1)
    with pytest.raises(
        TypeError, match=f"config='short' and {old}='wide' name the same argument: give only config"
    ):
        call(name, config="short", **{old: "wide"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call(name, config="wide")


KINDS = {
    "data": ("atc", "scan", "chart"),
    "prices": ("compute_atc_signals", "compute_atc_signals_specialized", "calibration", "weight_table"),
    "close": ("equity", "sweep", "walk_forward"),
    "result": ("alerts", "direction", "events"),
    "bars": ("exponential_multiplier",),
    "symbols": ("PanelStream",),
}
FIRST = [(argument, name) for argument, names in KINDS.items() for name in names]


@pytest.mark.parametrize(("argument", "name"), FIRST)
@pytest.mark.parametrize("value", [None, 5, 0.5, len, ATCConfig(), pl.LazyFrame({"a": [1.0]})], ids=str)
def test_a_first_argument_of_another_kind(argument: str, name: str, value: Any) -> None:
    if isinstance(value, {"exponential_multiplier": int, "atc": pl.LazyFrame}.get(name, ())):
        return
    number = isinstance(value, float | int) and argument == "prices"  # numeric, and no series
    with pytest.raises(ValueError if number else TypeError, match=rf"^{argument}\b.* must be .*") as raised:
        getattr(atc_cy, name)(value, *REQUIRED[name][1:])
    shown = " ".join(repr(value).split())[:30]
    assert shown in str(raised.value) or number
    assert "\n" not in str(raised.value)


FRAME = pd.DataFrame({"symbol": ["A"] * 300, "close": CLOSE})
ARGUMENTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "scan outputs": ("outputs", (5, None, 0.5)),
    "scan failures": ("failures", (5, [], "x")),
    "scan progress": ("progress", (5, "x")),
    "scan out": ("out", (5, [1.0], SERIES)),
    "scan threads": ("threads", ("2", 1.5, True)),
    "sweep rule": ("rule", (5, None, ["long_only"], SERIES)),
    "sweep metric": ("metric", (5, None, [5], [SERIES])),
    "sweep results": ("results", (5, ["x"])),
    "sweep progress": ("progress", (5,)),
    "sweep fees": ("fees", ("x", None)),
    "direction alert_from": ("alert_from", (5, None, SERIES)),
    "direction strategy_mode": ("strategy_mode", (5, "x", SERIES)),
    "alerts alert_from": ("alert_from", (5, None, SERIES)),
    "alerts direction_from": ("direction_from", (5, None, SERIES)),
    "events long_threshold": ("long_threshold", ("x", SERIES, float("inf"))),
    "Stream alert_from": ("alert_from", (5, None, SERIES)),
    "Stream depth": ("depth", (0, "x", None, 10**400)),
    "PanelStream alert_from": ("alert_from", (5, None, SERIES)),
    "chart theme": ("theme", (5, None, ["light"], SERIES)),
    "chart title": ("title", (5, ["x"])),
    "chart bars": ("bars", ("x", None, 0, 10**400)),
    "chart color_from": ("color_from", (5, None, ["EMA"], SERIES)),
    "chart labels": ("labels", (5, "x", None)),
    "chart bull": ("bull", (5, "green", None, SERIES)),
    "chart calibration": ("calibration", (5, ["EMA"], SERIES)),
    "weight_table bar": ("bar", ("x", None, 1.5)),
    "compute_atc_signals use_codegen_specialization": ("use_codegen_specialization", (5, "x", None)),
    "compute_atc_signals_specialized fallback": ("fallback", (5, "x", None)),
    "atc src": ("src", (5, "close", {"a": 1}, ATCConfig())),
}


@pytest.mark.parametrize(
    ("case", "value"), [(case, value) for case, (_, values) in ARGUMENTS.items() for value in values], ids=str
)
def test_another_argument_of_another_kind(case: str, value: Any) -> None:
    name, argument = case.split()
    with pytest.raises((TypeError, ValueError, IndexError), match=argument) as raised:
        call(name, **{argument: value})
    assert "\n" not in str(raised.value)
    assert type(raised.value) in (TypeError, ValueError)


@pytest.mark.parametrize("argument", ["close", "by", "time"])
@pytest.mark.parametrize(
    "value", [{"close"}, SERIES, CLOSE, {"close": 1}, pl.DataFrame({"a": [1]})], ids=type
)
def test_a_column_that_is_no_name(argument: str, value: Any) -> None:
    with pytest.raises(TypeError, match=rf"{argument}=.* must be the name of a column, not"):
        atc_cy.atc(FRAME, **{argument: value})


@pytest.mark.parametrize("value", [SERIES, [1.0], CLOSE.tolist(), 5, pl.Series(CLOSE)], ids=type)
def test_an_array_function_takes_arrays(value: Any) -> None:
    function = atc_cy.get_array_fn("default")
    with pytest.raises(
        TypeError, match=r"close=.* must be a NumPy array, not .*: give numpy\.asarray\(close\)"
    ):
        function(value)
    with pytest.raises(TypeError, match=r"src=.* must be a NumPy array"):
        function(CLOSE, value)
    with pytest.raises(TypeError, match=r"out=.* must be a NumPy array"):
        function(CLOSE, None, value)


@pytest.mark.parametrize(
    ("data", "kind", "advice"),
    [
        (pl.LazyFrame({"A": CLOSE}), "polars.LazyFrame", r"give data\.collect\(\)"),
        (pl.Series(CLOSE), "polars.Series", "give one symbol as {'BTC': data}"),
        (SERIES, "pandas.Series", "give one symbol as {'BTC': data}"),
        ([1.0, 2.0], "list", "give one symbol as {'BTC': data}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_scan_does_not_take(data: Any, kind: str, advice: str) -> None:
    with pytest.raises(TypeError, match=rf"data must be a NumPy array .*, not {kind} \(.*\): {advice}"):
        atc_cy.scan(data)
    with pytest.raises(ValueError, match=r"data must have the shape .*: give data\[None\]"):
        atc_cy.scan(CLOSE)


def test_tables_where_a_series_is_wanted() -> None:
    with pytest.raises(
        ValueError, match=r"prices must be one-dimensional, .* give one column of a DataFrame"
    ):
        atc_cy.compute_atc_signals(FRAME)
    for values in (np.array([0.5]), [0.5]):
        with pytest.raises(TypeError, match=r"result\['Average_Signal'\] must be a pandas Series, not"):
            atc_cy.direction({"Average_Signal": values}, config="default")  # type: ignore[dict-item]
    with pytest.raises(TypeError, match=r"data\['a'\]=1 must be a series"):
        atc_cy.chart({"a": 1})


def test_a_grid_that_is_none() -> None:
    for grid in (5, None, "La", np.array(1.0), [1.0], SERIES):
        with pytest.raises(TypeError, match=r"grid's row 0 is .*: give a mapping of fields to values"):
            atc_cy.sweep(CLOSE, grid)  # type: ignore[arg-type]
    # A result has 300 ** 13 combinations: it took all memory that there was.
    with pytest.raises(TypeError, match="there is no parameter 'EMA_Signal'"):
        atc_cy.sweep(CLOSE, RESULT)
    many = dict.fromkeys(("ema_w", "hma_w", "wma_w", "La"), range(100))
    with pytest.raises(ValueError, match="grid has 100000000 combinations: give at most 10000000"):
        atc_cy.sweep(CLOSE, many)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_function_keeps_its_face(name: str) -> None:
    function: Callable[..., Any] = getattr(atc_cy, name)
    assert pickle.loads(pickle.dumps(function)) is function
    assert "arguments" not in inspect.signature(function).parameters
    assert function.__doc__
