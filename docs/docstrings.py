"""For the API pages: what one entry of a docstring names together stays together."""

from itertools import groupby
from typing import Any

from griffe import DocstringParameter, DocstringSectionKind, ExprTuple, Extension, Object


def joined(parameters: list[DocstringParameter]) -> DocstringParameter:
    """One entry for several names; the signature has their types and defaults."""
    first, *others = parameters
    if others:
        first.name = ", ".join(parameter.name for parameter in parameters)
        first.annotation = first.value = None
    return first


class SharedEntries(Extension):
    def on_object(self, *, obj: Object, **_: Any) -> None:
        if obj.docstring is None or obj.filepath.suffix != ".py":  # what is compiled is on no page
            return
        for section in obj.docstring.parsed:
            if section.kind is DocstringSectionKind.parameters:
                groups = groupby(section.value, key=lambda parameter: parameter.description)
                section.value = [joined(list(group)) for _, group in groups]
            elif section.kind is DocstringSectionKind.raises:
                for error in section.value:
                    if isinstance(error.annotation, ExprTuple):
                        error.annotation.implicit = True  # without parentheses
