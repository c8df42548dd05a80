"""The transformer in scikit-learn."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from sklearn_features import AtcFeatures

from atc_cy import PriceError, compute_atc_signals
from atc_cy.datasets import load_ecb_fx

WIDE = load_ecb_fx().pivot(index="date", columns="symbol", values="close")[["USD", "TRY"]]


class OfLogarithms(AtcFeatures):
    """Checks draw numbers of any sign, which are not prices; as logarithms of prices they are."""

    def transform(self, X: Any) -> NDArray[Any]:
        return super().transform(np.exp(self._validated(X, reset=False)))


def test_checks() -> None:
    """All pass, but the two in which rows must not depend on the rows before them."""
    results = check_estimator(OfLogarithms(), on_skip=None, on_fail=None)
    failed = {result["check_name"] for result in results if result["status"] == "failed"}
    assert failed == {"check_methods_subset_invariance", "check_methods_sample_order_invariance"}
    assert len(results) > 40


@pytest.mark.parametrize(
    "parameters", [{}, {"La": 0.1, "robustness": "Wide", "moving_averages": ("EMA", "KAMA")}]
)
def test_features_are_the_outputs(parameters: dict[str, Any]) -> None:
    features = AtcFeatures(**parameters).set_output(transform="pandas").fit_transform(WIDE)
    assert features.index.equals(WIDE.index)
    assert WIDE["TRY"].isna().any()
    columns = iter(features)
    for symbol in WIDE:
        for name, values in compute_atc_signals(WIDE[symbol], **parameters).items():
            column = next(columns)
            assert column == f"{symbol}_{name}"
            assert np.array_equal(features[column], values, equal_nan=True)
    assert next(columns, None) is None


def test_no_row_knows_of_later_ones() -> None:
    transformer = AtcFeatures().fit(WIDE)
    whole = transformer.transform(WIDE)
    for rows in (1, 2, 67, 500, 3000):
        assert np.array_equal(transformer.transform(WIDE[:rows]), whole[:rows], equal_nan=True)


def test_parameters() -> None:
    transformer = clone(AtcFeatures(La=0.5)).set_params(De=0.0)
    assert transformer.get_params()["La"] == 0.5
    expected = compute_atc_signals(WIDE["USD"], La=0.5, De=0.0)["KAMA_S"]
    features = transformer.fit_transform(WIDE[["USD"]])
    column = list(transformer.get_feature_names_out()).index("USD_KAMA_S")
    assert np.array_equal(features[:, column], expected)


def test_pipeline() -> None:
    prices = WIDE[["USD"]]
    rises = (prices["USD"].diff().shift(-1) > 0)[:-1]
    pipeline = make_pipeline(AtcFeatures(), StandardScaler(), LogisticRegression())
    folds = TimeSeriesSplit(3)
    scores = cross_val_score(pipeline, prices[:-1], rises, cv=folds)
    assert scores.shape == (3,)
    search = GridSearchCV(pipeline, {"atcfeatures__La": [0.02, 0.5]}, cv=folds).fit(prices[:-1], rises)
    assert search.cv_results_["split0_test_score"][0] == scores[0]


def test_bad_input() -> None:
    with pytest.raises(PriceError, match="at row 1"):
        AtcFeatures().fit_transform([[1.0], [0.0]])
    with pytest.raises(ValueError, match="Medium"):
        AtcFeatures(robustness="medium").fit([[1.0]])
