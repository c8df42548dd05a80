"""What a run has left, changed by somebody else: the next run refuses it, and names the file."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from states import write as written

from atc_cy import dataset


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    written.first_part().to_parquet(folder / "1.parquet", index=False)
    dataset.scan(folder, tmp_path / "target", written.DATASET)
    return folder


@pytest.mark.parametrize(
    "changes",
    [
        *(
            {name: ...}
            for name in ("config", "source", "columns", "outputs", "fingerprint", "cuts", "types", "run")
        ),
        *({"cuts": value} for value in (None, "AB", [1], ["B", "A"], ["A", "A"])),
        *({"types": value} for value in (None, 1, "xy", [])),
        *({"config": value} for value in (None, [], 1)),
        *({name: "2"} for name in ("law", "states", "naming", "clock", "form")),
    ],
    ids=repr,
)
def test_a_plan_that_no_run_writes(changes: dict[str, Any], source: Path, tmp_path: Path) -> None:
    path = tmp_path / "target" / "_plan.json"
    plan = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({name: value for name, value in plan.items() if value is not ...}))
    with pytest.raises(ValueError, match=r"_plan\.json.*: put a backup back, or name another folder$"):
        dataset.scan(source, tmp_path / "target", written.DATASET, update=True)


@pytest.mark.parametrize("text", ["", "1", "[]", "null", "[" * 100_000, '{"config"'])
def test_a_plan_that_is_none(text: str, source: Path, tmp_path: Path) -> None:
    (tmp_path / "target" / "_plan.json").write_text(text)
    with pytest.raises(ValueError, match=r"_plan\.json.*: put a backup back, or name another folder$"):
        dataset.scan(source, tmp_path / "target", written.DATASET, update=True)


@pytest.mark.parametrize(
    "done",
    [
        *(None, 1, "x", {}, [0, 0, 0, 0], [0.5], [-1], [0, 0, 0, 1.0], [0] * 9),
        *(
            [0, 0, 0, False, files]
            for files in (1, [], {"a": 1}, {"a": [1]}, {"a": ["1", 2]}, {"a": [-2, 2]})
        ),
        *([0, 0, 0, False, {}, partial] for partial in (1, [1, 2, 3, 4], ["a", 1, 2], ["a", 1, 2, -1])),
        *(
            [0, 0, 0, False, {}, None, failures]
            for failures in (1, [1], [["A", 1, 2, "x"]], [["A", "f", "2", "x"]])
        ),
    ],
    ids=repr,
)
def test_progress_that_no_run_writes(done: Any, source: Path, tmp_path: Path) -> None:
    path = tmp_path / "target" / "_states" / "00000.parquet"
    pq.write_table(pq.read_table(path).replace_schema_metadata({"done": json.dumps(done)}), path)
    with pytest.raises(ValueError, match=r"00000\.parquet is damaged"):
        dataset.scan(source, tmp_path / "target", written.DATASET, update=True)


def test_states_that_no_run_writes(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "target" / "_states" / "00000.parquet"
    whole = pq.read_table(path)
    written.table().to_parquet(source / "2.parquet", index=False)
    nulls = whole.set_column(2, "time", pa.nulls(len(whole), pa.int64()))
    for table in (whole.drop_columns(["time"]), whole.rename_columns([*whole.column_names[:-1], "x"]), nulls):
        pq.write_table(table.replace_schema_metadata(whole.schema.metadata), path)
        with pytest.raises(ValueError, match=r"00000\.parquet is damaged"):
            dataset.scan(source, tmp_path / "target", written.DATASET, update=True)
