"""What releases are made with: the workflows, the recipe for conda, the container image.

`.ci/workflows` knows more of the first, and fetches tools for it.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from support.places import ROOT

from atc_cy._version import __version__

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_commits(workflow: Path) -> None:
    """A tag can be moved to other code; the comment says which version the commit is."""
    used = [line.strip() for line in workflow.read_text("utf-8").splitlines() if "uses:" in line]
    assert used
    for line in used:
        assert re.fullmatch(r"- uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_scripts_of_the_workflows_are_there(workflow: Path) -> None:
    scripts = re.findall(r"(?m)^\.ci/\w+", "\n".join(step.get("run", "") for step in steps(workflow)))
    assert scripts
    for script in scripts:
        assert os.access(ROOT / script, os.X_OK), script


def test_only_a_tag_publishes() -> None:
    release = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    assert release["permissions"] == {"contents": "read"}
    for name, job in release["jobs"].items():
        writes = "write" in job.get("permissions", {}).values()
        assert writes == name.startswith("publish"), name
        assert ("if" in job) == writes, name
    assert release["jobs"]["publish"]["needs"] == ["wheels", "sdist", "sbom", "image"]


def pinned(name: str) -> dict[str, str]:
    """The versions of a list of `packaging/pin`; each has a hash."""
    text = (ROOT / "packaging" / f"{name}.txt").read_text("utf-8")
    versions = {}
    for entry in re.split(r"\n(?=\S)", re.sub(r"(?m)^ *#.*\n", "", text).rstrip()):
        first, *hashes = entry.split(" \\\n")
        assert hashes, first
        for each in hashes:
            assert re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}", each), entry
        package, version = re.match(r"([\w.-]+)==(\S+)", first).groups()  # type: ignore[union-attr]
        versions[package] = version
    return versions


@pytest.mark.parametrize("name", ["build", "tools"])
def test_tools_are_pinned_with_hashes(name: str) -> None:
    """All that `packaging/pin` was asked for, and all that these need."""
    versions = pinned(name)
    wanted = (ROOT / "packaging" / f"{name}.in").read_text("utf-8").splitlines()
    for line in (Requirement(line) for line in wanted if not line.startswith("#")):
        assert versions[line.name] in line.specifier


def test_what_is_pinned_builds_the_package() -> None:
    versions = pinned("build")
    for each in map(Requirement, PROJECT["build-system"]["requires"]):
        assert versions[each.name] in each.specifier


def test_a_release_installs_nothing_without_a_hash() -> None:
    """What cibuildwheel runs, too. `.ci/sdist` then tries what users would do, and keeps nothing of it."""
    release = ROOT / ".github" / "workflows" / "release.yml"
    scripts = [step.get("run", "") for step in steps(release)]
    scripts += [(ROOT / ".ci" / name).read_text("utf-8") for name in ("audit", "sbom")]
    settings = PROJECT["tool"]["cibuildwheel"]
    assert settings["build-frontend"] == {"name": "build", "args": ["--no-isolation"]}
    scripts.append(settings["before-build"])
    lines = [line for text in scripts for line in text.splitlines() if not line.startswith("#")]
    installs = [line for line in lines if " pip install" in line and 'uv" pip' not in line]
    assert len(installs) == 4
    for line in installs:
        assert re.search(r"--require-hashes -r (\{project\}/)?packaging/(build|tools)\.txt", line), line


def test_what_a_release_is_made_with_is_audited() -> None:
    assert ".ci/audit" in [step.get("run") for step in steps(ROOT / ".github" / "workflows" / "release.yml")]
    audit = (ROOT / ".ci" / "audit").read_text("utf-8")
    extras = re.findall(r"'--extra %s ' (.*)\)", audit)[0].split()
    apart = {
        "peers",
        "speed",
        "glue",
        "machines",
        "docs",
        "test",
        "suite",
        "style",
    }  # what only this repository uses
    assert {*extras} == PROJECT["project"]["optional-dependencies"].keys() - apart


def test_the_recipe_needs_what_the_package_needs() -> None:
    recipe = yaml.safe_load((ROOT / "packaging" / "conda" / "recipe.yaml").read_text("utf-8"))
    assert recipe["context"]["version"] == __version__
    assert (ROOT / "packaging" / "conda" / recipe["source"]["path"]).resolve() == ROOT

    def plain(requirements: list[str]) -> set[str]:
        return {requirement.replace(" ", "") for requirement in requirements}

    extra = PROJECT["project"]["optional-dependencies"]["cli"]
    needed = plain(PROJECT["project"]["dependencies"] + extra)
    assert plain(recipe["requirements"]["run"]) == needed | {"python"}
    assert plain(PROJECT["build-system"]["requires"]) <= plain(recipe["requirements"]["host"])
    (script,) = recipe["build"]["python"]["entry_points"]
    name, target = script.split(" = ")
    assert PROJECT["project"]["scripts"] == {name: target}
    for file in recipe["about"]["license_file"]:
        assert (ROOT / file).is_file()
    assert recipe["about"]["summary"] == PROJECT["project"]["description"]


def test_the_image_runs_as_a_plain_user() -> None:
    """And its last stage compiles nothing."""
    text = (ROOT / "packaging" / "Dockerfile").read_text("utf-8")
    last = text[text.rindex("\nFROM ") :]
    assert re.findall(r"(?m)^USER (\w+)", last) == ["atc"]
    assert "gcc" not in last


def test_what_wheels_are_built() -> None:
    """One of the stable ABI, and one for each free-threaded CPython; what tests them is there."""
    settings = PROJECT["tool"]["cibuildwheel"]
    lowest = PROJECT["project"]["requires-python"].removeprefix(">=").replace(".", "")
    assert settings["build"] == [f"cp{lowest}-*", "cp313t-*", "cp314t-*"]
    commands = [settings["test-command"]]
    for override in settings["overrides"]:
        commands += override.get("test-command", [])
    paths = re.findall(r"\{project\}/(\S+)", " ".join(commands))
    assert len(paths) > 3
    for path in paths:
        assert (ROOT / path).exists(), path
