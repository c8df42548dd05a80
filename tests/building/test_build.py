"""Presets become extensions: a TOML is enough, a changed one rebuilds its own, wheels need no compiler."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernels import LEVELS, PRESETS
from support.pages import blocks
from support.places import ROOT, unpack
from support.sdists import checkout, distribution, run

from atc_cy.building.compiler import machine

pytestmark = pytest.mark.long

LEVEL = LEVELS[-1]
"""The one that is built here: the others are built in the same way."""
EXTRA_KERNELS = {f"extra_{LEVEL}"}
ALLOWED_WARNING = "The 'IF' statement is deprecated"


def assert_no_warnings(output: str) -> None:
    warnings = [line for line in output.splitlines() if "warning" in line.lower()]
    # The second: MANIFEST.in leaves out what is not there.
    allowed = (ALLOWED_WARNING, "found anywhere in distribution")
    assert [line for line in warnings if not any(words in line for words in allowed)] == []


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    archive = distribution("sdist", checkout(folder / "source"), folder)
    unpack(archive, folder)
    return folder / archive.name.removesuffix(".tar.gz")


def test_the_sdist_holds_sources_alone(sdist: Path) -> None:
    names = {str(path.relative_to(sdist)) for path in sdist.rglob("*") if path.is_file()}
    assert {"setup.py", "presets/default.toml", "atc_cy/kernel/kernel.pxi", "tests/conftest.py"} <= names
    assert not [name for name in names if name.startswith("build/") or name.endswith((".so", ".c", ".pyx"))]


def build(tree: Path) -> tuple[str, set[str]]:
    """Build in place; the output, and the names of the extensions that were linked anew."""
    output = run(sys.executable, "setup.py", "build_ext", "--inplace", "-j", "2", cwd=tree)
    return output, linked(output)


def linked(output: str) -> set[str]:
    return set(re.findall(r"-o build/lib\S*/atc_cy/ext/(\w+)\.", output))


PROGRAMS = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
WRITE, BUILD, LOOK, REMOVE = blocks(ROOT / "docs" / "shipped-preset.md", "sh")


def run_block(block: str, tree: Path) -> str:
    return run("bash", "-e", "-c", block, cwd=tree, env=PROGRAMS)


@pytest.fixture(scope="module")
def tree(sdist: Path) -> Iterator[Path]:
    """The sdist, built without a preset, and then with that of docs/shipped-preset.md, as the page says."""
    for name in PRESETS:
        (sdist / "presets" / f"{name}.toml").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATC_CY_LEVELS", LEVEL)
        output, built = build(sdist)
        assert_no_warnings(output)
        assert built == {"cpu", f"generic_{LEVEL}"}
        run_block(WRITE, sdist)
        output = run_block(BUILD, sdist)
        assert_no_warnings(output)
        assert linked(output) == EXTRA_KERNELS
        yield sdist


def test_rebuilds_exactly_what_changed(tree: Path) -> None:
    assert build(tree)[1] == set()
    output = run_block(LOOK, tree)
    assert 'extra,"WMA 9 KAMA 16, Narrow"' in output
    assert "every bit of every output" in output

    extra = tree / "presets" / "extra.toml"
    extra.write_text(extra.read_text().replace("KAMA = 16", "KAMA = 17"))
    assert build(tree)[1] == EXTRA_KERNELS

    script = """
import numpy as np, atc_cy
(row,) = [row for row in atc_cy.kernels() if row.preset == "extra"]
assert row.structure == (("WMA", "KAMA"), (9, 17), "Narrow") and row.error == "", row
prices = np.random.default_rng(0).uniform(1, 2, 400)
config = atc_cy.ATCConfig.from_preset("extra")
fast = atc_cy.get_specialized_fn(config)(prices)
slow = atc_cy.compute_atc_signals(
    prices, moving_averages=["WMA", "KAMA"], wma_len=9, kama_len=17, robustness="Narrow",
    use_codegen_specialization=False,
)
for name in slow:
    assert np.array_equal(fast[name], slow[name], equal_nan=True), name
print(row.file)
"""
    assert run(sys.executable, "-c", script, cwd=tree).startswith(str(tree))


def test_a_preset_is_removed(tree: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tree, tmp_path / "copy")
    assert list((copy / "atc_cy" / "ext").glob("extra*"))
    output = run_block(REMOVE, copy)
    assert linked(output) == set()
    assert "extra" not in output.split("(generic)")[1]
    assert not list((copy / "atc_cy" / "ext").glob("extra*"))


def test_the_wheel_needs_no_compiler(tree: Path, tmp_path: Path) -> None:
    output = run(*(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path), cwd=tree)
    assert_no_warnings(output)
    (wheel,) = tmp_path.glob("*.whl")
    assert "-cp311-abi3-" in wheel.name
    target = tmp_path / "target"
    bare = {"PATH": "/nonexistent", "PYTHONPATH": str(target)}
    pip = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel)
    run(*pip, cwd=tmp_path, env=bare)
    script = (
        "import atc_cy; print(atc_cy.__file__); assert not any(row.error for row in atc_cy.kernels());"
        "from atc_cy.cli import main; words = 'scan --preset extra --max-age any --format csv'.split();"
        "raise SystemExit(main(words))"
    )
    lines = run(sys.executable, "-c", script, cwd=tmp_path, env=bare).splitlines()
    assert lines[0].startswith(str(target))
    assert len(lines) == 48
    names = run(sys.executable, "-m", "zipfile", "-l", wheel, cwd=tmp_path)
    for name in ("atc_cy/py.typed", "atc_cy/ext/extra.toml", "atc_cy/datasets/NOTICE", "licenses/LICENSE"):
        assert name in names


def test_the_extensions_need_libc_alone() -> None:
    for extension in sorted((ROOT / "atc_cy" / "ext").glob("*.so")):
        needed = re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", extension, cwd=ROOT))
        assert set(needed) <= {"libc.so.6"}, extension


@pytest.mark.skipif(machine() != "x86_64" or shutil.which("nm") is None, reason="it reads x86-64's with nm")
def test_the_extensions_check_their_stack(tree: Path) -> None:
    for extension in sorted((tree / "atc_cy" / "ext").glob("*_v?.*.so")):
        assert "__stack_chk_fail" in run("nm", "-D", extension, cwd=tree), extension
