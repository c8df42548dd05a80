"""Saved states and records whose checksums are right, whatever they hold: refused, or bars can be taken."""

import json
import math
import pickle
import random
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from support.places import ROOT

from atc_cy import ATCConfig, PanelStream, PriceError, StateError, Stream
from atc_cy.dispatch import best_kernel
from atc_cy.live import saved
from atc_cy.watch.state import Followed, Origin, StateContent, pack_state, unpack_state
from fuzzing.mutation import changed_bytes, changed_json, changed_numbers

PRICES = 100 + np.arange(130) % 37 / 4
CONFIGS = (
    ATCConfig(moving_averages=("EMA",), ema_len=9, cutout=20),
    ATCConfig(moving_averages=("HMA", "KAMA"), hull_len=9, kama_len=9, La=0.5),
    ATCConfig(
        moving_averages=("DEMA", "LSMA", "KAMA"), dema_len=8, lsma_len=11, kama_len=7, strategy_mode=True
    ),
    ATCConfig(moving_averages=("WMA",), wma_len=70),
    ATCConfig(moving_averages=("EMA", "DEMA"), ema_len=8, dema_len=8, cutout=2**63 - 1),
)
ORIGIN = Origin(CONFIGS[0], "Average", None, None)


def sealed(frame: bytes, body: bytes) -> bytes:
    return frame + body + struct.pack("<I", zlib.crc32(frame + body))


def in_range(values: Any, signals: int) -> None:
    """Signals and the average are numbers from -1 to 1, or NaN."""
    for value in [*values[:signals], values[2 * signals]]:
        assert math.isnan(value) or -1.0 <= value <= 1.0, values


class States:
    """Streams, panels and watches, as files and as pickles, and the records of kernels in them."""

    def __init__(self, folder: Path) -> None:
        del folder
        self.streams, self.panels, self.records = [], [], []
        for number, config in enumerate(CONFIGS):
            for bars in (0, 3, 25, 130):
                stream = Stream(config, depth=1 + number)
                for price in PRICES[:bars].tolist():
                    stream.update(price)
                self.streams.append(stream.to_bytes())
                panel = PanelStream(["A", 2, "C"], config)
                for price in PRICES[: bars // 2]:
                    panel.update([price, math.nan, price])
                self.panels.append(panel.to_bytes())
                symbol = best_kernel(config.structure).Symbol(*config.kernel_arguments)
                symbol.advance(PRICES[:bars], PRICES[:bars], None)
                self.records.append((config, symbol.record()))
        kept = ROOT / "tests" / "states"
        self.streams += [(kept / f"stream-v{version}").read_bytes() for version in (1, 2)]
        self.panels += [(kept / f"panel-v{version}").read_bytes() for version in (1, 2)]
        stream = Stream.from_bytes(self.streams[3])
        followed = {name: Followed(stream, "2024-01-01", 1704067200 * 10**9) for name in ("A", "B")}
        content = StateContent(((), ()), [], {}, None, {"path": "x", "length": 5}, followed)
        self.watch = pack_state(ORIGIN, content, {name: [self.streams[3]] for name in followed})

    def __call__(self, chance: random.Random) -> bool:
        kind = chance.random()
        if kind < 0.45:
            return self._stream(chance)
        if kind < 0.65:
            return self._panel(chance)
        if kind < 0.85:
            return self._record(chance)
        return self._watch(chance)

    def _forged(self, chance: random.Random, data: bytes) -> bytes:
        length, size = struct.unpack_from("<IQ", data, 12)
        text, payload = data[24 : 24 + length], data[24 + length : 24 + length + size]
        how = chance.random()
        if how < 0.25:
            text = json.dumps(changed_json(chance, json.loads(text))).encode()
        elif how < 0.3:
            text = changed_bytes(chance, text)
        elif how < 0.4:
            payload = changed_bytes(chance, payload)
        else:
            payload = changed_numbers(chance, payload)
        frame = struct.pack("<HHIQ", *struct.unpack_from("<HH", data, 8), len(text), len(payload))
        if chance.random() < 0.02:
            frame = changed_bytes(chance, frame)
        return sealed(data[:8] + frame, text + payload)

    def _stream(self, chance: random.Random) -> bool:
        data = self._forged(chance, chance.choice(self.streams))
        try:
            if chance.random() < 0.02:
                stream = pickle.loads(pickle.dumps(_Packed(Stream, data)))
            else:
                stream = Stream.from_bytes(data)
        except StateError:
            return False
        signals = len(stream.config.moving_averages)
        assert repr(Stream.from_bytes(stream.to_bytes()).result) == repr(stream.result)
        for price in (1.0, 100.0, 1e9):
            with suppress(PriceError):
                stream.peek(price)
                stream.update(price)
                in_range([*stream.result.values()], signals)
        with suppress(PriceError, IndexError):
            stream.revise(50.0)
            stream.rewind(stream.depth)
        with suppress(PriceError):
            out = stream.extend(PRICES[:70])
            in_range(out[:, -1].tolist(), signals)
        repr(stream)
        return True

    def _panel(self, chance: random.Random) -> bool:
        try:
            panel = PanelStream.from_bytes(self._forged(chance, chance.choice(self.panels)))
        except StateError:
            return False
        count, signals = len(panel.symbols), len(panel.config.moving_averages)
        again = PanelStream.from_bytes(panel.to_bytes())
        assert repr(again.result) == repr(panel.result)
        for prices in (np.full(count, 100.0), np.full(count, 1e9)):
            with suppress(PriceError):
                panel.peek(prices)
                panel.update(prices)
                for values in zip(*panel.result.values(), strict=True):
                    in_range(values, signals)
        with suppress(PriceError, IndexError):
            panel.revise(np.full(count, 99.0))
        return True

    def _record(self, chance: random.Random) -> bool:
        """Whatever a record has, a symbol alone and one beside others compute the same of it."""
        config, record = chance.choice(self.records)
        record = (changed_bytes if chance.random() < 0.05 else changed_numbers)(chance, record)
        kernel = best_kernel(config.structure)
        symbol, panel = kernel.Symbol(*config.kernel_arguments, 1), kernel.Panel(*config.kernel_arguments)
        panel.add(2)
        try:
            symbol.restore(record)
        except ValueError:
            return False
        panel.restore(1, record)
        close, out = np.array([math.nan, 101.0]), np.empty((2 * len(config.moving_averages) + 3, 2))
        for _ in range(3):
            refused = panel.update(close, close, out)
            assert (symbol.update(101.0) is None) == (refused == 1)
            if refused == -1:
                assert repr(out[:-2, 1].tolist()) == repr(list(symbol.values))
        if symbol.rewindable:
            symbol.rewind(1)
        with suppress(PriceError):
            symbol.advance(PRICES[:70], PRICES[:70], None)
        assert len(symbol.record()) == len(panel.record(1))
        return True

    def _watch(self, chance: random.Random) -> bool:
        length = struct.unpack_from("<I", self.watch, 12)[0]
        text, streams = self.watch[16 : 16 + length], self.watch[16 + length : -4]
        how = chance.random()
        if how < 0.7:
            text = json.dumps(changed_json(chance, json.loads(text))).encode()
        elif how < 0.85:
            text = changed_bytes(chance, text)
        else:
            streams = changed_bytes(chance, streams)
        frame = b"ATCWATCH" + struct.pack(
            "<II", 1, len(text) if chance.random() < 0.95 else chance.randrange(2**32)
        )
        try:
            _, content = unpack_state(Path("x"), sealed(frame, text + streams), ORIGIN)
        except StateError:
            return False
        for name, followed in content.symbols.items():
            assert isinstance(name, str)
            assert isinstance(followed.instant, int)
            assert isinstance(followed.time, str | int | float)
            followed.stream.update(100.0)
        assert content.output is None or isinstance(content.output["path"], str | None)
        return True


class _Packed:
    """A pickle of a stream that has these bytes."""

    def __init__(self, kind: type[saved.Saveable], data: bytes) -> None:
        self.kind, self.data = kind, data

    def __reduce__(self) -> tuple[Any, ...]:
        return self.kind.from_bytes, (self.data,)
