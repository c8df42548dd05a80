"""Which bars are made of a symbol's rows."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from atc_cy.files.bounds import read_bound
from atc_cy.files.span import Span
from atc_cy.files.timeframes import read_timeframe

DAY, HOUR = read_timeframe("1D"), read_timeframe("1h")
HOURS = pd.date_range("2024-01-01", periods=48, freq="h")
DAYS = pd.date_range("2024-01-01", periods=48, freq="D")
HERE, OFFSET, EPOCH = (read_bound(text) for text in ("2024-01-02", "2024-01-02T00:00Z", "1704153600"))


def rows(times: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame({"price": np.arange(len(times), dtype=float)}, times)


def at(text: str) -> int:
    return pd.Timestamp(text).value


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(), False),
        (Span(timeframe=HOUR), True),
        (Span(first_bar=HERE), True),
        (Span(since=HERE), True),
        (Span(until=HERE), True),
        (Span(OFFSET, until=OFFSET, since=EPOCH), False),
        (Span(OFFSET, until=HERE), True),
        (Span(step=DAY), False),
        (Span(closed_at=0, step=DAY), True),
        (Span(closed_at=0, step=HOUR), False),
    ],
)
def test_whether_the_clock_matters(span: Span, expected: bool) -> None:
    codes = np.zeros(len(DAYS), np.intp)
    assert span.needs_clock(DAYS, codes) == expected


def test_whether_the_clock_matters_for_rows_of_several_symbols() -> None:
    """Each symbol's own rows show how long they are."""
    closed = Span(closed_at=0)
    for symbols, expected in (
        ([HOURS, HOURS, HOURS], False),
        ([HOURS, HOURS, DAYS], True),
        ([HOURS, DAYS, HOURS], True),
        ([DAYS, HOURS], True),
    ):
        times = symbols[0].append(symbols[1:])
        codes = np.arange(len(times)) // 48
        turns = np.arange(len(times)).reshape(-1, 48).T.ravel()  # a row of each in turn
        for order in (np.arange(len(times)), turns):
            assert closed.needs_clock(times[order], codes[order]) == expected


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (Span(), "2024-01-01 00:00", "2024-01-02 23:00"),
        (Span(first_bar=read_bound("2024-01-01T05:00")), "2024-01-01 05:00", "2024-01-02 23:00"),
        (Span(first_bar=read_bound("2024-01-02T23:00")), "2024-01-02 23:00", "2024-01-02 23:00"),
        # Only the bars of a timeframe are cut by `until`.
        (Span(until=read_bound("2024-01-01T05:00")), "2024-01-01 00:00", "2024-01-02 23:00"),
        (Span(closed_at=at("2024-01-02 10:00")), "2024-01-01 00:00", "2024-01-02 09:00"),
        (Span(closed_at=at("2024-01-02 10:00") - 1), "2024-01-01 00:00", "2024-01-02 08:00"),
        (Span(closed_at=at("2024-01-02 10:00"), step=DAY), "2024-01-01 00:00", "2024-01-01 10:00"),
        (Span(timeframe=DAY), "2024-01-01", "2024-01-02"),
        (Span(timeframe=DAY, closed_at=at("2024-01-03")), "2024-01-01", "2024-01-02"),
        (Span(timeframe=DAY, closed_at=at("2024-01-03") - 1), "2024-01-01", "2024-01-01"),
        (Span(timeframe=DAY, until=read_bound("2024-01-02T00:00")), "2024-01-01", "2024-01-02"),
        (Span(timeframe=DAY, until=read_bound("2024-01-01")), "2024-01-01", "2024-01-01"),
        (
            Span(timeframe=DAY, origin=timedelta(hours=6), closed_at=at("2024-01-02 06:00")),
            "2023-12-31 06:00",
            "2024-01-01 06:00",
        ),
        # A bar has closed as of `until` if its last row has.
        (
            Span(timeframe=DAY, until=read_bound("2024-01-01T23:00"), closed_at=at("2025-01-01")),
            "2024-01-01",
            "2024-01-01",
        ),
        (
            Span(timeframe=DAY, until=read_bound("2024-01-02T22:00"), closed_at=at("2025-01-01")),
            "2024-01-01",
            "2024-01-01",
        ),
        (
            Span(timeframe=DAY, until=read_bound("2024-01-02"), closed_at=at("2025-01-01")),
            "2024-01-01",
            "2024-01-02",
        ),
        (
            Span(timeframe=DAY, until=read_bound("2024-01-02T22:00"), closed_at=at("2024-01-02")),
            "2024-01-01",
            "2024-01-01",
        ),
    ],
)
def test_bars(span: Span, first: str, last: str) -> None:
    bars = span.bars(rows(HOURS), "price")
    assert [str(bars.index[0]), str(bars.index[-1])] == [str(pd.Timestamp(text)) for text in (first, last)]


def test_bars_as_of_until() -> None:
    bars = Span(timeframe=DAY, until=read_bound("2024-01-02T03:00")).bars(rows(HOURS), "price")
    assert bars["price"].tolist() == [23.0, 27.0]
    days = Span(timeframe=DAY, until=read_bound("2023-12-31"), closed_at=at("2025-01-01"))
    assert days.bars(rows(HOURS), "price").empty


def test_the_last_row_of_a_day_that_is_over_in_all_rows() -> None:
    """Rows after `until` show when the last one before it ended; if it is the last of all, nothing does."""
    half = rows(HOURS[:47])
    as_of = read_bound("2024-01-02")
    span = Span(timeframe=DAY, until=as_of, closed_at=at("2024-01-03"))
    assert len(span.bars(half, "price")) == 2


def test_rows_after_until_show_how_long_a_row_is() -> None:
    with pytest.raises(ValueError, match="timeframe='1h' is lower than that of the rows"):
        Span(timeframe=HOUR, until=read_bound("2024-01-01")).bars(rows(DAYS), "price")


def test_rows_before_the_first_bar() -> None:
    late = Span(first_bar=read_bound("2024-01-03"))
    with pytest.raises(ValueError, match=r"--first-bar on, the last one is of 2024-01-02 23:00:00: give an "):
        late.bars(rows(HOURS), "price")
    assert late.bars(rows(HOURS[:0]), "price").empty


def test_no_bar_has_closed() -> None:
    with pytest.raises(ValueError, match="no bar has closed yet"):
        Span(closed_at=0).bars(rows(HOURS), "price")
    assert Span(closed_at=0).bars(rows(HOURS[:0]), "price").empty
