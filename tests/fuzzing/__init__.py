"""Damaged input: what is made of a small corpus, and what has to hold of it. See tests/fuzz.py."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from fuzzing.datasets import Datasets
from fuzzing.prices import Feeds, Files
from fuzzing.settings import Configs, Plugins
from fuzzing.states import States

KINDS: dict[str, Callable[[Path], Callable[[Random], bool]]] = {
    "states": States,
    "datasets": Datasets,
    "feeds": Feeds,
    "files": Files,
    "configs": Configs,
    "plugins": Plugins,
}
"""By name; each is made with a folder of its own."""
