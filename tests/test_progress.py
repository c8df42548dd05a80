"""`progress=True`, wherever there is `progress`: a bar in a terminal and in a notebook, nothing elsewhere."""

import builtins
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from support.price_files import CLOSE, write_csv

import atc_cy
from atc_cy import dataset
from atc_cy.progress import reporting

CALLS = {
    "scan": "atc_cy.scan(np.ones((2, 50)), progress={})",
    "sweep": "atc_cy.sweep(np.ones(50), {{'La': [0.0, 0.1]}}, progress={})",
    "dataset": "atc_cy.dataset.scan(source, destination, progress={})",
}
UNITS = {"scan": "bars", "sweep": "configs", "dataset": "rows"}


def call(name: str, progress: object, folder: Path) -> None:
    source = write_csv(folder / "X.csv")
    names = {
        "atc_cy": atc_cy,
        "np": np,
        "source": source,
        "destination": folder.parent / f"{folder.name}-out",
        "progress": progress,
    }
    assert dataset.scan  # the room is imported
    exec(CALLS[name].format("progress"), names)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("progress", [True, False, None])
def test_nothing_is_shown_where_there_is_no_terminal(
    name: str,
    progress: object,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    call(name, progress, tmp_path)
    printed = capfd.readouterr()
    assert printed.out == printed.err == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pty")
@pytest.mark.parametrize("name", CALLS)
def test_a_bar_in_a_terminal(name: str, tmp_path: Path) -> None:
    from support.terminals import OnTerminal

    source = write_csv(tmp_path / "X.csv")
    script = (
        "import sys, numpy as np, atc_cy, atc_cy.dataset\nsource, destination = sys.argv[1:]\n"
        f"{CALLS[name].format(True)}\nprint('done')"
    )
    done = OnTerminal(source, f"{tmp_path}-out", program=("-c", script))
    assert done.code == 0
    assert UNITS[name] in done.text
    assert "100%" in done.text
    assert done.text.splitlines()[-1].endswith("done")
    to_a_file = OnTerminal(source, f"{tmp_path}-other", program=("-c", script), errors=tmp_path / "log")
    assert to_a_file.text == "done\n"
    assert (tmp_path / "log").read_text() == ""


class Html(str):
    """What IPython displays."""


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A notebook's kernel; returns what a cell displayed, one after the other."""
    shown: list[str] = []

    class ZMQInteractiveShell:
        pass

    class Handle:
        def update(self, html: Html) -> None:
            shown.append(html)

    def display(html: Html, *, display_id: bool) -> Handle:
        assert display_id
        shown.append(html)
        return Handle()

    module: Any = ModuleType("IPython.display")
    module.HTML, module.display = Html, display
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.setattr(builtins, "get_ipython", ZMQInteractiveShell, raising=False)
    return shown


@pytest.mark.parametrize("name", CALLS)
def test_a_bar_in_a_notebook(name: str, tmp_path: Path, notebook: list[str]) -> None:
    call(name, True, tmp_path)
    assert notebook[0] == notebook[-1] == ""  # it is gone when the work is done
    assert notebook[-2].endswith(f" {UNITS[name]}")
    assert '<progress value="' in notebook[-2]


def test_a_notebook_gets_few_messages(notebook: list[str]) -> None:
    with reporting(True, "bars") as report:
        assert report is not None
        for done in range(10_001):
            report(done, 10_000)
    assert '<progress value="10000" max="10000"></progress> 10,000 of 10,000 bars' in notebook
    assert len(notebook) < 100


@pytest.mark.parametrize("name", CALLS)
def test_a_function_is_called(name: str, tmp_path: Path) -> None:
    reported: list[tuple[int, int]] = []
    call(name, lambda *far: reported.append(far), tmp_path)
    assert reported[0][0] == 0
    assert reported[-1][0] == reported[-1][1] > 0


@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_progress(name: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"progress='yes' must be True, a function of two numbers, or None"):
        call(name, "yes", tmp_path)


@pytest.mark.parametrize("name", CALLS)
def test_without_rich(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atc_cy.progress.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"progress=True needs rich: pip install 'atc_cy\[cli\]'"):
        call(name, True, tmp_path)
    call(name, None, tmp_path)


def test_an_error_ends_the_bar(notebook: list[str]) -> None:
    prices = CLOSE.copy()
    prices[7] = -1
    with pytest.raises(atc_cy.PriceError):
        atc_cy.scan(prices[None], progress=True)
    assert notebook[-1] == ""
