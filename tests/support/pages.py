"""The blocks of code of a page of the documentation."""

import re
from pathlib import Path


def in_turn(page: Path, languages: str) -> list[tuple[str, str]]:
    """The language and the text of each block in one of the languages, given as in python|sh."""
    return re.findall(rf"^```({languages})\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The text of each block in a language."""
    return [block for _, block in in_turn(page, language)]
