"""Every public error can be pickled and copied, with all that it says."""

import copy
import inspect
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import atc_cy
from atc_cy import errors

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, errors.ATCError | UserWarning)
]


def an_error(kind: type[Exception]) -> Exception:
    """An instance with a value for each argument, an attribute of its own and a note."""
    more = [*inspect.signature(kind).parameters][1:] if "__init__" in vars(kind) else []
    error = kind("what is wrong", *range(7, 7 + len(more)))
    error.add_note("a note")
    error.symbol = "BTC"  # type: ignore[attr-defined]
    return error


def everything(error: Exception) -> tuple[object, ...]:
    return type(error), str(error), error.args, vars(error)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "remake",
    [
        copy.copy,
        copy.deepcopy,
        *[
            lambda error, p=p: pickle.loads(pickle.dumps(error, p))
            for p in range(pickle.HIGHEST_PROTOCOL + 1)
        ],
    ],
)
def test_an_error_survives_pickle_and_copy(kind, remake):
    error = an_error(kind)
    assert everything(remake(error)) == everything(error)
    assert str(remake(error)) == "what is wrong"


def test_every_error_of_the_package_has_the_one_base():
    assert len(CLASSES) >= 8
    for name in atc_cy.__all__:
        value = getattr(atc_cy, name)
        if inspect.isclass(value) and issubclass(value, Exception) and not issubclass(value, Warning):
            assert issubclass(value, atc_cy.ATCError), name
    for kind in CLASSES:
        if kind is not errors.ATCError:
            assert len(kind.__mro__) > 4, f"{kind.__name__} is one of Python's own errors too"


def a_bad_price(_: int) -> None:
    atc_cy.compute_atc_signals([1.0, 2.0, -3.0])


def test_an_error_of_another_process_arrives():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        future = pool.submit(a_bad_price, 0)
        with pytest.raises(atc_cy.PriceError, match="row 2") as caught:
            future.result(60)
    assert caught.value.row == 2


def test_a_message_is_only_the_message():
    with pytest.raises(ValueError, match="above 0") as caught:
        atc_cy.compute_atc_signals(np.array([1.0, np.inf]))
    assert str(caught.value) == caught.value.args[0]
    assert "above 0" in str(caught.value)
