"""A chart as it is shown and saved: in a notebook, as a page, as a picture."""

import html
import os
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from ..files.atomic import replacing
from .style import THEMES, WIDTH, template

if TYPE_CHECKING:
    import plotly.graph_objects as go

PICTURES = (".png", ".svg")


class Chart:
    """A chart of one symbol, as `chart` makes it; a notebook shows it.

    Attributes
    ----------
    figure
        The `plotly.graph_objects.Figure`, to be changed as you like. Its x axis counts the bars, from 0.
    """

    __module__ = "atc_cy"

    def __init__(self, figure: "go.Figure", title: str) -> None:
        self.figure = figure
        self._title = title

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it, whole or not at all; the ending decides what it is.

        Parameters
        ----------
        path
            ``.html``: a page that needs no other file and no network. It is light or dark as its reader likes
            it, and scales the price to the bars in view. ``.png``, ``.svg``: a picture of the first view, for
            which kaleido runs Chrome or Chromium.

        Raises
        ------
        ValueError
            Another ending.
        ImportError
            kaleido is missing.
        OSError
            The file cannot be written, or there is no browser that works.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in (".html", *PICTURES):
            raise ValueError(f"{path} must end in .html, {' or '.join(PICTURES)}")
        content = self._page().encode() if suffix == ".html" else self._picture(suffix[1:])
        with replacing(path) as part:
            part.write_bytes(content)

    def _page(self) -> str:
        from plotly.io.json import to_json_plotly
        from plotly.offline import get_plotlyjs

        return Template(Path(__file__).with_name("page.html").read_text("utf-8")).substitute(
            title=html.escape(self._title),
            plotly=get_plotlyjs(),
            figure=self.figure.to_json(),
            themes=to_json_plotly({theme: template(theme) for theme in THEMES}),
        )

    def _picture(self, kind: str) -> bytes:
        try:
            import kaleido
            from kaleido.errors import BrowserFailedError, ChromeNotFoundError
        except ImportError:
            raise ImportError("pictures need kaleido: pip install 'atc_cy[chart]'") from None
        options = {"format": kind, "width": WIDTH, "height": self.figure.layout.height}
        try:
            # Not by Figure.to_image, which has the browser load MathJax from the network.
            picture: bytes = kaleido.calc_fig_sync(self.figure, opts=options, kopts={"mathjax": False})
        except (BrowserFailedError, ChromeNotFoundError):
            raise OSError(
                "pictures need Chrome or Chromium, and kaleido finds none that works: install one, or set "
                "BROWSER_PATH to it"
            ) from None
        return picture

    def _repr_mimebundle_(self, **choice: Any) -> Any:
        return self.figure._repr_mimebundle_(**choice)
