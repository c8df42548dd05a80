"""How a dataset's files are written: text in any form, Parquet in pieces, and what was named for both."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.dataset_folders import make_small, write

from atc_cy import compute_atc_signals, dataset
from atc_cy.files.format import Format

SIZE = 120
CLOSE = (100 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.02, SIZE)))).round(
    4
)  # as Excel keeps it
DAYS = pd.date_range("2024-01-01", periods=SIZE, unit="us")
FRAME = pd.DataFrame({"date": DAYS, "close": CLOSE})
WANTED = compute_atc_signals(CLOSE)["Average_Signal"]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch.setattr)
    monkeypatch.setattr("atc_cy.dataset.step.ROWS_OF_STEP", 50)


def folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def assert_averages(target: Path, symbols: set[str]) -> None:
    found = pd.read_parquet(target)  # its first column is named as that of the symbols in the source
    names = found.iloc[:, 0].astype(str)
    assert set(names) == symbols
    for _, one in found.groupby(names):
        assert np.array_equal(one["Average_Signal"], WANTED, equal_nan=True)


def test_files_of_any_format_are_named_after_their_symbols(tmp_path: Path) -> None:
    """The endings of packed files are no part of a symbol."""
    source = folder(tmp_path / "in")
    FRAME.to_csv(source / "A.csv.gz", index=False)
    FRAME.to_excel(source / "B.xlsx", index=False)
    FRAME.to_parquet(source / "C.parquet")
    other = FRAME.assign(date=DAYS.strftime("%d.%m.%Y"), close=[str(x).replace(".", ",") for x in CLOSE])
    other.to_csv(source / "D.csv", index=False, sep=";")
    assert dataset.scan(source, tmp_path / "out") == (4 * SIZE, 4, ())
    assert_averages(tmp_path / "out", {"A", "B", "C", "D"})


def test_a_column_of_prices_for_each_symbol(tmp_path: Path) -> None:
    source = folder(tmp_path / "in")
    pd.DataFrame({"date": DAYS, "A": CLOSE, "B": CLOSE}).to_csv(source / "wide.csv", index=False)
    assert dataset.scan(source, tmp_path / "out") == (2 * SIZE, 2, ())
    assert_averages(tmp_path / "out", {"A", "B"})


@pytest.mark.parametrize("by_form", [False, True])
def test_columns_by_their_numbers(by_form: bool, tmp_path: Path) -> None:
    """Where a file has no header; each way of naming the two columns counts."""
    source = folder(tmp_path / "in")
    both = pd.concat([FRAME.assign(whose=name) for name in ("A", "B")])
    both[["whose", "close", "date"]].to_csv(source / "x.csv", index=False, header=False)
    columns: dict[str, Any] = {"symbol": "1", "time": "3", "form": Format(header=False)}
    if by_form:
        columns = {"form": Format(symbol_column="1", time_column="3", header=False)}
    assert dataset.scan(source, tmp_path / "out", close="2", **columns) == (2 * SIZE, 2, ())
    assert_averages(tmp_path / "out", {"A", "B"})


def test_the_columns_of_a_form_count_for_parquet(tmp_path: Path) -> None:
    both = pd.concat([FRAME.assign(whose=name) for name in ("A", "B")]).rename(columns={"date": "when"})
    write(tmp_path / "in" / "x.parquet", both)
    form = Format(symbol_column="whose", time_column="when")
    assert dataset.scan(tmp_path / "in", tmp_path / "out", form=form) == (2 * SIZE, 2, ())
    assert_averages(tmp_path / "out", {"A", "B"})


@pytest.mark.parametrize("name", ["symbol", "time"])
def test_a_column_that_is_named_twice(name: str, tmp_path: Path) -> None:
    write(tmp_path / "in" / "A.parquet", FRAME)
    form = Format(**{f"{name}_column": "other"})
    with pytest.raises(ValueError, match=f"{name}='when' and the form's {name}_column='other' differ"):
        dataset.scan(tmp_path / "in", tmp_path / "out", form=form, **{name: "when"})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["price", "Close/Last", "close"])
def test_the_column_of_prices_has_the_same_names_in_parquet(name: str, tmp_path: Path) -> None:
    write(tmp_path / "in" / "A.parquet", FRAME.rename(columns={"close": name}))
    assert dataset.scan(tmp_path / "in", tmp_path / "out") == (SIZE, 1, ())
    assert_averages(tmp_path / "out", {"A"})


@pytest.mark.parametrize(
    "given", [{"decimal": ","}, {"date_format": "%d/%m/%Y"}, {"time_zone": "Europe/Berlin"}]
)
def test_what_is_said_of_text_is_not_ignored_for_parquet(given: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path / "in" / "A.parquet", FRAME)
    FRAME.to_csv(tmp_path / "in" / "B.csv", index=False)
    (name,) = given
    with pytest.raises(ValueError, match=rf"{name}=.* is for text, but .*A\.parquet is Parquet"):
        dataset.scan(tmp_path / "in", tmp_path / "out", form=Format(**given))


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"])
def test_dates_of_which_only_the_whole_file_could_say_the_day(form: str, tmp_path: Path) -> None:
    """Parquet is read in pieces, and each could be read in another way."""
    write(tmp_path / "in" / "A.parquet", FRAME.assign(date=DAYS.strftime(form)))
    with pytest.raises(ValueError, match=r"row 0: the date .* in column 'date' may begin with its day"):
        dataset.scan(tmp_path / "in", tmp_path / "out")


def test_dates_of_parquet_that_are_clear_row_by_row(tmp_path: Path) -> None:
    write(tmp_path / "in" / "A.parquet", FRAME.assign(date=DAYS.strftime("%d-%b-%Y")))
    assert dataset.scan(tmp_path / "in", tmp_path / "out") == (SIZE, 1, ())
    assert_averages(tmp_path / "out", {"A"})


def test_a_dataset_that_was_begun_before_there_were_forms_goes_on(tmp_path: Path) -> None:
    """The column of times is no new argument, though the form has it."""
    named = FRAME.rename(columns={"date": "when"})
    write(tmp_path / "in" / "A.parquet", named[:60])
    dataset.scan(tmp_path / "in", tmp_path / "out", time="when")
    plan = json.loads((tmp_path / "out" / "_plan.json").read_text())
    del plan["form"]
    (tmp_path / "out" / "_plan.json").write_text(json.dumps(plan))
    write(tmp_path / "in" / "A.parquet", named)
    assert dataset.scan(tmp_path / "in", tmp_path / "out", time="when", update=True) == (SIZE, 1, ())
    assert_averages(tmp_path / "out", {"A"})


def test_times_with_and_without_an_offset(tmp_path: Path) -> None:
    """They are in one column of the output."""
    source = folder(tmp_path / "in")
    FRAME.to_csv(source / "A.csv", index=False)
    FRAME.assign(date=DAYS.tz_localize("UTC")).to_csv(source / "B.csv", index=False)
    (failure,) = dataset.scan(source, tmp_path / "out").failures
    assert failure.problem.endswith("give text a zone, as in --time-zone UTC, so that all times have one")
    report = dataset.scan(source, tmp_path / "zoned", form=Format(time_zone="UTC"))
    assert report == (2 * SIZE, 2, ())
    assert_averages(tmp_path / "zoned", {"A", "B"})


def test_a_dataset_goes_on_in_the_same_form_alone(tmp_path: Path) -> None:
    source = folder(tmp_path / "in")
    FRAME.to_csv(source / "A.csv", index=False, sep=";")
    dataset.scan(source, tmp_path / "out", form=Format(separator=";"))
    with pytest.raises(ValueError, match="was written with another form"):
        dataset.scan(source, tmp_path / "out", update=True)
