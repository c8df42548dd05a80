"""A wheel of the package that the tests run, made without compiling: its files as they are."""

import tomllib
import zipfile
from pathlib import Path

import atc_cy
from support.places import ROOT

PACKAGE = Path(atc_cy.__file__).parent


def make_wheel(folder: Path) -> Path:
    """Write it; the entry points are those of `pyproject.toml`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"console_scripts": project["scripts"], **project["entry-points"]}
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in one.items())
        for group, one in groups.items()
    )
    info = f"atc_cy-{atc_cy.__version__}.dist-info"
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: atc_cy\nVersion: {atc_cy.__version__}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
        "entry_points.txt": points,
    }
    wheel = folder / f"atc_cy-{atc_cy.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        for path in sorted(PACKAGE.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                file.write(path, Path("atc_cy") / path.relative_to(PACKAGE))
        for name, text in texts.items():
            file.writestr(f"{info}/{name}", text)
        names = [*file.namelist(), f"{info}/RECORD"]
        file.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in names))
    return wheel
