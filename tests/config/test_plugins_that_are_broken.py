"""Plug-ins, whole ones and those that cannot be used: one warning each, and nothing else breaks."""

import logging
import re
from pathlib import Path

import pytest

from atc_cy import Preset, Structure
from atc_cy.config.installed import Installed, installed

TEXT = 'description = "x"\nmoving_averages = ["EMA"]\nrobustness = "Medium"\n[lengths]\nEMA = 9\n'


def plugin(
    site: Path,
    metadata: str | bytes | None,
    point: str = "mine = atc_cy_preset_mine",
    name: str = "a_preset-1.0",
) -> None:
    folder = site / f"{name}.dist-info"
    folder.mkdir()
    (folder / "entry_points.txt").write_text(f"[atc_cy.presets]\n{point}\n")
    if metadata is not None:
        (folder / "METADATA").write_bytes(metadata if isinstance(metadata, bytes) else metadata.encode())


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        "",
        "Metadata-Version: 2.1\nName: a_preset\n",
        "Metadata-Version: 2.1\nVersion: 1.0\n",
        f"Metadata-Version: 2.1\nName: a_preset\nVersion: {'9' * 5000}\n",
        b"\xff\xfe\x00",
        "Metadata-Version: 2.1\nName: a_preset\nVersion: not a number\n",
    ],
)
def test_without_its_metadata(
    metadata: "str | bytes | None",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    known = installed()
    plugin(tmp_path, metadata)
    monkeypatch.syspath_prepend(str(tmp_path))
    with caplog.at_level(logging.WARNING, "atc_cy"):
        assert installed.__wrapped__() == known
    assert "default" in known
    (record,) = caplog.records
    named = "the preset plug-in '?(a_preset|atc_cy_preset_mine)[' ]"  # by its distribution, or its package
    assert re.match(named, record.getMessage())
    assert len(record.getMessage()) < 300


@pytest.mark.parametrize("points", [b"[atc_cy.presets]\nmine = \xb2\n", b"[x]\nno value\n", b"[x]\n= x\n"])
def test_entry_points_that_cannot_be_read(
    points: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Those of any package: importlib reads all packages' at once, and fails with one of them."""
    known = installed()
    folder = tmp_path / "another-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: another\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_bytes(points)
    monkeypatch.syspath_prepend(str(tmp_path))
    with caplog.at_level(logging.WARNING, "atc_cy"):
        assert installed.__wrapped__() == known
    assert all(len(record.getMessage()) < 400 for record in caplog.records)
    if b"\xb2" in points:  # what else cannot be read depends on the version of Python
        (record,) = caplog.records
        assert re.search(r"^the entry points of a package in .* cannot be read", record.getMessage())


def package(site: Path, name: str = "atc_cy_preset_mine") -> Path:
    folder = site / name
    folder.mkdir()
    (folder / "__init__.py").write_text("raise SystemExit('a plug-in's code runs')")
    (folder / "mine.toml").write_text(TEXT)
    return folder


def metadata(version: str) -> str:
    return f"Metadata-Version: 2.1\nName: a_preset\nVersion: {version}\n"


def test_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = package(tmp_path)
    plugin(tmp_path, metadata("1.2"))
    monkeypatch.syspath_prepend(str(tmp_path))
    found = installed.__wrapped__()
    structure = Structure(("EMA",), (9,), "Medium")
    mine = Installed(Preset("mine", "x", structure), folder, "atc_cy_preset_mine", "a_preset 1.2")
    assert found == {**installed(), "mine": mine}


def test_of_two_with_one_name_the_newer_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for version in ("1.9", "1.10", "1.1"):
        package(tmp_path, f"mine_{version[2:]}")
        plugin(tmp_path, metadata(version), f"mine = mine_{version[2:]}", f"a_preset_{version}-{version}")
    monkeypatch.syspath_prepend(str(tmp_path))
    with caplog.at_level(logging.WARNING, "atc_cy"):
        assert installed.__wrapped__()["mine"].origin == "a_preset 1.10"
    for record, version in zip(caplog.records, ("1.9", "1.1"), strict=True):
        words = f"a_preset {version} cannot be used: a_preset 1.10 has a preset 'mine' already"
        assert words in record.getMessage()


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ("My-Preset = atc_cy_preset_mine", "'My-Preset' cannot name a preset"),
        ("mine = a_module", "there is no package 'a_module'"),
        ("mine = atc_cy_preset_mine.inner", r"there is no package 'atc_cy_preset_mine.inner'"),
        ("mine = missing", "there is no package 'missing'"),
        ("other = atc_cy_preset_mine", "other.toml"),
    ],
)
def test_entry_points_that_name_no_preset(
    point: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    package(tmp_path)
    (tmp_path / "a_module.py").write_text("")
    plugin(tmp_path, metadata("1.2"), point)
    monkeypatch.syspath_prepend(str(tmp_path))
    with caplog.at_level(logging.WARNING, "atc_cy"):
        assert installed.__wrapped__() == installed()
    (record,) = caplog.records
    assert "the preset plug-in a_preset 1.2 cannot be used: " in record.getMessage()
    assert words in record.getMessage()
