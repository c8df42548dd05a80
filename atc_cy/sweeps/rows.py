"""A sweep as rows for people: one per config, the best first; or one per window, and one for all windows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .choices import BEST_IS_LOW

if TYPE_CHECKING:
    import pandas as pd

    from .walk import WalkForward


def ranked(rows: "pd.DataFrame", by: str) -> "pd.DataFrame":
    """Rows of configs sorted by a metric, the best first; equal ones keep their order, and NaN comes last."""
    return rows.sort_values(by, ascending=by in BEST_IS_LOW, na_position="last", kind="stable")


def rows_of_windows(walk: "WalkForward", metrics: Sequence[str]) -> "pd.DataFrame":
    """The windows of a walk forward, numbered, with these metrics, and a row for all of them together."""
    import pandas as pd

    whole = walk.metrics[[*metrics]].to_dict() | {
        "test_first": walk.windows["test_first"].iloc[0],
        "test_last": walk.windows["test_last"].iloc[-1],
    }
    chosen = [name for name in walk.windows if name in metrics or name not in walk.metrics.index]
    rows = pd.concat([walk.windows[chosen], pd.DataFrame([whole])], ignore_index=True)
    rows.insert(0, "window", [*range(1, len(rows)), "all"])
    return rows
