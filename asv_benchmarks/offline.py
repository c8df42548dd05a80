"""Make one file of what `asv publish` wrote: python asv_benchmarks/offline.py [FILE].

The file needs no network and no server. The page of asv loads libraries from other hosts, and its figures
from a server. Here both are put into the page, and the page forbids itself every request. npm fetches the
libraries: package-lock.json has their versions, checksums and licences. The page has the licences' texts.
"""

import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PUBLISHED = HERE.parent / ".asv" / "html"
OUT = HERE.parent / ".asv" / "performance-history.html"

LIBRARIES = {
    "https://code.jquery.com/jquery-3.3.1.min.js": "jquery/dist/jquery.min.js",
    "https://cdnjs.cloudflare.com/ajax/libs/flot/0.8.3/jquery.flot.min.js": "flot/jquery.flot.js",
    "https://cdnjs.cloudflare.com/ajax/libs/flot/0.8.3/jquery.flot.time.min.js": "flot/jquery.flot.time.js",
    "https://cdnjs.cloudflare.com/ajax/libs/flot/0.8.3/jquery.flot.selection.min.js": (
        "flot/jquery.flot.selection.js"
    ),
    "https://cdnjs.cloudflare.com/ajax/libs/flot/0.8.3/jquery.flot.categories.min.js": (
        "flot/jquery.flot.categories.js"
    ),
    "https://cdn.jsdelivr.net/npm/flot-orderbars@1.0.0/js/jquery.flot.orderBars.js": (
        "flot-orderbars/js/jquery.flot.orderBars.js"
    ),
    "https://cdnjs.cloudflare.com/ajax/libs/stupidtable/1.0.1/stupidtable.min.js": (
        "stupid-table-plugin/stupidtable.min.js"
    ),
    "https://cdnjs.cloudflare.com/ajax/libs/blueimp-md5/2.19.0/js/md5.min.js": "blueimp-md5/js/md5.min.js",
    "https://cdn.jsdelivr.net/npm/bootstrap@3.1.1/dist/js/bootstrap.min.js": (
        "bootstrap/dist/js/bootstrap.min.js"
    ),
    "https://cdn.jsdelivr.net/npm/bootstrap@3.1.1/dist/css/bootstrap.min.css": (
        "bootstrap/dist/css/bootstrap.min.css"
    ),
}
"""What asv's page loads from other hosts, and the file of an npm package that has it."""

NO_REQUESTS = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">"
)
ANSWERS = """
$.ajax = function (request) {
    const name = decodeURIComponent(request.url.split("?")[0]), answer = $.Deferred();
    setTimeout(() => name in FILES ? answer.resolve(FILES[name]) : answer.reject());  // as a server: later
    return answer.promise();
};
"""
"""What asv's scripts ask a server for is in the page."""


def fetch_libraries(folder: Path) -> Path:
    """Have npm install the libraries into a folder, with their checksums verified; where they are then."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, folder / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    try:
        subprocess.run(command, cwd=folder, check=True)
    except FileNotFoundError:
        raise SystemExit("npm is missing: it fetches the libraries of asv's page. Install Node.js") from None
    return folder / "node_modules"


def licences(libraries: Path) -> str:
    """Who made what is in the page, and their terms."""
    lines = []
    for name, package in json.loads((HERE / "package-lock.json").read_text("utf-8"))["packages"].items():
        if name:
            lines.append(f"{Path(name).name} {package['version']}, {package.get('license', 'MIT')}")
            lines += [text.read_text("utf-8") for text in (libraries.parent / name).glob("LICENSE*")]
    asv = distribution("asv")
    lines.append(f"asv {asv.version}, BSD-3-Clause")
    lines += [file.read_text("utf-8") for file in asv.files or () if file.name.startswith("LICENSE")]
    return "\n\n".join(lines).replace("--", "- -")


def files_of(published: Path) -> dict[str, Any]:
    """The figures that asv's scripts ask for, by name."""
    return {
        path.relative_to(published).as_posix(): json.loads(path.read_text("utf-8"))
        for path in sorted(published.rglob("*.json"))
    }


def one_page(published: Path, read_library: Callable[[str], str], licence: str) -> str:
    """The page of asv with its libraries, its own scripts and styles, its pictures and its figures inside."""

    def text_of(address: str) -> str:
        if "//" not in address:
            return (published / address).read_text("utf-8")
        if address not in LIBRARIES:
            raise SystemExit(f"this version of asv loads {address}: add it to LIBRARIES and to package.json")
        return read_library(LIBRARIES[address])

    def script(found: re.Match[str]) -> str:
        text = text_of(found[1])
        if found[1].endswith("/jquery-3.3.1.min.js"):
            text += f"\nconst FILES = {json.dumps(files_of(published))};\n{ANSWERS}"
        return "<script>" + text.replace("</script", r"<\/script") + "</script>"

    def style(found: re.Match[str]) -> str:
        return "<style>" + re.sub(r"@font-face\s*\{[^}]*\}", "", text_of(found[1])) + "</style>"

    def picture(found: re.Match[str]) -> str:
        encoded = base64.b64encode((published / found[1]).read_bytes()).decode()
        return f'"data:image/{"png" if found[1].endswith("png") else "x-icon"};base64,{encoded}"'

    page = (published / "index.html").read_text("utf-8")
    page = re.sub(r'<link rel="alternate"[^>]*>', "", page)
    page = re.sub(r'"(swallow\.\w+)"', picture, page)
    page = re.sub(r'<link (?:rel="stylesheet" )?href="([^"]+\.css)"[^>]*>', style, page)
    page = re.sub(r'<script[^>]*?src="([^"]+)"[^>]*>\s*</script>', script, page)
    return page.replace("<head>", f"<head>\n{NO_REQUESTS}\n<!--\n{licence}\n-->", 1)


def main() -> None:
    if not (PUBLISHED / "index.json").exists():
        raise SystemExit(f"{PUBLISHED} has no published figures: run 'asv publish' in {HERE} first")
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    with tempfile.TemporaryDirectory() as folder:
        libraries = fetch_libraries(Path(folder))
        page = one_page(PUBLISHED, lambda name: (libraries / name).read_text("utf-8"), licences(libraries))
    out.write_text(page, encoding="utf-8", newline="\n")
    print(out)


if __name__ == "__main__":
    main()
