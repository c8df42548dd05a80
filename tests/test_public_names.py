"""Each public name is of `atc_cy`, whatever room it is in: for help, signatures and pickles."""

import inspect
import pickle
import pickletools
import pydoc
from types import ModuleType
from typing import Any

import pytest

import atc_cy

PUBLIC = {
    name: value
    for name in atc_cy.__all__
    if callable(value := getattr(atc_cy, name)) and not isinstance(value, ModuleType)
}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_of_the_package(name: str) -> None:
    value = PUBLIC[name]
    assert (value.__module__, value.__qualname__) == ("atc_cy", name)
    pickled = pickle.dumps(value)
    assert {"atc_cy", name} <= {text for _, text, _ in pickletools.genops(pickled) if isinstance(text, str)}
    assert pickle.loads(pickled) is value


@pytest.mark.parametrize("name", PUBLIC)
def test_help_shows_the_signature(name: str) -> None:
    value: Any = PUBLIC[name]
    shown = pydoc.render_doc(value, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    assert shown.splitlines()[0].endswith(f"{name} in module atc_cy")
    if inspect.isfunction(value):
        wrapped: Any = inspect.unwrap(value)
        assert inspect.signature(value) == inspect.signature(wrapped)
        assert [*inspect.signature(value).parameters] == [
            *wrapped.__code__.co_varnames[: len(inspect.signature(value).parameters)]
        ]
        assert f"{name}(" in shown.splitlines()[2]


def test_states_and_configs_are_pickled_by_public_names() -> None:
    config = atc_cy.ATCConfig(La=0.5)
    for value in (config, config.structure, atc_cy.Stream(), atc_cy.PanelStream(["A"]), atc_cy.kernels()[0]):
        pickled = pickle.dumps(value)
        modules = {
            text
            for _, text, _ in pickletools.genops(pickled)
            if isinstance(text, str) and text.startswith("atc_cy")
        }
        assert modules == {"atc_cy"}
        assert type(pickle.loads(pickled)) is type(value)
