"""The tree is formatted, linted and strictly typed, and the stubs tell what the extensions have."""

import subprocess
import sys

import pytest
from support.kernels import PRESETS, at_all_levels
from support.places import ROOT


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        [
            "mypy.stubtest",
            "--mypy-config-file=pyproject.toml",
            "atc_cy.ext.cpu",
            *(f"atc_cy.ext.{name}" for name in at_all_levels("generic", *PRESETS)),
        ],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_tool(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
