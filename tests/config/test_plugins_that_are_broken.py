"""Plug-ins of which a part is missing: one warning each, and nothing else breaks."""

import logging
from pathlib import Path

import pytest

from atc_cy.config.installed import installed


def plugin(site: Path, metadata: str | bytes | None) -> None:
    folder = site / "a_preset-1.0.dist-info"
    folder.mkdir()
    (folder / "entry_points.txt").write_text("[atc_cy.presets]\nmine = atc_cy_preset_mine\n")
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
    (record,) = caplog.records
    assert "preset" in record.getMessage()
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
