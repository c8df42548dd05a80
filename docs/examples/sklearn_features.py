"""A scikit-learn transformer that turns prices into the outputs of the indicator.

``python docs/examples/sklearn_features.py`` has a pipeline guess whether EUR/USD rises on the next day.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from atc_cy import MOVING_AVERAGES, ATCConfig, get_array_fn
from atc_cy.datasets import load_ecb_fx


class AtcFeatures(TransformerMixin, BaseEstimator):
    """The outputs for each column of prices, which is a symbol; rows are bars, oldest first.

    A row's features depend on it and on the rows before it in the same call, and on nothing that was fitted.
    So a test block starts anew: let it be long beside `atc_cy.lookback`, or give the history with new bars.
    """

    def __init__(
        self,
        La: float = 0.02,
        De: float = 0.03,
        robustness: str = "Medium",
        moving_averages: Sequence[str] = MOVING_AVERAGES,
    ) -> None:
        self.La = La
        self.De = De
        self.robustness = robustness
        self.moving_averages = moving_averages

    def fit(self, X: Any, y: Any = None) -> Self:
        self._validated(X, reset=True)
        self.config_ = ATCConfig(**self.get_params())
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        compute = get_array_fn(self.config_)
        return np.vstack([compute(prices) for prices in self._validated(X, reset=False).T]).T

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        check_is_fitted(self)
        if input_features is None:
            unnamed = [f"x{number}" for number in range(self.n_features_in_)]
            input_features = getattr(self, "feature_names_in_", unnamed)
        names = [f"{symbol}_{output}" for symbol in input_features for output in self.config_.output_names]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _validated(self, X: Any, reset: bool) -> NDArray[Any]:
        floats = [np.float64, np.float32]
        return validate_data(self, X, reset=reset, dtype=floats, ensure_all_finite="allow-nan")


if __name__ == "__main__":
    rates = load_ecb_fx().pivot(index="date", columns="symbol", values="close")[["USD"]]
    rises = (rates["USD"].diff().shift(-1) > 0)[:-1]  # nobody knows what follows the last day

    pipeline = make_pipeline(AtcFeatures(), StandardScaler(), LogisticRegression())
    scores = cross_val_score(pipeline, rates[:-1], rises, cv=TimeSeriesSplit())
    print(AtcFeatures().set_output(transform="pandas").fit_transform(rates).iloc[-1])
    print(f"{scores.mean():.1%} of the next days guessed right; it rose on {rises.mean():.1%}")
