"""No public module hides behind a public function, and what is heavy is imported when it is asked for."""

import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import atc_cy

MODULES = sorted(own.name for own in pkgutil.iter_modules(atc_cy.__path__))


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
