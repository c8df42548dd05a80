"""`plot_sweep`: what it takes, what it refuses, and what it writes."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.browsers import needs_browser
from support.charts import FEW

from atc_cy import SweepPage, plot_sweep, sweep, walk_forward

GRID = {"La": [0.0, 0.5], "robustness": ["Narrow", "Wide"]}
TABLE = sweep(FEW, GRID)
WALK = walk_forward(FEW, {"La": [0.0, 0.5]}, 100, 50)


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.T,
        TABLE.T.reset_index(),
        TABLE.loc["sharpe"],
        TABLE[0.5],
        {"A": TABLE, "B": TABLE.T},
        sweep(pd.DataFrame({"A": FEW, "B": FEW}), GRID),
        WALK,
        {"A": WALK, "B": WALK},
    ],
    ids=["table", "transpose", "rows", "series", "part", "mapping", "symbols", "walk", "walks"],
)
def test_what_it_takes(table: Any, tmp_path: Path) -> None:
    drawn = plot_sweep(table)
    assert isinstance(drawn, SweepPage)
    drawn.save(tmp_path / "x.html")
    text = (tmp_path / "x.html").read_text("utf-8")
    assert text == drawn.to_html()
    frame = drawn._repr_html_()
    assert frame.startswith("<iframe ")
    assert frame.count("<") == 2  # all of the page is escaped


def test_the_same_rows_whichever_way_round() -> None:
    pages = {plot_sweep(table).to_html() for table in (TABLE, TABLE.T, TABLE.T.reset_index())}
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("table", "options", "error", "words"),
    [
        (5, {}, TypeError, "table=5 must be what sweep or walk_forward returned, not int"),
        ([TABLE], {}, TypeError, "not list"),
        ({}, {}, ValueError, "table has no symbol"),
        ({"A": WALK, "B": TABLE}, {}, TypeError, "not WalkForward"),
        (pd.DataFrame({"a": [1.0]}), {}, ValueError, "no column atc_<field>, only ['a']: give what sweep"),
        (TABLE.iloc[:0], {}, ValueError, "no config, or no metric"),
        (TABLE.iloc[:, :0], {}, ValueError, "no config, or no metric"),
        (TABLE.T.assign(note="x"), {}, TypeError, "table['note'] must be numbers"),
        (pd.concat([TABLE, TABLE]), {}, ValueError, "table has 'total_return' more than once"),
        (TABLE.T.reset_index().replace(0.5, np.nan), {}, ValueError, "without a value of atc_La"),
        ({"A": TABLE, "B": sweep(FEW, {"La": [0.0]})}, {}, ValueError, "other fields or metrics"),
        (TABLE.loc["sharpe"].unstack(), {}, ValueError, "before it was unstacked"),
        ({"A": sweep(pd.DataFrame({"B": FEW}), GRID)}, {}, ValueError, "table['A'] has several symbols"),
        (
            TABLE,
            {"by": "sharp"},
            ValueError,
            "by='sharp' is not a metric of the table; did you mean 'sharpe'",
        ),
        (TABLE, {"by": 5}, ValueError, "by=5 is not a metric"),
        (WALK, {"by": "sharpe"}, ValueError, "by='sharpe' would have no effect"),
        (TABLE, {"theme": "blue"}, ValueError, "theme='blue' is unknown"),
        (TABLE, {"title": 5}, TypeError, "title=5 must be text, or None, not int"),
    ],
)
def test_what_it_refuses(table: Any, options: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error) as raised:
        plot_sweep(table, **options)
    assert words in str(raised.value)


def test_files_of_other_kinds(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"x\.svg must end in \.html or \.png"):
        plot_sweep(TABLE).save(tmp_path / "x.svg")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        plot_sweep(TABLE).save(tmp_path / "no" / "x.html")


def test_times_are_those_of_their_clocks() -> None:
    """A table of windows and a chart call a bar the same, wherever its clock is."""
    hours = pd.date_range("2026-03-28", periods=300, freq="h", tz="Europe/Berlin")
    text = walk_text(FEW.set_axis(hours))
    assert text == walk_text(FEW.set_axis(hours.tz_localize(None)))
    walk_text(FEW.set_axis(pd.period_range("2001-01-01", periods=300)))  # is no error


def walk_text(close: "pd.Series[float]") -> str:
    return plot_sweep(walk_forward(close, {"La": [0.0]}, 100, 50, bars_per_year=8760)).to_html()


@needs_browser
def test_pictures(tmp_path: Path) -> None:
    for name, drawn in (("table", TABLE), ("walk", WALK)):
        path = tmp_path / f"{name}.png"
        plot_sweep(drawn, theme="dark").save(path)
        picture = path.read_bytes()
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (1280, 900)


def test_the_table_is_not_changed() -> None:
    rows = TABLE.T.reset_index()
    before = rows.copy()
    plot_sweep(rows)
    pd.testing.assert_frame_equal(rows, before)


def symbols_of(drawn: SweepPage) -> list[str]:
    facts = re.search('id="facts">(.*?)</script>', drawn.to_html())
    assert facts is not None
    return [*json.loads(facts[1])["symbols"]]


def test_names_of_symbols_are_not_mixed_up() -> None:
    """Whatever they are, each has its own configs."""
    assert symbols_of(plot_sweep({1: TABLE, "1": TABLE, np.nan: TABLE})) == ["1", "1", "nan"]
    many = sweep(pd.DataFrame({("A", 1): FEW, "\u202eB": FEW}), GRID)
    assert symbols_of(plot_sweep(many)) == ["A, 1", r"\u202eB"]


def test_a_large_sweep_is_a_page() -> None:
    """Numbers take eight bytes at most; texts stand once a value."""
    count = 20_000
    random = np.random.default_rng(0)
    values = pd.MultiIndex.from_arrays(
        [np.arange(count) // 100 / 1000, np.arange(count) % 100], names=["atc_La", "atc_ema_len"]
    )
    metrics = pd.DataFrame(random.normal(size=(3, count)), ["sharpe", "total_return", "calmar"], values)
    assert len(plot_sweep(metrics).to_html()) < 3 * 8 * count * 4 / 3 + 100_000
