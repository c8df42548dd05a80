"""`atc-cy completion`: the script that completes commands and options in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ..config.installed import list_presets
from .common import OK
from .options import Commands
from .values import file_or_dash, installed_preset


def add_command(commands: Commands, program: argparse.ArgumentParser) -> None:
    """Add the command. program: the parser whose commands and options are completed."""
    completion = commands.add(
        "completion",
        partial(_completion, program),
        "Print a script that completes commands and options in your shell.",
        "atc-cy completion bash > ~/.atc-cy.bash",
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _completion(program: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    try:
        import shtab
    except ImportError:
        raise ImportError("completion needs shtab: pip install 'atc_cy[cli]'") from None
    for action in _actions(program):
        if action.type in (Path, file_or_dash):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.type is installed_preset:
            action.choices = list_presets()
    print(shtab.complete(program, options.shell))
    return OK


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The actions of the parser, and of the parsers of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
