"""`atc-cy scan --exchange` and `atc-cy fetch`, and what reads the folder that is written."""

import csv
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.charts import charts_of, facts_of
from support.exchange import MINUTE, START, Binance

from atc_cy import compute_atc_signals, events
from atc_cy.cli import main

MARKET = ("--exchange", "binance", "-t", "1m")
C0, C1, C2 = "C00/USDT", "C01/USDT", "C02/USDT"


class Command:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.err = ""

    def __call__(self, *arguments: object, code: int = 0) -> list[dict[str, str]]:
        """The rows of the CSV table that is printed; the command must end with this code."""
        try:
            ended = main([*map(str, arguments)])
        except SystemExit as end:
            ended = int(end.code or 0)
        printed = self._capsys.readouterr()
        self.err = printed.err
        assert ended == code, printed.err
        return list(csv.DictReader(io.StringIO(printed.out)))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def average(server: Binance, symbol: str, first: int, last: int) -> float:
    candles = server.candles[symbol.replace("/", "")]
    closes = [candles[candle] for candle in range(first, last + 1)]
    return float(compute_atc_signals(closes)["Average_Signal"].iloc[-1])


def test_scan_of_symbols(binance: Binance, cache: Path, run: Command) -> None:
    scan = ("scan", *MARKET, "--symbols", C0, C1, "--format", "csv")
    for _ in range(2):
        rows = run(*scan, "--history", 300)
        assert {row["symbol"] for row in rows} == {C0, C1}
        for row in rows:
            assert float(row["Average_Signal"]) == average(binance, row["symbol"], 301, 600)
            assert row["date"].startswith("2023-11-15 08:14:00")
    assert len(binance.asked) == 4
    (row,) = run("scan", *MARKET, "--symbols", C0, "--closed-only", "--history", 300, "--format", "csv")
    assert float(row["Average_Signal"]) == average(binance, C0, 301, 599)
    (row,) = run(*scan[:-3], "--first-bar", "2023-11-15 05:14Z", "--source", "hlc3", "--format", "csv")
    assert float(row["close"]) == binance.candles["C00USDT"][600]
    assert (cache / "binance" / "C01_USDT-1m.feather").is_file()


def test_a_page_of_symbols(binance: Binance, run: Command, tmp_path: Path) -> None:
    """With candles; what the exchange does not know is named on it."""
    page = tmp_path / "page.html"
    scan = ("scan", *MARKET, "--symbols", C0, C1, "C99/USDT", "--history", 300, "--bars", 50, "-o", page)
    assert run(*scan, code=3) == []
    facts, charts = facts_of(page.read_text("utf-8")), charts_of(page.read_text("utf-8"))
    assert charts.keys() == {C0, C1}
    assert [name for name, _ in facts["problems"]] == ["C99/USDT"]
    for chart in charts.values():
        assert chart["rows"] == 50
        assert {"open", "high", "low", "close"} < {column["name"] for column in chart["columns"]}
    shown = dict(zip(facts["symbols"]["name"], facts["symbols"]["Average_Signal"], strict=True))
    assert shown[C0] == pytest.approx(average(binance, C0, 301, 600), abs=0.005)


def test_scan_of_the_largest(binance: Binance, run: Command) -> None:
    """A delisted one, too many questions, one that is not answered; then only what is new is asked for."""
    binance.delisted = {"C05USDT"}
    binance.candle_errors.extend([(200, {})] * 3 + [(429, {"Retry-After": "1"}), (429, {})])
    binance.stuck["C07USDT"] = 1
    scan = ("scan", *MARKET, "--quote", "USDT", "--top-volume", 10, "--history", 300, "--format", "csv")
    rows = run(*scan, code=3)
    assert {row["symbol"] for row in rows} == {f"C{n:02}/USDT" for n in range(10) if n != 5}
    assert re.fullmatch(r"atc-cy: C05/USDT: binance: BadSymbol: .*\n", run.err)
    binance.requests.clear()
    binance.at(602)
    rows = run(*scan, code=3)
    for row in rows:
        assert float(row["Average_Signal"]) == average(binance, row["symbol"], 303, 602)
    begun = {query["symbol"]: (int(query["startTime"]) - START) // MINUTE for query in binance.asked}
    assert begun.pop("C05USDT") == 303
    assert set(begun.values()) == {599}
    assert len(binance.asked) == 10


def test_an_exchange_that_is_down(binance: Binance, run: Command) -> None:
    binance.errors.extend([(503, {})] * 30)
    run("scan", *MARKET, "--symbols", C0, code=1)
    assert run.err.startswith("atc-cy: binance: ExchangeNotAvailable: ")
    assert run.err.endswith("; try again later\n")
    assert run.err.count("\n") == 1


@pytest.mark.usefixtures("binance")
def test_nothing_but_failures(run: Command) -> None:
    run("scan", *MARKET, "--symbols", "NO/SUCH", code=1)
    assert run.err.startswith("atc-cy: NO/SUCH: binance: BadSymbol: ")
    run("fetch", *MARKET, "--symbols", "NO/SUCH", "--datadir", "nowhere", code=1)
    assert "0 of 1 symbols in nowhere, 0 new candles" in run.err
    assert not Path("nowhere").exists()


def test_every_command_reads_what_was_fetched(binance: Binance, tmp_path: Path, run: Command) -> None:
    folder = tmp_path / "data" / "binance"
    fetch = ("fetch", *MARKET, "--symbols", C0, C1, "--history", 300, "--datadir", folder)
    run(*fetch)
    assert run.err == f"atc-cy: 2 of 2 symbols in {folder}, 598 new candles\n"
    run(*fetch)
    assert run.err == f"atc-cy: 2 of 2 symbols in {folder}, 0 new candles\n"
    data = ("--datadir", folder, "-t", "1m")
    for row in run("scan", *data, "--format", "csv"):
        symbol = row["symbol"].removesuffix("-1m").replace("_", "/")
        assert float(row["Average_Signal"]) == average(binance, symbol, 301, 599)
    one = (*data, "-p", C0)
    assert len(run("compute", *one, "-o", "-")) == 299
    assert len(run("sweep", *one, "--grid", "La=0.02,0.05", "--format", "csv")) == 2
    run("chart", *one, "-o", tmp_path / "chart.html")
    assert (tmp_path / "chart.html").stat().st_size > 10_000
    state = ("--state", tmp_path / "state", "-o", tmp_path / "events.jsonl")
    run("watch", *data, *state)
    reported = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["time"] for event in reported] == sorted(event["time"] for event in reported)
    for symbol, name in ((C0, "C00_USDT-1m"), (C1, "C01_USDT-1m")):
        close = binance.candles[symbol.replace("/", "")]
        turns = events(compute_atc_signals([close[i] for i in range(301, 600)]))
        assert [event["event"] for event in reported if event["symbol"] == name] == [
            {1: "long", -1: "short"}[turn] for turn in turns[turns != 0]
        ]
    binance.at(640)  # the next run reports new events alone
    run(*fetch)
    run("watch", *data, *state)
    again = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert again[: len(reported)] == reported
    assert min(event["time"] for event in again[len(reported) :]) > "2023-11-15T08:13"
    assert len(again) > len(reported)
    run("dataset", folder, "--out", tmp_path / "out")
    assert "678 rows of 2 symbols" in run.err


def test_candles_that_freqtrade_wrote_as_json(tmp_path: Path, run: Command) -> None:
    rng = np.random.default_rng(3)
    prices = {
        ending: 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 300))) for ending in ("json", "json.gz", "x")
    }
    for ending, closes in prices.items():
        rows = [[START + n * MINUTE, x, x, x, x, 1.0] for n, x in enumerate(closes.tolist())]
        text = json.dumps(rows).encode()
        if ending == "json.gz":
            (tmp_path / "ETH_USDT-1m.json.gz").write_bytes(gzip.compress(text))
        elif ending == "json":
            (tmp_path / "BTC_USDT-1m.json").write_bytes(text)
        else:
            (tmp_path / "futures").mkdir()
            frame = pd.DataFrame(rows, columns=["date", "open", "high", "low", "close", "volume"])
            frame["date"] = pd.to_datetime(frame["date"], unit="ms", utc=True)
            frame.to_parquet(tmp_path / "futures" / "XRP_USDT_USDT-1m-futures.parquet")
    data = ("--datadir", tmp_path, "-t", "1m")
    rows = {row["symbol"]: float(row["Average_Signal"]) for row in run("scan", *data, "--format", "csv")}
    names = ("BTC_USDT-1m", "ETH_USDT-1m", "XRP_USDT_USDT-1m-futures")
    for name, closes in zip(names, prices.values(), strict=True):
        assert rows.pop(name) == compute_atc_signals(closes)["Average_Signal"].iloc[-1]
    assert not rows
    for pair in ("BTC/USDT", "ETH/USDT", "XRP/USDT:USDT"):
        assert len(run("compute", *data, "-p", pair, "-o", "-")) == 300
    # A pair that has several files is shown once, from the one that freqtrade writes by default.
    frame.to_feather(tmp_path / "BTC_USDT-1m.feather")
    assert len(run("scan", *data, "--format", "csv")) == 3


def test_ctrl_c_loses_nothing(binance: Binance, tmp_path: Path, run: Command) -> None:
    binance.most, binance.latency = 20, 0.1
    folder = tmp_path / "data"
    fetch = ["fetch", *MARKET, "--symbols", C0, C1, C2, "--history", "500", "--datadir", str(folder)]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "atc_cy", *fetch], stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        while len(binance.asked) < 20:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr is not None
        text = process.stderr.read()
    stopped = f"stopped; the candles that were fetched are in {folder}, and the next run continues there"
    assert text == f"atc-cy: {stopped}\n"
    came = {path.name: len(pd.read_feather(path)) for path in folder.iterdir()}
    assert len(came) == 3
    assert sum(came.values()) >= (20 - 3) * 20
    binance.most, binance.latency = 1_000, 0.0
    binance.requests.clear()
    run(*fetch)
    assert len(binance.asked) == 3
    assert {query["startTime"] for query in binance.asked} != {str(START + 101 * MINUTE)}
    for symbol in (C0, C1, C2):
        closes = pd.read_feather(folder / f"{symbol.replace('/', '_')}-1m.feather")["close"].tolist()
        candles = binance.candles[symbol.replace("/", "")]
        assert closes == [candles[candle] for candle in range(101, 600)]


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("scan --symbols A/B", "--symbols needs --exchange"),
        ("scan --history 5", "--history needs --exchange"),
        ("scan --exchange binance --symbols A/B", "--exchange needs --timeframe"),
        ("scan --exchange binance -t 1h", "--exchange needs either --symbols or --symbols-file, or"),
        ("scan --exchange binance -t 1h --symbols A/B --quote B", "--exchange takes either --symbols or"),
        ("scan x.csv --exchange binance -t 1h --symbols A/B", "takes the place of FILE and --datadir"),
        ("scan --datadir x --exchange binance -t 1h --symbols A/B", "takes the place of FILE and --datadir"),
        ("scan --exchange binance -t 1h --symbols A/B --time-zone UTC", "--time-zone is for FILE"),
        ("watch x.csv --datadir x -t 1h", "--datadir x takes the place of FILE (x.csv): give only one"),
        ("watch --datadir x", "--datadir needs --timeframe"),
        ("watch x.csv -p A/B", "--pairs needs --datadir"),
        (
            "watch --datadir x --exchange binance -t 1h --symbols A/B",
            "takes the place of --datadir: give only one",
        ),
        ("watch --datadir x -t 1h --follow", "--follow needs FILE"),
        (
            "scan --exchange binance -t 1h --symbols A/B --history 5 --first-bar 2024-01-01",
            "--history and --first-bar both say",
        ),
        ("scan --exchange binanse -t 1h --symbols A/B", "did you mean 'binance'?"),
        ("scan --exchange binance -t 7h --symbols A/B", "'7h' is not a timeframe of binance"),
        ("scan --data x --out y --exchange binance", "--exchange is not for --data"),
        ("fetch -t 1h --symbols A/B --datadir x", "give --exchange"),
        ("fetch --exchange binance -t 1h --symbols A/B", "give --datadir"),
    ],
)
def test_options_that_do_not_go_together(arguments: str, words: str, run: Command) -> None:
    run(*arguments.split(), code=2)
    assert words in run.err


@pytest.mark.usefixtures("cache")
def test_without_the_libraries(monkeypatch: pytest.MonkeyPatch, run: Command) -> None:
    for library, exchange, extra in (("ccxt", "binance", "live"), ("yfinance", "yahoo", "stocks")):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, library, None)
            run("scan", "--exchange", exchange, "-t", "1d", "--symbols", "X", code=1)
        assert run.err.endswith(f"pip install 'atc_cy[{extra}]'\n")


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    from atc_cy.markets.folder import cache_path

    monkeypatch.delenv("ATC_CY_CACHE", raising=False)
    assert cache_path() == platformdirs.user_cache_path("atc-cy", appauthor=False) / "candles"
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    with pytest.raises(ImportError, match=r"pip install 'atc_cy\[live\]', or set ATC_CY_CACHE"):
        cache_path()
