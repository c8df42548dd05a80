"""Files of JSON lines that are appended to."""

from pathlib import Path

import pytest

from atc_cy.files import json_lines
from atc_cy.files.json_lines import append, read


def test_a_torn_line_is_skipped_and_ended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "x.jsonl"
    append(path, [{"a": 1}])
    with path.open("ab") as file:
        file.write(b'\n{"a": ')
    append(path, [{"a": 2}, {"a": 3}])
    append(path, [])
    assert path.read_bytes().splitlines() == [b'{"a": 1}', b"", b'{"a": ', b'{"a": 2}', b'{"a": 3}']
    assert [*read(path)] == [(1, {"a": 1}), (4, {"a": 2}), (5, {"a": 3})]
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: line 3 is incomplete: it is skipped"
    ]


def test_lines_are_appended_under_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(json_lines, "lock", lambda file: seen.append(Path(file.name).read_bytes()))
    append(tmp_path / "x.jsonl", [{}])
    append(tmp_path / "x.jsonl", [{}])
    assert seen == [b"", b"{}\n"]


def test_a_line_that_is_no_object(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n[1]\n')
    with pytest.raises(ValueError, match=r"x\.jsonl, line 2: give one JSON object per line"):
        [*read(tmp_path / "x.jsonl")]
