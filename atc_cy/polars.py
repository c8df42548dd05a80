"""`import atc_cy.polars` gives polars' expressions and frames the namespace `atc`.

>>> frame.with_columns(pl.col("close").atc().over("symbol").alias("atc")).unnest("atc")  # doctest: +SKIP
"""

from collections.abc import Sequence
from typing import Any, Unpack

try:
    import polars as pl
except ImportError:
    raise ImportError("polars is missing: pip install 'atc_cy[polars]'") from None

from .config import ATCConfig, ConfigFields, resolve
from .frames.tables import atc


@pl.api.register_expr_namespace("atc")
class AtcExpression:
    """`pl.col("close").atc(...)`: a struct of the columns that `atc_cy.atc` returns for a Series, in float64.

    It works lazily, and within each symbol under `.over("symbol")`. Arguments and errors are those of
    `atc_cy.atc`; `src` is an expression.

    See Also
    --------
    atc_cy.atc : The function, with all arguments.
    atc_cy.polars.AtcFrame : The same for a frame.

    Examples
    --------
    >>> import polars as pl
    >>> import atc_cy.polars
    >>> fx = pl.from_pandas(atc_cy.datasets.load_ecb_fx())
    >>> signals = fx.with_columns(pl.col("close").atc(La=0.05).over("symbol").alias("atc")).unnest("atc")
    >>> signals["direction"][-1]
    1.0
    """

    def __init__(self, expression: pl.Expr) -> None:
        self._expression = expression

    def __call__(
        self,
        config: ATCConfig | str = "default",
        *,
        src: pl.Expr | None = None,
        **overrides: Unpack[ConfigFields],
    ) -> pl.Expr:
        config = resolve(config, overrides)
        numbers = dict.fromkeys((*config.output_names, "direction"), pl.Float64())
        kind = pl.Struct({**numbers, "event": pl.Int8()})

        def compute(columns: Sequence[pl.Series]) -> pl.Series:
            close, *x = (column.cast(pl.Float64) for column in columns)
            frame: pl.DataFrame = atc(close, config, src=x[0] if x else None)
            return frame.to_struct(close.name)

        given = [self._expression] if src is None else [self._expression, src]
        # By group: `map_batches` of polars below 1.32.3 gives all symbols of `.over("symbol")` as one series.
        return pl.map_groups(given, compute, return_dtype=kind)


@pl.api.register_dataframe_namespace("atc")
@pl.api.register_lazyframe_namespace("atc")
class AtcFrame:
    """`frame.atc(...)` is `atc_cy.atc(frame, ...)`, for a DataFrame or a LazyFrame.

    Arguments, result and errors are those of `atc_cy.atc`.

    See Also
    --------
    atc_cy.atc : The function, with all arguments.
    atc_cy.polars.AtcExpression : The same for an expression.

    Examples
    --------
    >>> import polars as pl
    >>> import atc_cy.polars
    >>> stocks = pl.from_pandas(atc_cy.datasets.load_stocks())
    >>> stocks.atc(by="symbol", La=0.05).columns[-3:]
    ['Average_Signal', 'direction', 'event']
    """

    def __init__(self, frame: pl.DataFrame | pl.LazyFrame) -> None:
        self._frame = frame

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return atc(self._frame, *arguments, **options)
