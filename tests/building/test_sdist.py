"""The source distribution has all that git has, and what is built of the same sources has the same bytes."""

import tarfile
from pathlib import Path

import pytest
from support.sdists import checkout, distribution, listed

pytestmark = pytest.mark.long

LEFT_OUT: set[str] = set()
"""What git has and the sdist has not: nothing so far."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same sources under a longer path."""
    return checkout(tmp_path_factory.mktemp("elsewhere") / "a longer path than before")


@pytest.fixture(scope="module")
def sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distribution("sdist", source, tmp_path_factory.mktemp("sdist"))


def test_it_has_all_that_git_has(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    generated = {name for name in names if name.startswith("atc_cy.egg-info/")} | {"PKG-INFO", "setup.cfg"}
    assert names - generated == listed() - LEFT_OUT


def test_what_is_ignored_stays_out(sdist: Path, elsewhere: Path, tmp_path: Path) -> None:
    litter = ["tests/__pycache__/a.pyc", "tests/.hypothesis/b", "build/c.py", "atc_cy/ext/d.so", ".venv/e.py"]
    for name in litter:
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).touch()
    assert distribution("sdist", elsewhere, tmp_path).read_bytes() == sdist.read_bytes()
    for name in litter:
        (elsewhere / name).unlink()


def test_the_same_sources_make_the_same_sdist(sdist: Path, elsewhere: Path, tmp_path: Path) -> None:
    """Where groups may write, too. (A wheel has the modes that its sources have.)"""
    files = [path for path in elsewhere.rglob("*") if path.is_file()]
    for path in files:
        path.chmod(path.stat().st_mode | 0o020)
    assert distribution("sdist", elsewhere, tmp_path).read_bytes() == sdist.read_bytes()
    for path in files:
        path.chmod(path.stat().st_mode & ~0o020)


def test_the_sdist_has_the_time_it_is_given(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
    assert {member.mtime for member in members} == {1_700_000_000}
    assert {(member.uid, member.gid, member.uname, member.gname) for member in members} == {(0, 0, "", "")}
    modes = {member.name.partition("/")[2]: member.mode for member in members}
    assert (modes["setup.py"], modes[".ci/run"]) == (0o644, 0o755)


@pytest.mark.release
def test_the_same_sources_make_the_same_wheel(source: Path, elsewhere: Path, tmp_path: Path) -> None:
    """With two of the extensions: the others are made in the same way."""
    wheels = []
    for folder in (source, elsewhere):
        setup = folder / "setup.py"
        text = setup.read_text("utf-8")
        fewer = text.replace('Path("build/kernels"))', 'Path("build/kernels"))[:2]')
        assert fewer != text
        setup.write_text(fewer, encoding="utf-8")
        wheels.append(distribution("wheel", folder, tmp_path / folder.name))
        setup.write_text(text, encoding="utf-8")
    assert wheels[0].name == wheels[1].name
    assert wheels[0].read_bytes() == wheels[1].read_bytes()
