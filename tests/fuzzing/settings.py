"""Configs, presets and plug-ins: refused, left out with a warning, or what they say."""

import contextlib
import logging
import random
import sys
import warnings
from pathlib import Path

from support.kernels import LEVELS
from support.places import ROOT

from atc_cy import ATCConfig, Preset
from atc_cy.config.installed import installed
from atc_cy.config.preset_file import problems
from atc_cy.dispatch.loading import import_extension
from fuzzing.mutation import CELLS, changed_bytes

PRESETS = [path.read_text("utf-8") for path in sorted((ROOT / "presets").glob("*.toml"))]
CONFIGS = [
    ATCConfig(La=0.1, strategy_mode=True, cutout=7).to_toml(),
    ATCConfig(moving_averages=("KAMA", "EMA"), kama_len=300, ema_w=2.5).to_toml(),
]
VALUES = (
    *(
        "1",
        "-1",
        "0",
        "1e400",
        "nan",
        "-inf",
        "0.5",
        "9223372036854775808",
        "9" * 5000,
        "true",
        '"Wide"',
        '"x"',
        "''",
    ),
    *(
        "[]",
        '["EMA"]',
        '["EMA", "EMA"]',
        "[[1]]",
        "{}",
        "{ EMA = 1 }",
        "1979-05-27",
        "0x7f",
        "1_0",
        '"\\u0000"',
        "+5",
    ),
)
NAMES = (
    "La",
    "De",
    "cutout",
    "EMA",
    "ema_len",
    "ema_w",
    "robustness",
    "moving_averages",
    "lengths",
    "x",
    "é",
    '""',
)


def changed_toml(chance: random.Random, text: str) -> str:
    lines = text.splitlines()
    for _ in range(chance.choice((1, 1, 2, 4))):
        at, how = chance.randrange(len(lines)), chance.randrange(6)
        name, mark, value = lines[at].partition("=")
        if how == 0:
            lines[at] = f"{name}={chance.choice(VALUES)}"
        elif how == 1:
            lines[at] = f"{chance.choice(NAMES)} {mark}{value}"
        elif how == 2:
            lines.insert(at, chance.choice(lines))
        elif how == 3 and len(lines) > 1:
            del lines[at]
        elif how == 4:
            lines.insert(at, f"{chance.choice(NAMES)} = {chance.choice(VALUES)}")
        else:
            lines[at] = chance.choice((f"[{chance.choice(NAMES)}]", *CELLS))
    text = "\n".join(lines)
    return changed_bytes(chance, text.encode()).decode("utf-8", "replace") if chance.random() < 0.2 else text


class Configs:
    """TOML text as a config, and as a preset's file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "fuzzed.toml"

    def __call__(self, chance: random.Random) -> bool:
        text = changed_toml(chance, chance.choice(CONFIGS + PRESETS))
        try:
            with warnings.catch_warnings(action="ignore"):
                config = ATCConfig.from_toml(text)
        except (TypeError, ValueError):
            config = None
        else:
            assert ATCConfig.from_toml(config.to_toml()) == config
        self.path.write_text(text, "utf-8", newline="")
        found = problems(self.path)
        try:
            preset = Preset.read(self.path)
        except ValueError:
            assert found
        else:
            assert not found
            self.path.write_text(preset.to_toml(), "utf-8")
            assert Preset.read(self.path) == preset
        return config is not None


class Plugins:
    """Damaged packages of presets: they are left out, and all others are there. A kernel that was cut off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package, self.info = folder / "atc_cy_fuzzed", folder / "fuzzed-1.0.dist-info"
        self.package.mkdir()
        self.info.mkdir()
        (self.package / "__init__.py").touch()
        self.known = dict(installed())
        self.files = {
            self.info / "METADATA": "Metadata-Version: 2.1\nName: fuzzed\nVersion: 1.0\n",
            self.info / "entry_points.txt": "[atc_cy.presets]\nfuzzed = atc_cy_fuzzed\n",
            self.package / "fuzzed.toml": PRESETS[0].replace("28", "33"),
        }
        name = f"generic_{LEVELS[0]}"
        from atc_cy import ext

        (path,) = Path(ext.__path__[0]).glob(f"{name}.*[so,pyd]")
        self.kernel, self.cut = path.read_bytes(), self.package / path.name
        self.name = name

    def __call__(self, chance: random.Random) -> bool:
        for path, text in self.files.items():
            path.write_text(text, "utf-8")
        for path in chance.sample([*self.files], chance.choice((0, 1, 1, 2))):
            if chance.random() < 0.15:
                path.unlink()
            else:
                path.write_bytes(changed_bytes(chance, path.read_bytes()))
        logger = logging.getLogger("atc_cy")
        level, before = logger.level, [*sys.path]
        logger.setLevel(logging.CRITICAL)
        sys.path.insert(0, str(self.folder))
        try:
            with warnings.catch_warnings(action="ignore"):
                found = installed.__wrapped__()
        finally:
            sys.path[:] = before
            logger.setLevel(level)
        assert {name: found[name] for name in self.known} == self.known
        self.cut.write_bytes(self.kernel[: chance.randrange(len(self.kernel))])
        with contextlib.suppress(ImportError):
            import_extension(self.package, "atc_cy_fuzzed", self.name)
            raise AssertionError("a kernel that was cut off was imported")
        return len(found) > len(self.known)
