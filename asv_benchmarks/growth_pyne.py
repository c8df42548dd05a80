"""@pyne

The growth factor as the published script writes it, for PyneCore: called on each bar, and from the cutout on.
"""

from pynecore.lib import bar_index, math, na, script, time

La = 0.02
cutout = 100


def growth() -> float:
    """1 until the bar at the cutout is in the history; this engine keeps a history for each call."""
    if na(time[cutout]) or time < time[cutout]:
        return 1.0
    return math.pow(math.e, (La / 1000) * (bar_index - cutout))


@script.indicator("Growth")
def main() -> dict[str, float]:
    every_bar = growth()
    from_cutout = 1.0
    if bar_index >= cutout:
        from_cutout = growth()
    return {"called on every bar": every_bar, "called from the cutout on": from_cutout}
