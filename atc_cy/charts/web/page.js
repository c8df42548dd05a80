// Assembles the page: opens the numbers, builds the panes, and keeps all that is shown on the bar under the pointer.
"use strict";

const byId = name => document.getElementById(name);

async function openPage() {
  const facts = JSON.parse(byId("facts").textContent), {rows} = facts;
  const column = await openNumbers(byId("numbers").textContent, facts.columns, rows);
  const digits = facts.columns.find(({name}) => name === "close")?.digits ?? 2;
  const decimals = new Intl.NumberFormat("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits});
  const page = {
    facts, rows, column, digits,
    price: value => decimals.format(value),
    nameOf: barNames(facts, column),
    candles: facts.columns.some(({name}) => name === "open"),
    gradient: gradient(facts.bull, facts.bear),
    shown: new Set([...facts.lines, "Events", ...(facts.labels ? ["Labels"] : [])]),
    panes: new Map(),
  };
  page.barColour = barColour(page);
  paintTheme(page, facts.theme === "auto" ? preferred() : facts.theme);
  page.chart = createChart(page);
  addPanes(page);
  addLegend(page);
  byId("headline").textContent = headline(page);
  byId("headline").className = trendOf(column("direction")[rows - 1]);
  byId("structure").textContent = [facts.structure, facts.multiplier && `multiplier ${facts.multiplier.toFixed(3)}`].filter(Boolean).join(" · ");
  byId("warning").textContent = facts.problem;
  byId("warning").hidden = !facts.problem;
  document.body.classList.toggle("picture", Boolean(facts.picture));
  document.body.dataset.panes = facts.lines.length ? "all" : "signals";
  followPointer(page);
  addRanges(page);
  byId("theme").onclick = () => changeTheme(page, page.theme === "dark" ? "light" : "dark");
  matchMedia("(prefers-color-scheme: dark)").onchange = () => changeTheme(page, preferred());
  const room = innerWidth < 700 ? Math.floor(innerWidth / 3) : Infinity;  // a phone: three pixels a bar at least
  page.view(rows - Math.min(facts.bars, room));
  requestAnimationFrame(() => {
    performance.mark("usable");
    document.documentElement.dataset.ready = "true";
  });
  return page;
}

/** Of the value's gradient, or of the direction; grey where there is none yet. */
function barColour({column, facts, gradient}) {
  const values = column(facts.colorFrom === "direction" ? "direction" : "value");
  return bar => Number.isNaN(values[bar]) ? "#868b98" : gradient(values[bar]);
}

const preferred = () => matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

function paintTheme(page, theme) {
  const root = document.documentElement, {bull, bear} = page.facts;
  root.dataset.theme = page.theme = theme;
  page.colours = themeColours();
  page.text = {bull: legible(bull, page.colours), bear: legible(bear, page.colours)};
  const properties = {up: page.text.bull, down: page.text.bear, "up-tint": pale(bull, 0.2), "down-tint": pale(bear, 0.2)};
  for (const [name, value] of Object.entries(properties)) root.style.setProperty(`--${name}`, value);
}

function changeTheme(page, theme) {
  paintTheme(page, theme);
  page.chart.applyOptions(themeOptions(page));
}

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

function addPanes(page) {
  const names = page.facts.lines.length ? Object.keys(PANES) : ["Average", "Signals"];
  for (const name of names) if (name !== "Signals" || page.facts.types.length) page.shown.add(name);
  names.forEach(name => { if (page.shown.has(name)) addPane(page, name); });
  page.names = names;
}

function addPane(page, name) {
  const order = Object.keys(PANES), above = order.slice(0, order.indexOf(name)).filter(other => page.panes.has(other));
  page.panes.set(name, PANES[name](page, page.panes.size));
  page.panes.get(name).getPane().moveTo(above.length);
  page.panes.forEach((host, each) => host.getPane().setStretchFactor(SHARES[each]));
}

/** A button for all that can be switched off; a line's shows its dashes. */
function addLegend(page) {
  const names = page.facts.lines.length
    ? [...page.facts.lines, "Events", "Labels", "Average", "Signals", "Equities"] : page.names.slice(1);
  for (const name of names) {
    const at = page.facts.lines.indexOf(name), button = element("button", {type: "button"});
    if (at >= 0) button.innerHTML = `<svg aria-hidden="true"><path d="M0 4H26" stroke-dasharray="${DASHES[at]}"/></svg>`;
    button.append(name);
    button.onclick = () => toggle(page, name, button);
    button.setAttribute("aria-pressed", page.shown.has(name));
    byId("legend").append(button);
  }
}

function toggle(page, name, button) {
  const {shown, panes, chart} = page, now = !shown.has(name);
  if (now) shown.add(name); else shown.delete(name);
  button.setAttribute("aria-pressed", now);
  if (name in PANES && now) addPane(page, name);
  else if (name in PANES) {
    chart.removeSeries(panes.get(name));
    panes.delete(name);
  } else if (name === "Events") page.drawEvents();
  else if (name === "Labels" && now && chart.timeScale().options().barSpacing < ROOM_OF_LABEL)
    page.view(page.rows - Math.floor(byId("chart").clientWidth / (ROOM_OF_LABEL + 4)));
  chart.applyOptions({});
}

/** Shows a bar in the status line and the table: the one under the pointer, the keys' one, or the last. */
function followPointer(page) {
  const {chart, facts, rows} = page, readers = [statusLine(page, byId("status"))];
  if (facts.lanes.length) readers.push(weightTable(page, byId("weights").firstElementChild));
  else byId("weights").remove();
  page.read = bar => {
    page.bar = Math.min(Math.max(bar, 0), rows - 1);
    readers.forEach(reader => reader(page.bar));
  };
  const pointed = ({logical}) => page.read(logical ?? rows - 1);
  chart.subscribeCrosshairMove(pointed);
  chart.subscribeClick(pointed);
  page.read(rows - 1);
  byId("chart").onkeydown = event => {
    const steps = {ArrowLeft: page.bar - 1, ArrowRight: page.bar + 1, Home: 0, End: rows - 1};
    const zooms = {"+": 0.8, "=": 0.8, "-": 1.25};
    if (event.key in steps) goTo(page, steps[event.key]);
    else if (event.key in zooms) zoom(page, zooms[event.key]);
    else return;
    event.preventDefault();
  };
}

function goTo(page, bar) {
  const scale = page.chart.timeScale(), [name, host] = page.panes.entries().next().value;
  page.read(bar);
  const {from, to} = scale.getVisibleLogicalRange(), moved = page.bar < from ? page.bar - from - 1 : page.bar > to ? page.bar - to + 1 : 0;
  if (moved) scale.setVisibleLogicalRange({from: from + moved, to: to + moved});
  page.chart.setCrosshairPosition(page.column(name === "Price" ? "close" : "Average_Signal")[page.bar], page.bar, host);
}

function zoom(page, factor) {
  const scale = page.chart.timeScale(), {from, to} = scale.getVisibleLogicalRange();
  scale.setVisibleLogicalRange({from: to - (to - from) * factor, to});
}

/** Months where bars have times, else numbers of bars. */
function addRanges(page) {
  const {chart, rows, facts, column} = page, buttons = [];
  page.view = first => {
    const from = Math.max(first, 0), room = Math.max((rows - from) * 60 / byId("chart").clientWidth, 1);
    chart.timeScale().setVisibleLogicalRange({from, to: rows - 1 + room});
  };
  const since = months => () => {
    const time = column("time"), start = new Date(time[rows - 1] * facts.times.unit * 1000);
    start.setUTCMonth(start.getUTCMonth() - months);
    return time.findIndex(value => value * facts.times.unit * 1000 >= start);
  };
  const choices = facts.times.unit
    ? [["1M", since(1)], ["3M", since(3)], ["1Y", since(12)]]
    : [50, 250, 1000].filter(bars => bars < rows).map(bars => [String(bars), () => rows - bars]);
  for (const [name, first] of [...choices, ["All", () => 0]]) {
    const button = element("button", {type: "button", textContent: name});
    button.setAttribute("aria-pressed", false);
    button.onclick = () => {
      page.view(first());
      buttons.forEach(other => other.setAttribute("aria-pressed", other === button));
    };
    buttons.push(button);
    byId("ranges").append(button);
  }
}

const opened = openPage();
opened.then(page => { window.page = page; }, error => {
  byId("warning").textContent = `This page cannot be shown: ${error.message}`;
  byId("warning").hidden = false;
  throw error;
});
