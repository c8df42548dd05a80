"""How PyInstaller puts atc_cy into an app: the entry point `pyinstaller40` names `hook_folders`."""

from pathlib import Path


def hook_folders() -> list[str]:
    """The folders that have hooks for PyInstaller."""
    return [str(Path(__file__).parent)]
