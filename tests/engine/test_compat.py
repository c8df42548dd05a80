"""The functions of the earlier port, called as its scanners call them."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.golden import golden

import atc_cy
from atc_cy import ATCConfig, compat

PRICES = pd.Series(golden("usd_default").close[:400], pd.date_range("2024-01-01", periods=400), name="close")


@dataclass
class PortConfig:
    """What the port's config has, with its defaults."""

    ema_len: int = 28
    hma_len: int = 28
    wma_len: int = 28
    dema_len: int = 28
    lsma_len: int = 28
    kama_len: int = 28
    ema_w: float = 1.0
    hma_w: float = 1.0
    wma_w: float = 1.0
    dema_w: float = 1.0
    lsma_w: float = 1.0
    kama_w: float = 1.0
    robustness: str = "Medium"
    lambda_param: float = 0.02
    decay: float = 0.03
    cutout: int = 0
    long_threshold: float = 0.1
    short_threshold: float = -0.1
    strategy_mode: bool = False
    limit: int = 1500
    timeframe: str = "15m"
    calculation_source: str = "close"
    precision: str = "float64"
    batch_size: int = 100
    use_rust_backend: bool = True
    use_approximate: bool = False


CONFIG = PortConfig(ema_len=21, hma_len=14, lambda_param=0.05, decay=0.1, cutout=10, robustness="Narrow")
WANTED: dict[str, Any] = {
    **{"ema_len": 21, "hull_len": 14, "La": 0.05, "De": 0.1, "cutout": 10, "robustness": "Narrow"}
}


def numbers(config: PortConfig) -> dict[str, Any]:
    """The keywords that the port's scanners make of a config."""
    names = ("ema_len", "wma_len", "dema_len", "lsma_len", "kama_len", "robustness", "cutout")
    weights = [f"{name}_w" for name in ("ema", "hma", "wma", "dema", "lsma", "kama")]
    given = {name: getattr(config, name) for name in (*names, *weights, "long_threshold", "short_threshold")}
    return {**given, "hull_len": config.hma_len, "La": config.lambda_param, "De": config.decay}


def assert_same(result: Any, **fields: Any) -> None:
    wanted = atc_cy.compute_atc_signals(PRICES, **fields)
    assert list(result) == list(wanted)
    for name, series in wanted.items():
        assert series.equals(result[name]), name


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(compat, "_logged", set())
    caplog.set_level(logging.INFO, "atc_cy")
    return caplog


SCANNERS: dict[str, dict[str, Any]] = {
    "one symbol after the other": {
        **{"precision": "float64", "use_approximate": False, "use_adaptive_approximate": False},
        **{"approximate_volatility_window": 20, "approximate_volatility_factor": 1.0},
    },
    "pools": {
        **{"precision": "float64", "use_rust_backend": True, "parallel_l1": None, "parallel_l2": True},
        **{"use_cache": True, "fast_mode": True, "use_cuda": False},
    },
    "batches": {"precision": "float32", "use_rust_backend": False, "parallel_l1": False, "batch_size": 100},
}


@pytest.mark.parametrize("scanner", SCANNERS)
def test_as_the_scanners_call_it(scanner: str, log: pytest.LogCaptureFixture) -> None:
    dropped = SCANNERS[scanner]
    for _ in range(3):  # a scanner calls once a symbol
        result = compat.compute_atc_signals(prices=PRICES, src=None, **numbers(CONFIG), **dropped)
        assert_same(result, **WANTED)
    (line,) = log.messages
    assert line == f"dropped, as there is one way to compute here: {', '.join(sorted(dropped))}"
    assert_same(
        compat.compute_atc_signals(PRICES, PRICES * 1.01, ema_len=21, **dropped),
        src=PRICES * 1.01,
        ema_len=21,
    )
    assert len(log.messages) == 1


def test_the_ports_names_of_fields(log: pytest.LogCaptureFixture) -> None:
    result = compat.compute_atc_signals(
        PRICES, ema_len=21, hma_len=14, lambda_param=0.05, decay=0.1, cutout=10, robustness="Narrow"
    )
    assert_same(result, **WANTED)
    assert not log.messages
    with pytest.raises(TypeError, match=r"La=0\.05 and lambda_param=0\.02 are the same: give one"):
        compat.compute_atc_signals(PRICES, La=0.05, lambda_param=0.02)


@pytest.mark.parametrize(
    "config", [CONFIG, vars(CONFIG), ATCConfig(**WANTED)], ids=lambda given: type(given).__name__
)
def test_specialized(config: Any, log: pytest.LogCaptureFixture) -> None:
    assert_same(compat.compute_atc_specialized(PRICES, config), **WANTED)
    assert_same(
        compat.compute_atc_specialized(PRICES, config, mode="short_length", use_codegen_specialization=True),
        **WANTED,
    )
    only = compat.compute_atc_specialized(
        PRICES, config, mode="ema_only", fallback_to_generic=True, precision="float64"
    )
    assert_same(only, **(WANTED | {"moving_averages": ["EMA"], "hull_len": 28}))
    assert_same(
        compat.compute_atc_specialized(PRICES, config, ema_len=9, cutout=0),
        **(WANTED | {"ema_len": 9, "cutout": 0}),
    )
    assert log.messages == ["dropped, as there is one way to compute here: precision"]


def test_presets_of_modes() -> None:
    for mode, preset in (("default", "default"), ("short_length", "short"), ("ema_only", "ema_only")):
        function = compat.get_specialized_compute_fn(mode=mode)
        assert function is not None
        assert compat.is_config_specializable(mode=mode)
        wanted = atc_cy.compute_atc_signals_specialized(PRICES, preset)
        for result in (function(PRICES), compat.compute_atc_specialized(PRICES, mode=mode)):
            for name, series in wanted.items():
                assert series.equals(result[name])
    assert compat.get_specialized_compute_fn(PortConfig(), "ema_only") is not None
    assert compat.get_specialized_compute_fn(PortConfig(), "ema_only", use_codegen=False) is None
    assert compat.get_specialized_compute_fn(CONFIG) is None
    assert not compat.is_config_specializable(CONFIG)


def test_a_source_is_not_dropped_without_a_word(log: pytest.LogCaptureFixture) -> None:
    close = golden("usd_default").close[:100]
    for name in ("calculation_source", "source"):
        with pytest.raises(TypeError, match=f"{name}='hl2' changes the numbers: give the series as src"):
            compat.compute_atc_signals(close, **{name: "hl2"})
        assert "give the series as src" in log.records[-1].getMessage()
        compat.compute_atc_signals(close, **{name: "close"})
        compat.compute_atc_signals(close, close, **{name: "hl2"})


def test_an_error_is_logged_before_a_scanner_swallows_it(log: pytest.LogCaptureFixture) -> None:
    cases: list[tuple[type[Exception], str, Any]] = [
        (TypeError, "there is no parameter 'ema_lenght'; did you mean 'ema_len'?", {"ema_lenght": 9}),
        (TypeError, "there is no parameter 'tema_len'; there is no TEMA here", {"tema_len": 9}),
        (ValueError, "robustness='medium' is unknown; did you mean 'Medium'?", {"robustness": "medium"}),
        (TypeError, "ema_len=28.5 must be an integer", {"ema_len": 28.5}),
    ]
    for kind, message, keywords in cases:
        log.clear()
        with pytest.raises(kind) as raised:
            compat.compute_atc_signals(PRICES, **keywords)
        assert message in str(raised.value)
        assert log.messages == [f"{kind.__name__}: {raised.value}"]
        assert log.records[0].levelname == "ERROR"
    with pytest.raises(atc_cy.PriceError):
        compat.compute_atc_signals(np.array([1.0, -1.0]))
    with pytest.raises(ValueError, match="mode='emaonly' is unknown; did you mean 'ema_only'"):
        compat.config_of(CONFIG, "emaonly")
    with pytest.raises(TypeError, match="config=5 has none of the fields ema_len"):
        compat.config_of(5)
