"""An app that PyInstaller makes has the kernels, the presets and the shipped prices."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import atc_cy
from support.wheels import make_wheel

pytestmark = pytest.mark.release

pytest.importorskip("PyInstaller", reason="PyInstaller is missing: pip install 'atc_cy[test]'")

APP = "import sys\nfrom atc_cy.cli import main\nsys.exit(main())\n"
NOT_NEEDED = ["Cython", "IPython", "PIL", "dask", "fsspec", "hypothesis", "jinja2", "kaleido", "lxml"]
NOT_NEEDED += ["matplotlib", "narwhals", "openpyxl", "plotly", "polars", "psutil", "pyarrow", "pygments"]
NOT_NEEDED += ["pytest", "rich", "scipy", "setuptools", "sqlalchemy", "tornado", "yaml"]
"""What an app would have, too, because it is installed here, and which takes PyInstaller long."""


def test_an_app_scans_the_shipped_rates(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    target, wheel = tmp_path / "installed", make_wheel(tmp_path)
    install = ["pip", "install", "-q", "--no-index", "--no-deps", "--target", target, wheel]
    subprocess.run([sys.executable, "-m", *map(str, install)], check=True, capture_output=True)
    build = ["PyInstaller", "--onedir", "--noconfirm", "--log-level", "WARN", "app.py"]
    build += [word for name in NOT_NEEDED for word in ("--exclude-module", name)]
    environment = os.environ | {"PYTHONPATH": str(target), "PYTHONWARNINGS": ""}
    environment["PYINSTALLER_CONFIG_DIR"] = str(tmp_path / "config")
    done = subprocess.run(
        [sys.executable, "-m", *build],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    app = tmp_path / "dist" / "app" / "app"

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [app, *arguments], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("scan", "--format", "csv") == atc_cy("scan", "--format", "csv").stdout
    assert run("doctor").count("every bit right") == 6
