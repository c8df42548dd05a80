// A chart in its view: the panes, what is drawn, and all that is shown of the bar under the pointer.

/** Draws the numbers of one symbol. What is returned inherits from the page, whose colours follow the theme. */
function showChart(page, facts, column) {
  const {rows} = facts, digits = facts.columns.find(({name}) => name === "close")?.digits ?? 2;
  const decimals = new Intl.NumberFormat("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits});
  const view = Object.assign(Object.create(page), {
    facts, rows, column, digits,
    price: value => decimals.format(value),
    nameOf: barNames(facts, column),
    candles: facts.columns.some(({name}) => name === "open"),
    gradient: gradient(facts.bull, facts.bear),
    shown: new Set([...facts.lines, "Events", ...(facts.labels ? ["Labels"] : [])]),
    panes: new Map(),
    readers: [],
  });
  for (const place of ["status", "legend", "ranges", "panes"]) byId(place).replaceChildren();
  view.barColour = barColour(view);
  view.chart = createChart(view);
  addPanes(view);
  addLegend(view);
  view.readers.push(statusLine(view, byId("status")));
  byId("headline").textContent = headline(view);
  byId("headline").className = trendOf(column("direction")[rows - 1]);
  document.body.dataset.panes = facts.panes.includes("Price") ? "all" : "signals";
  followPointer(view);
  addRanges(view);
  const room = innerWidth < 700 ? Math.floor(innerWidth / 3) : Infinity;  // a phone: three pixels a bar at least
  view.view(rows - Math.min(facts.bars, room));
  return view;
}

/** Of the value's gradient, or of the direction; grey where there is none yet. */
function barColour({column, facts, gradient}) {
  const values = column(facts.colorFrom === "direction" ? "direction" : "value");
  return bar => Number.isNaN(values[bar]) ? "#868b98" : gradient(values[bar]);
}

function addPanes(page) {
  for (const name of page.facts.panes) {
    page.shown.add(name);
    addPane(page, name);
  }
}

function addPane(page, name) {
  const order = Object.keys(PANES), above = order.slice(0, order.indexOf(name)).filter(other => page.panes.has(other));
  page.panes.set(name, PANES[name](page, page.panes.size));
  page.panes.get(name).getPane().moveTo(above.length);
  page.panes.forEach((host, each) => host.getPane().setStretchFactor(SHARES[each]));
}

/** A button for all that can be switched off; a line's shows its dashes. */
function addLegend(page) {
  const priced = page.facts.panes.includes("Price");
  const names = [...page.facts.lines, ...(priced ? ["Events", "Labels"] : []), ...page.facts.panes.slice(1)];
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

/** Shows a bar in what reads it, such as the status line: the one under the pointer, the keys' one, or the last. */
function followPointer(page) {
  const {chart, rows} = page;
  page.read = bar => {
    page.bar = Math.min(Math.max(bar, 0), rows - 1);
    page.readers.forEach(reader => reader(page.bar));
  };
  const pointed = ({logical}) => page.read(logical ?? rows - 1);
  chart.subscribeCrosshairMove(pointed);
  chart.subscribeClick(pointed);
  page.read(rows - 1);
  byId("chart").onkeydown = event => {
    const {from, to} = chart.timeScale().getVisibleLogicalRange(), wide = Math.max(Math.round(to - from), 1);
    const steps = {
      ArrowLeft: page.bar - 1, ArrowRight: page.bar + 1, PageUp: page.bar - wide, PageDown: page.bar + wide, Home: 0, End: rows - 1,
    };
    const zooms = {"+": 0.8, "=": 0.8, "-": 1.25};
    if (event.key in steps) goTo(page, steps[event.key]);
    else if (event.key in zooms) zoom(page, zooms[event.key]);
    else return;
    event.preventDefault();
  };
}

/** The column that the keys' cross follows in a pane. */
const GUIDES = {Price: "close", Average: "Average_Signal", Equity: "equity"};

function goTo(page, bar) {
  const scale = page.chart.timeScale(), [name, host] = page.panes.entries().next().value;
  page.read(bar);
  const {from, to} = scale.getVisibleLogicalRange(), moved = page.bar < from ? page.bar - from - 1 : page.bar > to ? page.bar - to + 1 : 0;
  if (moved) scale.setVisibleLogicalRange({from: from + moved, to: to + moved});
  page.chart.setCrosshairPosition(page.column(GUIDES[name])[page.bar], page.bar, host);
}

/** About the bar that is read, which stays where it is; about the end of the view, if the bar is not in it. */
function zoom(page, factor) {
  const scale = page.chart.timeScale(), {from, to} = scale.getVisibleLogicalRange();
  const still = page.bar >= from && page.bar <= to ? page.bar : to;
  scale.setVisibleLogicalRange({from: still - (still - from) * factor, to: still + (to - still) * factor});
}

/** Months where bars have times, else numbers of bars. */
function addRanges(page) {
  const {chart, rows, facts, column} = page, buttons = [];
  page.view = first => {
    const from = Math.max(first, 0), room = Math.max((rows - from) * 60 / byId("chart").clientWidth, 1);
    chart.timeScale().setVisibleLogicalRange({from, to: rows - 1 + room});
  };
  const since = months => () => {
    const time = column("time"), start = new Date(time[rows - 1] * facts.times.unit * 1000), day = start.getUTCDate();
    start.setUTCMonth(start.getUTCMonth() - months);
    if (start.getUTCDate() !== day) start.setUTCDate(0);  // the month is shorter: its last day
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
