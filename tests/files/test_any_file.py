"""Files as traders have them are read without any option, or refused with the option that would help."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy
from support.dialects import DIALECTS, table, text, write_dialect
from support.places import ROOT

from atc_cy.files.format import Format
from atc_cy.files.prices import read_price_file, read_prices
from atc_cy.files.writing import write_table

TRADERS = Path(__file__).parent / "data" / "traders"
CASES = ROOT / "tests" / "watch" / "cases"


def column(path: Path, name: str | int) -> list[float]:
    """A column as the file has it."""
    with path.open(newline="") as file:
        rows = csv.reader(file) if isinstance(name, int) else csv.DictReader(file)
        return [float(row[name]) for row in rows]  # type: ignore[call-overload]


DAILY = column(CASES / "long_two_symbols.csv", "close")[:800]
HOURLY = column(TRADERS / "binance_klines_ms.csv", 4)


@pytest.mark.parametrize(
    ("path", "expected", "last"),
    [
        (TRADERS / "BINANCE_BTCUSDT, 1D.csv", DAILY[:199], "2024-07-17"),
        (TRADERS / "binance_klines_ms.csv", HOURLY, "2025-03-09 07:00"),
        (CASES / "long_two_symbols.csv", DAILY, "2026-03-10"),
        (TRADERS / "metatrader5_h1.csv", HOURLY[:199], "2025-03-09 06:00"),
        (TRADERS / "month_first.csv", DAILY[:199], "2024-07-17"),
        (TRADERS / "semicolon.csv", DAILY[:199], "2024-07-17"),
        (TRADERS / "semicolon_decimal_comma.csv", DAILY[:199], "2024-07-17"),
        (TRADERS / "stooq_ticker.csv", DAILY[:199], "2024-07-17"),
        (TRADERS / "tradingview_duplicate_plots.csv", DAILY[:199], "2024-07-17"),
        (CASES / "tradingview_iso_dst.csv", DAILY[:799], "2026-03-09 05:00+00:00"),
        (TRADERS / "url_line_newest_first.csv", DAILY[-198:], "2026-03-10"),
        (CASES / "with_src_column.csv", DAILY[:199], "2024-07-17"),
        (TRADERS / "yahoo.xlsx", DAILY, "2026-03-10"),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_files_of_traders(path: Path, expected: list[float], last: str) -> None:
    prices = next(iter(read_price_file(path).symbols.values())).series
    assert prices.tolist() == expected
    assert prices.index[-1] == pd.Timestamp(last)


def test_a_price_that_is_missing() -> None:
    prices = read_prices(CASES / "yahoo_null.csv").series.to_numpy()
    assert np.isnan(prices).sum() == 1
    assert [price for price in prices if price == price] == [
        close for close, price in zip(DAILY, prices, strict=False) if price == price
    ]


@pytest.mark.parametrize("name", DIALECTS)
def test_dialects_of_one_table(name: str, tmp_path: Path) -> None:
    file = read_price_file(write_dialect(tmp_path, name))
    (prices,) = file.symbols.values()
    assert prices.series.tolist() == [candle.close for candle in table()]
    assert prices.series.index.tz_localize(None).tolist() == [candle.time for candle in table()]
    assert ("newest first" in file.reading) == (name == "newest_first.csv")


def refused(text: str, words: str, tmp_path: Path, form: Format | None = None) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ValueError, match=words) as error:
        read_price_file(tmp_path / "x.csv", form=form or Format())
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "date;close\n03/04/2024;1\n04/04/2024;2\n",
            "^line 2, column 'date': the day of '03/04/2024' could be its month: give --date-format",
        ),
        (
            "date;close\n13/04/2024;1\n04/14/2024;2\n",
            "^line 3, column 'date': in '04/14/2024' the month comes first, .*line 2.*--date-format",
        ),
        (
            "date;close\n13/04/24;1\n",
            "^line 2, column 'date': the year of '13/04/24' has two digits: give --date",
        ),
        (
            "date;close\n13-Apr-24;1\n",
            "^line 2, column 'date': the year of '13-Apr-24' has two digits: give --da",
        ),
        (
            'date,close\n2024-01-01,"1,234"\n2024-01-02,"1,235"\n',
            "^line 2: the comma of '1,234' in column 'close' may be a decimal mark .*give --decimal",
        ),
        (
            'date,close\n2024-01-01,"1,234.5"\n2024-01-02,"1.235,5"\n',
            r"^line 3: '1.235,5' in column 'close' is not a number with the decimal mark '.', "
            "which '1,234.5' in line 2 shows: give --decimal",
        ),
        ("2024-01-01,1\n2024-01-02,2\n", "^line 1: there is no header, .*: give --no-header"),
        (
            "2024-01-01,1,2,3,4\n2024-01-02,2,3,4,5\n",
            "^line 1: there is no header, .*--time-column and --column",
        ),
        ("when,close\nnever,1\n", "no column is named date, .*: name one with --time-column"),
        ("date,open\n2024-01-01,1\n", "there is no column 'close'.*: name one with --column"),
        ("date,note\n2024-01-01,a\n", "there is no column 'close'.*: name one with --column"),
        ("date,close,x\n2024-01-01,1,5,7\n", "^line 2: there are 4 cells, and 3 in the header.*--separator"),
    ],
)
def test_what_is_never_guessed(text: str, words: str, tmp_path: Path) -> None:
    refused(text, words, tmp_path)


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        (
            "date;close\n03/04/2024;1,234\n",
            Format(date_format="%d/%m/%Y", decimal=","),
            ("2024-04-03", 1.234),
        ),
        ("date;close\n03/04/2024;1,234\n", Format(date_format="%m/%d/%Y", decimal="."), ("2024-03-04", 1234)),
        ("a^b\n1704067200^5\n", Format(separator="^", time_column="a"), ("2024-01-01", 5)),
        ("2024-01-01,1,7\n", Format(header=False, time_column="1"), ("2024-01-01", 7)),
        ("2024-01-01,7\n", Format(header=False), ("2024-01-01", 7)),
        (
            "date,close\n2024-07-01 02:00,1\n",
            Format(time_zone="Europe/Berlin"),
            ("2024-07-01 00:00+00:00", 1),
        ),
        ("date,close\n1719792000,1\n", Format(time_zone="Europe/Berlin"), ("2024-07-01 00:00+00:00", 1)),
        (
            "date,close\n2024-07-01T00:00Z,1\n",
            Format(time_zone="America/New_York"),
            ("2024-07-01 00:00+00:00", 1),
        ),
        ("date,close\n010724,1\n", Format(date_format="%d%m%y"), ("2024-07-01", 1)),
    ],
)
def test_what_is_said_counts(text: str, form: Format, expected: tuple[str, float], tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text)
    column = "3" if form.time_column == "1" else "b" if form.time_column else "close"
    prices = read_prices(tmp_path / "x.csv", column, form=form).series
    assert (prices.index[0], prices.iloc[0]) == (pd.Timestamp(expected[0]), expected[1])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("separator", "ab", "must be one character"),
        ("decimal", ";", "must be a point or a comma"),
        ("date_format", "%Q", "not one that datetime.strptime reads"),
        ("date_format", "%H:%M", "has no day, month and year"),
        ("time_zone", "Europe/Berlim", "did you mean 'Europe/Berlin'"),
    ],
)
def test_formats_that_are_none(field: str, value: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Format(**{field: value})  # type: ignore[arg-type]


def test_a_day_is_seen_from_any_row(tmp_path: Path) -> None:
    rows = [("date", "close"), *((f"{day:02}/01/2024", day) for day in range(1, 20))]
    (tmp_path / "x.csv").write_text(text(rows))
    file = read_price_file(tmp_path / "x.csv")
    assert file.symbols[None].series.index[1] == pd.Timestamp("2024-01-02")
    assert "(day first)" in file.reading


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,234.50", "1,235"], [1234.5, 1235.0]),
        (["1.234,50", "1.235"], [1234.5, 1235.0]),
        (["1.234", "1.235"], [1.234, 1.235]),
        (["1,234", "0,5"], [1.234, 0.5]),
        (["1 234,50", "€ 5"], [1234.5, 5.0]),
        (["12,34,567.25", "1"], [1234567.25, 1.0]),
        (["$1'234.5", "0.1"], [1234.5, 0.1]),
        (["1.234.567", "0,30000000000000004"], [1234567.0, 0.30000000000000004]),
    ],
)
def test_one_decimal_mark_for_all(cells: list[str], expected: list[float], tmp_path: Path) -> None:
    rows = [("date", "close"), *((f"2024-01-0{day}", cell) for day, cell in enumerate(cells, 1))]
    (tmp_path / "x.csv").write_text(text(rows, ";"))
    assert read_prices(tmp_path / "x.csv").series.tolist() == expected


def test_another_column_decides_the_decimal_mark(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date;close;volume\n2024-01-01;1.234;12,5\n2024-01-02;1.235;13,5\n")
    assert read_prices(tmp_path / "x.csv").series.tolist() == [1234.0, 1235.0]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("Close;Change\n1.234;0,45\n1.239;-0,31\n", [1234.0, 1239.0]),  # a name that nobody knows
        ("Close;+/- %\n1.234;0,45%\n1.239;-0,31%\n", [1234.0, 1239.0]),
        ("Close;Vol.\n1.234;12,3K\n1.239;998\n", [1234.0, 1239.0]),
        ("Close;Change\n1,234;0.45\n1,239;-0.31\n", [1234.0, 1239.0]),
        ("Close;Note\n1.234;4,5 of 7 days\n1.239;7,1\n", [1.234, 1.239]),  # no column of numbers
        ("Close;Change\n149.123;12\n149.130;7\n", [149.123, 149.130]),  # each price has three decimals
        ("Close;Change\n998;0.45\n1.002;-0.31\n", [998.0, 1.002]),
        ("Close;Change\n998;0,45\n1.002;-0,31\n", [998.0, 1002.0]),
        ("Close;Open\n150;150.5\n149.123;150\n", [150.0, 149.123]),
    ],
)
def test_any_column_of_numbers_decides(rows: str, expected: list[float], tmp_path: Path) -> None:
    header, *cells = rows.splitlines()
    dated = [f"Date;{header}", *(f"2024-01-0{day};{row}" for day, row in enumerate(cells, 1))]
    (tmp_path / "x.csv").write_text("\n".join(dated) + "\n")
    assert read_prices(tmp_path / "x.csv").series.tolist() == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("date;close\n01.02.2024;998\n02.02.2024;1.002\n14.02.2024;999\n", "line 3"),
        ("date;close\n13.02.2024;1.002\n14.02.2024;\n15.02.2024;N/A\n16.02.2024;1500\n", "line 2"),
        ("date;open;close\n13.02.2024;998;1.002\n", "line 2"),
        ("13.02.2024;998;1.002;997;999;12\n14.02.2024;998;1.003;997;999;17\n", "line 1"),
        ("date;close;x;y\n13.02.2024;1.002;0,5;0.5\n", "line 2"),
    ],
)
def test_a_point_that_may_stand_between_thousands(text: str, line: str, tmp_path: Path) -> None:
    words = rf"^{line}: the point of '1.002' in column .* may be a decimal mark .*: give --decimal"
    refused(text, words, tmp_path)
    (tmp_path / "x.csv").write_text(text)
    prices = read_price_file(tmp_path / "x.csv", candles=True, form=Format(decimal=",")).symbols[None]
    assert 1002.0 in {*prices.series, *([] if prices.candles is None else prices.candles["high"])}


def test_rates_of_three_decimals_without_a_header(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "1704067200,149.123,149.130,149.120,149.125,12,3\n1704070800,149.125,149.131,149.121,149.124,998,4\n"
    )
    assert read_prices(tmp_path / "x.csv").series.tolist() == [149.125, 149.124]


def test_a_wide_table(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,A,B\n2024-01-01,1,\n2024-01-02,2,20\n2024-01-03,3,30\n")
    file = read_price_file(tmp_path / "x.csv")
    assert [*file.symbols] == ["A", "B"]
    assert np.array_equal(file.symbols["B"].series, [np.nan, 20, 30], equal_nan=True)
    assert "each column of numbers is a symbol, A, B" in file.notes[0]


@pytest.mark.parametrize("order", [0, 1])
def test_two_levels_of_several_symbols(order: int, tmp_path: Path) -> None:
    levels = [("Price", "Close", "Close", "Open", "Open"), ("Ticker", "A", "B", "A", "B")]
    rows = [*(levels[::-1] if order else levels), ("Date", "", "", "", ""), ("2024-01-01", 1, 10, 0.5, 9)]
    (tmp_path / "x.csv").write_text(text(rows))
    file = read_price_file(tmp_path / "x.csv", candles=False)
    assert {name: prices.series.tolist() for name, prices in file.symbols.items()} == {
        "A": [1.0],
        "B": [10.0],
    }


def test_a_ticker_names_symbols(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("ticker,date,close\nA,2024-01-01,1\nB,2024-01-01,2\n")
    assert [*read_price_file(tmp_path / "x.csv").symbols] == ["A", "B"]


def test_clocks_that_were_set_back(tmp_path: Path) -> None:
    hours = ["01:00", "02:00", "02:00", "03:00"]
    rows = [("date", "close"), *((f"2024-10-27 {hour}", place) for place, hour in enumerate(hours))]
    (tmp_path / "x.csv").write_text(text(rows))
    form = Format(time_zone="Europe/Berlin")
    for order in (rows, [rows[0], *rows[:0:-1]]):
        (tmp_path / "x.csv").write_text(text(order))
        index = read_prices(tmp_path / "x.csv", form=form).series.index
        assert index.tz_convert("UTC").hour.tolist() == [23, 0, 1, 2]  # type: ignore[attr-defined]
    (tmp_path / "x.csv").write_text(text(rows[:3]))
    with pytest.raises(ValueError, match=r"line 3, column 'date': clocks of Europe/Berlin showed .* twice"):
        read_prices(tmp_path / "x.csv", form=form)
    (tmp_path / "x.csv").write_text("date,close\n2024-03-31 02:30,1\n")
    with pytest.raises(ValueError, match="line 2, column 'date': clocks of Europe/Berlin never showed"):
        read_prices(tmp_path / "x.csv", form=form)


def test_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"date,close\n2024-01-01,1\n")[:-9])
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "x.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "x.json").write_text('{"a": [1]}')
    for name, words in [
        ("x.csv.gz", "incomplete or damaged"),
        ("x.xlsx", "not an Excel file"),
        ("x.xls", "not an Excel file"),
        ("x.json", "the file is one JSON object"),
    ]:
        with pytest.raises(ValueError, match=words):
            read_price_file(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("Symbol,AAPL\nDate,Close\n2024-01-01,5\n", [5.0]),
        ("\n\nPrices of a desk,,\nDate,Close,\n2024-01-01,5,\n", [5.0]),
        ("sep=;\nDate;Close\n2024-01-01;5\n", [5.0]),
        ("#date,close\n2024-01-01,5\n", [5.0]),
        ("Data by X, Y and Z\n// 2024-01-01\nDate,Open,Close\n2024-01-01,4,5\n", [5.0]),
        ("date,close,note\n2024-01-01,5,a;b\n2024-01-02,6,c;d\n", [5.0, 6.0]),
        (
            '"Date","Price","Open","High","Low","Vol.","Change %"\n'
            '"01/31/2024","42,580.5","42,946.2","43,745.1","42,298.9","53.52K","-0.85%"\n'
            '"01/30/2024","42,946","43,304.7","43,838.1","42,711.4","45.23K","-0.83%"\n',
            [42946.0, 42580.5],
        ),
        ("Date,Close/Last,Volume\n01/31/2024,$184.40,55467800\n", [184.4]),
        ("snapped_at,price,market_cap\n2013-04-28 00:00:00 UTC,135.3,1500517590\n", [135.3]),
        ("observation_date,SP500\n2024-01-01,.\n2024-01-02,4742.83\n", [np.nan, 4742.83]),
        (",close\n2024-01-01,5\n", [5.0]),
        ("date,600519,x\n2024-01-01,5,6\n", [5.0]),
    ],
)
def test_what_stands_around_prices(text: str, closes: list[float], tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text)
    prices = next(iter(read_price_file(tmp_path / "x.csv").symbols.values())).series
    assert np.array_equal(prices, closes, equal_nan=True)


def test_a_candle_in_another_language_is_no_wide_table(tmp_path: Path) -> None:
    refused(
        "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie\n2024-01-01,5,6,4,5.5\n2024-01-02,5.5,7,5,6\n",
        "'Otwarcie', .* look like open, high, low and close: name one with --column",
        tmp_path,
    )


def test_dates_of_six_digits_have_no_century(tmp_path: Path) -> None:
    """Finam's days were of the year 101 beside a time of day, and seconds since 1970 without."""
    beside = "<DATE>;<TIME>;<CLOSE>\n010124;100000;5\n020124;100000;6\n"
    refused(beside, "line 2, column 'DATE': .*two digits.*--date-format", tmp_path)
    for date in ("010124", "310124", "123199"):
        refused(f"date,close\n{date},5\n", f"time={date} has a year of two digits.*--date-format", tmp_path)
    (tmp_path / "x.csv").write_text(beside)
    index = read_prices(tmp_path / "x.csv", form=Format(date_format="%d%m%y")).series.index
    assert [*index] == [pd.Timestamp("2024-01-01 10:00"), pd.Timestamp("2024-01-02 10:00")]


def test_a_workbook_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes((TRADERS / "yahoo.xlsx").read_bytes())
    assert read_prices(tmp_path / "x.csv").series.tolist() == DAILY


@pytest.mark.parametrize("source", ["hlc3", "HLC3", "hlcc4", "ohlc4", "close", "hl2"])
@pytest.mark.parametrize("price", ["Close/Last", "Price", "close"])
def test_the_price_is_the_close_of_a_source(price: str, source: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"Date,{price},Open,High,Low\n2024-01-01,$2,$1,$7,$0.5\n")
    expected = {"hlc3": 9.5 / 3, "hlcc4": 11.5 / 4, "ohlc4": 10.5 / 4, "close": 2.0, "hl2": 3.75}
    prices = read_prices(tmp_path / "x.csv", src=source)
    assert prices.src is not None
    assert prices.src.tolist() == [expected[source.lower()]]


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("Datum;Time", Format(time_column="Datum")),
        ("Datum;Time", Format()),
        ("Datum;Uhrzeit", Format()),
        ("Date;Timestamp", Format()),
        ("Trade Date;Time", Format()),
    ],
)
def test_the_time_of_day_beside_any_column_of_dates(header: str, form: Format, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"{header};Close\n2024-01-13;16:00;1.5\n2024-01-13;17:00;1.6\n")
    index = read_prices(tmp_path / "x.csv", form=form).series.index
    assert index.tolist() == [pd.Timestamp("2024-01-13 16:00"), pd.Timestamp("2024-01-13 17:00")]


def test_a_timestamp_beside_a_date_may_be_of_another_day(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,timestamp,close\n2024-01-13,2024-03-01T10:00,1\n")
    assert read_prices(tmp_path / "x.csv").series.index.tolist() == [pd.Timestamp("2024-01-13")]


def test_dates_with_the_year_at_the_end(tmp_path: Path) -> None:
    text = "date,close\n31012024,1.5\n01022024,2\n"
    refused(text, "^line 2, column 'date': time=31012024 may be .* --date-format %d%m%Y$", tmp_path)
    prices = read_prices(tmp_path / "x.csv", form=Format(date_format="%d%m%Y")).series
    assert prices.tolist() == [1.5, 2.0]


@pytest.mark.parametrize("above", ["\n" * 200, "# a comment\n" * 150, "// one, of two cells\n" * 150])
def test_many_lines_before_the_header(above: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(above + "date,close\n2024-01-01,1\n2024-01-02,2\n")
    prices = read_prices(tmp_path / "x.csv")
    assert prices.series.tolist() == [1.0, 2.0]
    assert prices.lines is not None
    assert prices.lines[0] == above.count("\n") + 2


def test_utf_16_that_does_not_say_so(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("date,close\n2024-01-01,1\n".encode("utf-16-le"))
    with pytest.raises(
        ValueError, match=r"^line 1: the file has NUL characters, as UTF-16 .*: save it as UTF-8"
    ):
        read_price_file(tmp_path / "x.csv")


@pytest.mark.parametrize(
    "text", ['{"prices": [[1704067200000, 1.5]]}', '{\n "Meta Data": {},\n "Daily": {"2024-01-01": {}}\n}']
)
def test_nested_json(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(
        ValueError, match=r"^the file is one JSON object .*'(prices|Daily)': give JSON that is an arr"
    ):
        read_price_file(tmp_path / "x.json")


def test_an_empty_first_sheet(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "x.xlsx") as book:
        pd.DataFrame().to_excel(book, sheet_name="cover", index=False)
        pd.DataFrame({"date": ["2024-01-01"], "close": [1]}).to_excel(book, sheet_name="data", index=False)
    with pytest.raises(
        ValueError, match="no row with a price in sheet 'cover', number 1 of 2: --sheet names another"
    ):
        read_price_file(tmp_path / "x.xlsx")


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no such folder: '.*missing'$"):
        write_table(tmp_path / "missing" / "x.csv", pd.DataFrame({"close": [1]}), "date")


def test_a_title_with_a_comma(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Bitcoin, daily\nDate;Close\n2024-01-01;1,5\n2024-01-02;1,75\n")
    assert read_prices(tmp_path / "x.csv").series.tolist() == [1.5, 1.75]
    (tmp_path / "x.csv").write_text(
        "Prices; of it\ntime,close,note\n2024-01-01,1.5,a;b\n2024-01-02,1.75,a;b\n"
    )
    assert read_prices(tmp_path / "x.csv").series.tolist() == [1.5, 1.75]


@pytest.mark.parametrize("sign", ["$", "€ ", ""])
def test_whole_prices_with_a_currency_sign(sign: str, tmp_path: Path) -> None:
    text = f"date;close\n2024-01-01;{sign}1.053\n2024-01-02;{sign}759\n"
    refused(text, "^line 2: the point of '.*1.053' in column 'close' may be a decimal mark", tmp_path)
    done = atc_cy("watch", tmp_path / "x.csv", code=1)
    assert "may be a decimal mark or a thousands separator" in done.stderr


def test_prices_of_three_decimals_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,close\n2024-01-01,149.123\n2024-01-02,150.500\n")
    note = (
        "all prices have three decimals, as '149.123' in line 2: give --decimal , if the point is a thousands"
    )
    (reported,) = read_price_file(tmp_path / "x.csv").notes
    assert reported == f"{note} separator"
    assert not read_price_file(tmp_path / "x.csv", form=Format(decimal=".")).notes
    (tmp_path / "x.csv").write_text("date,close\n2024-01-01,149.123\n2024-01-02,150.51\n")
    assert not read_price_file(tmp_path / "x.csv").notes
