// The chart of the library: its theme, and a scale that counts bars.

function themeOptions({colours: {background, ink, muted, line}}) {
  const label = {color: muted, labelBackgroundColor: "#4c525e"};
  return {
    layout: {background: {color: background}, textColor: ink, panes: {separatorColor: line, separatorHoverColor: line}},
    grid: {vertLines: {color: line}, horzLines: {color: line}},
    crosshair: {vertLine: label, horzLine: label},
    rightPriceScale: {borderColor: line, entireTextOnly: true},
    timeScale: {borderColor: line},
  };
}

/** The scale counts bars; where months and years begin, its marks weigh more. */
function createChart(page) {
  const {facts, column, nameOf, rows} = page, seconds = facts.times.unit ? column("time") : null;
  const moment = bar => new Date(seconds[bar] * facts.times.unit * 1000);
  class Bars extends LightweightCharts.defaultHorzScaleBehavior() {
    fillWeightsForPoints(points, start) {
      for (let at = start; at < points.length; at++) {
        const bar = points[at].originalTime;
        points[at].timeWeight = seconds ? weightOfTime(bar ? moment(bar - 1) : null, moment(bar)) : weightOfNumber(bar);
      }
    }
  }
  const chart = LightweightCharts.createChartEx(byId("panes"), new Bars(), {
    autoSize: true,
    handleScroll: {vertTouchDrag: false},  // a finger that goes up or down scrolls the page
    crosshair: {mode: LightweightCharts.CrosshairMode.Normal},
    localization: {timeFormatter: nameOf, locale: "en-US"},
    timeScale: {
      minBarSpacing: Math.min(0.5, 200 / rows),
      fixLeftEdge: true,
      enableConflation: true,  // candles narrower than half a pixel are drawn as one
      timeVisible: Boolean(facts.times.unit) && facts.times.unit < 86400,
      secondsVisible: facts.times.unit === 1,
      tickMarkFormatter: seconds ? (bar, kind) => markOfTime(moment(bar), kind) : nameOf,
    },
  });
  chart.applyOptions(themeOptions(page));
  chart.applyOptions({layout: {fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11}});
  return chart;
}

/** The library's own weights: of a second, a minute, an hour, a day, a month, a year. */
function weightOfTime(before, now) {
  if (before === null || before.getUTCFullYear() !== now.getUTCFullYear()) return 70;
  if (before.getUTCMonth() !== now.getUTCMonth()) return 60;
  if (before.getUTCDate() !== now.getUTCDate()) return 50;
  const seconds = now / 1000;
  return [[43200, 33], [21600, 32], [10800, 31], [3600, 30], [1800, 22], [300, 21], [60, 20]]
    .find(([length]) => seconds % length === 0)?.[1] ?? 10;
}

const weightOfNumber = bar => [[1000, 70], [500, 60], [100, 50], [50, 33], [10, 30]].find(([step]) => bar % step === 0)?.[1] ?? 10;

function markOfTime(time, kind) {
  const text = options => time.toLocaleDateString("en-US", {...options, timeZone: "UTC"});
  if (kind === 0) return text({year: "numeric"});
  if (kind === 1) return text({month: "short"});
  if (kind === 2) return text({day: "numeric"});
  return time.toISOString().slice(11, kind === 4 ? 19 : 16);
}
