"""The examples in the docstrings run."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name", ["files.numbers", "files.times", "files.container", "files.encoding", "text"]
)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"atc_cy.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
