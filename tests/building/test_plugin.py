"""Preset plug-ins: built from a file, installed anywhere, used; what is wrong with one breaks nothing."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support.commands import atc_cy, atc_cy_process
from support.kernels import LEVELS, kernel
from support.places import ROOT

import atc_cy as atc_cy_package
from atc_cy import ATCConfig, Preset, Structure
from atc_cy.building import wheel as room
from atc_cy.building.wheel import build_plugin
from atc_cy.errors import BuildError

pytestmark = pytest.mark.long

INSTALLED = Path(atc_cy_package.__file__).parent.parent
STRUCTURE = Structure(("EMA", "KAMA"), (9, 16), "Narrow")
CONFIG = ATCConfig.from_structure(STRUCTURE)
BUILT = sorted({LEVELS[0], LEVELS[-1]})
"""The CPU levels that are compiled here: one takes as long as the other."""


def preset_file(folder: Path, name: str = "mine", structure: Structure = STRUCTURE) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(Preset(name, "Two types", structure).to_toml())
    return path


def build_wheel(path: Path, out: Path) -> Path:
    (printed,) = atc_cy_process(
        "preset", "build", path, "-o", out, "--plugin-version", "1.2"
    ).stdout.splitlines()
    return Path(printed)


def wheel_of(levels: list[str], name: str, folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATC_CY_LEVELS", ",".join(levels))
        return build_wheel(preset_file(folder, name), folder / "dist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plug-in `mine`."""
    return wheel_of(BUILT, "mine", tmp_path_factory.mktemp("mine"))


@pytest.fixture(scope="module")
def other_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plug-in of the same structure, `yours`, which has the best level alone."""
    return wheel_of(LEVELS[-1:], "yours", tmp_path_factory.mktemp("yours"))


@pytest.fixture
def site(wheel: Path, tmp_path: Path) -> Path:
    """A folder into which the plug-in is installed."""
    return install(wheel, tmp_path / "site")


def install(wheel: Path, site: Path) -> Path:
    """As pip does it: tests/platforms/test_installs.py has pip do it with the package."""
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    return site


def run(script: str, *sites: Path) -> "subprocess.CompletedProcess[str]":
    """Run it where these folders are on the path, and no compiler is."""
    before = "import logging; logging.basicConfig(format='%(levelname)s %(message)s', level='INFO')\n"
    return subprocess.run(
        [sys.executable, "-c", before + script],
        env={"PATH": "/nonexistent", "PYTHONPATH": os.pathsep.join(map(str, (INSTALLED, *sites)))},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


TABLE = "import atc_cy; print([(row.preset, row.origin, row.error) for row in atc_cy.kernels()[7:]])\n"
USE = TABLE + (
    "from atc_cy.dispatch import best_kernel\n"
    f"config = atc_cy.ATCConfig.from_structure(atc_cy.Structure{tuple(STRUCTURE)})\n"
    "print(best_kernel(config.structure).PRESET, atc_cy.is_config_specializable(config))\n"
    "atc_cy.compute_atc_signals([1.0, 2.0], moving_averages=['EMA', 'KAMA'], ema_len=9, kama_len=16,"
    " robustness='Narrow')\n"
)


def test_what_the_wheel_holds(wheel: Path) -> None:
    assert wheel.name.startswith("atc_cy_preset_mine-1.2-cp311-abi3-")
    with zipfile.ZipFile(wheel) as file:
        names = {name for name in file.namelist() if not name.startswith("atc_cy_preset_mine-1.2.dist-info/")}
        inside = {f"mine_{level}.abi3.so" for level in BUILT} | {"__init__.py", "mine.toml"}
        assert names == {f"atc_cy_preset_mine/{name}" for name in inside}
        points = file.read("atc_cy_preset_mine-1.2.dist-info/entry_points.txt").decode()
    assert points.split() == ["[atc_cy.presets]", "mine", "=", "atc_cy_preset_mine"]


def test_the_wheel_carries_licence_and_notice(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        about = "atc_cy_preset_mine-1.2.dist-info"
        licence, notice, fields = (
            file.read(f"{about}/{name}").decode()
            for name in ("licenses/LICENSE", "licenses/NOTICE", "METADATA")
        )
    assert licence == (ROOT / "LICENSE").read_text("utf-8")
    assert notice.startswith("atc_cy_preset_mine\n==================\n")
    assert notice.endswith((ROOT / "NOTICE").read_text("utf-8"))
    assert f"atc_cy {atc_cy_package.__version__} " in notice
    assert {"License-Expression: MPL-2.0", "License-File: LICENSE", "License-File: NOTICE"} <= {
        *fields.splitlines()
    }


def test_without_a_licence_none_is_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Some distributors of packages take such files out."""
    path = preset_file(tmp_path)
    monkeypatch.setattr(room, "distribution", lambda _: SimpleNamespace(read_text=lambda _: None))
    monkeypatch.setattr(room, "KERNEL", tmp_path / "atc_cy" / "kernel")
    shutil.copytree(INSTALLED / "atc_cy" / "kernel", tmp_path / "atc_cy" / "kernel")
    with pytest.raises(BuildError, match="without its LICENSE, which a plug-in must carry: install it"):
        build_plugin(path, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


@pytest.mark.release
def test_the_same_input_makes_the_same_bytes(
    other_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "a longer path than before"
    elsewhere.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setenv("ATC_CY_LEVELS", LEVELS[-1])
    path = preset_file(elsewhere, "yours")
    again = build_wheel(path, elsewhere)
    assert again.read_bytes() == other_wheel.read_bytes()
    assert {entry.name for entry in elsewhere.iterdir()} == {path.name, again.name}


def test_installed_it_is_used_without_a_compiler_and_uninstalled_it_is_not(site: Path) -> None:
    done = run(USE, site)
    assert done.stderr == ""
    table, used = done.stdout.splitlines()
    assert table == "[('mine', 'atc_cy_preset_mine 1.2', '')]"
    assert used == "mine True"
    verified = run("from atc_cy.cli import main; raise SystemExit(main(['preset', 'verify', 'mine']))", site)
    assert verified.returncode == 0, verified.stderr
    assert f"preset 'mine' of atc_cy_preset_mine 1.2, CPU level {LEVELS[-1]}" in verified.stdout
    shutil.rmtree(site)
    assert run(USE, site).stdout.splitlines() == ["[]", "None False"]


def test_at_every_level(site: Path) -> None:
    for level in BUILT:
        script = f"import os; os.environ['ATC_CY_CPU'] = {level!r}\n{TABLE}"
        script += (
            f"from atc_cy.building.verify import verify; print(verify('mine').kernel.cpu_level == {level!r})"
        )
        done = run(script, site)
        assert done.stdout.splitlines()[-1] == "True", done.stderr


def one_warning(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """All works by the generic kernel, and one line says why."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "None False"
    (line,) = done.stderr.splitlines()
    assert line.startswith("WARNING the preset plug-in atc_cy_preset_mine 1.2 cannot be used: ")
    for word in words:
        assert word in line


def extensions(site: Path) -> list[Path]:
    return sorted((site / "atc_cy_preset_mine").glob("*.so"))


def test_built_for_another_kernel(site: Path) -> None:
    built = kernel(f"generic_{LEVELS[-1]}").SOURCE_HASH
    later = f"import atc_cy.ext.generic_{LEVELS[-1]} as own; own.SOURCE_HASH, own.VERSION = 'fedcba', '9.9'\n"
    done = run(later + USE, site)
    ours = f"kernel {built} of atc_cy {atc_cy_package.__version__}, "
    one_warning(done, ours, "kernel fedcba of atc_cy 9.9: ")
    one_warning(done, "build it again, 'atc-cy preset build mine.toml'")
    script = "import atc_cy; atc_cy.compute_atc_signals_specialized([1.0], 'mine', fallback=False)"
    assert "KernelError: the kernel of preset 'mine' cannot be loaded" in run(later + script, site).stderr


def test_built_for_another_interpreter(site: Path) -> None:
    for path in extensions(site):
        path.write_bytes(path.read_bytes().replace(b"PyObject_GetBuffer\0", b"PyObject_NotThere_\0"))
    one_warning(run(USE, site), "undefined symbol: PyObject_NotThere_")


def test_cut_off(site: Path) -> None:
    for path in extensions(site):
        path.write_bytes(path.read_bytes()[:5000])
    one_warning(run(USE, site), "is cut off: reinstall")


def test_without_its_extensions(site: Path) -> None:
    for path in extensions(site):
        path.unlink()
    one_warning(run(USE, site), f"there is no extension 'mine_{LEVELS[-1]}'")


def test_without_its_package(site: Path) -> None:
    shutil.rmtree(site / "atc_cy_preset_mine")
    one_warning(run(USE, site), "there is no package 'atc_cy_preset_mine'")


@pytest.mark.parametrize("text", ["", "[lengths", 'description = "x"'])
def test_with_another_file(text: str, site: Path) -> None:
    (site / "atc_cy_preset_mine" / "mine.toml").write_text(text)
    one_warning(run(USE, site), "mine.toml: ")


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ("../../etc/x = atc_cy_preset_mine", "cannot name a preset"),
        ("mine = os.path", "there is no package 'os.path'"),
        ("mine = os", "there is no package 'os'"),
        ("default = atc_cy_preset_mine", "default.toml"),
    ],
)
def test_with_another_entry_point(point: str, words: str, site: Path) -> None:
    (file,) = site.glob("*.dist-info/entry_points.txt")
    file.write_text(f"[atc_cy.presets]\n{point}\n")
    one_warning(run(USE, site), words)


def test_without_an_entry_point(site: Path) -> None:
    (file,) = site.glob("*.dist-info/entry_points.txt")
    file.unlink()
    done = run(USE, site)
    assert (done.stdout.splitlines(), done.stderr) == (["[]", "None False"], "")


def test_its_code_is_not_run(site: Path) -> None:
    (site / "atc_cy_preset_mine" / "__init__.py").write_text("raise SystemExit('not asked for')")
    assert run(USE, site).stdout.splitlines()[-1] == "mine True"


def test_a_name_that_is_taken(site: Path) -> None:
    (file,) = site.glob("*.dist-info/entry_points.txt")
    file.write_text("[atc_cy.presets]\ndefault = atc_cy_preset_mine\n")
    folder = site / "atc_cy_preset_mine"
    shutil.copy(ROOT / "presets" / "default.toml", folder)
    one_warning(run(USE, site), "atc_cy has a preset 'default' already")


@pytest.mark.release
@pytest.mark.parametrize(("version", "winner"), [("1.10", "yours"), ("1.1.9", "mine")])
def test_of_two_with_one_structure_the_newer_one_counts(
    version: str, winner: str, other_wheel: Path, site: Path, tmp_path: Path
) -> None:
    other = install(other_wheel, tmp_path / "other")
    (info,) = other.glob("*.dist-info")
    metadata = info / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 1.2", f"Version: {version}"))
    info.rename(info.with_name(f"atc_cy_preset_yours-{version}.dist-info"))
    for sites in ((site, other), (other, site)):
        done = run(USE, *sites)
        table, used = done.stdout.splitlines()
        assert used == f"{winner} True"
        assert "'mine'" in table
        assert "'yours'" in table
        (line,) = done.stderr.splitlines()
        loser = {"mine": f"atc_cy_preset_yours {version}", "yours": "atc_cy_preset_mine 1.2"}[winner]
        assert line.startswith(
            f"WARNING the preset plug-in {loser} has the structure of {winner!r}, of atc_cy_"
        )


def test_files_that_cannot_be_built(tmp_path: Path) -> None:
    shipped, twin = preset_file(tmp_path, "default"), preset_file(tmp_path, "twin", ATCConfig().structure)
    bad = tmp_path / "bad.toml"
    bad.write_text("robustness = 3\n")
    printed = atc_cy("preset", "check", shipped, twin, bad, code=1).stdout.splitlines()
    assert printed[0] == f"{shipped}:1: atc_cy ships a preset 'default': choose another name"
    assert printed[1] == f"{twin}:1: the shipped preset 'default' has this structure: it is compiled already"
    assert len(printed) == 5
    for path in (shipped, twin, bad):
        atc_cy_process("preset", "build", preset_file(tmp_path), path, "-o", tmp_path / "dist", code=1)
    assert not (tmp_path / "dist").exists()
    with pytest.raises(ValueError, match=r"version='1\.x' must be numbers"):
        build_plugin(preset_file(tmp_path), tmp_path / "dist", "1.x")


def test_no_compiler_no_header_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, left = preset_file(tmp_path), {"mine.toml", "temporary"}
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("CC", "no-such-compiler -x")
    with pytest.raises(BuildError, match=r"no C compiler 'no-such-compiler'.*apt install gcc"):
        build_plugin(path, tmp_path / "dist")
    monkeypatch.setenv("CC", "false")
    with pytest.raises(BuildError, match=r"failed with code 1; its last lines:\n(.*\n)*.*false"):
        build_plugin(path, tmp_path / "dist")
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nowhere")
    with pytest.raises(BuildError, match=r"no /nowhere/Python.h: .*python3-dev"):
        build_plugin(path, tmp_path / "dist")
    monkeypatch.setattr("atc_cy.building.wheel.version", lambda _: "3.2.9")
    with pytest.raises(ImportError, match=r"cython 3.2.9 is older than 3.3: pip install 'atc_cy\[build\]'"):
        build_plugin(path, tmp_path / "dist")
    monkeypatch.setattr("atc_cy.building.wheel.version", lambda name: missing(name))
    with pytest.raises(ImportError, match=r"cython is missing: pip install 'atc_cy\[build\]'"):
        build_plugin(path, tmp_path / "dist")
    assert {entry.name for entry in tmp_path.iterdir()} == left
    assert not list((tmp_path / "temporary").iterdir())


def missing(name: str) -> str:
    from importlib.metadata import PackageNotFoundError

    raise PackageNotFoundError(name)


def test_new_makes_a_file_that_check_accepts(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.to_toml())
    atc_cy("preset", "new", "one", "--config", config, "-o", tmp_path)
    atc_cy("preset", "new", "two", "--types", "KAMA", "EMA", "--length", "12", "-o", tmp_path)
    printed = atc_cy("preset", "check", tmp_path / "one.toml", tmp_path / "two.toml").stdout
    assert "one.toml: EMA 9 KAMA 16, Narrow\n" in printed
    assert "two.toml: EMA 12 KAMA 12, Medium\n" in printed
    assert "is not overwritten" in atc_cy("preset", "new", "two", "-o", tmp_path, code=1).stderr
    for name in ("class", "../x", "a" * 300):
        assert "cannot name a preset" in atc_cy("preset", "new", name, "-o", tmp_path, code=1).stderr
    bad = atc_cy("preset", "new", "three", "--length", "2", "-o", tmp_path, code=1)
    assert "smallest base length" in bad.stderr


def test_verify_finds_a_wrong_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    from atc_cy.building import verify

    assert verify.verify("ema_only").bars > 250_000
    right = verify.outputs_at_once

    def wrong(kernel: object, case: verify.Case) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        values = right(kernel, case)  # type: ignore[arg-type]
        if kernel is not verify.generic_kernel() and case.name == "USD":
            values[2, 700] = np.nextafter(values[2, 700], 9)
        return values

    monkeypatch.setattr(verify, "outputs_at_once", wrong)
    with pytest.raises(
        verify.VerificationError, match=r"'ema_only', USD, row 700, output 2: .*from the generic kernel"
    ):
        verify.verify("ema_only")


def test_bench_measures_each_preset_in_both_ways() -> None:
    rows = json.loads(atc_cy("bench", "ema_only", "--format", "json").stdout)
    assert [(row["preset"], row["bars"]) for row in rows] == [
        ("ema_only", "at once"),
        ("ema_only", "one by one"),
    ]
    for row in rows:
        low, high = map(float, row["quartiles"].split(" - "))
        assert 0 < low <= row["faster"] <= high
        assert row["preset_ns"] > 0 < row["generic_ns"]
    assert "there is no preset 'nothing'" in atc_cy("bench", "nothing", code=2).stderr
