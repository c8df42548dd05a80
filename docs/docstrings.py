"""For the API pages: signatures show types and defaults once, and See Also has links."""

import re
from itertools import groupby
from typing import Any

from griffe import (
    Class,
    DocstringParameter,
    DocstringSectionKind,
    ExprCall,
    ExprTuple,
    Extension,
    Function,
    Object,
)

LONGEST = 60
"""The most characters of an attribute's type that a page shows."""


def joined(parameters: list[DocstringParameter]) -> DocstringParameter:
    """One entry for what the docstring names together; the signature has types and defaults."""
    first = parameters[0]
    first.name = ", ".join(parameter.name for parameter in parameters)
    first.annotation = first.value = None
    return first


def linked(line: str) -> str:
    """A line of See Also, ``name, name : what it is``, as an item of a list with links."""
    names, _, text = line.partition(" : ")
    whole = {name: name if name.startswith("atc_cy.") else f"atc_cy.{name}" for name in names.split(", ")}
    links = ", ".join(f"[`{name}`][{target}]" for name, target in whole.items())
    return f"- {links}: {text}"


def default_of(value: Any) -> Any:
    """The default of a config's field, which is written with its help: ``_setting(28, "base length …")``."""
    is_setting = isinstance(value, ExprCall) and str(value.function) == "_setting"
    return value.arguments[0] if is_setting else value


class Readable(Extension):
    def on_object(self, *, obj: Object, **_: Any) -> None:
        if obj.filepath.suffix != ".py":  # what is compiled is on no page
            return
        if isinstance(obj, Function):
            shorten(obj)
        elif isinstance(obj, Class):
            for member in obj.members.values():
                if isinstance(member, Function):
                    shorten(member)
                elif member.is_attribute and len(str(member.annotation)) > LONGEST:
                    member.annotation = None
        if obj.docstring is not None:
            rearrange(obj.docstring.parsed)


def shorten(function: Function) -> None:
    """Leave out of a signature what only a type checker needs, and the help of a config's fields."""
    for parameter in function.parameters:
        parameter.default = default_of(parameter.default)
        if re.search(r"\bUnpack\b", str(parameter.annotation)):
            parameter.annotation = None


def rearrange(sections: list[Any]) -> None:
    """Join the entries that are documented together, and link what See Also names."""
    for section in sections:
        if section.kind is DocstringSectionKind.parameters:
            groups = groupby(section.value, key=lambda parameter: parameter.description)
            section.value = [joined(list(group)) for _, group in groups]
        elif section.kind is DocstringSectionKind.raises:
            for error in section.value:
                if isinstance(error.annotation, ExprTuple):
                    error.annotation.implicit = True  # without parentheses
        elif section.kind is DocstringSectionKind.admonition and section.value.kind == "see-also":
            section.value.description = "\n".join(map(linked, section.value.description.splitlines()))
