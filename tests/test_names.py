"""No public module hides behind a public function, and what is heavy is imported when it is asked for."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from support.places import ROOT

import atc_cy

MODULES = sorted(module.name for module in pkgutil.iter_modules(atc_cy.__path__))


DOCUMENTS = [
    *(path for path in ROOT.glob("*.md")),
    *(path for path in (ROOT / "docs").rglob("*.md")),
]
NO_MODULES = {"atc_cy.presets", "atc_cy.stream", "atc_cy.panel_stream"}
"""The group of entry points; and what the changelog says that pickles must not name."""


def output(script: str, *arguments: str) -> str:
    """What a script prints in a process of its own."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_no_module_shares_a_name_with_a_function_or_class() -> None:
    for name in atc_cy.__all__:
        if not isinstance(getattr(atc_cy, name), ModuleType):
            assert name not in MODULES, f"import atc_cy.{name} would give what is no module"


@pytest.mark.parametrize("name", ["dataset", "dask", "datasets", "hotpaths", "config", "dispatch"])
def test_public_modules_are_there_after_the_first_import(name: str) -> None:
    script = (
        f"import atc_cy; print(atc_cy.{name}.__name__); import atc_cy.{name} as m; print(type(m).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [f"atc_cy.{name}", "module"]


def test_scan_of_a_dataset_is_a_function_of_the_module() -> None:
    assert callable(atc_cy.dataset.scan)
    assert atc_cy.dataset is importlib.import_module("atc_cy.dataset")
    assert atc_cy.dataset.scan is not atc_cy.scan


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'scann'; did you mean 'scan'"):
        _ = atc_cy.scann
    assert {"dataset", "dask"} <= set(dir(atc_cy))


MOVED = {
    "saving": ("atc_cy.live.saved", ("StateError", "pack", "unpack", "MAGIC")),
    "preset": ("atc_cy.config.preset_file", ("Preset", "Problem", "problems", "check_name", "name_for")),
    "buildtools": ("atc_cy.building.extension", ("DIRECTIVES", "KERNEL", "stub", "build_kernels")),
    "dataset_step": ("atc_cy.dataset", ("Failure",)),
}
"""Modules that the documentation named earlier, where they are now, and what they had."""


@pytest.mark.parametrize("name", MOVED)
def test_a_moved_module_warns_and_is_there(name: str) -> None:
    home, names = MOVED[name]
    script = (
        "import importlib, warnings\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        f"    import atc_cy.{name} as old\n"
        f"new = importlib.import_module({home!r})\n"
        f"assert all(getattr(old, each) is getattr(new, each) for each in {names})\n"
        "print(caught[0].category.__name__, caught[0].filename, caught[0].message)"
    )
    kind, file, *message = output(script).split()
    assert (kind, file) == ("DeprecationWarning", "<string>")
    assert " ".join(message).startswith(f"atc_cy.{name} is now {home}")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_names_that_a_page_mentions_are_there(path: Path) -> None:
    for name in set(re.findall(r"\batc_cy(?:\.[A-Za-z]\w*)+", path.read_text())) - NO_MODULES:
        assert pkgutil.resolve_name(name) is not None


def test_names_that_docstrings_mention_are_there() -> None:
    for path in Path(atc_cy.__file__).parent.rglob("*.py"):
        for name in re.findall(r"`(atc_cy(?:\.[A-Za-z]\w*)+)[`(]", path.read_text()):
            if name not in NO_MODULES and path.stem not in MOVED:
                assert pkgutil.resolve_name(name) is not None, path


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_command_line_starts_without_pandas(argument: str) -> None:
    script = (
        "import sys\nfrom atc_cy.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'pandas', 'pyarrow', 'polars', 'plotly', 'dask', 'ccxt', 'rich'} & set(sys.modules)\n"
        "print('heavy:', *heavy, sep='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, argument], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("heavy:\n")
    assert done.stdout


def test_the_package_imports_without_pandas() -> None:
    script = (
        "import sys, atc_cy; print(*{'pandas', 'pyarrow', 'polars', 'plotly', 'dask'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
