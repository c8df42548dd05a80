// On paper a page is white, and its chart a picture: a canvas keeps the width of the screen, and is cut off.

const SHEET = {width: 1240, height: 500};

/** Whether what is drawn now is printed. */
let onPaper = false;

/** `paint` gives the page a theme; `chart` is the library's chart that is seen, if there is one. */
function followPrinter(page, paint, chart) {
  let theme = "", picture = null;
  addEventListener("beforeprint", () => {
    theme = page.theme;
    onPaper = true;
    paint("light");
    picture = chart() && pictureOf(chart());
    if (picture) byId("chart").append(picture);
  });
  addEventListener("afterprint", () => {
    picture?.remove();
    onPaper = false;
    paint(theme);
  });
}

/** The bars in view, as wide as a sheet; the chart is then as it was. */
function pictureOf(chart) {
  const scale = chart.timeScale(), view = scale.getVisibleLogicalRange(), {clientWidth, clientHeight} = byId("panes");
  const resize = (wide, high) => {
    chart.resize(wide, high);
    scale.setVisibleLogicalRange(view);
  };
  chart.applyOptions({autoSize: false});
  resize(SHEET.width, SHEET.height);
  const picture = chart.takeScreenshot(true);  // with the events
  resize(clientWidth, clientHeight);
  chart.applyOptions({autoSize: true});
  return picture;
}
