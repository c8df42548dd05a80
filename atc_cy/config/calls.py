"""Checks of calls of public functions: unknown arguments, too many arguments, and old names."""

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar

from ..text import shown
from .names import unknown

OLD_NAMES = ("preset", "config_preset")
"""The names that `config` had in earlier versions of some functions."""
NOT_GIVEN: Any = object()

F = TypeVar("F", bound=Callable[..., Any])


def check_fields(names: Iterable[str], known: Iterable[str]) -> None:
    """Raise TypeError for a name that is not known; the message suggests a near one."""
    known = [*known]
    for name in names:
        if name not in known:
            raise TypeError(f"there is no parameter {name!r}; {_without(name, known)}")


def _without(name: str, known: list[str]) -> str:
    if name in ("config", *OLD_NAMES) and "La" in known:
        return "give a config's fields, as in La=0.05; functions such as atc take a whole config as config="
    return unknown(name, known)


def with_new_name(config: Any, keywords: Mapping[str, Any], *, stacklevel: int) -> tuple[Any, dict[str, Any]]:
    """The config, which may be among the keywords by an old name, and the other keywords.

    config: `NOT_GIVEN` if there is none. stacklevel: that of the warning; 2 is the caller's caller.

    Raises
    ------
    TypeError
        The config is given by both names.
    """
    others = dict(keywords)
    for old in OLD_NAMES:
        if old not in others:
            continue
        if config is not NOT_GIVEN:
            raise TypeError(
                f"config={shown(config)} and {old}={shown(others[old])} name the same argument: give only "
                "config"
            )
        config = others.pop(old)
        warnings.warn(f"{old}= is now called config=", DeprecationWarning, stacklevel=stacklevel + 1)
    return config, others


def public(function: F) -> F:
    """Make a function or a class public.

    Its `__module__` becomes `atc_cy`, whichever room it is in: help shows this name, and pickles still find
    it after the rooms have changed. Errors about the names and the number of arguments suggest what to give.
    """
    target: Any = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    selves = int(isinstance(function, type))
    parameters = [*inspect.signature(target).parameters.values()][selves:]
    by_place = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    known = frozenset(each.name for each in parameters if each.kind is not each.VAR_KEYWORD)
    takes_fields = len(known) < len(parameters)
    takes_config = "config" in known
    most = len(by_place) + selves

    @wraps(target)
    def checked(*arguments: Any, **keywords: Any) -> Any:
        if len(arguments) > most:
            raise TypeError(_too_many(function, by_place, parameters, arguments[most]))
        if not known.issuperset(keywords):
            if takes_config:
                given = dict(zip(by_place, arguments[selves:], strict=False)) | keywords
                config, keywords = with_new_name(given.get("config", NOT_GIVEN), keywords, stacklevel=2)
                if "config" not in given and config is not NOT_GIVEN:
                    keywords["config"] = config
            if not takes_fields:
                check_fields(keywords, known)
        return target(*arguments, **keywords)

    if isinstance(function, type):
        function.__init__ = checked  # type: ignore[misc]
        function.__module__ = "atc_cy"
        return function
    checked.__module__ = "atc_cy"
    return checked  # type: ignore[return-value]


def _too_many(
    function: Callable[..., Any], by_place: list[str], parameters: list[inspect.Parameter], extra: object
) -> str:
    """The message about a call with too many arguments without a name."""
    names = [f"{each.name}=" for each in parameters if each.kind is each.KEYWORD_ONLY]
    takes = f"{function.__name__} takes {' and '.join(by_place) or 'no argument'}"
    if not names:
        return f"{takes}, but not {shown(extra)} in addition"
    return f"{takes} without a name: say what {shown(extra)} is, one of {', '.join(names)}"
