"""Every entry point takes a config, or a preset's name, and fields that replace its values."""

# ruff: noqa: ARG005 - only a dataset needs the folder

import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import atc_cy
from atc_cy import ATCConfig
from atc_cy.config import resolve

CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, 300)))
SERIES = pd.Series(CLOSE)


def _dataset(*config: Any, folder: Path, **options: Any) -> Any:
    source = folder / "in"
    if not source.exists():
        source.mkdir(parents=True)
        times = pd.date_range("2020-01-01", periods=300)
        pd.DataFrame({"date": times, "close": CLOSE}).to_parquet(source / "A.parquet")
    out = folder / f"out{len([*folder.iterdir()])}"
    atc_cy.dataset.scan(source, out, *config, **options)
    return pd.read_parquet(next(out.glob("*.parquet")))["Average_Signal"].to_numpy()


ENTRY: dict[str, Callable[..., Any]] = {
    "atc": lambda *c, folder, **o: atc_cy.atc(CLOSE, *c, **o)["Average_Signal"],
    "scan": lambda *c, folder, **o: atc_cy.scan(CLOSE[None], *c, **o)[0, -1],
    "Stream": lambda *c, folder, **o: atc_cy.Stream(*c, **o).extend(CLOSE)[-1],
    "PanelStream": lambda *c, folder, **o: np.array(
        [(p := atc_cy.PanelStream(["A"], *c, **o)), *[p.update([x])["Average_Signal"][0] for x in CLOSE]][1:]
    ),
    "chart": lambda *c, folder, **o: _chart(*c, **o),
    "calibration": lambda *c, folder, **o: atc_cy.calibration(CLOSE, "EMA", *c, **o)["equity"].to_numpy(),
    "weight_table": lambda *c, folder, **o: atc_cy.weight_table(CLOSE, *c, **o)["γ"].to_numpy(),
    "sweep": lambda *c, folder, **o: atc_cy.sweep(
        CLOSE, {"De": [0.1, 0.2]}, **({"config": c[0]} if c else {}), **o
    ).to_numpy(),
    "compute_atc_signals_specialized": lambda *c, folder, **o: atc_cy.compute_atc_signals_specialized(
        CLOSE, *c, **o
    )["Average_Signal"].to_numpy(),
    "dataset.scan": _dataset,
}


def _chart(*config: Any, **options: Any) -> Any:
    figure = atc_cy.chart(CLOSE, *config, **options).figure
    return np.array(next(t for t in figure.data if t.name == "Average").y, dtype=float)


@pytest.mark.parametrize("name", ENTRY)
def test_overrides(name: str, tmp_path: Path) -> None:
    computed = ENTRY[name]
    plain = computed("wide", folder=tmp_path)
    changed = computed("wide", La=50.0, folder=tmp_path)
    assert not np.array_equal(plain, changed, equal_nan=True)
    if name != "compute_atc_signals_specialized":
        config = ATCConfig.from_preset("wide", La=50.0)
        assert np.array_equal(computed(config, folder=tmp_path), changed, equal_nan=True)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        (name, config)
        for name in ENTRY
        for config in (5, {"La": 1}, None, ["default"])
        if (name, config) != ("chart", None)  # there None is what the data were computed with
    ],
)
def test_a_config_of_the_wrong_kind(name: str, config: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"config=.* must be an ATCConfig or the name of a preset, not"):
        ENTRY[name](config, folder=tmp_path)


@pytest.mark.parametrize("name", ENTRY)
def test_an_unknown_preset(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="preset 'wid' is unknown; did you mean 'wide'"):
        ENTRY[name]("wid", folder=tmp_path)


@pytest.mark.parametrize("name", ENTRY)
@pytest.mark.parametrize(
    ("alias", "field"),
    [
        ("hma_len", "hull_len"),
        ("lambda", "La"),
        ("lambda_param", "La"),
        ("decay", "De"),
        ("Decay", "De"),
        ("hma_length", "hull_len"),
    ],
)
def test_aliases_of_fields(name: str, alias: str, field: str, tmp_path: Path) -> None:
    assert_suggested(name, alias, field, tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in ENTRY
        if "threads" in inspect.signature(getattr(atc_cy, name, atc_cy.dataset.scan)).parameters
    ],
)
def test_a_misspelt_argument_of_its_own(name: str, tmp_path: Path) -> None:
    assert_suggested(name, "threads_", "threads", tmp_path)


def assert_suggested(name: str, alias: str, field: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=f"there is no parameter '{alias}'; did you mean '{field}'"):
        ENTRY[name]("default", folder=tmp_path, **{alias: 20})


@pytest.mark.parametrize(
    "function",
    [
        ATCConfig,
        ATCConfig().override,
        lambda **o: ATCConfig.from_preset("wide", **o),
        lambda **o: atc_cy.compute_atc_signals(CLOSE, **o),
        lambda **o: atc_cy.exponential_multiplier(3, **o),
        lambda **o: atc_cy.sweep(CLOSE, {name: [value] for name, value in o.items()}),
    ],
)
def test_aliases_of_bare_keywords(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="there is no parameter 'lambda_param'; did you mean 'La'"):
        function(lambda_param=0.5)


def test_aliases_of_a_type() -> None:
    with pytest.raises(ValueError, match="unknown type 'Hull'; did you mean 'HMA'"):
        ATCConfig(moving_averages=("EMA", "Hull"))
    with pytest.raises(ValueError, match=r"there is no SMA here, but EMA, HMA \(a simple moving average"):
        ATCConfig(moving_averages=("EMA", "SMA"))
    with pytest.raises(ValueError, match="there is no SMA here"):
        atc_cy.Stream(alert_from="SMA")
    with pytest.raises(ValueError, match="there is no SMA here"):
        atc_cy.calibration(CLOSE, "SMA")


def test_aliases_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('moving_averages = ["EMA"]\nlambda = 0.5\n[lengths]\nEMA = 28\n')
    with pytest.raises(ValueError, match="no setting 'lambda'; did you mean 'La'"):
        ATCConfig.load(path)


def test_signatures_stay() -> None:
    assert [*inspect.signature(ATCConfig).parameters][:2] == ["ema_len", "hull_len"]
    assert "La" in inspect.signature(atc_cy.compute_atc_signals).parameters


@pytest.mark.parametrize("old", ["preset", "config_preset"])
@pytest.mark.parametrize("name", [name for name in ENTRY if name != "sweep"])
def test_old_names_of_config(name: str, old: str, tmp_path: Path) -> None:
    wide = ENTRY[name]("wide", folder=tmp_path)
    with pytest.warns(DeprecationWarning, match=f"{old}= is now called config=") as caught:
        now = ENTRY[name](folder=tmp_path, **{old: "wide"})
    assert np.array_equal(wide, now, equal_nan=True)
    assert caught[0].filename == __file__
    with pytest.raises(TypeError, match="give only config"):
        ENTRY[name]("short", folder=tmp_path, **{old: "wide"})


def test_without_an_old_name_nobody_is_warned() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        atc_cy.atc(SERIES, config="wide")
        atc_cy.compute_atc_signals_specialized(SERIES, config="wide")


def test_a_warning_is_of_the_caller_of_the_entry_point() -> None:
    def entry_point() -> ATCConfig:
        return resolve("default", {"preset": "wide"})

    def caller() -> ATCConfig:
        return entry_point()

    with pytest.warns(DeprecationWarning, match="preset= is now called config=") as caught:
        caller()
    assert caught[0].lineno == caller.__code__.co_firstlineno + 1
