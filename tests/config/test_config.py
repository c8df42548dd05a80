"""ATCConfig, Preset and lookback: ranges, errors that say what to do, TOML."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.golden import GOLDEN, golden
from support.kernels import LEVELS, PRESETS, output_names, run_kernel
from support.places import ROOT

from atc_cy import MOVING_AVERAGES, ATCConfig, Preset, Structure, lookback
from atc_cy.config import checked_flag, resolve
from atc_cy.config.config import FIELDS
from atc_cy.config.config_text import fields_from_toml, load_fields
from atc_cy.config.fields import Robustness
from atc_cy.config.installed import check_unpacked, installed
from atc_cy.errors import KernelError


def test_defaults_are_the_default_preset() -> None:
    assert ATCConfig().structure == PRESETS["default"].structure
    assert ATCConfig().weights == (1.0,) * 6
    assert ATCConfig() == ATCConfig.from_preset("default")


def test_the_values_of_defaults() -> None:
    """Of the script of TradingView; the cutout and the thresholds, too."""
    lengths = dict.fromkeys(("ema_len", "hull_len", "wma_len", "dema_len", "lsma_len", "kama_len"), 28)
    weights = dict.fromkeys(("ema_w", "hma_w", "wma_w", "dema_w", "lsma_w", "kama_w"), 1.0)
    numbers = {"La": 0.02, "De": 0.03, "cutout": 0, "long_threshold": 0.1, "short_threshold": -0.1}
    others = {"robustness": "Medium", "strategy_mode": False, "moving_averages": MOVING_AVERAGES}
    assert dataclasses.asdict(ATCConfig()) == {**lengths, **weights, **numbers, **others}


@pytest.mark.parametrize(
    ("robustness", "lanes"),
    [
        ("Narrow", (28, 29, 30, 31, 32, 27, 26, 25, 24)),
        ("Medium", (28, 29, 30, 32, 34, 27, 26, 24, 22)),
        ("Wide", (28, 29, 31, 33, 35, 27, 25, 23, 21)),
    ],
)
def test_lanes_in_the_law_s_order(robustness: Robustness, lanes: tuple[int, ...]) -> None:
    assert Structure(("EMA",), (28,), robustness).lane_lengths() == (lanes,)


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
        ("ema_len", -12_000, ValueError, "smallest base length is 7"),
        ("ema_len", -12_001, ValueError, "at least 7 and at most 11994"),
        ("ema_len", 24_000, ValueError, "largest base length is 11994"),
        ("ema_len", 24_001, ValueError, "at least 7 and at most 11994"),
        ("wma_len", 28.0, TypeError, "wma_len=28.0 must be an integer, not float"),
        ("dema_len", "28", TypeError, "dema_len='28'"),
        ("lsma_len", True, TypeError, "lsma_len=True"),
        ("lsma_len", np.True_, TypeError, "must be an integer, not a truth value"),
        ("cutout", -1, ValueError, "cutout=-1"),
        ("cutout", 1.5, TypeError, "cutout=1.5"),
        ("robustness", "medium", ValueError, "robustness='medium' is unknown; did you mean 'Medium'"),
        ("robustness", None, ValueError, "robustness=None"),
        ("robustness", ["Medium"], ValueError, r"robustness=\['Medium'\] is unknown"),
        ("La", -0.1, ValueError, "La=-0.1"),
        ("La", float("inf"), ValueError, "La=inf"),
        ("La", float("nan"), ValueError, "La=nan"),
        ("La", "0.02", TypeError, "La='0.02'"),
        ("De", 100.5, ValueError, "De=100.5 .* at most 100"),
        ("De", float("nan"), ValueError, "De=nan"),
        ("De", np.float64(101), ValueError, "De=101.0 is out of range"),
        ("De", 10**400, ValueError, "De=10000"),
        ("ema_w", float("-inf"), ValueError, "ema_w=-inf is out of range: it must be finite"),
        ("hma_w", float("nan"), ValueError, "hma_w=nan"),
        ("kama_w", None, TypeError, "kama_w=None"),
        ("long_threshold", float("inf"), ValueError, "long_threshold=inf is out of range: it must be finite"),
        ("short_threshold", float("nan"), ValueError, "short_threshold=nan"),
        ("strategy_mode", 1, TypeError, "strategy_mode=1"),
        ("moving_averages", (), ValueError, "at least one"),
        ("moving_averages", ("EMA", "EMA"), ValueError, "each once"),
        ("moving_averages", ("EMMA",), ValueError, "unknown type 'EMMA'; did you mean 'EMA'"),
        ("moving_averages", [np.array(["EMA", "HMA"])], ValueError, "has the unknown type array"),
        ("moving_averages", "EMA", TypeError, "must be a sequence"),
        ("moving_averages", None, TypeError, "must be a sequence"),
    ],
)
def test_bad_values(field: str, value: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ATCConfig(**{field: value})


def test_bounds_are_accepted() -> None:
    config = ATCConfig(ema_len=7, kama_len=11_994, De=100, La=0, cutout=0)
    assert (config.ema_len, config.kama_len, config.De, config.La) == (7, 11_994, 100.0, 0.0)


@pytest.mark.parametrize("flag", [True, False])
def test_a_flag_is_returned(flag: bool) -> None:
    assert checked_flag("anchored", flag) is flag


def test_unknown_override() -> None:
    with pytest.raises(TypeError, match="no parameter 'ema_length'; did you mean 'ema_len'"):
        ATCConfig.from_preset("default", ema_length=3)

    with pytest.raises(TypeError, match="no parameter 'ema_length'; did you mean 'ema_len'"):
        ATCConfig().override(ema_length=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no parameter 'ema_length'; did you mean 'ema_len'"):
        resolve("default", {"ema_length": 3})


def test_a_config_is_passed_on_as_it_is() -> None:
    config = ATCConfig(La=0.05)
    assert resolve(config) is config
    everything = {name: getattr(config, name) for name in FIELDS}
    assert resolve("default", everything) == config


def test_unknown_preset() -> None:
    with pytest.raises(ValueError, match="preset 'defualt' is unknown; did you mean 'default'"):
        ATCConfig.from_preset("defualt")
    with pytest.raises(ValueError, match=r"preset \['default'\] is unknown"):
        ATCConfig.from_preset(["default"])  # type: ignore[arg-type]


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


@pytest.mark.parametrize("text", ["La = " + "9" * 9999, "\0", "x" * 300])
def test_one_line_that_no_file_can_be_called(text: str) -> None:
    with pytest.raises(ValueError, match="not valid TOML"):
        ATCConfig.from_toml(text)


def test_text_that_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As earlier versions read it: a path object, what ends as a TOML file does, and what is a file."""
    monkeypatch.chdir(tmp_path)
    for name in ("config.toml", "settings"):
        Path(name).write_text("La = 0.05\n")
    for path in (Path("config.toml"), Path("settings"), "config.toml", "settings"):
        with pytest.warns(DeprecationWarning, match=r"from_toml\(path\) is now called load") as caught:
            assert ATCConfig.from_toml(path) == ATCConfig(La=0.05)
        assert caught[0].filename == __file__
    with (
        pytest.warns(DeprecationWarning, match="load"),
        pytest.raises(FileNotFoundError, match=r"missing\.toml"),
    ):
        ATCConfig.from_toml("missing.toml")
    assert (
        ATCConfig.from_toml("La = 0.06") == ATCConfig.from_toml("\nLa = 0.06  # .toml") == ATCConfig(La=0.06)
    )


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (
            "ema_len = 10\n[lengths]\nEMA = 11",
            ValueError,
            r"ema_len is given twice, also as EMA in \[lengths\]",
        ),
        ("lengths = 5", TypeError, r"lengths must be a table: \[lengths\], then a line such as EMA = 28"),
        ("[lengths]\nEMA = 10\n[numbers]\nLa = 1", ValueError, "there is no setting 'numbers'"),
    ],
)
def test_bad_text(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ATCConfig.from_toml(text)


def test_settings_after_a_table_in_one_line() -> None:
    config = ATCConfig.from_toml("lengths = {EMA = 10}\nweights = {EMA = 2.0}\nLa = 0.05")
    assert config == ATCConfig(ema_len=10, ema_w=2.0, La=0.05)


def test_in_a_zip_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system loads compiled code from files alone."""
    archive = tmp_path / "atc_cy-1.0.whl"
    monkeypatch.setattr("atc_cy.config.installed.EXTENSIONS", archive / "atc_cy" / "ext")
    check_unpacked()
    archive.write_bytes(b"")
    with pytest.raises(
        KernelError, match=r"imported from .*atc_cy-1\.0\.whl.* 'pip install atc_cy-1\.0\.whl'"
    ):
        check_unpacked()
    with pytest.raises(KernelError, match="cannot be loaded from there"):
        installed.__wrapped__()


def test_a_config_in_a_file(tmp_path: Path) -> None:
    config = ATCConfig(La=0.05, ema_len=20)
    config.save(tmp_path / "x.toml")
    assert ATCConfig.load(tmp_path / "x.toml") == config
    assert load_fields(tmp_path / "x.toml")["La"] == 0.05
