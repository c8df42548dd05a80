"""Numbers that are dates in another order, formats of dates, and clocks of which offsets differ."""

from pathlib import Path

import pandas as pd
import pytest
from support.commands import atc_cy

from atc_cy import atc
from atc_cy.files.bounds import read_bound
from atc_cy.files.format import Format
from atc_cy.files.prices import read_price_file
from atc_cy.files.time_columns import read_times

OTHER_ORDERS = [
    (["310120241600", "310120241700"], "%d%m%Y%H%M"),
    (["010220240900", "010220241000"], "%d%m%Y%H%M or %m%d%Y%H%M"),
    (["013120241600", "020120241700"], "%m%d%Y%H%M"),
    (["01022024160000", "13022024160000"], "%d%m%Y%H%M%S"),
    (["240131160000", "240213170000"], "%d%m%y%H%M%S or %y%m%d%H%M%S"),
    (["2401311600", "2402131700"], "%d%m%y%H%M or %y%m%d%H%M"),
    (["2024001", "2024366"], "%Y%j"),
]


def written(path: Path, times: "list[str]", name: str = "date") -> Path:
    rows = [f"{time},{100 + row}.5" for row, time in enumerate(times)]
    path.write_text("\n".join([f"{name},close", *rows, ""]))
    return path


@pytest.mark.parametrize(("times", "formats"), OTHER_ORDERS)
def test_numbers_that_are_dates_in_another_order(times: "list[str]", formats: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", times)
    for command in (["compute", "-o", "-"], ["scan"], ["watch"]):
        done = atc_cy(*command, path, code=1)
        assert f"may be a date in another order: write 202610301600, say, or give --date-format {formats}" in (
            done.stderr
        )
        assert "line 2" in done.stderr or command == ["watch"]
    numbers = pd.DataFrame({"date": [int(time) for time in times], "close": 1.5})
    with pytest.raises(ValueError, match="row 0 of the table: time=.* in another order"):
        atc(numbers)
    read = read_price_file(path, form=Format(date_format=formats.split(" or ")[-1])).symbols[None].series
    assert read.index[0].year == 2024


@pytest.mark.parametrize(
    "times",
    [
        ["202401311600", "202401311700"],
        ["110419200000", "110505600000"],  # milliseconds of two days in 1973; the first could be a date
        ["1704067200", "1704070800"],
        ["2401311600"],  # a single number could be so by chance
        ["0", "1", "2024001"],
        ["20120101120000", "20121231120000"],
    ],
)
def test_numbers_that_are_none(times: "list[str]") -> None:
    assert len(read_times(pd.Series(times), str)) == len(times)
    assert len(read_times(pd.Series([int(time) for time in times]), str)) == len(times)


def test_a_bound_in_another_order() -> None:
    with pytest.raises(ValueError, match=r"another order: write it as in 2026-10-30T16:00$"):
        read_bound("310120241600")
    assert read_bound("1704067200000").moment.epoch


def test_a_format_with_an_offset(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ["31/01/2024 16:00 +0100", "01/02/2024 16:00 +0100"])
    form = ("--date-format", "%d/%m/%Y %H:%M %z")
    read = read_price_file(path, form=Format(date_format=form[1])).symbols[None].series
    assert [time.isoformat() for time in read.index] == [
        "2024-01-31T16:00:00+01:00",
        "2024-02-01T16:00:00+01:00",
    ]
    assert "2 bars" in atc_cy("watch", path, *form, "--verbose").stderr


@pytest.mark.parametrize(
    ("date_format", "words"),
    [
        ("%d/%m", "has no day, month and year"),
        ("%d/%m/%Y %I:%M", "%I, an hour until 12, and %p, AM or PM, need each other"),
        ("%d/%m/%Y %H:%M %p", "%I, an hour until 12, and %p, AM or PM, need each other"),
    ],
)
def test_formats_that_lose_a_part(date_format: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Format(date_format=date_format)


def test_a_format_of_digits_whose_first_nought_is_lost(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ["31012024", "1022024", "11022024"])
    read = read_price_file(path, form=Format(date_format="%d%m%Y")).symbols[None].series
    assert [str(time.date()) for time in read.index] == ["2024-01-31", "2024-02-01", "2024-02-11"]
    assert "3 bars, 0 seen before" in atc_cy("watch", path, "--date-format", "%d%m%Y", "--verbose").stderr
    for time, form in (("112024", "%d%m%Y"), ("2021015", "%Y%m%d"), ("1102024", "%Y%m%d")):
        with pytest.raises(ValueError, match=f"line 2, column 'date': the time '{time}' is not as --date-"):
            read_price_file(written(path, [time]), form=Format(date_format=form))
    milliseconds = Format(date_format="%Y%m%d%H%M%S%f")
    read = read_price_file(written(path, ["20240131160000123"]), form=milliseconds).symbols[None].series
    assert read.index[0] == pd.Timestamp("2024-01-31T16:00:00.123")
