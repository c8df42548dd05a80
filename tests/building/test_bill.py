"""The bill of materials of a release: valid, complete, and the same each time."""

import json
import subprocess
import sys
import tomllib
import venv
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from support.places import ROOT

from atc_cy._version import __version__

pytest.importorskip("cyclonedx_py", reason="needs cyclonedx-bom")

pytestmark = pytest.mark.release

VENDORED = {
    each["file"]: each
    for each in tomllib.loads((ROOT / "packaging" / "vendored.toml").read_text("utf-8"))["component"]
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment that has the wheel and what it needs, as far as a bill goes: their metadata."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    site = Path(done.stdout.strip())
    for name in ("numpy", "pandas"):
        add(site, name, metadata.version(name), metadata.distribution(name).read_text("METADATA") or "")
    needed = "Requires-Dist: numpy\nRequires-Dist: pandas\n"
    add(site, "atc_cy", __version__, f"Metadata-Version: 2.4\nName: atc_cy\nVersion: {__version__}\n{needed}")
    return python


def add(site: Path, name: str, version: str, text: str) -> None:
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(text, encoding="utf-8")


def write_bill(
    python: Path, file: Path, sbom: Path = ROOT / "packaging" / "sbom.py"
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, sbom, python, file], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def file(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bill") / "atc_cy.cdx.json"
    done = write_bill(python, path)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def bill(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text("utf-8")))


def test_it_is_as_cyclonedx_has_it(file: Path) -> None:
    """By the schema that cyclonedx-python-lib brings: it needs no network."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = file.read_text("utf-8")
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"SHA-256"', '"SHA-9"')) is not None


def test_what_it_names_is_there(bill: dict[str, Any]) -> None:
    about = bill["metadata"]["component"]
    assert (about["name"], about["version"]) == ("atc_cy", __version__)
    refs = [each["bom-ref"] for each in bill["components"]]
    assert len(refs) == len(set(refs))
    others = [each["name"] for each in bill["components"] if not each["bom-ref"].startswith("vendored:")]
    assert others == ["numpy", "pandas"]
    known = {*refs, about["bom-ref"]}
    for each in bill["dependencies"]:
        assert {each["ref"], *each.get("dependsOn", [])} <= known


def test_it_has_what_the_repository_carries_of_others(bill: dict[str, Any]) -> None:
    components = {
        each["properties"][0]["value"]: each
        for each in bill["components"]
        if each["bom-ref"].startswith("vendored:")
    }
    assert components.keys() == VENDORED.keys()
    for name, entry in VENDORED.items():
        assert components[name]["version"] == entry["version"]
        assert components[name]["hashes"] == [{"alg": "SHA-256", "content": entry["sha256"]}]
        (licence,) = components[name]["licenses"][0]["license"].values()
        assert licence == entry["licence"]
    (root,) = (
        each for each in bill["dependencies"] if each["ref"] == bill["metadata"]["component"]["bom-ref"]
    )
    assert {each["bom-ref"] for each in components.values()} <= set(root["dependsOn"])


def test_the_same_environment_makes_the_same_bytes(python: Path, file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    assert write_bill(python, again).returncode == 0
    assert again.read_bytes() == file.read_bytes()


def test_another_file_than_the_one_that_is_named_is_refused(python: Path, tmp_path: Path) -> None:
    needed = ["packaging/sbom.py", "packaging/vendored.toml", "pyproject.toml", "atc_cy/_version.py"]
    for name in [*VENDORED, *needed]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    changed = next(iter(VENDORED))
    (tmp_path / changed).write_text("something else", encoding="utf-8")
    done = write_bill(python, tmp_path / "bill.json", tmp_path / "packaging" / "sbom.py")
    assert done.returncode != 0
    assert f"{changed} is not the file of vendored.toml: its SHA-256 is " in done.stderr
    assert not (tmp_path / "bill.json").exists()


def test_every_file_that_others_made_is_named() -> None:
    """Their files say so at their head, or are data; and the notice has the same version."""
    carried = {
        path.relative_to(ROOT).as_posix()
        for folder in ("atc_cy", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".js", ".css", ".xz", ".woff2"}
        and (path.suffix in {".xz", ".woff2"} or "Copyright (c)" in path.read_text("utf-8")[:2000])
    }
    assert carried == VENDORED.keys()
    notice = (ROOT / "NOTICE").read_text("utf-8")
    charts = next(each for each in VENDORED.values() if each["name"] == "lightweight-charts")
    assert f"Lightweight Charts {charts['version']}, under the Apache License 2.0" in notice
    for name, entry in VENDORED.items():
        if name.endswith(".js"):
            assert entry["version"] in (ROOT / name).read_text("utf-8")[:300]
