"""Folders of datasets whose plan or states are others than a run wrote: gone on with, or refused."""

import json
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from states import write as written

from atc_cy import dataset
from atc_cy.dataset.states import _CHECKSUM, _DONE, _checksum
from fuzzing.mutation import JSON_VALUES, changed_bytes, changed_json, changed_numbers

STATES = Path("_states") / "00000.parquet"


class Datasets:
    """What goes on from it has a row for each row of the source, and signals in range."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "source", folder / "target"
        self.source.mkdir()
        whole = folder / "whole"
        written.first_part().to_parquet(self.source / "0.parquet", index=False)
        dataset.scan(self.source, whole, written.DATASET)
        rest = written.table()[lambda rows: rows["date"] >= rows["date"][150]]
        rest.to_parquet(self.source / "1.parquet", index=False)
        self.files = {
            path.relative_to(whole): path.read_bytes() for path in whole.rglob("*") if path.is_file()
        }

    def __call__(self, chance: random.Random) -> bool:
        shutil.rmtree(self.target, ignore_errors=True)
        for name, data in self.files.items():
            if name.name == "_lock":
                continue
            path = self.target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if chance.random() < 0.4:
            plan = self.target / "_plan.json"
            if chance.random() < 0.8:
                plan.write_text(json.dumps(changed_json(chance, json.loads(plan.read_bytes()))))
            else:
                plan.write_bytes(changed_bytes(chance, plan.read_bytes()))
        else:
            self._change_states(chance, self.target / STATES)
        with suppress(OSError, ValueError):
            dataset.scan(self.source, self.target, written.DATASET, update=True)
            return True
        return False

    def _change_states(self, chance: random.Random, path: Path) -> None:
        if chance.random() < 0.4:
            path.write_bytes(changed_bytes(chance, path.read_bytes()))
            return
        table = pq.read_table(path)
        columns: dict[str, list[Any]] = table.to_pydict()
        name = chance.choice([*columns])
        at = chance.randrange(max(1, len(columns[name])))
        metadata = table.schema.metadata
        if chance.random() < 0.3:
            done = changed_json(chance, json.loads(metadata[b"done"]))
            metadata = {b"done": json.dumps(done).encode()}
        elif columns[name]:
            value = columns[name][at]
            other = chance.choice(JSON_VALUES)
            columns[name][at] = changed_numbers(chance, value) if isinstance(value, bytes) else other
            if chance.random() < 0.1:
                del columns[name]
        with suppress(pa.ArrowException, OverflowError, TypeError, ValueError):
            schema = (
                None if chance.random() < 0.3 else pa.schema([table.schema.field(each) for each in columns])
            )
            new = pa.table(columns, schema=schema)
            checksum = _checksum(metadata[_DONE], new)  # a right one, whatever is in the file
            pq.write_table(new.replace_schema_metadata({**metadata, _CHECKSUM: checksum}), path)
