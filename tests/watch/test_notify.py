"""`atc-cy watch --notify`, through Apprise, against a server on this machine that takes JSON messages."""

import json
import sys
import threading
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import atc_cy.markets.source
from atc_cy import compute_atc_signals, events
from atc_cy.cli import main
from atc_cy.watch.notify import MESSAGE, checked_message

# Apprise imports it where there is one.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

START, MINUTE = 1_700_000_040, 60
CLOSES = (100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, 300)))).tolist()
RESULT = compute_atc_signals(CLOSES)
TURNS = np.flatnonzero(events(RESULT)).tolist()
EVENTS = [
    (START + MINUTE * bar, "long" if events(RESULT)[bar] > 0 else "short", CLOSES[bar]) for bar in TURNS
]
SECRET = "swordfish"


class Messages(ThreadingHTTPServer):
    """A service. statuses: of its next answers; then it takes what comes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.statuses: deque[int] = deque()
        self.taken: list[dict[str, Any]] = []
        self.url = f"json://user:{SECRET}@127.0.0.1:{self.server_port}/hook"


class Answer(BaseHTTPRequestHandler):
    server: Messages

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.statuses.popleft() if self.server.statuses else 200
        if status == 200:
            self.server.taken.append(message)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Messages]:
    monkeypatch.setattr(atc_cy.markets.source, "FIRST_DELAY", 0.01)
    with Messages() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "BTC.csv"
    path.write_text(
        "time,close\n" + "".join(f"{START + MINUTE * bar},{close!r}\n" for bar, close in enumerate(CLOSES))
    )
    return path


def watch(feed: Path, *arguments: object) -> int:
    return main(["watch", str(feed), "-o", str(feed.with_name("out")), *map(str, arguments)])


def test_a_message_for_each_event(service: Messages, feed: Path) -> None:
    assert len(EVENTS) > 10
    assert watch(feed, "--notify", service.url) == 0
    averages = RESULT["Average_Signal"][TURNS]
    assert [message["message"] for message in service.taken] == [
        f"BTC {turn} at {price:.10g}, Average Signal {average:+.2f}, {moment}"
        for (moment, turn, price), average in zip(EVENTS, averages, strict=True)
    ]
    assert service.taken[0]["title"] == f"BTC {EVENTS[0][1]}"


@pytest.mark.parametrize("way", ["option", "file", "variable"])
def test_where_urls_stand(
    way: str, service: Messages, feed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: list[object] = ["--notify", service.url, service.url]
    if way == "file":
        (tmp_path / "urls").write_text(f"# two of them\n{service.url}\n\n{service.url}\n")
        options = ["--notify-file", tmp_path / "urls"]
    elif way == "variable":
        monkeypatch.setenv("ATC_CY_NOTIFY", f"{service.url} {service.url}")
        options = []
    assert watch(feed, *options, "--message", "{time} {event} at {price:.2f}\n{id}") == 0
    texts = [message["message"].split("\n") for message in service.taken]
    assert sorted(text for text, _ in texts) == sorted(
        f"{moment} {turn} at {price:.2f}" for moment, turn, price in EVENTS * 2
    )
    assert len({identity for _, identity in texts}) == len(EVENTS)


def test_a_service_that_is_down(
    service: Messages, feed: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Messages are sent again, by the next run too, with the same id; no secret is written anywhere."""
    service.statuses.extend([500, 503] * 50)  # for as long as the first run tries
    state = tmp_path / "state"
    arguments = ["--notify", service.url, "--message", "{time} {id}", "--state", state]
    assert watch(feed, *arguments) == 0
    printed = capfd.readouterr()
    first = (
        f"atc-cy: --notify 1 (json) was not delivered (BTC, {EVENTS[0][0]}); trying again for 3600 seconds\n"
    )
    assert printed.err.startswith(first)
    assert "the next run sends them" in printed.err
    texts = (printed.err, printed.out, state.read_bytes().decode("latin-1"), (tmp_path / "out").read_text())
    assert not any(SECRET in text or "hook" in text for text in texts)
    service.statuses.clear()
    while len(service.taken) < len(EVENTS):
        assert watch(feed, *arguments) == 0
    times = [message["message"].split()[0] for message in service.taken]
    assert times == [str(moment) for moment, _, _ in EVENTS]


def test_what_is_given_up(
    service: Messages, feed: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    service.statuses.append(500)
    assert watch(feed, "--notify", service.url, "--alert-timeout", 0, "--state", tmp_path / "state") == 3
    assert len(service.taken) == len(EVENTS) - 1
    lines = capfd.readouterr().err.splitlines()
    assert (
        lines[0] == f"atc-cy: --notify 1 (json) was not delivered (BTC, {EVENTS[0][0]}); given up after 1 try"
    )
    assert lines[1].startswith(
        f"atc-cy: given up: {EVENTS[0][1]} of BTC at {EVENTS[0][0]}, --notify 1 (json), id "
    )


def test_a_command_does_not_get_the_urls(
    service: Messages, feed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATC_CY_NOTIFY", service.url)
    script = tmp_path / "command.py"
    script.write_text("import os, sys; sys.exit('ATC_CY_NOTIFY' in os.environ)")
    assert watch(feed, "--exec", f"{sys.executable} -S {script}", "--alert-timeout", 0) == 0
    assert len(service.taken) == len(EVENTS)


@pytest.mark.parametrize(
    "url", [f"nonsense://{SECRET}", f"json:/{SECRET}", f"{SECRET}.example", f"tgram://{SECRET}"]
)
def test_what_is_no_service(url: str, feed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The error has a number in the place of the URL, with --debug too."""
    assert watch(feed, "--notify", "json://127.0.0.1", url) == 1
    assert watch(feed, "--notify", "json://127.0.0.1", url, "--debug") == 1
    printed = capfd.readouterr()
    assert printed.err.startswith("atc-cy: --notify 2 (")
    assert "is not a URL that Apprise accepts: write it as Apprise's documentation shows" in printed.err
    assert SECRET not in printed.err + printed.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{symbl}", "there is no {symbl}; did you mean 'symbol'?"),
        ("{price.real}", "there is no {price.real}"),
        ("{0}", "there is no {0}"),
        ("{}", "there is no {}"),
        ("{price", "expected '}' before end of string"),
        ("{event:.2f}", "Unknown format code 'f'"),
    ],
)
def test_templates_that_are_none(text: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["watch", "feed.csv", "--notify", "json://127.0.0.1", "--message", text])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_the_message_by_default_is_a_template() -> None:
    assert checked_message(MESSAGE) == MESSAGE


def test_a_message_for_nobody(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        watch(feed, "--message", "{symbol}")
    assert "--message needs --notify or --notify-file" in capsys.readouterr().err


def test_a_file_without_urls(feed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "urls").write_text("# none\n")
    assert watch(feed, "--notify-file", tmp_path / "urls") == 1
    assert "urls: it has no URL: write one per line" in capsys.readouterr().err


def test_without_apprise(
    feed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert watch(feed, "--notify", f"json://{SECRET}") == 1
    assert capsys.readouterr().err == "atc-cy: --notify needs apprise: pip install 'atc_cy[notify]'\n"
