"""ATCConfig, Preset and lookback: ranges, errors that say what to do, TOML."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.golden import GOLDEN, golden
from support.kernels import LEVELS, PRESETS, output_names, run_kernel
from support.places import ROOT

from atc_cy import MOVING_AVERAGES, ATCConfig, Preset, Structure, lookback
from atc_cy.config.config_text import fields_from_toml


def test_defaults_are_the_default_preset() -> None:
    assert ATCConfig().structure == PRESETS["default"].structure
    assert ATCConfig().weights == (1.0,) * 6
    assert ATCConfig() == ATCConfig.from_preset("default")


def test_lanes_in_the_law_s_order() -> None:
    lanes = Structure(("EMA",), (28,), "Medium").lane_lengths()
    assert lanes == ((28, 29, 30, 32, 34, 27, 26, 24, 22),)


def test_types_are_put_in_order() -> None:
    config = ATCConfig(moving_averages=["KAMA", "EMA"])  # type: ignore[arg-type]
    assert config.moving_averages == ("EMA", "KAMA")


def test_what_is_left_out_decides_nothing() -> None:
    assert ATCConfig(moving_averages=("EMA",), wma_len=99, wma_w=7) == ATCConfig(moving_averages=("EMA",))


def test_numpy_numbers_are_numbers() -> None:
    config = ATCConfig(ema_len=np.int64(20), La=np.float32(0.5))  # type: ignore[arg-type]
    assert (config.ema_len, config.La) == (20, 0.5)
    assert type(config.ema_len) is int
    assert type(config.La) is float


@pytest.mark.parametrize(
    ("field", "value", "error", "words"),
    [
        ("ema_len", 6, ValueError, "ema_len=6 .* smallest base length is 7"),
        ("hull_len", 0, ValueError, "hull_len=0"),
        ("kama_len", 11_995, ValueError, "largest base length is 11994"),
        ("wma_len", 28.0, TypeError, "wma_len=28.0 must be an integer, not float"),
        ("dema_len", "28", TypeError, "dema_len='28'"),
        ("lsma_len", True, TypeError, "lsma_len=True"),
        ("cutout", -1, ValueError, "cutout=-1"),
        ("cutout", 1.5, TypeError, "cutout=1.5"),
        ("robustness", "medium", ValueError, "robustness='medium' is unknown; did you mean 'Medium'"),
        ("robustness", None, ValueError, "robustness=None"),
        ("La", -0.1, ValueError, "La=-0.1"),
        ("La", float("inf"), ValueError, "La=inf"),
        ("La", float("nan"), ValueError, "La=nan"),
        ("La", "0.02", TypeError, "La='0.02'"),
        ("De", 100.5, ValueError, "De=100.5 .* at most 100"),
        ("De", float("nan"), ValueError, "De=nan"),
        ("ema_w", float("-inf"), ValueError, "ema_w=-inf is out of range: it must be finite"),
        ("hma_w", float("nan"), ValueError, "hma_w=nan"),
        ("kama_w", None, TypeError, "kama_w=None"),
        ("long_threshold", float("inf"), ValueError, "long_threshold=inf is out of range: it must be finite"),
        ("short_threshold", float("nan"), ValueError, "short_threshold=nan"),
        ("strategy_mode", 1, TypeError, "strategy_mode=1"),
        ("moving_averages", (), ValueError, "at least one"),
        ("moving_averages", ("EMA", "EMA"), ValueError, "each once"),
        ("moving_averages", ("EMMA",), ValueError, "unknown type 'EMMA'; did you mean 'EMA'"),
        ("moving_averages", "EMA", TypeError, "must be a sequence"),
        ("moving_averages", None, TypeError, "must be a sequence"),
    ],
)
def test_bad_values(field: str, value: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ATCConfig(**{field: value})


def test_unknown_override() -> None:
    with pytest.raises(TypeError, match="no parameter 'ema_length'; did you mean 'ema_len'"):
        ATCConfig.from_preset("default", ema_length=3)


def test_unknown_preset() -> None:
    with pytest.raises(ValueError, match="preset 'defualt' is unknown; did you mean 'default'"):
        ATCConfig.from_preset("defualt")


@pytest.mark.parametrize(
    "config",
    [
        ATCConfig(),
        ATCConfig(moving_averages=("HMA", "LSMA"), hull_len=50, hma_w=0.1, La=1 / 3, strategy_mode=True),
        ATCConfig(robustness="Wide", cutout=7, long_threshold=0.3, short_threshold=-1, De=1e-17),
        *(golden(case).config for case in GOLDEN),
    ],
)
def test_toml_round_trip(config: ATCConfig, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config.to_toml())
    assert ATCConfig.load(path) == config


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_file_is_a_config(name: str) -> None:
    path = ROOT / "presets" / f"{name}.toml"
    assert ATCConfig.load(path) == ATCConfig.from_preset(name)


PRESET = 'description = "x"\nmoving_averages = ["EMA"]\nrobustness = "Medium"\n[lengths]\nEMA = 28\n'


@pytest.mark.parametrize(
    ("name", "old", "new", "error", "words"),
    [
        ("Bad-Name", "", "", ValueError, "'Bad-Name' cannot name a preset"),
        ("generic", "", "", ValueError, "'generic' cannot name a preset"),
        ("p", 'description = "x"\n', "", ValueError, "description is missing"),
        ("p", 'robustness = "Medium"\n', "", ValueError, "robustness is missing"),
        ("p", '"Medium"', '"Wild"', ValueError, "did you mean 'Wide'"),
        ("p", '["EMA"]', '["EMA", "HMA"]', ValueError, r"\[lengths\] has no HMA"),
        ("p", "EMA = 28", "EMA = 28\nHMA = 28", ValueError, r"\[lengths\] has 'HMA'"),
        ("p", "EMA = 28", "EMA = 6", ValueError, "smallest base length is 7"),
        ("p", "EMA = 28", "EMA = 28.0", ValueError, r"line 5: \[lengths\] EMA=28.0 must be an integer"),
        ("p", "[lengths]", "La = 0.02\n[lengths]", ValueError, "no setting 'La'"),
        ("p", "[lengths]\nEMA = 28", "lengths = 28", ValueError, "line 4: lengths must be a table"),
        ("p", "[lengths]", "[lengths", ValueError, "not valid TOML"),
    ],
)
def test_bad_presets(
    name: str, old: str, new: str, error: type[Exception], words: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(PRESET.replace(old, new))
    with pytest.raises(error, match=words) as raised:
        Preset.read(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    "structure",
    [
        PRESETS["default"].structure,
        PRESETS["wide"].structure,
        *(Structure((name,), (12,), "Narrow") for name in MOVING_AVERAGES),
        Structure(("EMA", "KAMA"), (30, 60), "Medium"),
    ],
)
def test_lookback(structure: Structure) -> None:
    """The first bar on which every lane is defined, as the kernel defines them."""
    config = ATCConfig.from_structure(structure)
    close = np.linspace(1, 2, 300) ** 3
    lanes = run_kernel(f"generic_{LEVELS[-1]}", config, close)
    defined = np.ones(close.size, bool)
    for name in set(lanes) - set(output_names(config)):
        defined &= ~np.isnan(lanes[name])
    assert np.flatnonzero(defined)[0] == lookback(config)


def test_a_table_may_have_types_that_do_not_count() -> None:
    """As the fields of their own names may; what is given besides may make them count."""
    text = 'moving_averages = ["EMA"]\n[lengths]\nEMA = 10\nKAMA = 50\n[weights]\nKAMA = 2.0\n'
    assert ATCConfig.from_toml(text) == ATCConfig(moving_averages=("EMA",), ema_len=10)
    fields = fields_from_toml(text) | {"moving_averages": ("EMA", "KAMA")}
    assert ATCConfig(**fields) == ATCConfig(
        moving_averages=("EMA", "KAMA"), ema_len=10, kama_len=50, kama_w=2.0
    )
    with pytest.raises(
        ValueError, match=r"\[lengths\] has 'KAMMA', which is not a type; did you mean 'KAMA'"
    ):
        ATCConfig.from_toml("[lengths]\nKAMMA = 50")


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("La = 0.05\n", encoding="utf-8-sig")
    assert ATCConfig.load(path) == ATCConfig.from_toml(path.read_text("utf-8")) == ATCConfig(La=0.05)
