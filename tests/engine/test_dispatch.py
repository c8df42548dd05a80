"""The dispatch table: read from the extensions, honest about those that do not load."""

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.kernels import LEVELS, PRESETS, kernel

import atc_cy
from atc_cy import Structure, dispatch


def test_every_preset_file_has_its_kernel() -> None:
    table = atc_cy.kernels()
    assert [row.preset for row in table] == [None, *PRESETS]
    assert atc_cy.list_presets() == list(PRESETS)
    for row in table:
        assert row.error == ""
        assert (row.cpu_level, row.reason) == (LEVELS[-1], "best of this CPU")
        assert Path(row.file).is_file()
    assert len({row.source_hash for row in table}) == 1
    for row, preset in zip(table[1:], PRESETS.values(), strict=True):
        assert row.structure == preset.structure
        assert row.description == preset.description


def test_extensions_know_what_they_are() -> None:
    for level in LEVELS:
        generic = kernel(f"generic_{level}")
        assert (None, None, level) == (generic.PRESET, generic.STRUCTURE, generic.CPU_LEVEL)
        for name, preset in PRESETS.items():
            one = kernel(f"{name}_{level}")
            assert (name, preset.structure, level) == (one.PRESET, one.STRUCTURE, one.CPU_LEVEL)


def test_every_level_was_built() -> None:
    built = {path.name.split(".")[0] for path in dispatch.EXTENSIONS.glob("*.so")}
    levels = ["portable"] if LEVELS == ["portable"] else ["v2", "v3", "v4"]
    assert built == {"cpu", *(f"{name}_{level}" for name in ("generic", *PRESETS) for level in levels)}


def test_structure_decides() -> None:
    for name, preset in PRESETS.items():
        assert dispatch.best_kernel(preset.structure) is kernel(f"{name}_{LEVELS[-1]}")
    other = Structure(("EMA", "KAMA"), (28, 28), "Medium")
    assert dispatch.specialized_kernel(other) is None
    assert dispatch.best_kernel(other) is kernel(f"generic_{LEVELS[-1]}")


def test_a_preset_kernel_refuses_another_structure() -> None:
    for types, lengths in ((("EMA",), (20,)), (("KAMA",), (28,)), (("EMA", "KAMA"), (28, 28))):
        config = atc_cy.ATCConfig.from_structure(Structure(types, lengths, "Medium"))
        with pytest.raises(ValueError, match="another structure"):
            kernel(f"ema_only_{LEVELS[-1]}").Symbol(*config.kernel_arguments)


SCRIPT = """
import logging
logging.basicConfig(format="%(levelname)s %(message)s")
import atc_cy
prices = [1.0, 2.0, 3.0]
print([row.preset for row in atc_cy.kernels() if row.error])
print(len(atc_cy.compute_atc_signals(prices)))
print(len(atc_cy.compute_atc_signals(prices, moving_averages=["EMA"])))
for fallback in (True, False):
    try:
        print(len(atc_cy.compute_atc_signals_specialized(prices, "ema_only", fallback=fallback)))
    except atc_cy.KernelError as error:
        print("KernelError", error)
"""


def run_with_package(package: Path, script: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(package.parent)!r})\n{script}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=package.parent,
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package that a test may break."""
    copy = tmp_path / "atc_cy"
    shutil.copytree(Path(atc_cy.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.mark.parametrize("damage", ["missing", "truncated", "another"])
def test_a_broken_preset_kernel_is_told(package: Path, damage: str) -> None:
    extension = package / "ext" / Path(kernel(f"ema_only_{LEVELS[-1]}").__file__).name
    if damage == "missing":
        extension.unlink()
    elif damage == "truncated":
        extension.write_bytes(extension.read_bytes()[:1000])
    else:
        shutil.copy(package / "ext" / Path(kernel(f"generic_{LEVELS[-1]}").__file__).name, extension)
    done = run_with_package(package, SCRIPT)
    listed, default, ema, allowed, refused = done.stdout.splitlines()
    assert listed == "['ema_only']"
    assert (default, ema, allowed) == ("13", "3", "3")
    assert refused.startswith("KernelError the kernel of preset 'ema_only' cannot be loaded: ")
    warnings = done.stderr.splitlines()
    assert len(warnings) == 2
    assert all("WARNING the kernel of preset 'ema_only' cannot be loaded: " in line for line in warnings)
    assert all("the generic kernel computes the same" in line for line in warnings)


def test_without_any_kernel(package: Path) -> None:
    for extension in (package / "ext").glob("*.so"):
        extension.unlink()
    done = run_with_package(package, "import atc_cy; atc_cy.compute_atc_signals([1.0])")
    assert done.returncode != 0
    assert "KernelError: no kernel can be loaded" in done.stderr
    assert "pip install -e ." in done.stderr


@pytest.mark.parametrize("reason", ["no extension", "a CPU that is not there"])
@pytest.mark.parametrize("argument", ["--version", "--help", "doctor", "presets --format json"])
def test_the_command_line_without_any_kernel(package: Path, reason: str, argument: str) -> None:
    """What does not compute works, and `doctor` says what is wrong."""
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    if reason == "no extension":
        for extension in (package / "ext").glob("*.so"):
            extension.unlink()
    else:
        environment["ATC_CY_CPU"] = "v9"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "atc_cy", *argument.split()],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.stderr == ""
    problem = "no kernel can be loaded" if reason == "no extension" else "ATC_CY_CPU='v9' cannot run here"
    if argument == "doctor":
        assert done.returncode == 1
        assert f"No kernel can be used: {problem}" in done.stdout
        assert "numpy" in done.stdout
    elif argument.startswith("presets"):
        assert done.returncode == 1
        rows = json.loads(done.stdout)
        assert all(problem in row["kernel"] for row in rows)
    else:
        assert done.returncode == 0


def test_presets_are_known_without_a_kernel(package: Path) -> None:
    for extension in (package / "ext").glob("*.so"):
        extension.unlink()
    script = (
        "import atc_cy; print(*atc_cy.list_presets()); print(atc_cy.ATCConfig.from_preset('wide').robustness)"
    )
    done = run_with_package(package, script)
    assert done.stdout.splitlines() == [" ".join(PRESETS), "Wide"]


@pytest.mark.parametrize("level", LEVELS)
def test_a_forced_level(level: str, tmp_path: Path) -> None:
    script = "import atc_cy; atc_cy.compute_atc_signals([1.0]); print(atc_cy.kernels()[1])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "ATC_CY_CPU": level},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"cpu_level='{level}', reason='forced by ATC_CY_CPU'" in done.stdout
    assert f"default_{level}." in done.stdout


def test_a_forced_level_that_cannot_be(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import atc_cy; atc_cy.compute_atc_signals([1.0])"],
        cwd=tmp_path,
        env={**os.environ, "ATC_CY_CPU": "v9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "KernelError: ATC_CY_CPU='v9' cannot run here; " in done.stderr
    assert f"known: {', '.join(LEVELS)}" in done.stderr


def test_no_warning_when_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "atc_cy"):
        atc_cy.compute_atc_signals([1.0, 2.0])
        atc_cy.compute_atc_signals([1.0, 2.0], ema_len=20)
    assert not caplog.records
