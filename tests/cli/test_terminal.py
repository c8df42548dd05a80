"""What stands on a terminal: columns that matter, percents, errors in words, and no control characters."""

import ast
import errno
import json
import os
import re
import stat
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy, atc_cy_process
from support.places import ROOT
from support.price_files import write_csv
from support.terminals import OnTerminal, needs_pty

from atc_cy.cli.tables import cell, columns_that_fit, print_table
from atc_cy.text import percent, printable, problem_of

CONTROL = "A\x1b[2J\x9bB\u202eC"
ESCAPED = r"A\x1b[2J\x9bB\u202eC"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("BTC/USDT € Ł 金", "BTC/USDT € Ł 金"),
        (CONTROL, ESCAPED),
        ("a\tb\nc\r\x7f\x00", r"a\tb\nc\r\x7f\x00"),
        ("\u2028\udcff", r"\u2028\udcff"),
        ("", ""),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("error", "named", "text"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file", "a.csv"), None, "a.csv: no such file"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.csv"), Path("a.csv"), "no such file"),
        (PermissionError(errno.EACCES, "Permission denied", b"a"), None, "a: permission denied"),
        (OSError(errno.EXDEV, "Not here", "a", None, "b"), None, "a: b: not here"),
        (OSError(errno.ENOSPC, "No space"), None, "no space"),
        (OSError("a has no file"), None, "a has no file"),
        (ValueError("[Errno 2]"), None, "[Errno 2]"),
    ],
)
def test_problem_of(error: Exception, named: object, text: str) -> None:
    assert problem_of(error, named) == text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("scan {0}/no.csv", "{0}/no.csv: no such file"),
        ("scan {0}/no.parquet", "{0}/no.parquet: no such file"),
        ("scan {0}/no.xlsx", "{0}/no.xlsx: no such file"),
        ("scan --config {0}/no.toml", "{0}/no.toml: no such file"),
        ("compute {0}/no.csv -o -", "{0}/no.csv: no such file"),
        ("compute {0}/is.csv -o {0}/no/x.csv", "{0}/no: there is no such folder"),
        ("chart USD -o {0}/no/x.html", "{0}/no: there is no such folder"),
        ("watch {0}/no.csv", "{0}/no.csv: no such file"),
        ("watch {0}/is.csv --state {0}/no/state", "{0}/no/state: no such file"),
        ("watch {0}/is.csv -o {0}/no/out", "{0}/no/out: no such file"),
        ("hot {0}/no.jsonl", "{0}/no.jsonl: no such file"),
        ("preset check {0}/no.toml", "{0}/no.toml: no such file"),
        ("datasets USD -o {0}/no/x.csv", "{0}/no: there is no such folder"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, arguments: str, words: str) -> None:
    """The file is named once, as the user knows it, and no number of the system is shown."""
    write_csv(tmp_path / "is.csv")
    done = atc_cy(*arguments.format(tmp_path).split(" "), code=1)
    (line,) = done.stderr.splitlines()
    assert line.lower().startswith(f"atc-cy: {words.format(tmp_path)}".lower())
    assert "errno" not in line.lower()
    assert line.count(str(tmp_path)) == 1


def test_percent() -> None:
    assert [percent(part, signed=True) for part in (0.12345, -0.5, 0.0, 0.00012, 12.5)] == [
        *("+12.3%", "-50.0%", "+0.0%", "+0.012%", "+1250.0%")
    ]
    assert percent(1e-9, signed=False) == "0.0%"
    assert percent(float("inf"), signed=True) == "+inf%"


@pytest.mark.parametrize(
    ("name", "value", "text", "colour"),
    [
        ("total_return", 0.123456, "+12.3%", "green"),
        ("total_return", -0.2, "-20.0%", "red"),
        ("sharpe", 1.23456, "+1.23", "green"),
        ("sharpe", float("nan"), "", ""),
        ("max_drawdown", -0.257, "-25.7%", ""),
        ("exposure", 0.95, "95.0%", ""),
        ("win_rate", 0.5, "50.0%", ""),
        ("sortino", -1.23456, "-1.23", "red"),
        ("train_sharpe", 1.23456, "+1.23", "green"),
        ("p_value", 0.012987, "0.013", ""),
        ("mean_equity", 1.23456, "1.2346", ""),
        ("trades", 68, "68", ""),
        ("La", 0.02, "0.02", ""),
        ("EMA_Signal", -1.0, "-1.00", "red"),
        ("direction", "short", "short", "red"),
        ("direction", None, "", ""),
        ("symbol", CONTROL, ESCAPED, ""),
        ("close", 55.8015, "55.8015", ""),
        ("close", 1.890100244e-08, "0.00000001890100244", ""),
        ("close", 1052581658353.59, "1052581658354", ""),
        ("close", 1e-300, "1e-300", ""),
        ("La", 1e-5, "1e-05", ""),
    ],
)
def test_cells(name: str, value: object, text: str, colour: str) -> None:
    found = cell(name, value)
    assert (found.plain, found.style) == (text, colour)


@pytest.mark.parametrize(
    ("order", "width", "chosen"),
    [
        ([0, 1, 2], 100, [0, 1, 2]),
        ([0, 1, 2], 14, [0, 1]),
        ([2, 0, 1], 13, [0, 2]),
        ([2, 0, 1], 12, [2]),
        ([0, 1, 2], 3, []),
    ],
)
def test_columns_that_fit(order: list[int], width: int, chosen: list[int]) -> None:
    """Columns of 4, 8 and 7 characters, two spaces apart: the most important ones, as they stand."""
    assert columns_that_fit(["a", "a\nlong", "b"], [4, 8, 7], order, width) == chosen


@needs_pty
@pytest.mark.parametrize("columns", [60, 80])
def test_a_long_symbol_leaves_room_for_its_numbers(tmp_path: Path, columns: int) -> None:
    write_csv(tmp_path / f"{'long ' * 20}.csv")
    seen = OnTerminal("scan", tmp_path / f"{'long ' * 20}.csv", "--max-age", "any", columns=columns).text
    assert re.search(r"long long.*… .*[+-]\d\.\d\d  (long|short)", seen)


def test_names_in_tables_cannot_control_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame({"symbol": [CONTROL, "[red]x"], "close": [1.5, 2.0]})
    print_table(table, "table", f"[b]{CONTROL}")
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].strip() == f"[b]{ESCAPED}"
    assert [line.split() for line in printed.splitlines()[2:]] == [[ESCAPED, "1.5"], ["[red]x", "2"]]


@needs_pty
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_symbols_cannot_control_the_terminal(tmp_path: Path, form: str) -> None:
    path = tmp_path / "bars.csv"
    moments = pd.date_range("2026-01-01", periods=100)
    rows = [f"{time:%F},{price:.2f},{CONTROL}" for time, price in zip(moments, range(50, 150), strict=True)]
    path.write_text("\n".join(["date,close,symbol", *rows]), encoding="utf-8")
    done = OnTerminal("scan", path, "--format", form)
    assert done.code == 0
    assert "\x1b[2J" not in done.raw
    assert "\x9b" not in done.raw
    assert (json.dumps(CONTROL)[1:-1] if form == "json" else ESCAPED) in done.text
    if form == "csv":  # a file has the name as it is
        assert CONTROL in atc_cy("scan", path, "--format", "csv").stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_files_cannot_control_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "A\x1b[2J.csv"
    assert rf"{tmp_path}/A\x1b[2J.csv: no such file" in atc_cy("scan", path, code=1).stderr
    path.write_text("date,close\n2026-01-01,x\n2026-01-02,1\n")
    for arguments in (
        ["scan", path],
        ["watch", path],
        ["sweep", path, "-g", "La=0"],
        ["chart", path, "--open"],
    ):
        done = atc_cy(*arguments, code=3 if arguments[0] == "watch" else 1)
        assert r"A\x1b[2J.csv" in done.stderr
        assert "\x1b" not in done.stderr + done.stdout
    usage = atc_cy("scan", "--symbols\x1b[2J", code=2).stderr
    assert r"\x1b[2J" in usage
    assert "\x1b" not in usage


def test_one_module_prints_lines() -> None:
    """What the others print goes through it: `completion` alone prints a script, whose tabs must stay."""
    for path in (ROOT / "atc_cy" / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and path.stem not in ("console", "completion"):
                assert ast.unparse(node.func) not in ("print", "sys.stdout.write", "sys.stderr.write"), path


@needs_pty
@pytest.mark.parametrize(
    ("columns", "seen", "unseen"),
    [
        (60, ["preset", "structure", "cpu", "origin"], ["description", "kernel"]),
        (80, ["preset", "structure", "cpu", "origin"], ["description", "kernel"]),
        (300, ["preset", "structure", "description", "origin", "cpu", "why", "kernel"], []),
    ],
)
def test_presets_on_a_terminal(columns: int, seen: list[str], unseen: list[str]) -> None:
    lines = OnTerminal("presets", columns=columns).text.splitlines()
    assert sorted(lines[1].split()) == sorted(seen)
    assert all(len(line) <= columns for line in lines)
    assert not unseen or any("too narrow for" in line and unseen[0] in line for line in lines)


@needs_pty
def test_hot_on_a_terminal(tmp_path: Path) -> None:
    usage = tmp_path / "usage.jsonl"
    atc_cy("compute", write_csv(tmp_path / "X.csv"), "--record", usage, "-o", "-")
    for columns, structure in (
        (80, ["EMA 28 HMA 28 WMA 28 DEMA 28 LSMA 28 KAMA 28, Medium"]),
        (60, ["EMA 28 HMA 28 WMA 28 DEMA 28", "LSMA 28 KAMA 28, Medium"]),
    ):
        lines = [line.strip() for line in OnTerminal("hot", usage, columns=columns).text.splitlines()]
        (first,) = (at for at, line in enumerate(lines) if line.startswith("EMA"))
        assert re.split(" {2,}", lines[first - 1]) == ["structure", "time", "on", "faster"]
        assert re.split(" {2,}", lines[first]) == [structure[0], "100.0%", "default"]
        assert lines[first + 1 :][: len(structure) - 1] == structure[1:]


@needs_pty
def test_sweep_on_a_terminal(tmp_path: Path) -> None:
    done = OnTerminal("sweep", write_csv(tmp_path / "X.csv"), "-g", "La=0,0.1", "--bars-per-year", "252")
    (row,) = {re.sub(r"^ *[\d.]+ +", "", line) for line in done.text.splitlines()[2:]}
    assert re.fullmatch(r"[+-]\d+\.\d% +[+-]\d+\.\d\d +-\d+\.\d% +\d+\.\d% +\d+ *", row)
    assert "\x1b[31m" in done.raw or "\x1b[32m" in done.raw


@needs_pty
def test_a_walk_forward_shows_its_metrics_before_its_trainings() -> None:
    done = OnTerminal("sweep", "USD", "-g", "La=0,0.1", "--walk-forward", "1000:3000")
    *_, every, left_out, _ = done.text.splitlines()
    assert re.fullmatch(
        r"all( +\d{4}-\d\d-\d\d){2} +[+-]\d+\.\d% +[+-]\d\.\d\d( +-?\d+\.\d%){2} +\d+ *", every
    )
    assert left_out.startswith("The terminal is too narrow for train_first, train_last, train_sharpe;")


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that writes down what it was asked to open."""
    opened, script = tmp_path / "opened", tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("BROWSER", f"{script} %s")
    return opened


@needs_pty
def test_a_screener_is_opened(tmp_path: Path, browser: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert atc_cy_process("scan", "USD", "--open").stdout == ""
    (temporary,) = tmp_path.glob("atc-cy-*/screener.html")
    assert browser.read_text().strip() == temporary.as_uri()


@needs_pty
def test_a_chart_is_opened(tmp_path: Path, browser: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "my page.html"
    atc_cy_process("chart", "USD", "-o", page, "--open")
    assert browser.read_text().strip() == page.as_uri()
    browser.unlink()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    atc_cy_process("chart", "USD", "--open")
    (temporary,) = tmp_path.glob("atc-cy-*/USD.html")
    assert browser.read_text().strip() == temporary.as_uri()
    assert "<html" in temporary.read_text("utf-8")
    monkeypatch.setenv("BROWSER", str(tmp_path / "no-browser"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    failed = atc_cy_process("chart", "USD", "-o", page, "--open", code=1).stderr
    assert (
        failed == f"atc-cy: there is no browser that can be started: set BROWSER, or open {page} yourself\n"
    )


def test_numbers_are_as_they_were(tmp_path: Path) -> None:
    """CSV and JSON have all digits, whatever people are shown."""
    path = write_csv(tmp_path / "X.csv")
    (row,) = json.loads(atc_cy("sweep", path, "-g", "La=0", "--format", "json").stdout)
    assert isinstance(row["total_return"], float)
    assert len(repr(row["total_return"])) > 8
    assert np.isfinite(row["sharpe"])
