"""Candles are fetched once, in order and without gaps, and kept once they have closed."""

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from support.exchange import MINUTE, START, Binance

from atc_cy.files.freqtrade import candle_file
from atc_cy.markets.exchange import Exchange
from atc_cy.markets.fetch import Fetched, fetch, list_symbols
from atc_cy.markets.folder import COLUMNS, Folder

C0, C1 = "C00/USDT", "C01/USDT"


def fetched(
    path: Path, *symbols: str, history: int = 300, first: int | None = None, is_cache: bool = True
) -> Fetched:
    with Exchange("binance", "1m") as source:
        folder = Folder(path, "binance", "1m", is_cache=is_cache)
        return fetch(source, symbols or [C0], folder, history=history, first=first)


def closes(result: Fetched, symbol: str = C0) -> dict[int, float]:
    return {(candle.start - START) // MINUTE: candle.close for candle in result.candles[symbol]}


def kept(path: Path, symbol: str = C0) -> dict[int, float]:
    frame = pd.read_feather(candle_file(path, symbol, "1m"))
    starts = frame["date"].astype("datetime64[ms, UTC]").astype("int64")
    return dict(zip(((starts - START) // MINUTE).tolist(), frame["close"].tolist(), strict=True))


def expected(server: Binance, candles: Iterable[int], name: str = "C00USDT") -> dict[int, float]:
    return {candle: server.candles[name][candle] for candle in candles}


def spans(server: Binance) -> list[tuple[int, int]]:
    """The first candle and the number of candles of each question, and forget them."""
    asked = [((int(query["startTime"]) - START) // MINUTE, int(query["limit"])) for query in server.asked]
    server.requests.clear()
    return asked


def test_what_has_closed_is_kept_and_what_is_new_is_asked_for(binance: Binance, tmp_path: Path) -> None:
    result = fetched(tmp_path)
    assert closes(result) == expected(binance, range(301, 601))
    assert kept(tmp_path) == expected(binance, range(301, 600))
    assert spans(binance) == [(301, 300)]
    binance.candles["C00USDT"][600] += 1  # it was open
    binance.at(603)
    result = fetched(tmp_path)
    assert spans(binance) == [(599, 5)]
    assert closes(result) == expected(binance, range(304, 604))
    assert kept(tmp_path) == expected(binance, range(301, 603))
    assert (result.problems, result.notes, result.added) == ({}, [], 3)


def test_a_candle_is_open_until_it_has_settled(binance: Binance, tmp_path: Path) -> None:
    binance.at(600, 0.9)
    result = fetched(tmp_path)
    assert [*closes(result)][-2:] == [599, 600]
    assert [*kept(tmp_path)][-1] == 598
    binance.at(600, 1.1)
    fetched(tmp_path)
    assert [*kept(tmp_path)][-1] == 599


def test_the_files_are_those_of_freqtrade(binance: Binance, tmp_path: Path) -> None:
    fetched(tmp_path, C0, C1)
    assert {path.name for path in tmp_path.iterdir()} == {"C00_USDT-1m.feather", "C01_USDT-1m.feather"}
    frame = pd.read_feather(tmp_path / "C00_USDT-1m.feather")
    assert tuple(frame.columns) == COLUMNS
    assert str(frame["date"].dtype) == "datetime64[ms, UTC]"
    assert {str(frame[name].dtype) for name in COLUMNS[1:]} == {"float64"}
    assert kept(tmp_path, C1) == expected(binance, range(301, 600), "C01USDT")


@pytest.mark.parametrize("newest_first", [False, True], ids=["cut at their ends", "cut at their beginnings"])
def test_short_pages_lose_no_candle(newest_first: bool, binance: Binance, tmp_path: Path) -> None:
    binance.most, binance.newest_first = 70, newest_first
    assert closes(fetched(tmp_path)) == expected(binance, range(301, 601))


def test_candles_out_of_order_and_twice(binance: Binance, tmp_path: Path) -> None:
    binance.muddle = True
    assert closes(fetched(tmp_path)) == expected(binance, range(301, 601))


def test_candles_that_nobody_traded(binance: Binance, tmp_path: Path) -> None:
    """They are not there, in the middle of a page, at its end and at its beginning."""
    binance.most = 50
    for candle in (*range(301, 310), 320, *range(350, 353), *range(398, 404)):
        del binance.candles["C00USDT"][candle]
    there = [candle for candle in range(301, 601) if candle in binance.candles["C00USDT"]]
    result = fetched(tmp_path)
    assert closes(result) == expected(binance, there)
    assert result.notes == [f"there are fewer than 300 candles of {C0} ({len(there)})"]


def test_two_candles_of_one_time_that_differ(binance: Binance, tmp_path: Path) -> None:
    answer = binance.answer

    def twice(path: str, query: dict[str, str]) -> object:
        rows = answer(path, query)
        if path.endswith("klines") and query["symbol"] == "C00USDT":
            rows.append([*rows[5][:4], "1.5", *rows[5][5:]])
        return rows

    binance.answer = twice  # type: ignore[method-assign]
    result = fetched(tmp_path, C0, C1)
    assert [*result.candles] == [C1]
    assert result.problems == {
        C0: "binance returned two different candles of C00/USDT at 2023-11-15T03:20:00.000Z"
    }


def test_an_earlier_beginning(binance: Binance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Exchange, "earlier_step", 100)
    fetched(tmp_path, history=100)
    spans(binance)
    result = fetched(tmp_path, history=350)
    assert spans(binance) == [(599, 2), (401, 100), (301, 100), (251, 50)]
    assert closes(result) == expected(binance, range(251, 601))
    fetched(tmp_path, history=350)
    assert spans(binance) == [(599, 2)]
    assert closes(fetched(tmp_path, history=20)) == expected(binance, range(581, 601))
    first = START + 240 * MINUTE
    assert closes(fetched(tmp_path, first=first)) == expected(binance, range(240, 601))


def test_a_symbol_that_was_listed_later_is_asked_once(binance: Binance, tmp_path: Path) -> None:
    for candle in range(500):
        del binance.candles["C00USDT"][candle]
    result = fetched(tmp_path)
    assert closes(result) == expected(binance, range(500, 601))
    spans(binance)
    fetched(tmp_path)
    assert spans(binance) == [(599, 2)]


def test_a_past_that_has_changed(binance: Binance, tmp_path: Path) -> None:
    """As by a split: what the cache has is worth nothing then."""
    fetched(tmp_path)
    candles = binance.candles["C00USDT"]
    candles.update({candle: close / 2 for candle, close in candles.items()})
    binance.at(605)
    assert closes(fetched(tmp_path)) == expected(binance, range(306, 606))
    assert kept(tmp_path) == expected(binance, range(306, 605))


def test_a_past_that_has_changed_leaves_the_files_of_a_user(binance: Binance, tmp_path: Path) -> None:
    fetched(tmp_path, C0, C1, is_cache=False)
    before = kept(tmp_path)
    for gone in ({599: 1.0}, {}):
        binance.candles["C00USDT"].pop(599)
        binance.candles["C00USDT"].update(gone)
        result = fetched(tmp_path, C0, C1, is_cache=False)
        assert result.problems == {
            C0: f"{tmp_path / 'C00_USDT-1m.feather'} ends at 2023-11-15T08:13:00.000Z with a candle that "
            "binance now gives differently: move the file away to fetch all of it again"
        }
        assert [*result.candles] == [C1]
        assert kept(tmp_path) == before


def test_a_cache_that_is_old_is_begun_anew_and_a_folder_is_continued(
    binance: Binance, tmp_path: Path
) -> None:
    for folder, is_cache in ((tmp_path / "cache", True), (tmp_path / "own", False)):
        binance.at(200)
        fetched(folder, history=50, is_cache=is_cache)
        binance.at(600)
        result = fetched(folder, history=50, is_cache=is_cache)
        assert closes(result) == expected(binance, range(551, 601))
        assert kept(folder) == expected(binance, range(551 if is_cache else 151, 600))


def test_files_that_are_damaged_or_of_something_else(binance: Binance, tmp_path: Path) -> None:
    path = tmp_path / "C00_USDT-1m.feather"
    fetched(tmp_path, C0)
    whole = path.read_bytes()
    other = Folder(tmp_path, "kraken", "1m", is_cache=False)
    with pytest.raises(
        ValueError,
        match=r"C00_USDT-1m.feather does not have the candles of C00.USDT of kraken: it has C00",
    ):
        other.read(C0)
    for damaged in (whole[:-40], b"", b"no feather at all"):
        path.write_bytes(damaged)
        result = fetched(tmp_path, C0, C1, is_cache=False)
        assert [*result.problems] == [C0]
        assert path.read_bytes() == damaged
        result = fetched(tmp_path, C0)
        assert "all of them are fetched again" in result.notes[0]
        assert closes(result) == expected(binance, range(301, 601))
        assert path.read_bytes() == whole


def test_files_that_freqtrade_wrote(binance: Binance, tmp_path: Path) -> None:
    there = expected(binance, range(100, 400))
    dates = pd.to_datetime([START + candle * MINUTE for candle in there], unit="ms", utc=True)
    prices = {name: [*there.values()] for name in COLUMNS[1:]}
    frame = pd.DataFrame({"date": dates, **prices})
    frame.to_feather(tmp_path / "C00_USDT-1m.feather", compression="lz4", compression_level=9)
    result = fetched(tmp_path, is_cache=False)
    assert spans(binance) == [(399, 202)]
    assert result.problems == {}
    assert kept(tmp_path) == expected(binance, range(100, 600))


@pytest.mark.usefixtures("binance")
def test_symbols_that_would_share_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"A/USDT and a/USDT would share the file .*a_USDT-1m.feather"):
        fetched(tmp_path, "A/USDT", "a/USDT")
    assert closes(fetched(tmp_path, C0, C0))


def test_errors_are_waited_out(binance: Binance, tmp_path: Path) -> None:
    binance.most = 60
    binance.errors.extend([(503, {}), (200, {}), (500, {})])  # before anything is known
    binance.candle_errors.extend([(200, {})] * 3 + [(429, {"Retry-After": "1"}), (503, {}), (418, {})])
    binance.stuck["C01USDT"] = 1
    result = fetched(tmp_path, C0, C1)
    assert result.problems == {}
    for symbol in (C0, C1):
        assert closes(result, symbol) == expected(binance, range(301, 601), symbol.replace("/", ""))
    moments = [moment for path, _, moment in binance.requests if path.endswith("klines")]
    assert max(later - before for before, later in pairwise(moments)) > 0.9


def test_what_fails_is_named_and_keeps_what_has_come(binance: Binance, tmp_path: Path) -> None:
    binance.most = 100
    binance.delisted = {"C01USDT"}
    answer = binance.answer

    def breaks(path: str, query: dict[str, str]) -> object:
        if query.get("symbol") == "C00USDT" and int(query["startTime"]) > START + 350 * MINUTE:
            binance.broken.add("C00USDT")
        return answer(path, query)

    binance.answer = breaks  # type: ignore[method-assign]
    result = fetched(tmp_path, C0, C1, "C02/USDT", "NO/SUCH")
    assert [*result.candles] == ["C02/USDT"]
    assert [*result.problems] == [C0, C1, "NO/SUCH"]
    assert result.problems[C0].startswith("binance: ExchangeNotAvailable: ")
    assert result.problems[C0].endswith("; run this again later")
    assert "Invalid symbol" in result.problems[C1]
    assert result.problems["NO/SUCH"].endswith(
        "does not have market symbol NO/SUCH; leave it out, if it is not traded there any more"
    )
    (near,) = fetched(tmp_path, "c02/usdt").problems.values()
    assert "; did you mean 'C02/USDT'? Otherwise leave it out" in near
    came = [*kept(tmp_path)][-1]
    assert came == 500
    binance.broken.clear()
    binance.answer = answer  # type: ignore[method-assign]
    spans(binance)
    assert closes(fetched(tmp_path)) == expected(binance, range(301, 601))
    assert spans(binance)[0][0] == came


def test_a_symbol_whose_trading_has_ended(binance: Binance, tmp_path: Path) -> None:
    """Its past is there, and nothing of what was asked for."""
    for candle in range(250, 700):
        del binance.candles["C00USDT"][candle]
    for _ in range(2):
        result = fetched(tmp_path, C0, C1)
        assert result.problems == {C0: "binance has no candles from 2023-11-15T03:15:00.000Z on"}
        assert [*result.candles] == [C1]


def test_an_exchange_that_goes_down_is_given_up(
    binance: Binance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Exchange, "at_once", 2)
    symbols = [symbol for symbol in binance.names.values() if symbol.endswith("USDT")]
    binance.broken = set(binance.names)
    result = fetched(tmp_path, *symbols)
    assert [*result.problems] == symbols
    assert len(binance.asked) <= 13  # six for a symbol, and no more symbols than at once


def test_progress(binance: Binance, tmp_path: Path) -> None:
    binance.delisted = {"C01USDT"}
    shown: list[tuple[int, int]] = []
    with Exchange("binance", "1m") as source:
        folder = Folder(tmp_path, "binance", "1m", is_cache=True)
        fetch(source, [C0, C1], folder, history=5, progress=lambda *done: shown.append(done))
    assert shown == [(1, 2), (2, 2)]


def test_lists(binance: Binance) -> None:
    binance.closed = {"C03USDT"}
    with Exchange("binance", "1m") as source:
        assert list_symbols(source, "USDT", None) == [f"C{n:02}/USDT" for n in range(12) if n != 3]
        assert list_symbols(source, "USDT", 4) == ["C00/USDT", "C01/USDT", "C02/USDT", "C04/USDT"]
        with pytest.raises(
            ValueError, match=r"volumes of binance's markets are in several currencies, .* --quote"
        ):
            list_symbols(source, None, 2)
        assert source.list("BTC") == ["C00/BTC"]
        with pytest.raises(ValueError, match="binance has no spot market in 'USD'; did you mean 'USDT'"):
            list_symbols(source, "USD", None)


def test_volumes_that_an_exchange_does_not_give(binance: Binance) -> None:
    """In the currency that is paid, or made of the other volume and the price; or there is no order."""
    answer, known = binance.answer, {"C01USDT": {"volume": "5", "lastPrice": "3"}, "C02USDT": {"volume": "6"}}

    def poor(path: str, query: dict[str, str]) -> object:
        found = answer(path, query)
        if path.endswith("24hr"):
            return [{"symbol": each["symbol"], **known.get(each["symbol"], {})} for each in found]
        return found

    binance.answer = poor  # type: ignore[method-assign]
    known["C02USDT"]["lastPrice"] = "4"
    with Exchange("binance", "1m") as source:
        assert list_symbols(source, "USDT", 3) == ["C02/USDT", "C01/USDT", "C00/USDT"]
        known.clear()
        with pytest.raises(
            ValueError, match="binance does not report the volumes of its markets: give --symbols"
        ):
            list_symbols(source, "USDT", 3)


@pytest.mark.usefixtures("binance")
def test_the_metadata_says_whose_candles_they_are(tmp_path: Path) -> None:
    from pyarrow import feather

    fetched(tmp_path)
    metadata = feather.read_table(tmp_path / "C00_USDT-1m.feather").schema.metadata[b"atc_cy"]
    since = START + 301 * MINUTE
    assert json.loads(metadata) == {"source": "binance", "symbol": C0, "since": since}
