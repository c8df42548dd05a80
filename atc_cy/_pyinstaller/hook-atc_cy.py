"""What PyInstaller cannot see in the code: modules that are imported when they are asked for, and files.

The libraries of the extras that are large are in an app if the app imports them, or is built with
``--hidden-import plotly``, say.
"""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

_LEFT_OUT = (
    *("atc_cy._pyinstaller", "atc_cy.building.extension", "atc_cy.building.wheel"),
    *("atc_cy.dask", "atc_cy.polars"),
)


def _is_needed(module: str) -> bool:
    return not module.startswith(_LEFT_OUT)


hiddenimports = collect_submodules("atc_cy", filter=_is_needed)  # the kernels too
_FILES = ["ext/*.toml", "datasets/*.xz", "datasets/NOTICE", "charts/web/**/*"]
datas = collect_data_files("atc_cy", includes=_FILES)
excludedimports = [
    *("atc_cy.dask", "atc_cy.polars"),  # `atc_cy` names them for type checkers
    *("Cython", "ccxt", "dask", "distributed", "kaleido", "plotly", "polars", "setuptools", "shtab"),
]
