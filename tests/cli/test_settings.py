"""Each field of a config is a setting of each command that computes, in a file as on the command line."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy
from support.price_files import CLOSE, write_csv

from atc_cy import ATCConfig, compute_atc_signals, sweep
from atc_cy.cli import main
from atc_cy.cli.common import config_of
from atc_cy.cli.program import parser
from atc_cy.config.config_text import fields_from_toml

VALUES: dict[str, Any] = {
    **{
        f"{name}_len": 21 + number
        for number, name in enumerate(("ema", "hull", "wma", "dema", "lsma", "kama"))
    },
    **{
        f"{name}_w": 0.5 + number for number, name in enumerate(("ema", "hma", "wma", "dema", "lsma", "kama"))
    },
    "robustness": "Wide",
    "La": 0.05,
    "De": 0.2,
    "cutout": 7,
    "long_threshold": 0.3,
    "short_threshold": -0.4,
    "strategy_mode": True,
    "moving_averages": ("EMA", "KAMA"),
}
COMMANDS = {
    "scan": ["scan", "x.csv"],
    "compute": ["compute", "x.csv", "-o", "-"],
    "chart": ["chart", "x.csv", "-o", "x.html"],
    "sweep": ["sweep", "x.csv", "-g", "La=0"],
    "watch": ["watch", "x.csv"],
    "dataset": ["dataset", "in", "--out", "out"],
}


def option(name: str, value: Any) -> list[str]:
    """A field as an option."""
    flag = f"--{name.replace('_', '-')}"
    return [flag] if value is True else [flag, "+".join(value) if isinstance(value, tuple) else str(value)]


def toml(name: str, value: Any) -> str:
    """A field as the only line of a file."""
    return f"{name} = {json.dumps(value)}\n"


def test_every_field_has_a_value() -> None:
    assert VALUES.keys() == asdict(ATCConfig()).keys()
    assert all(value != getattr(ATCConfig(), name) for name, value in VALUES.items())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", VALUES)
def test_each_field_of_each_command(tmp_path: Path, name: str, command: str) -> None:
    value, file = VALUES[name], tmp_path / "part.toml"
    file.write_text(toml(name, value))
    text = option(name, value)[-1] if value is not True else "true"
    for settings in (option(name, value), ["--set", f"{name}={text}"], ["--config", str(file)]):
        assert config_of(parser().parse_args([*COMMANDS[command], *settings])) == ATCConfig(**{name: value})


@pytest.mark.parametrize("name", VALUES)
def test_the_numbers_of_each_field(tmp_path: Path, name: str) -> None:
    prices, out = write_csv(tmp_path / "x.csv"), tmp_path / "out.parquet"
    assert main(["compute", str(prices), "-o", str(out), *option(name, VALUES[name])]) == 0
    found, expected = pd.read_parquet(out), compute_atc_signals(CLOSE, **{name: VALUES[name]})
    for output, values in expected.items():
        assert np.array_equal(found[output], values, equal_nan=True)


def test_the_numbers_of_other_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = str(write_csv(tmp_path / "x.csv"))
    expected = compute_atc_signals(CLOSE, La=0.05, ema_len=21)
    settings = ["--La", "0.05", "--ema-len", "21"]
    assert main(["scan", prices, "--format", "json", *settings]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["Average_Signal"] == expected["Average_Signal"].iloc[-1]
    assert main(["sweep", prices, "-g", "De=0.1", "--format", "json", *settings]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    swept = sweep(CLOSE, {"De": [0.1]}, La=0.05, ema_len=21)
    assert row["total_return"] == swept.loc["total_return"].iloc[0]
    assert main(["scan", prices, *settings]) == 0
    assert "preset default, ema_len=21, La=0.05" in capsys.readouterr().out


def test_options_go_before_the_file_and_the_file_before_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "part.toml"
    file.write_text("La = 0.05\nDe = 0.2\n[lengths]\nEMA = 21\n")
    arguments = ["scan", "x.csv", "--preset", "ema_only", "--config", str(file), "--La", "0.1"]
    assert config_of(parser().parse_args(arguments)) == ATCConfig.from_preset(
        "ema_only", La=0.1, De=0.2, ema_len=21
    )


@pytest.mark.parametrize(
    ("settings", "text", "code", "message"),
    [
        (["--La", "-1"], "", 2, "La=-1.0 is out of range"),
        (["--ema-len", "2.5"], "", 2, "ema_len=2.5 must be an integer"),
        (["--robustness", "Wid"], "", 2, "did you mean 'Wide'?"),
        (["--moving-averages", "EMA+SMA"], "", 2, "there is no SMA here"),
        (["--set", "hma_len=3"], "", 2, "did you mean 'hull_len'?"),
        (["--set", "La"], "", 2, "'La' must be written like La=0.05"),
        (["--La", "1", "--set", "La=2"], "", 2, "La is given twice"),
        (["--set", "La=1", "--set", "La=2"], "", 2, "La is given twice"),
        ([], "La = -1", 1, "part.toml: La=-1.0 is out of range"),
        ([], "lambda = 1", 1, "part.toml: there is no setting 'lambda'; did you mean 'La'?"),
        ([], "ema_len = 21\n[lengths]\nEMA = 22", 1, "ema_len is given twice, also as EMA in [lengths]"),
        ([], "La = ", 1, "part.toml: not valid TOML"),
        (["--De", "1"], "La = -1", 1, "part.toml: La=-1.0 is out of range"),
    ],
)
def test_bad_settings(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    settings: list[str],
    text: str,
    code: int,
    message: str,
) -> None:
    file = tmp_path / "part.toml"
    file.write_text(text)
    arguments = [
        "scan",
        str(write_csv(tmp_path / "x.csv")),
        *settings,
        *(["--config", str(file)] if text else []),
    ]
    if code == 2:
        with pytest.raises(SystemExit, match="2"):
            main(arguments)
    else:
        assert main(arguments) == code
    assert message in capsys.readouterr().err


def test_a_file_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes(b"La = 0.05  # \xe9\n")
    message = "latin.toml: it is not text in UTF-8: invalid continuation byte at byte 13"
    with pytest.raises(ValueError, match=message):
        ATCConfig.load(file)
    assert main(["scan", str(write_csv(tmp_path / "x.csv")), "--config", str(file)]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("settings", [["--La", "0.1"], ["--set", "La=0.1"]])
def test_a_setting_that_the_grid_has_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"La=0.1 would have no effect, because the grid has La"):
        sweep(CLOSE, {"La": [0.0]}, La=0.1)
    with pytest.raises(SystemExit, match="2"):
        main(["sweep", str(write_csv(tmp_path / "x.csv")), "-g", "La=0", *settings])
    assert "La=0.1 would have no effect" in capsys.readouterr().err


@pytest.mark.parametrize(
    "config", [ATCConfig(), ATCConfig(**VALUES), ATCConfig(robustness="Narrow", lsma_len=5, La=1e-300)]
)
def test_text_and_files_are_inverses(tmp_path: Path, config: ATCConfig) -> None:
    assert ATCConfig.from_toml(config.to_toml()) == config
    config.save(tmp_path / "config.toml")
    assert ATCConfig.load(tmp_path / "config.toml") == config
    assert ATCConfig.from_toml(config.to_toml()).to_toml() == config.to_toml()
    with pytest.warns(DeprecationWarning, match=r"from_toml\(path\) is now called load\(path\)"):
        assert ATCConfig.from_toml(tmp_path / "config.toml") == config
    assert fields_from_toml("") == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ["sweep", "x.csv", "-g", "La=0", "--fees", "1_0"],
        ["sweep", "x.csv", "-g", "La=0", "--threads", "1_0"],
        ["chart", "x.csv", "--bars", "1_0"],
        ["scan", "--min-signal", "0_1"],
        ["watch", "x.csv", "--exec-timeout", "1_0"],
    ],
)
def test_a_number_is_not_written_as_in_python(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "must be a" in capsys.readouterr().err


def test_a_file_with_a_length_of_a_type_that_an_option_adds(tmp_path: Path) -> None:
    """The file alone was refused, whatever the options said."""
    (tmp_path / "x.csv").write_text(
        "".join(["date,close\n", *(f"{2000 + n}-01-01,{n + 1}\n" for n in range(99))])
    )
    (tmp_path / "a.toml").write_text('moving_averages = ["EMA"]\n[lengths]\nKAMA = 50\n')
    both = ("--moving-averages", "EMA+KAMA")
    one = atc_cy("compute", tmp_path / "x.csv", "--config", tmp_path / "a.toml", *both, "-o", "-")
    other = atc_cy("compute", tmp_path / "x.csv", *both, "--kama-len", 50, "-o", "-")
    assert one.stdout == other.stdout
    assert "KAMA_Signal" in one.stdout
