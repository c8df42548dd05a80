"""What needs no numbers starts without NumPy, and without any kernel."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from atc_cy import charts

HEAVY = {"numpy", "pandas", "pyarrow", "polars", "plotly", "dask", "ccxt", "rich", "yfinance"}


@pytest.mark.parametrize(
    "arguments",
    [
        "--version",
        "--help",
        "scan --help",
        "sweep --help",
        "chart --help",
        "watch --help",
        "fetch --help",
        "completion bash",
        "preset --help",
    ],
)
def test_nothing_heavy_is_imported(arguments: str) -> None:
    script = (
        "import sys\nfrom atc_cy.cli import main\n"
        "try:\n    code = main(sys.argv[1:])\nexcept SystemExit as end:\n    code = end.code\n"
        "print('\\n', code, *sys.modules)"
    )
    command = [sys.executable, "-c", script, *arguments.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code in ("0", "None")
    assert not HEAVY & set(modules)


def test_the_package_itself_is_light() -> None:
    script = "import sys, atc_cy; dir(atc_cy); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_a_watch_of_json_lines_needs_numpy_alone(tmp_path: Path) -> None:
    """It begins sooner: pandas takes longer to import than all else."""
    (tmp_path / "feed.jsonl").write_text('{"date": "2024-01-01", "close": 1.5}\n')
    script = "import sys; from atc_cy.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    command = [sys.executable, "-c", script, "watch", str(tmp_path / "feed.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == {"numpy"}


@pytest.mark.parametrize("room", ["charts.style", "sweeps.choices"])
def test_choices_that_help_shows_are_defined_where_nothing_heavy_is(room: str) -> None:
    script = f"import sys, atc_cy.{room}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


@pytest.fixture(scope="module", params=["empty", "cut off", "not extensions"])
def broken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package in which no kernel can be loaded."""
    package = tmp_path_factory.mktemp("broken") / "atc_cy"
    installed = Path(charts.__file__).parents[1]
    shutil.copytree(
        installed, package, ignore=shutil.ignore_patterns("*.so", "*.xz", "__pycache__", "kernel")
    )
    for extension in (installed / "ext").glob("*.so"):
        whole = extension.read_bytes()
        if request.param != "empty":
            broken = whole[: len(whole) // 2] if request.param == "cut off" else b"no extension"
            (package / "ext" / extension.name).write_bytes(broken)
    return package


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("--version", 0, "atc-cy "),
        ("--help", 0, "COMMAND"),
        ("scan --help", 0, "--min-signal"),
        ("doctor", 1, "No kernel can be used: "),
        ("presets --format json", 1, '"preset": "default"'),
    ],
)
def test_a_broken_folder_of_kernels(broken: Path, arguments: str, code: int, words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "atc_cy", *arguments.split()],
        cwd=broken.parent,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stdout
    assert "Traceback" not in done.stderr
