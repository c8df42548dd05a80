"""The papers of a repository: what they name is there, and they agree about the version."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.places import ROOT

from atc_cy._version import __version__

PAPERS = ["CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "RELEASING.md", ".github/PULL_REQUEST_TEMPLATE.md"]
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
PLACES = ["atc_cy/_version.py", "CITATION.cff", "packaging/conda/recipe.yaml", "CHANGELOG.md"]


@pytest.mark.parametrize("name", PAPERS)
def test_links_and_files_are_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    named = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    named += re.findall(r"`((?:\.ci|packaging|atc_cy|tests|docs)/[\w./]+\w)[` ]", text)
    for each in named:
        assert (ROOT / each).exists() or "NAME" in each, each


def test_templates_ask_for_what_is_needed() -> None:
    """GitHub leaves out a form that is not as it wants it, and says nothing."""
    forms = [path for path in TEMPLATES if path.name != "config.yml"]
    assert len(forms) == 3
    for path in forms:
        form = yaml.safe_load(path.read_text("utf-8"))
        assert {"name", "description", "body"} <= form.keys()
        ids = [field["id"] for field in form["body"]]
        assert len(ids) == len(set(ids))
        for field in form["body"]:
            assert field["type"] == "textarea"
            assert field["attributes"]["label"]
            assert field["validations"] == {"required": True}


def test_the_citation_is_as_the_format_has_it() -> None:
    """As far as it uses the format: version 1.2.0, which requires these."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == __version__
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'license = "{" AND ".join(citation["license"])}"' in project


def test_the_changelog_goes_by_version() -> None:
    """What is unreleased, then versions with their days, the newest first, as far as `_version`."""
    headings = re.findall(r"(?m)^## (.*)", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    released = headings[headings[0] == "Unreleased" :]
    versions = []
    for heading in released:
        match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+) \(\d{4}-\d\d-\d\d\)", heading)
        assert match, heading
        versions.append(tuple(map(int, match.groups())))
    assert versions == sorted(set(versions), reverse=True)
    ours = tuple(int(part) for part in re.findall(r"\d+", __version__))
    assert not versions or versions[0] <= ours
    assert headings[0] == "Unreleased" or versions[0] == ours


def at_version(folder: Path, version: str) -> Path:
    """What a commit that releases a version has in the places that name it."""
    for name in [*PLACES, "packaging/check_tag.py"]:
        text = (ROOT / name).read_text("utf-8").replace(__version__, version)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("## Unreleased", f"## {version} (2026-11-30)"), "utf-8")
    return folder


def check(folder: Path, tag: str) -> str:
    """What is wrong with a tag."""
    command = [sys.executable, folder / "packaging" / "check_tag.py", tag]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == bool(done.stderr)
    return done.stderr


def test_a_tag_is_compared_with_every_place(tmp_path: Path) -> None:
    folder = at_version(tmp_path, "7.8.9")
    assert check(folder, "v7.8.9") == ""
    for tag in ("v7.8.8", "7.8.9"):
        said = check(folder, tag)
        assert said.startswith(f"the tag is {tag}, but ")
        assert all(f"{name} has 7.8.9" in said for name in PLACES)
    (folder / "CITATION.cff").write_text("version: 7.8.8\n", "utf-8")
    assert check(folder, "v7.8.9").startswith("the tag is v7.8.9, but CITATION.cff has 7.8.8: ")


def test_the_release_checks_its_tag() -> None:
    release = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    steps = release["jobs"]["sdist"]["steps"]
    assert {
        "if": "github.event_name == 'push'",
        "run": 'python packaging/check_tag.py "$GITHUB_REF_NAME"',
    } in steps
    assert "sdist" in release["jobs"]["publish"]["needs"]
