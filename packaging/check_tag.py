"""Whether everything that names the version names that of a tag: `python packaging/check_tag.py v1.2.3`."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = {
    "atc_cy/_version.py": r'(?m)^__version__ = "(.*)"$',
    "CITATION.cff": r"(?m)^version: (.*)$",
    "packaging/conda/recipe.yaml": r'(?m)^  version: "?([^"\n]*)"?$',
    "CHANGELOG.md": r"(?m)^## (\S+)",
}


def versions() -> dict[str, str]:
    """What each place names; in the changelog, the first heading."""
    found = {}
    for name, pattern in PLACES.items():
        match = re.search(pattern, (ROOT / name).read_text("utf-8"))
        if match is None:
            raise SystemExit(f"{name} names no version")
        found[name] = match[1]
    return found


if __name__ == "__main__":
    (tag,) = sys.argv[1:]
    wrong = [f"{name} has {version}" for name, version in versions().items() if f"v{version}" != tag]
    if wrong:
        raise SystemExit(f"the tag is {tag}, but {'; '.join(wrong)}: RELEASING.md has the steps")
