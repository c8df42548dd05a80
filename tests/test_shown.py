"""Objects that show themselves, as text and in a notebook."""

import re

import pytest
from support.price_files import CLOSE

import atc_cy
from atc_cy import ATCConfig, PanelStream, Stream, compute_atc_signals, direction

FEW = ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=20, robustness="Wide", strategy_mode=True)


def rows_of(html: str) -> list[list[str]]:
    """The cells of a table, below its header."""
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    return [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (ATCConfig(), "ATCConfig()"),
        (ATCConfig(La=0.05), "ATCConfig(La=0.05)"),
        (
            FEW,
            "ATCConfig(ema_len=20, robustness='Wide', strategy_mode=True, moving_averages=('EMA', 'KAMA'))",
        ),
    ],
)
def test_a_config_is_the_call_that_makes_it(config: ATCConfig, text: str) -> None:
    assert repr(config) == str(config) == text
    assert eval(text) == config


def test_a_config_in_a_notebook() -> None:
    rows = {row[0]: row[1:] for row in rows_of(FEW._repr_html_())}
    assert [*rows][:4] == ["ema_len", "kama_len", "ema_w", "kama_w"]  # no other type's
    assert rows["moving_averages"][0] == "EMA+KAMA"
    assert rows["ema_len"] == ["20", "28", "base length of EMA, in bars"]


def test_a_stream() -> None:
    stream = Stream(La=0.05)
    assert repr(stream) == "<Stream of 0 bars, ATCConfig(La=0.05)>"
    assert rows_of(stream._repr_html_())[0] == ["EMA", "", ""]
    stream.extend(CLOSE)
    result = compute_atc_signals(CLOSE, La=0.05)
    average, way = result["Average_Signal"].iloc[-1], direction(result).iloc[-1]
    named = {1.0: "long", -1.0: "short"}[way]
    shown = f"close {CLOSE[-1]:.10g}, Average Signal {average:+.2f}, {named}"
    text = f"<Stream of 500 bars, ATCConfig(La=0.05): {shown}>"
    assert repr(stream) == text
    html = stream._repr_html_()
    assert html.startswith(f"<p>&lt;{text[1:-1]}&gt;</p>")
    rows = rows_of(html)
    assert [row[0] for row in rows] == [*ATCConfig().moving_averages, "Average"]
    assert [float(row[1]) for row in rows[:-1]] == pytest.approx(
        [result[f"{row[0]}_Signal"].iloc[-1] for row in rows[:-1]]
    )
    assert float(rows[0][2]) == pytest.approx(result["EMA_S"].iloc[-1], rel=1e-5)
    assert rows[-1][2] == ""


def test_a_stream_before_its_numbers() -> None:
    stream = Stream(cutout=10)
    stream.update(1.0)
    assert repr(stream).endswith("close 1, Average Signal +nan, no direction>")


def test_a_panel_stream() -> None:
    panel = PanelStream(["A", "<b>"])
    assert repr(panel) == "<PanelStream of 2 symbols, ATCConfig(): 0 long, 0 short>"
    for price in CLOSE:
        panel.update({"A": price})
    result = compute_atc_signals(CLOSE)
    named = {1.0: "long", -1.0: "short"}[direction(result).iloc[-1]]
    assert f"1 {named}" in repr(panel)
    rows = rows_of(panel._repr_html_())
    assert rows[0][:2] == ["A", "500"]
    assert float(rows[0][-2]) == pytest.approx(result["Average_Signal"].iloc[-1], abs=1e-5)
    assert rows[0][-1] == named
    assert rows[1][:2] == ["&lt;b&gt;", "0"]
    assert repr(PanelStream([])) == "<PanelStream of 0 symbols, ATCConfig(): 0 long, 0 short>"
    assert rows_of(PanelStream([])._repr_html_()) == []


def test_many_symbols_in_a_notebook() -> None:
    html = PanelStream(range(1000))._repr_html_()
    assert html.count("<tr") < 100
    assert "<td>...</td>" in html


def test_kernels() -> None:
    table = atc_cy.kernels()
    assert isinstance(table, list)
    lines = repr(table).splitlines()
    assert lines[0].split() == ["preset", "structure", "origin", "CPU", "level", "error"]
    assert [line.split()[0] for line in lines[1:]] == [row.preset or "generic" for row in table]
    rows = rows_of(table._repr_html_())  # type: ignore[attr-defined]
    assert [row[1] for row in rows] == [row.preset or "generic" for row in table]
    assert [row[4] for row in rows] == [row.cpu_level for row in table]


def test_pages_say_what_they_show() -> None:
    """In a terminal, where a notebook would show the page itself."""
    saved = r"; .save('page.html') writes it>"
    assert repr(atc_cy.chart(CLOSE, title="EUR\x1b[2J")) == rf"<Chart: EUR\x1b[2J, 500 bars{saved}"
    assert repr(atc_cy.screener({"A": CLOSE})) == f"<Screener: 1 symbol{saved}"
    assert repr(atc_cy.screener({"A": CLOSE, "B": [-1.0]})) == f"<Screener: 1 symbol, 1 failed{saved}"
    page = atc_cy.plot_sweep(atc_cy.sweep(CLOSE, {"La": [0.0, 0.05]}), title="EUR")
    assert repr(page) == f"<SweepPage: EUR{saved}"
