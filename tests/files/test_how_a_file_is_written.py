"""What the user says about how a file is written: it is allowed, or refused with a word on what would be."""

from typing import Any

import pytest

from atc_cy.files.format import Format


@pytest.mark.parametrize(
    ("given", "separator"),
    [("tab", "\t"), ("TAB", "\t"), ("\\t", "\t"), ("\t", "\t"), ("comma", ","), ("^", "^"), (None, None)],
)
def test_separators(given: str | None, separator: str | None) -> None:
    assert Format(separator=given).separator == separator


@pytest.mark.parametrize(
    "allowed",
    [
        {"decimal": "."},
        {"decimal": ","},
        {"date_format": "%d/%m/%Y %H"},
        {"date_format": "%d/%m/%Y %I %p"},
        {"date_format": "%j %y"},
        {"time_zone": "Europe/Berlin"},
    ],
)
def test_what_is_allowed(allowed: dict[str, Any]) -> None:
    for field, value in allowed.items():
        assert getattr(Format(**allowed), field) == value


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        *(
            ("separator", value, "must be one character, or tab, semicolon")
            for value in ("", "ab", "||", "5")
        ),
        *(("separator", value, "must be one character, or tab, semicolon") for value in "\"\r\n.-+:'"),
        ("decimal", "", "must be a point or a comma"),
        ("date_format", "%", "is not one that datetime.strptime reads: stray %"),
        ("date_format", "%d %d %m %Y", "is not one that datetime.strptime reads: redefinition"),
        ("date_format", "%d/%m", "has no day, month and year"),
        ("date_format", "%m/%Y", "has no day, month and year"),
        ("date_format", "%d/%Y", "has no day, month and year"),
        ("date_format", "%d/%m/%Y %I", "and %p .* need each other"),
        ("date_format", "%d/%m/%Y %H %p", "and %p .* need each other"),
        ("time_zone", "Europe/Berlim", "is unknown; did you mean 'Europe/Berlin'[?] give a name such as"),
        ("time_zone", "Qqqqqqq", "is unknown; give a name such as Europe/Berlin or UTC"),
        ("time_zone", "../x", "is unknown; give a name such as Europe/Berlin or UTC"),
        ("time_zone", "", "is unknown; give a name such as Europe/Berlin or UTC"),
    ],
)
def test_what_is_refused(field: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}=.* {message}"):
        Format(**{field: value})  # type: ignore[arg-type]
