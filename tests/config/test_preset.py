"""Preset files: all problems at once, names that can be one, text that reads back."""

import random
from pathlib import Path

import pytest
from support.kernels import PRESETS

from atc_cy import Preset, Structure
from atc_cy.config.preset_file import check_name, name_for, problems

GOOD = 'description = "x"\nmoving_averages = ["EMA"]\nrobustness = "Medium"\n[lengths]\nEMA = 28\n'


def written(tmp_path: Path, text: str | bytes, name: str = "mine") -> Path:
    path = tmp_path / f"{name}.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_all_problems_at_once(tmp_path: Path) -> None:
    text = """descripton = "x"
description = 3
moving_averages = ["EMA", "HMQ"]

robustness = "Wild"
[lengths]
EMA = 28.0
FOO = 3
"""
    path = written(tmp_path, text)
    found = {problem.line: problem.text for problem in problems(path)}
    assert list(found) == [1, 2, 3, 5, 7, 8]
    for line, words in {
        1: "did you mean 'description'",
        3: "'HMQ'",
        5: "did you mean 'Wide'",
        8: "'FOO'",
    }.items():
        assert words in found[line]
    with pytest.raises(ValueError, match=r"line 1: .*line 2: .*line 3: .*line 5: .*line 7: .*line 8: "):
        Preset.read(path)


def test_problems_in_the_order_of_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path, 'other = 1\nrobustness = "Wild"\ndescription = ""\n')
    found = problems(path)
    assert [problem.line for problem in found] == [None, 1, 2, 3]
    assert str(found[0]) == "moving_averages is missing"
    assert str(found[1]).startswith("line 1: there is no setting 'other'")


def test_a_file_may_have_64_kib(tmp_path: Path) -> None:
    full = (GOOD + "# ").ljust(65_536, "x")
    assert not problems(written(tmp_path, full))
    (problem,) = problems(written(tmp_path, full + "x"))
    assert str(problem) == "the file is not a preset: it has more than 65536 bytes"


def test_a_description_may_have_200_characters(tmp_path: Path) -> None:
    assert not problems(written(tmp_path, GOOD.replace('"x"', '"' + "x" * 200 + '"')))


@pytest.mark.parametrize("name", ["con", "aux", "com1", "lpt9"])
def test_names_of_devices(name: str) -> None:
    with pytest.raises(ValueError, match=f"^'{name}' cannot name a preset: Windows "):
        check_name(name)
    check_name(f"{name}_")


def test_a_long_name_is_cut_in_the_error() -> None:
    with pytest.raises(ValueError, match=f"^'{'A' * 80}' cannot name"):
        check_name("A" * 80)
    with pytest.raises(ValueError, match=rf"^'{'A' * 77}\.\.\.' cannot name"):
        check_name("A" * 81)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('description = "x"\n', "", None, "description is missing"),
        ('moving_averages = ["EMA"]\n', "", None, "moving_averages is missing"),
        ('robustness = "Medium"\n', "", None, "robustness is missing"),
        ("[lengths]\nEMA = 28\n", "", None, r"[lengths] has no EMA"),
        ('"x"', '""', 1, "must be text"),
        ('"x"', '"' + "x" * 201 + '"', 1, "at most 200"),
        ('"x"', '"a\\nName: other"', 1, "one line"),
        ('"x"', "'a\"b'", 1, "without double quotes"),
        ('["EMA"]', '[["EMA"]]', 2, "unknown type"),
        ('["EMA"]', '["EMA", "EMA"]', 2, "each once"),
        ('["EMA"]', '"EMA"', 2, "must be a sequence"),
        ('["EMA"]', '["EMA", "HMA"]', 4, "[lengths] has no HMA"),
        ("EMA = 28", "EMA = 28\nHMA = 28", 6, "[lengths] has 'HMA'"),
        ("EMA = 28", "EMA = 6", 5, "smallest base length is 7"),
        ("EMA = 28", "EMA = 12000", 5, "largest base length is 11994"),
        ("EMA = 28", "EMA = true", 5, "must be an integer"),
        ("[lengths]", "La = 0.02\n[lengths]", 4, "no setting 'La'"),
        ("[lengths]\nEMA = 28", "lengths = 28", 4, "lengths must be a table"),
        ("[lengths]", "[lengths", 4, "not valid TOML"),
        ("EMA = 28", "EMA = 28\nEMA = 28", 6, "not valid TOML"),
    ],
)
def test_one_problem(old: str, new: str, line: int | None, words: str, tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, GOOD.replace(old, new)))
    assert problem.line == line
    assert words in problem.text


def test_hostile_files(tmp_path: Path) -> None:
    for text in (b"\xff\xfe", b"x = " + b"[" * 10_000, b"# " + b"x" * 70_000, b"\0", b""):
        assert problems(written(tmp_path, text))
    chance = random.Random(0)
    for _ in range(500):
        damaged = bytearray(GOOD.encode())
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path = written(tmp_path, bytes(damaged))
        if not problems(path):
            read = Preset.read(path)
            assert read.structure.lane_lengths()
            assert Preset.read(written(tmp_path, read.to_toml(), "again"))[1:] == read[1:]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Bad-Name",
        "generic",
        "cpu",
        "class",
        "../x",
        "a/b",
        "a.b",
        "1a",
        "_a",
        "ä",
        "a" * 300,
        "a\n",
        "a b",
    ],
)
def test_names_that_can_be_none(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a preset") as raised:
        check_name(name)
    assert len(str(raised.value)) < 400


def test_a_file_is_named_after_its_preset(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, GOOD, "lambda"))
    assert "'lambda' cannot name a preset" in problem.text


def test_text_reads_back(tmp_path: Path) -> None:
    longest = Structure(("EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA"), (11_990,) * 6, "Medium")
    for structure in (longest, *(preset.structure for preset in PRESETS.values())):
        preset = Preset(name_for(structure), "What it is", structure)
        check_name(preset.name)
        path = written(tmp_path, preset.to_toml("two\nlines"), preset.name)
        assert path.read_text().startswith("# two\n# lines\n")
        assert Preset.read(path) == preset
