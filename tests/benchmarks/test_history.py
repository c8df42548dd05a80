"""The speed from commit to commit: what asv measured is kept, and its page needs no network."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import offline
import pytest
import yaml
from support.browsers import chromium, needs_browser
from support.places import ROOT

from atc_cy.building.extension import WIDTHS

FOLDER = ROOT / "asv_benchmarks"
RESULTS = [path for path in FOLDER.glob("results/*/*.json") if path.name != "machine.json"]
CONFIG = json.loads(
    re.sub(r"^ *//.*$", "", (FOLDER / "asv.conf.json").read_text("utf-8"), flags=re.MULTILINE)
)


def result_of(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))  # type: ignore[no-any-return]


def test_results_of_ten_commits_are_kept() -> None:
    commits = {result_of(path)["commit_hash"] for path in RESULTS}
    assert len(commits) >= 10
    assert all(re.fullmatch("[0-9a-f]{40}", commit) for commit in commits)


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.name[:8])
def test_a_result(path: Path) -> None:
    """It has one format and one environment, and a time for each kernel and number of bars."""
    result = result_of(path)
    assert result["version"] == 2
    assert result["params"]["machine"] == path.parent.name
    assert result["env_vars"] == environment()
    times = result["results"]["suites.Symbol.time_advance"][result["result_columns"].index("result")]
    assert len(times) == 4
    assert all(0 < time < 1 for time in times)


def environment() -> dict[str, str]:
    return {name: value for name, (value,) in CONFIG["matrix"]["env"].items()}


def test_one_level_is_built_and_measured() -> None:
    assert len(set(environment().values())) == 1
    assert set(environment().values()) <= set(WIDTHS)


def test_a_pull_request_has_the_threshold_of_the_documentation() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]
    commands = "\n".join(step.get("run", "") for step in jobs["speed"]["steps"])
    (factor,) = re.findall(r"asv continuous .*--factor ([\d.]+)", commands)
    assert f"asv continuous --factor {factor} " in (FOLDER / "README.md").read_text("utf-8")
    assert jobs["speed"]["if"] == "github.event_name == 'pull_request'"


def test_libraries_are_pinned() -> None:
    """To versions, checksums and licences."""
    wanted = json.loads((FOLDER / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name.split("/")[0] for name in offline.LIBRARIES.values()} == set(wanted)
    for name, version in wanted.items():
        package = locked[f"node_modules/{name}"]
        assert package["version"] == version
        assert package["integrity"].startswith("sha512-")


@pytest.mark.skipif(
    importlib.util.find_spec("asv") is None, reason="asv is not installed: pip install '.[speed]'"
)
def test_all_that_the_page_of_asv_loads_is_known() -> None:
    spec = importlib.util.find_spec("asv")
    assert spec is not None
    assert spec.origin is not None
    page = Path(spec.origin).with_name("www") / "index.html"
    assert set(re.findall(r'(?:src|href)="(https://[^"]+\.(?:js|css))"', page.read_text("utf-8"))) == set(
        offline.LIBRARIES
    )


def published(folder: Path) -> Path:
    """What asv might publish: a page that asks for its figures."""
    (folder / "graphs" / "a b").mkdir(parents=True)
    (folder / "graphs" / "a b" / "one.json").write_text('[[1, "</script>"]]')
    (folder / "asv.js").write_text("$.ajax({url: 'graphs/a%20b/one.json?timestamp=1'}).done(show)")
    (folder / "asv.css").write_text("body { color: red }")
    (folder / "swallow.png").write_bytes(b"picture")
    library = next(iter(offline.LIBRARIES))
    (folder / "index.html").write_text(
        f'<html><head><script src="{library}" integrity="x"></script>\n'
        '<script type="text/javascript"\n src="asv.js">\n</script>'
        '<link href="asv.css" rel="stylesheet" type="text/css"/></head>'
        '<body><img src="swallow.png"></body></html>'
    )
    return folder


def test_everything_is_in_one_page(tmp_path: Path) -> None:
    page = offline.one_page(published(tmp_path), lambda name: f"/* {name} */", "Licence")
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', page) == []
    assert "default-src 'none'" in page
    assert "/* jquery/dist/jquery.min.js */" in page
    assert '{"graphs/a b/one.json": [[1, "<\\/script>"]]}' in page
    assert "body { color: red }" in page
    assert "<!--\nLicence\n-->" in page


def test_a_library_that_is_not_pinned_is_refused(tmp_path: Path) -> None:
    index = published(tmp_path) / "index.html"
    index.write_text(index.read_text().replace("jquery-3.3.1", "jquery-4.0.0"))
    with pytest.raises(SystemExit, match=r"loads https://code\.jquery\.com/jquery-4\.0\.0\.min\.js: add it"):
        offline.one_page(tmp_path, lambda _: "", "")


def history_is_here() -> bool:
    """Whether git has the commits that were measured: a shallow clone lacks them."""
    commands = (["git", "cat-file", "-e", result_of(path)["commit_hash"]] for path in RESULTS)
    return shutil.which("git") is not None and all(
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
        for command in commands
    )


@needs_browser
@pytest.mark.skipif(
    importlib.util.find_spec("asv") is None or shutil.which("npm") is None or not history_is_here(),
    reason="it needs asv, npm, and the history of the repository",
)
def test_the_published_page_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows every commit that was measured."""
    html, out = tmp_path / "html", tmp_path / "history.html"
    config = {**CONFIG, "repo": str(ROOT), "results_dir": str(FOLDER / "results"), "html_dir": str(html)}
    config |= {"env_dir": str(tmp_path / "env"), "benchmark_dir": str(FOLDER / "benchmarks")}
    (tmp_path / "asv.conf.json").write_text(json.dumps(config))
    subprocess.run([sys.executable, "-m", "asv", "publish"], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setattr(offline, "PUBLISHED", html)
    monkeypatch.setattr(sys, "argv", ["offline.py", str(out)])
    offline.main()

    with chromium() as browser:
        page = browser.new_context(offline=True).new_page()
        asked: list[str] = []
        failed: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda message: failed.append(message.text))
        page.goto(out.as_uri())
        page.wait_for_selector(".benchmark-container canvas")
        page.goto(f"{out.as_uri()}#suites.Symbol.time_advance")
        page.wait_for_selector("#main-graph canvas")
        lines = page.evaluate("$('#main-graph').data('plot').getData().map(line => line.data)")
    assert set(asked) == {out.as_uri()}
    assert failed == []
    assert {len(line) for line in lines} == {len(RESULTS)}
