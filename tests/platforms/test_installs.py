"""The package works wherever pip puts it, and says what to do where it cannot work."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.wheels import make_wheel

pytestmark = pytest.mark.long

SCAN = "import atc_cy; print(len(atc_cy.scan({'a': [1.0, 2.0, 3.0]}, outputs='last')), atc_cy.__file__)"


def python(path: Path, *arguments: str, less: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
    """Run Python with a place where packages are."""
    return subprocess.run(
        [*less, sys.executable, "-P", *arguments],
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ``pip install --target``."""
    folder = tmp_path_factory.mktemp("target")
    target = folder / "packages"
    command = ["pip", "install", "-q", "--no-index", "--no-deps", "--target", target, make_wheel(folder)]
    subprocess.run([sys.executable, "-m", *map(str, command)], check=True, capture_output=True)
    return target


def test_a_target_of_pip(installed: Path) -> None:
    done = python(installed, "-c", SCAN)
    assert done.stdout.split() == ["1", str(installed / "atc_cy" / "__init__.py")], done.stderr
    done = python(installed, "-m", "atc_cy", "scan", "--format", "csv", "--top", "1")
    assert done.stdout.count("\n") == 2, done.stderr
    assert (installed / "bin" / "atc-cy").exists()


def test_packages_that_cannot_be_written(installed: Path) -> None:
    # The superuser may write anywhere, unless that is taken away.
    less: list[str] = []
    if os.getuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("the superuser may write anywhere, and there is no setpriv to take that away")
        less = ["setpriv", "--bounding-set=-dac_override"]
    folders = [installed, *(path for path in installed.rglob("*") if path.is_dir())]
    before = sorted(installed.rglob("*"))
    for folder in folders:
        folder.chmod(0o555)
    try:
        written = python(installed, "-c", f"open({str(installed / 'new')!r}, 'w')", less=less)
        assert "PermissionError" in written.stderr
        done = python(installed, "-c", SCAN, less=less)
        assert done.stdout.split()[:1] == ["1"], done.stderr
        done = python(installed, "-m", "atc_cy", "doctor", less=less)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert sorted(installed.rglob("*")) == before


@pytest.mark.parametrize(
    "script",
    [
        SCAN,
        "import atc_cy; atc_cy.Stream()",
        "import atc_cy; atc_cy.list_presets()",
        "from atc_cy.cli import main; raise SystemExit(main(['scan']))",
        "from atc_cy.cli import main; raise SystemExit(main(['presets']))",
    ],
)
def test_a_zip_file(script: str, tmp_path: Path) -> None:
    """Compiled code is loaded from files alone."""
    wheel = make_wheel(tmp_path)
    done = python(wheel, "-c", script)
    assert done.returncode == 1
    assert (
        f"atc_cy was imported from {wheel}, but the kernels in it cannot be loaded from there: install it, "
        f"'pip install {wheel.name}' if it is a wheel, or unpack it and put its folder on the path"
    ) in done.stderr + done.stdout


def test_what_needs_no_kernel_works_from_a_zip_file(tmp_path: Path) -> None:
    script = (
        "import atc_cy.datasets, atc_cy.reference; from atc_cy.config import ATCConfig\n"
        "prices = atc_cy.datasets.load_stocks()['adj_close'][:99].tolist()\n"
        "print(len(atc_cy.reference.atc(prices, ATCConfig())['Average_Signal']), atc_cy.__version__)"
    )
    done = python(make_wheel(tmp_path), "-c", script)
    assert done.stdout.split()[:1] == ["99"], done.stderr
