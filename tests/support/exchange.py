"""A server on this machine that speaks Binance's markets, candles and volumes."""

import json
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

import atc_cy.markets.source

MINUTE = 60_000
START = 1_700_000_040_000


def walk(seed: int, candles: int) -> list[float]:
    """The closes of a market whose direction turns often."""
    steps = np.random.default_rng(seed).normal(0, 0.01, candles)
    return [round(price, 4) for price in (100 * np.exp(np.cumsum(steps))).tolist()]


class Binance(ThreadingHTTPServer):
    """What the tests decide is on the exchange.

    closes: of each symbol, such as BTC/USDT; candle `i` begins `i` candles after the start.
    """

    request_queue_size = 100

    def __init__(
        self, closes: dict[str, Sequence[float]], interval: str = "1m", length: int = MINUTE
    ) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.interval, self.length = interval, length
        self.names = {symbol.replace("/", ""): symbol for symbol in closes}
        self.candles = {name: dict(enumerate(closes[symbol])) for name, symbol in self.names.items()}
        self.clock = START
        self.latency = 0.0
        """Seconds that each answer takes."""
        self.most = 1_000
        """Candles that it gives at once, whatever is asked for."""
        self.newest_first = False
        """Whether a page that is cut has the newest of its candles."""
        self.delisted: set[str] = set()
        """Markets that are named, and have no candles any more: those are refused."""
        self.closed: set[str] = set()
        """Markets whose trading has been stopped."""
        self.errors: deque[tuple[int, dict[str, str]]] = deque()
        """Statuses and headers of the next answers; 200 is a right one."""
        self.candle_errors: deque[tuple[int, dict[str, str]]] = deque()
        """The same, of the next answers about candles."""
        self.stuck: Counter[str] = Counter()
        """Markets about which so many questions are not answered before the other end gives up."""
        self.broken: set[str] = set()
        """Markets whose candles cannot be had."""
        self.muddle = False
        """Whether candles come out of order, and each twice."""
        self.requests: list[tuple[str, dict[str, str], float]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *request: Any) -> None:
        """Whoever asked may leave before the answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*request)

    @property
    def asked(self) -> list[dict[str, str]]:
        """What was asked about candles."""
        return [query for path, query, _ in self.requests if path.endswith("klines")]

    def at(self, candle: int, seconds: float = 30) -> None:
        """Set the clock to so many seconds after the beginning of this candle."""
        self.clock = START + candle * self.length + int(seconds * 1000)

    def answer(self, path: str, query: dict[str, str]) -> Any:
        if path == "/api/v3/time":
            return {"serverTime": self.clock}
        if path == "/api/v3/exchangeInfo":
            return {"symbols": [self._market(name) for name in self.names]}
        if path == "/api/v3/ticker/24hr":
            return [
                {"symbol": name, "quoteVolume": str(1000 - number), "lastPrice": "1", "closeTime": self.clock}
                for number, name in enumerate(self.names)
            ]
        if path == "/api/v3/klines":
            return self._klines(query)
        return {"symbols": []}  # no futures

    def _market(self, name: str) -> dict[str, Any]:
        base, quote = self.names[name].split("/")
        status = "BREAK" if name in self.closed else "TRADING"
        return {"symbol": name, "status": status, "baseAsset": base, "quoteAsset": quote, "filters": []}

    def _klines(self, query: dict[str, str]) -> list[list[Any]]:
        assert query["interval"] == self.interval
        rows = []
        for candle, close in sorted(self.candles[query["symbol"]].items()):
            opened = START + candle * self.length
            if int(query["startTime"]) <= opened <= self.clock:
                ended = opened + self.length - 1
                rows.append([opened, *[str(close)] * 4, "1", ended, "1", 1, "1", "1", "0"])
        rows = rows[: int(query["limit"])]
        rows = rows[-self.most :] if self.newest_first else rows[: self.most]
        return [row for row in rows[::-1] for _ in range(2)] if self.muddle else rows


class Answer(BaseHTTPRequestHandler):
    server: Binance

    def do_GET(self) -> None:
        server = self.server
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        name = query.get("symbol", "")
        server.requests.append((url.path, query, time.monotonic()))
        time.sleep(server.latency)
        if server.stuck[name] > 0:
            server.stuck[name] -= 1
            self.connection.recv(1)  # until the other end gives up
            self.close_connection = True
            return
        status, headers = server.errors.popleft() if server.errors else (200, {})
        if url.path.endswith("klines") and server.candle_errors:
            status, headers = server.candle_errors.popleft()
        if name in server.broken:
            status = 500
        content: Any = "sorry"
        if name in server.delisted:
            status, content = 400, {"code": -1121, "msg": "Invalid symbol."}
        elif status == 200:
            content = server.answer(url.path, query)
        body = json.dumps(content).encode()
        self.send_response(status)
        for header, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def standing_in(server: Binance, monkeypatch: pytest.MonkeyPatch) -> Iterator[Binance]:
    """Let it answer in place of Binance, to what runs in this process, which waits for nothing."""
    from ccxt.async_support import Exchange

    rate_limit(monkeypatch, 0.1)
    monkeypatch.setattr(Exchange, "timeout_on_exit", 0)
    monkeypatch.setattr(atc_cy.markets.source, "FIRST_DELAY", 0.01)
    monkeypatch.setenv("ATC_CY_EXCHANGE_URL", server.url)
    with serving(server):
        yield server


def rate_limit(monkeypatch: pytest.MonkeyPatch, milliseconds: float) -> None:
    """Let ccxt wait so long between two requests to Binance."""
    from ccxt.async_support import binance

    described = binance.describe
    monkeypatch.setattr(binance, "describe", lambda self: described(self) | {"rateLimit": milliseconds})


@contextmanager
def serving(server: Binance) -> Iterator[Binance]:
    """Let it answer, in threads of this process."""
    with server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield server
        finally:
            server.shutdown()
