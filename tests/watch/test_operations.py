"""What those look at who run a watch for long: its log and its health file."""

import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.exchange import MINUTE, START, Binance, standing_in, walk

import atc_cy.markets.source
import atc_cy.watch.health
from atc_cy.cli import main
from atc_cy.watch.reports import Report, error, info

CLOSES = {"BTC/USDT": walk(1, 600), "ETH/USDT": walk(2, 600)}
POLLED = [
    "watch",
    "--exchange",
    "binance",
    "-t",
    "1m",
    "--history",
    "250",
    "--polls",
    "1",
    "--symbols",
    *CLOSES,
]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def binance(monkeypatch: pytest.MonkeyPatch) -> Any:
    with standing_in(Binance(CLOSES), monkeypatch) as server:
        server.at(300)
        yield server


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_log_as_text(binance: Binance, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["-o", str(tmp_path / "out"), "--log-format", "text", "--keep-going"]
    binance.delisted = {"ETHUSDT"}
    assert main([*POLLED, *out]) == 3
    reported = lines(capsys)
    assert all(TIME.fullmatch(line.split()[0]) for line in reported)
    written = datetime.fromisoformat(reported[0].split()[0])
    assert abs((datetime.now(UTC) - written).total_seconds()) < 60
    assert [line.split(maxsplit=3)[1:3] for line in reported] == [
        ["INFO", "BTC/USDT:"],  # it begins
        ["INFO", "BTC/USDT"],  # its open candle
        ["ERROR", "ETH/USDT:"],
        ["INFO", "250"],
        ["INFO", "1"],
    ]
    assert reported[-2].endswith(" 250 bars, 0 seen before, 0 events, 1 failures")
    assert reported[-1].endswith(" 1 polls, 0 with errors")
    for level, count in (("warning", 1), ("error", 1), ("debug", 5)):
        assert main([*POLLED, *out, "--log-level", level]) == 3
        assert len(lines(capsys)) == count


def test_a_log_as_json(binance: Binance, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    binance.delisted = {"ETHUSDT"}
    out = ["-o", str(tmp_path / "out"), "--log-format", "json", "--keep-going", "--no-open"]
    assert main([*POLLED, *out]) == 3
    first, second, *_ = map(json.loads, lines(capsys))
    assert TIME.fullmatch(first.pop("time"))
    assert first == {
        "level": "info",
        "logger": "atc_cy.watch",
        "message": "BTC/USDT: begins with 250 candles",
        "symbol": "BTC/USDT",
    }
    assert (second["level"], second["symbol"]) == ("error", "ETH/USDT")


def test_the_log_of_a_feed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line of it cannot be two, and control no terminal."""
    feed = tmp_path / "feed.csv"
    feed.write_text("time,close\n1700000000,1\n1700000060,\x1b[2J\n")
    assert main(["watch", str(feed), "--log-format", "text"]) == 3
    reported = lines(capsys)
    assert " ERROR " in reported[0]
    assert r"\x1b[2J" in reported[0]
    assert "1 unreadable" in reported[-1]


def test_the_health_of_an_exchange(binance: Binance, tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    arguments = [*POLLED, "-o", str(tmp_path / "out"), "--health", str(path), "--no-open", "--keep-going"]
    binance.delisted = {"ETHUSDT"}
    assert main(arguments) == 3
    health = json.loads(path.read_text())
    bitcoin = health["symbols"]["BTC/USDT"]
    assert bitcoin == {"last_bar": "2023-11-15T03:13:00.000Z", "close": CLOSES["BTC/USDT"][299]}
    assert datetime.fromisoformat(bitcoin["last_bar"]).timestamp() == (START + 299 * MINUTE) / 1000
    ethereum = health["symbols"]["ETH/USDT"]
    assert ethereum["last_bar"] is None
    assert "Invalid symbol" in ethereum["error"]
    assert datetime.fromisoformat(ethereum["error_time"]) <= datetime.fromisoformat(health["written"])
    assert (health["bars"], health["failures"]) == (250, 1)
    assert health["last_poll"] <= health["next_poll"]
    assert health["alerts"] == {"sent": 0, "retried": 0, "waiting": 0, "given_up": 0}
    assert "error" not in health
    binance.errors.extend([(500, {})] * 3)
    assert main(arguments) == 3
    health = json.loads(path.read_text())
    assert health["last_poll"] is None
    assert health["error"].startswith("binance: ExchangeNotAvailable")


@pytest.mark.usefixtures("binance")
def test_a_health_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the start it is an error; later it is reported once, and the watch goes on."""
    out = ["-o", str(tmp_path / "out"), "--no-open"]
    assert main([*POLLED, *out, "--health", str(tmp_path / "no" / "health.json")]) == 1
    assert "no: there is no such folder" in capsys.readouterr().err
    writes = []

    def full(path: Path, data: bytes) -> None:
        writes.append(data)
        if len(writes) > 1:
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(atc_cy.watch.health, "write", full)
    monkeypatch.setattr(atc_cy.watch.health, "LONGEST", -1.0)
    assert main([*POLLED, *out, "--health", str(tmp_path / "health.json")]) == 0
    reported = [line for line in lines(capsys) if "health" in line]
    assert len(writes) > 2
    assert reported == [f"atc-cy: --health: {tmp_path / 'health.json'}: no space left on device"]


def test_levels_of_reports() -> None:
    assert (Report("x").level, info("x").level, error("x").level) == (
        logging.WARNING,
        logging.INFO,
        logging.ERROR,
    )
    again = Report(error("x", "BTC"), logging.INFO)
    assert (again, again.level, again.symbol) == ("x", logging.ERROR, "BTC")
