"""The bill of materials of a release (CycloneDX): what is installed with it, and what it carries of others.

    python packaging/sbom.py PYTHON FILE

PYTHON is an interpreter of an environment into which a wheel was installed. `.ci/sbom` makes one. The same
environment makes the same bytes.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[1]
VENDORED = ROOT / "packaging" / "vendored.toml"
OURSELVES = "atc_cy"


def main() -> None:
    python, file = sys.argv[1:]
    text = json.dumps(bill(python), indent=2, sort_keys=True) + "\n"
    if (wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
        raise SystemExit(f"the bill is not as CycloneDX 1.6 has it: {wrong}")
    Path(file).write_text(text, encoding="utf-8", newline="\n")


def bill(python: str) -> dict[str, Any]:
    """What cyclonedx-py finds in the environment of an interpreter, and the vendored components."""
    options = ["--output-reproducible", "--sv", "1.6", "--of", "JSON", "--pyproject", ROOT / "pyproject.toml"]
    command = [sys.executable, "-m", "cyclonedx_py", "environment", *options, "--mc-type", "library", python]
    made = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    ourselves = {
        each["bom-ref"] for each in made["components"] if each["name"] == OURSELVES
    }  # described already
    found = [each for each in made["components"] if each["bom-ref"] not in ourselves]
    made["dependencies"] = [each for each in made["dependencies"] if each["ref"] not in ourselves]
    (root,) = (each for each in made["dependencies"] if each["ref"] == "root-component")
    of_others = [component(each) for each in tomllib.loads(VENDORED.read_text("utf-8"))["component"]]
    root["dependsOn"] = sorted(
        {*root.get("dependsOn", []), *(each["bom-ref"] for each in of_others)} - ourselves
    )
    made["components"] = [*found, *of_others]
    version = release()
    made["metadata"]["component"] |= {"version": version, "purl": f"pkg:pypi/atc-cy@{version}"}
    return dict(made)


def component(entry: dict[str, str]) -> dict[str, Any]:
    """A component of `vendored.toml` as CycloneDX writes it; its file must be the one that is named there."""
    found = hashlib.sha256((ROOT / entry["file"]).read_bytes()).hexdigest()
    if found != entry["sha256"]:
        raise SystemExit(f"{entry['file']} is not the file of {VENDORED.name}: its SHA-256 is {found}")
    kept = {key: entry[key] for key in ("name", "version", "type", "purl", "description") if key in entry}
    return kept | {
        "bom-ref": f"vendored:{entry['name']}",
        "hashes": [{"alg": "SHA-256", "content": found}],
        "licenses": [{"license": {"name" if " " in entry["licence"] else "id": entry["licence"]}}],
        "properties": [{"name": "atc_cy:file", "value": entry["file"]}],
    }


def release() -> str:
    names: dict[str, str] = {}
    exec((ROOT / "atc_cy" / "_version.py").read_text("utf-8"), names)
    return names["__version__"]


if __name__ == "__main__":
    main()
