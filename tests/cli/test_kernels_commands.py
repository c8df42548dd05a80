"""`atc-cy presets` and `doctor`: what is compiled, and whether it is right."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy
from support.kernels import LEVELS, PRESETS

from atc_cy import __version__, kernels
from atc_cy.cli import main
from atc_cy.dispatch.checksums import altered


def test_presets() -> None:
    rows = json.loads(atc_cy("presets", "--format", "json").stdout)
    assert [row["preset"] for row in rows][:2] == ["(generic)", "default"]
    assert rows[1]["structure"] == "EMA 28 HMA 28 WMA 28 DEMA 28 LSMA 28 KAMA 28, Medium"


def test_doctor() -> None:
    lines = atc_cy("doctor").stdout.splitlines()
    assert lines[0].startswith(f"atc_cy {__version__} in ")
    assert f"numpy {np.__version__}, pandas {pd.__version__}, rich " in lines[2]
    assert lines[3] == f"CPU level {LEVELS[-1]}, best of this CPU"
    verified = {line.split(",")[0]: line for line in lines[4:-1]}
    assert list(verified) == ["✓ generic", *(f"✓ {name}" for name in PRESETS)]
    for name in PRESETS:
        assert verified[f"✓ {name}"].endswith(" bars compared, every bit right")
    assert lines[-1] == f"✓ All is right: {len(PRESETS) + 1} kernels compute what the law says"


def test_doctor_marks_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("atc_cy.cli.doctor._is_right", lambda row: row.preset != "wide")
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "✗ Not all is right: wide"


def test_marks_of_an_encoding_without_them() -> None:
    script = "from atc_cy.cli.console import mark; mark(True, 'a'); mark(False, 'b')"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.split() == [b"ok", b"a", b"!!", b"b"]


@pytest.mark.parametrize(
    ("on", "found"),
    [
        (True, "✓ This CPython is free-threaded. The kernels need its GIL and have switched it on.\n"),
        (
            False,
            "✗ This CPython is free-threaded, and its GIL is off, which the kernels need: unset PYTHON_GIL",
        ),
    ],
)
def test_doctor_tells_of_the_gil(
    on: bool, found: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from atc_cy.cli.doctor import _gil_is_on

    monkeypatch.setitem(sysconfig.get_config_vars(), "Py_GIL_DISABLED", 1)
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: on, raising=False)
    assert _gil_is_on() == on
    assert capsys.readouterr().out.startswith(found)


def test_presets_say_why_a_kernel_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the terminal is too narrow for the column that has it."""
    table = [row._replace(error="it is damaged") if row.preset == "wide" else row for row in kernels()]
    monkeypatch.setattr("atc_cy.dispatch.kernels", lambda: table)
    assert main(["presets"]) == 1
    assert capsys.readouterr().err == "atc-cy: wide: it is damaged\n"
    assert main(["presets", "--format", "json"]) == 1
    assert capsys.readouterr().err == ""


def test_doctor_names_a_kernel_that_is_not_as_it_was_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it is loaded: a damaged one may end the process."""
    package, info = tmp_path / "atc_cy" / "ext", tmp_path / "atc_cy-9.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: atc_cy\nVersion: 9\n")
    path = package / f"generic_v9{EXTENSION_SUFFIXES[-1]}"
    path.write_bytes(b"as it was installed")
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")
    (info / "RECORD").write_text(f"atc_cy/ext/{path.name},sha256={digest},19\natc_cy/__init__.py,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("atc_cy.dispatch.checksums.EXTENSIONS", package)
    assert altered() == []
    path.write_bytes(b"as a bad disk has it")
    assert altered() == [path]
    assert main(["doctor"]) == 1
    assert f"{path} has changed since it was installed" in capsys.readouterr().out
    (info / "RECORD").write_bytes(b"\xff")
    assert altered() == []
