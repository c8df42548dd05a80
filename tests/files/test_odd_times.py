"""Numbers that are dates in another order, formats of dates, and clocks of which offsets differ."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from support.commands import atc_cy

from atc_cy import atc
from atc_cy.errors import HeaderError
from atc_cy.files.bounds import read_bound
from atc_cy.files.format import Format
from atc_cy.files.prices import read_price_file
from atc_cy.files.span import Span
from atc_cy.files.time_columns import read_times
from atc_cy.files.timeframes import Timeframe
from atc_cy.files.times import date_orders, instant
from atc_cy.watch.rows import Rows

OTHER_ORDERS = [
    (["310120241600", "310120241700"], "%d%m%Y%H%M"),
    (["010220240900", "010220241000"], "%d%m%Y%H%M or %m%d%Y%H%M"),
    (["013120241600", "020120241700"], "%m%d%Y%H%M"),
    (["01022024160000", "13022024160000"], "%d%m%Y%H%M%S"),
    (["240131160000", "240213170000"], "%d%m%y%H%M%S or %y%m%d%H%M%S"),
    (["2401311600", "2402131700"], "%y%m%d%H%M"),
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
        assert (
            f"may be a date in another order: write 202610301600, say, or give --date-format {formats}"
            in (done.stderr)
        )
        assert "line 2" in done.stderr or "line 3: the first row: time=" in done.stderr
    numbers = pd.DataFrame({"date": [int(time) for time in times], "close": 1.5})
    with pytest.raises(ValueError, match=r"row 0 of the table: time=.* in another order"):
        atc(numbers)
    read = read_price_file(path, form=Format(date_format=formats.split(" or ")[-1])).symbols[None].series
    assert read.index[0].year == 2024


@pytest.mark.parametrize(
    "times",
    [
        ["202401311600", "202401311700"],
        ["110419200000", "110505600000"],  # milliseconds of two days in 1973; the first could be a date
        ["1704067200", "1704070800"],
        ["1711670400", "1711670700", "1711671000"],  # of 5 minutes; each could be of the 17th of November
        ["2401311600"],  # a single number could be so by chance
        ["310120241600"],
        ["0", "1", "2024001"],
        ["20120101120000", "20121231120000"],
    ],
)
def test_numbers_that_are_none(times: "list[str]") -> None:
    assert len(read_times(pd.Series(times), str)) == len(times)
    assert len(read_times(pd.Series([int(time) for time in times]), str)) == len(times)


@pytest.mark.parametrize("value", [Decimal("Infinity"), Decimal("NaN"), float("inf"), None, True, "x", b"1"])
def test_what_is_no_number_is_no_date(value: object) -> None:
    assert date_orders(value) == set()
    assert date_orders(Decimal(310120241600)) == date_orders(310120241600.0) == {"%d%m%Y%H%M"}


def test_a_bound_in_another_order() -> None:
    with pytest.raises(ValueError, match=r"another order: write it like 2026-10-30T16:00$"):
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
        ("%d/%m/%Y %I:%M", r"%I \(hours from 1 to 12\) and %p \(AM or PM\) need each other"),
        ("%d/%m/%Y %H:%M %p", r"%I \(hours from 1 to 12\) and %p \(AM or PM\) need each other"),
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
        with pytest.raises(
            ValueError, match=f"line 2, column 'date': the time '{time}' does not match --date-"
        ):
            read_price_file(written(path, [time]), form=Format(date_format=form))
    milliseconds = Format(date_format="%Y%m%d%H%M%S%f")
    read = read_price_file(written(path, ["20240131160000123"]), form=milliseconds).symbols[None].series
    assert read.index[0] == pd.Timestamp("2024-01-31T16:00:00.123")


DAYS = pd.date_range("2024-10-24", "2024-10-29", tz="Europe/Berlin")


def test_closed_bars_of_days_whose_offsets_differ(tmp_path: Path) -> None:
    """The 27th has 25 hours: instants alone would say that it had closed an hour before it did."""
    path = written(tmp_path / "a.csv", [time.isoformat() for time in DAYS])
    for given in ([], ["-t", "1D"]):
        done = atc_cy("compute", path, "--closed-only", *given, "-o", "-", code=1)
        assert "line 6, column 'date': the time '2024-10-28T00:00:00+01:00' has another offset" in done.stderr
        assert "give --time-zone" in done.stderr
    atc_cy("compute", path, "--closed-only", "--time-zone", "Europe/Berlin", "-o", "-")
    for closed_at, count in (("2024-10-27T22:59Z", 3), ("2024-10-27T23:00Z", 4)):
        span = Span(closed_at=instant(closed_at))
        with pytest.raises(ValueError, match="give --time-zone"):
            read_price_file(path, span=span)
        berlin = Format(time_zone="Europe/Berlin")
        assert len(read_price_file(path, span=span, form=berlin).symbols[None].series) == count
    hours = pd.date_range("2024-10-27", periods=9, freq="h", tz="Europe/Berlin")
    written(path, [time.isoformat() for time in hours])
    span = Span(closed_at=instant("2024-10-27T01:00Z"))
    assert len(read_price_file(path, span=span).symbols[None].series) == 3


def test_a_clock_with_offsets_that_differ_beside_whole_times(tmp_path: Path) -> None:
    nine = DAYS + pd.Timedelta("9h")
    clocks = [time.isoformat()[11:] for time in nine]
    plain = nine.tz_localize(None)
    for dates in (plain, plain.astype(str), plain.normalize(), plain.normalize().strftime("%d.%m.%Y")):
        pd.DataFrame({"date": dates, "time": clocks, "close": 1.5}).to_parquet(tmp_path / "a.parquet")
        read = read_price_file(tmp_path / "a.parquet").symbols[None].series
        assert [*read.index] == [*nine.tz_convert("UTC")]
        days = Span(timeframe=Timeframe(1, "D"), origin=timedelta(hours=9))
        with pytest.raises(ValueError, match=r"has another offset than .* give --time-zone"):
            read_price_file(tmp_path / "a.parquet", span=days)
    wrong = plain + pd.Timedelta("1h")
    pd.DataFrame({"date": wrong, "time": clocks, "close": 1.5}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"row 0: 2024-10-24T09:00:00.02:00 differs from"):
        read_price_file(tmp_path / "a.parquet")


def test_a_spreadsheet_that_took_days_for_months(tmp_path: Path) -> None:
    dates = [datetime(2024, 3, 4), "13.04.2024", "14.04.2024"]
    for order in (dates, dates[::-1]):
        pd.DataFrame({"Date": order, "Close": 1.5}).to_excel(tmp_path / "a.xlsx", index=False)
        with pytest.raises(
            ValueError, match=r"row \d, column 'Date': 2024-03-04 00:00:00 is a date, but other"
        ):
            read_price_file(tmp_path / "a.xlsx")


def test_a_time_that_is_unknown_names_the_option(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ["2024-13-01", "2024-14-01"])
    for command, code in ((["compute", "-o", "-"], 1), (["watch"], 3)):
        done = atc_cy(*command, path, code=code)
        assert "line 2" in done.stderr
        assert "time='2024-13-01' must be ISO 8601" in done.stderr
        assert "; --date-format says how other times are written\n" in done.stderr
    path = written(tmp_path / "b.csv", ["45292.5", "45293.5"])
    with pytest.raises(ValueError, match=r"time=45292.5 may be a spreadsheet's day number"):
        read_price_file(path)


@pytest.mark.parametrize(
    ("times", "form", "is_told"),
    [
        (["2024-01-01 09:00", "2024-01-01 10:00"], Format(), True),
        (["30.12.2023", "31.12.2023"], Format(), True),
        (["202401010900", "202401011000"], Format(), True),
        (["2401010900", "2401011000"], Format(date_format="%y%m%d%H%M"), True),  # without it: seconds
        (["2024-01-01 09:00"], Format(), True),
        (["2024-01-01 09:00", "2024-01-01 10:00"], Format(time_zone="UTC"), False),
        (["2024-01-01 09:00Z", "2024-01-01 10:00Z"], Format(), False),
        (["1704067200", "1704070800"], Format(), False),
        (["2023-11-30 14:29", "2023-11-30 14:30"], Format(), True),
        (["2023-11-30 14:29", "2023-11-30 14:29:59"], Format(), False),  # more than 32 days ago
    ],
)
def test_closed_bars_of_times_without_a_zone(
    times: "list[str]", form: Format, is_told: bool, tmp_path: Path
) -> None:
    span = Span(closed_at=instant("2024-01-01T14:30Z"))
    file = read_price_file(written(tmp_path / "a.csv", times), span=span, form=form)
    note = "the times have no offset: --closed-only takes them as UTC; give --time-zone"
    assert file.notes == ((note,) if is_told else ())
    assert not read_price_file(tmp_path / "a.csv", form=form).notes


@pytest.mark.parametrize(
    ("time", "form"),
    [
        ("03/04/2024", "%d/%m/%Y"),
        ("03.04.2024 16:05", '"%d.%m.%Y %H:%M"'),
        ("03-04-2024T16:05:30", "%d-%m-%YT%H:%M:%S"),
        ("03.04.2024 16:05:30.250", '"%d.%m.%Y %H:%M:%S.%f"'),
        ("3/4/2024, 4:05 PM", '"%d/%m/%Y, %I:%M %p"'),
        ("03/04/2024 16:05 +0100", '"%d/%m/%Y %H:%M %z"'),
    ],
)
def test_a_day_that_could_be_a_month_names_the_format_that_reads_it(
    time: str, form: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(f'date;close\n"{time}";1.5\n')
    other = form.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
    advice = f"could be its month: give --date-format {form} or --date-format {other}, or"
    with pytest.raises(ValueError, match=re.escape(advice)):
        read_price_file(tmp_path / "a.csv")
    read = read_price_file(tmp_path / "a.csv", form=Format(date_format=form.strip('"')))
    assert read.symbols[None].series.index[0].month == 4


@pytest.mark.parametrize(
    ("times", "number", "date", "row"),
    [
        ([20217600, 20304000, 20241231, 20250101], 20217600, 20241231, 2),
        ([20241231, 20131200], 20131200, 20241231, 0),
        ([189302400000, 202412311600], 189302400000, 202412311600, 1),
        ([1735689600, 20250102], 1735689600, 20250102, 1),
    ],
)
def test_numbers_since_1970_among_dates(times: "list[int]", number: int, date: int, row: int) -> None:
    for values in (pd.Series(times), pd.Series(map(float, times)), pd.Series(map(str, times))):
        for utc in (False, True):
            words = rf"^{times.index(number)}: time='?{number}(\.0)?'? is a number .*{date}.* \({row}\) is a"
            with pytest.raises(ValueError, match=words):
                read_times(values, str, epochs_in_utc=utc)


@pytest.mark.parametrize(
    "times",
    [
        *([20241302], [20241302, 20241303], [20240931], [20240100], [202413021600]),
        *([19001302], [22001302]),  # the first and the last year that prices may have
    ],
)
def test_a_file_of_dates_that_do_not_exist(times: "list[int]", tmp_path: Path) -> None:
    """They would be in August of 1970, or in 1976, and not at midnight."""
    path = tmp_path / "a.csv"
    path.write_text("date,close\n" + "".join(f"{time},1.5\n" for time in times))
    words = f"^line 2, column 'date': time='{times[0]}' is not a date that exists: write it like 2026-10-30"
    with pytest.raises(ValueError, match=words):
        read_price_file(path)
    path.write_text('[{"date": ' + f'{times[0]}, "close": 1.5' + "}]")
    with pytest.raises(ValueError, match=f"time={times[0]} is not a date that exists"):
        read_price_file(path.rename(tmp_path / "a.json"))


@pytest.mark.parametrize(
    ("times", "years"),
    [
        ([20217600], [1970]),
        ([20267400, 1735689600], [1970, 2025]),
        ([189302400000, 202413021600], [1976] * 2),
        ([194486400000], [1976]),
        ([18999999], [1970]),
        ([22011302], [1970]),
    ],
)
def test_numbers_since_1970_that_look_like_dates(
    times: "list[int]", years: "list[int]", tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("date,close\n" + "".join(f"{time},1.5\n" for time in times))
    assert read_price_file(tmp_path / "a.csv").symbols[None].series.index.year.tolist() == years


def test_a_feed_with_a_number_since_1970_among_dates() -> None:
    rows = Rows("date,close", "USD")
    rows.bar("20217600,1.1", line=2)
    with pytest.raises(HeaderError, match=r"time='20217600' is a number .*'20241231' \(line 3\) is a date"):
        rows.bar("20241231,1.1", line=3)
    rows = Rows("date,close", "USD")
    rows.bar("20241231,1.1", line=2)
    with pytest.raises(ValueError, match=r"time='20217600' is a number .*'20241231' \(line 2\) is a date"):
        rows.bar("20217600,1.1", line=3)
    rows.bar("2025-01-01,1.1", line=4)
    rows.bar("20250102,1.1", line=5)
