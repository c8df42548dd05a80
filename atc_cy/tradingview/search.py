"""Finds the settings of a chart: it tries the usual reasons why numbers differ, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..config import LENGTH_FIELDS, MOVING_AVERAGES, OFFSETS, ATCConfig
from .agreement import Agreement, begins_with_export, compare
from .averages import Averages
from .export import Export, Plot

LENGTHS = range(5, 201)
"""The base lengths to try, besides those of the config. Shorter lengths have no lane of length - 4."""
_TAIL = 250
"""How many of the last bars are compared first, because they rule out most lengths."""


class Match(NamedTuple):
    """A plot, and the nearest average that was found for it."""

    plot: Plot
    moving_average: str
    length: int
    agreement: Agreement


class Found(NamedTuple):
    """The settings that were found for the plots, and how each plot agrees with them."""

    fields: dict[str, Any]
    """The fields of the config that differ from the given config."""
    source: str
    matches: tuple[Match, ...]

    @property
    def fits(self) -> bool:
        """Whether all plots are averages of these settings."""
        return all(match.agreement.fits for match in self.matches)

    @property
    def fitting(self) -> int:
        """How many plots are averages of these settings."""
        return sum(match.agreement.fits for match in self.matches)


def given_settings(export: Export, config: ATCConfig) -> Found:
    """How the plots agree with the config on the first source; the nine lanes, with the nearest type."""
    source = next(iter(export.sources))
    averages = Averages(export.close, export.sources[source])
    return _at_lengths(export, config, source, averages)


def find_settings(export: Export, config: ATCConfig) -> Found:
    """Find the settings that fit all plots, or else the settings that fit the most plots.

    The given lengths are tried first on each source, then all `LENGTHS`.
    """
    averages = {name: Averages(export.close, src) for name, src in export.sources.items()}
    best: Found | None = None
    for source, averages_of_source in averages.items():
        found = _at_lengths(export, config, source, averages_of_source)
        if found.fits:
            return found
        best = found if best is None or found.fitting > best.fitting else best
    search = _search_lanes if export.lanes else _search_types
    for source in export.sources:
        found = search(export, config, source, averages.pop(source))  # frees memory after the search
        if found.fits:
            return found
        best = found if best is None or found.fitting > best.fitting else best
    assert best is not None
    return best


def lengths_that_fit(export: Export, found: Found) -> dict[str, range]:
    """The lengths that fit as well as the found one, by type; types with only one length are left out."""
    averages = Averages(export.close, export.sources[found.source])
    cut = any(match.agreement.cut for match in found.matches)

    def fits(plot: Plot, name: str, length: int) -> bool:
        agreement = _match(plot, averages, name, length).agreement
        return agreement.fits and agreement.cut <= cut

    ranges = {}
    for name, plot in export.types.items():
        (first,) = (match.length for match in found.matches if match.plot is plot)
        last = first
        while first - 1 in LENGTHS and fits(plot, name, first - 1):
            first -= 1
        while last + 1 in LENGTHS and fits(plot, name, last + 1):
            last += 1
        if first < last:
            ranges[name] = range(first, last + 1)
    return ranges


def _at_lengths(export: Export, config: ATCConfig, source: str, averages: Averages) -> Found:
    if export.lanes:
        tried = [
            _calibration(
                export,
                averages,
                config,
                source,
                name,
                getattr(config, LENGTH_FIELDS[name]),
                config.robustness,
            )
            for name in MOVING_AVERAGES
        ]
        return max(tried, key=lambda found: (found.fitting, _agreeing(found)))
    matches = [
        _match(plot, averages, name, getattr(config, LENGTH_FIELDS[name]))
        for name, plot in export.types.items()
    ]
    return _found({}, source, matches)


def _found(fields: dict[str, Any], source: str, matches: Iterable[Match]) -> Found:
    """The settings of a chart: if one plot began with the export, no other plot began before it."""
    matches = tuple(matches)
    if any(begins_with_export(match.plot, match.moving_average, match.agreement) for match in matches):
        matches = tuple(
            match._replace(agreement=match.agreement.with_first_bar()) if match.agreement.cut else match
            for match in matches
        )
    return Found(fields, source, matches)


def _agreeing(found: Found) -> int:
    return sum(int(match.agreement.same.sum()) for match in found.matches)


def _match(plot: Plot, averages: Averages, moving_average: str, length: int) -> Match:
    ours = averages.of(moving_average, length)
    return Match(plot, moving_average, length, compare(plot, ours, averages.src, moving_average, length))


def _search_types(export: Export, config: ATCConfig, source: str, averages: Averages) -> Found:
    """Search for the lengths that fit on a source, for each type separately."""
    matches, lengths = [], dict[str, Any]()
    for name, plot in export.types.items():
        given = getattr(config, LENGTH_FIELDS[name])
        match = next(_fitting(plot, averages, name, given), None)
        if match is None:
            match = _match(plot, averages, name, given)
        elif match.length != given:
            lengths[LENGTH_FIELDS[name]] = match.length
        matches.append(match)
    return _found(lengths, source, matches)


def _search_lanes(export: Export, config: ATCConfig, source: str, averages: Averages) -> Found:
    """Search for the type, the length and the robustness whose nine lanes fit on a source."""
    best = None
    for name in MOVING_AVERAGES:
        for main in _fitting(export.lanes[0], averages, name, getattr(config, LENGTH_FIELDS[name])):
            for robustness in dict.fromkeys([config.robustness, *OFFSETS]):
                if main.length <= OFFSETS[robustness][-1]:
                    continue
                found = _calibration(export, averages, config, source, name, main.length, robustness)
                if found.fits:
                    return found
                best = found if best is None or found.fitting > best.fitting else best
    return best or _at_lengths(export, config, source, averages)


def _fitting(plot: Plot, averages: Averages, moving_average: str, given: int) -> Iterator[Match]:
    """Yield the matches of a plot that fit, from the given length outwards."""
    tail = slice(max(len(plot.values) - _TAIL, 0), None)
    end = plot._replace(values=plot.values[tail], half=plot.half[tail])
    for length in sorted({given, *LENGTHS}, key=lambda each: (abs(each - given), each)):
        if length > len(plot.values):
            continue
        ours = averages.of(moving_average, length)
        if tail.start > 2 * length and not (
            compare(end, ours[tail], averages.src[tail], moving_average, length, begins=False).fits
        ):
            continue
        match = _match(plot, averages, moving_average, length)
        if match.agreement.fits:
            yield match


def _calibration(
    export: Export,
    averages: Averages,
    config: ATCConfig,
    source: str,
    name: str,
    length: int,
    robustness: str,
) -> Found:
    """How nine plots agree with the lanes of one type."""
    offsets = OFFSETS[robustness]
    lengths = [length, *(length + each for each in offsets), *(length - each for each in offsets)]
    matches = [_match(plot, averages, name, each) for plot, each in zip(export.lanes, lengths, strict=True)]
    settings = {LENGTH_FIELDS[name]: length, "robustness": robustness}
    changed = {field: value for field, value in settings.items() if value != getattr(config, field)}
    return _found(changed, source, matches)
