"""How much more the last bar weighs than the first one, and the warning when that is too much."""

import warnings

from .config import ATCConfig, checked_integer, public
from .errors import ExponentialMultiplierWarning
from .reference import growth


@public
def exponential_multiplier(bars: int, *, La: float = 0.02, cutout: int = 0) -> float:
    """How many times more the last bar weighs than the bar at the cutout.

    It is E ** ((La / 1000) * (bars - 1 - cutout)), correctly rounded, where E is the double nearest to e;
    before the cutout it is 1.

    Parameters
    ----------
    bars
        The number of bars, ≥ 1; rows without a price do not count.
    La, cutout
        As in `compute_atc_signals`.

    Returns
    -------
    float
        The multiplier, ≥ 1.

    Warns
    -----
    ExponentialMultiplierWarning
        The multiplier is above 1.1 ("too high") or above 1.25 ("way too high").

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    OverflowError
        The multiplier is beyond the largest double.

    See Also
    --------
    compute_atc_signals : Uses `La` and `cutout`.

    Examples
    --------
    >>> round(atc_cy.exponential_multiplier(1_000, La=0.02), 3)
    1.02
    >>> atc_cy.exponential_multiplier(1_000, La=0.02, cutout=999)
    1.0
    """
    config = ATCConfig(La=La, cutout=cutout)
    multiplier, problem = multiplier_and_problem(checked_integer("bars", bars, 1), config)
    if problem:
        warnings.warn(problem, ExponentialMultiplierWarning, stacklevel=2)
    return multiplier


def multiplier_and_problem(bars: int, config: ATCConfig) -> tuple[float, str]:
    """The exponential multiplier of so many bars, and what is to be said about it, if anything."""
    try:
        multiplier = growth((config.La / 1000) * max(bars - 1 - config.cutout, 0))
    except ArithmeticError:  # OverflowError, or decimal's own
        raise OverflowError(
            f"La={config.La} is too large for {bars} bars with cutout={config.cutout}: "
            "the multiplier is beyond the largest double"
        ) from None
    if multiplier <= 1.1:
        return multiplier, ""
    degree = "way too high" if multiplier > 1.25 else "too high"
    return multiplier, (
        f"the exponential multiplier of {bars} bars is {multiplier:.3g}, {degree}: "
        f"lower La={config.La:g} or raise cutout={config.cutout}"
    )
