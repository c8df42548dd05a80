"""What docs/api shows: functions, classes and methods are described, and each has an example that runs."""

import doctest
import functools
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from support.places import ROOT

import atc_cy
from atc_cy.engine import recording

MODULES = ("atc_cy.datasets", "atc_cy.hotpaths")
"""Modules that a page shows as a whole; each other entry is a name."""
WITHOUT_EXAMPLE = {
    "atc_cy.MOVING_AVERAGES": "a constant",
    "atc_cy.hotpaths.record_process": "it records until the process ends: here, all other tests",
}
"""Why; errors have none either, as users do not make them."""
MADE_BY_USERS = ("atc_cy.ATCConfig", "atc_cy.PanelStream", "atc_cy.Resampler", "atc_cy.Stream")
"""Classes whose arguments are described; other classes are what functions return."""
EXTRAS = {
    "atc_cy.dask": "distributed",
    "atc_cy.dataset": "pyarrow",
    "atc_cy.polars": "polars",
}
"""What the examples of a module need."""


def value_of(name: str) -> Any:
    """What a dotted name means: a module, or what one has."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return functools.reduce(getattr, parts[length:], value)
    raise ImportError(name)


def entries() -> Iterator[str]:
    """The names on the pages, and the methods of their classes."""
    seen: set[Any] = set()
    for page in sorted((ROOT / "docs" / "api").glob("*.md")):
        text = page.read_text("utf-8")
        for name, options in re.findall(r"^::: (\S+)\n((?: +.*\n)*)", text, re.MULTILINE):
            shown = re.search(r"members: \[(.*)\]", options)
            yield name
            if name in MODULES:
                public = shown[1].split(", ") if shown else ["load_ecb_fx", "load_stocks"]
                yield from (f"{name}.{each}" for each in public)
            elif name.split(".")[1] not in EXTRAS and isinstance(value := value_of(name), type):
                yield from (f"{name}.{each}" for each in methods(value, seen))


def methods(of: type, seen: set[Any]) -> Iterator[str]:
    """Those that this package defines for users, each once: pages inherit `save`."""
    found = [name for base in of.__mro__ if base.__module__.startswith("atc_cy") for name in vars(base)]
    for name in dict.fromkeys(found):
        value = getattr(of, name)
        function = getattr(value, "__func__", value)
        if not name.startswith("_") and inspect.isfunction(function) and function not in seen:
            seen.add(function)
            yield name


ENTRIES = [*entries()]
ERRORS = {f"atc_cy.{name}" for name in atc_cy.__all__ if name.endswith(("Error", "Warning"))}
NAMES = [name for name in ENTRIES if name not in MODULES]
DESCRIBED = [name for name in NAMES if name not in ERRORS and name not in WITHOUT_EXAMPLE]


def known(name: str) -> Any:
    """The value of a name; the test is skipped where its library is missing."""
    for module, library in EXTRAS.items():
        if name.startswith(f"{module}."):
            pytest.importorskip(library)
    return value_of(name)


def sections(value: Any) -> dict[str, str]:
    """The sections of a docstring, by title."""
    text = inspect.getdoc(value) or ""
    parts = re.split(r"^(\w[\w ]*)\n-+\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_pages_have_every_public_name() -> None:
    assert {f"atc_cy.{name}" for name in atc_cy.__all__} - {"atc_cy.__version__"} <= {*ENTRIES}
    assert {*WITHOUT_EXAMPLE} <= {*ENTRIES}


@pytest.fixture(scope="module")
def prices() -> Any:
    """`load_ecb_fx`, which reads its file once."""
    rates = atc_cy.datasets.load_ecb_fx()
    return lambda: rates.copy()


@pytest.mark.parametrize("name", DESCRIBED)
def test_an_example_runs(name: str, prices: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    value = known(name)
    monkeypatch.chdir(tmp_path)
    if name != "atc_cy.datasets.load_ecb_fx":
        monkeypatch.setattr(atc_cy.datasets, "load_ecb_fx", prices)
    (examples,) = [
        doctest.DocTestParser().get_doctest(inspect.getdoc(value) or "", {"atc_cy": atc_cy}, name, None, None)
    ]
    assert [each for each in examples.examples if not each.options.get(doctest.SKIP)], (
        f"{name} has no example"
    )
    said: list[str] = []
    result = doctest.DocTestRunner().run(examples, out=said.append)
    assert result.failed == 0, "".join(said)
    assert not recording.recorders


@pytest.mark.parametrize("name", DESCRIBED)
def test_arguments_and_results_are_described(name: str) -> None:
    value = known(name)
    parts = sections(value)
    is_record = isinstance(value, type) and (
        hasattr(value, "_fields") or hasattr(value, "__dataclass_fields__")
    )
    made_by_others = isinstance(value, type) and "Parameters" not in parts
    if not is_record and not made_by_others:
        signature = inspect.signature(value)
        takes = {each for each in signature.parameters if each not in ("self", "cls")}
        lines = re.findall(r"^(\S.*)$", parts.get("Parameters", ""), re.MULTILINE)
        named = {each.strip(" *") for line in lines for each in line.split(",")}
        assert takes <= named, f"{name} does not say what {sorted(takes - named)} is"
        if not isinstance(value, type) and signature.return_annotation not in (None, "None"):
            assert {"Returns", "Yields"} & {*parts}, f"{name} does not say what it returns"
    for line in parts.get("See Also", "").strip().splitlines():
        for each in line.partition(" : ")[0].split(", "):
            known(each if each.startswith("atc_cy.") else f"atc_cy.{each}")


@pytest.mark.parametrize("name", NAMES)
def test_attributes_are_described(name: str) -> None:
    value = known(name)
    assert value is atc_cy.MOVING_AVERAGES or inspect.getdoc(value)
    if isinstance(value, type):
        for each, attribute in vars(value).items():
            if not each.startswith("_") and (
                isinstance(attribute, property) or type(attribute).__name__ == "cached_property"
            ):
                assert inspect.getdoc(attribute), f"{name}.{each}"
