// The page of a walk forward: the equity of all tests beside the prices', and the windows with what each chose.

const DASH_OF_HOLD = [5, 3];

/** The equity and the prices', both 1 before the first test; every other test is shaded. */
function addEquity(view) {
  const {column, facts, rows} = view, equity = column("equity"), hold = column("hold");
  const options = {
    autoscaleInfoProvider: () => extent(view.chart, [equity, hold], rows),
    priceFormat: {type: "custom", minMove: 0.001, formatter: value => value.toFixed(3)},
    color: facts.bull,
  };
  const host = addHost(view, 0, equity, {...options, lastValueVisible: true}, shown => {
    const {colours, text} = view;
    shadeTests(view, shown);
    drawLine(shown, hold, () => colours.muted, {dash: DASH_OF_HOLD});
    drawLine(shown, equity, () => facts.bull, {width: 2});
    drawNames(shown, [
      {name: "equity", values: equity, colour: text.bull}, {name: "buy and hold", values: hold, colour: colours.ink},
    ], colours.background);
  });
  host.createPriceLine({title: "", price: 1, color: view.colours.muted, lineWidth: 1, lineStyle: 1, axisLabelVisible: false});
  return host;
}

function shadeTests({facts: {spans}, selected, colours}, {context, x, height, spacing}) {
  spans.forEach(([first, last], at) => {
    if (at % 2 && at !== selected) return;
    context.fillStyle = at === selected ? "#2962ff26" : pale(colours.muted, 0.08);
    context.fillRect(x(first) - spacing / 2, 0, (last - first + 1) * spacing, height);
  });
}

/** The number of a bar's window; -1 between two of them. */
const windowOf = ({spans}, bar) => spans.findIndex(([first, last]) => first <= bar && bar <= last);

/** Date, equity, the prices', what is held, the window and its config. */
function readWalk({column, facts, nameOf, page}, place) {
  const write = name => bar => figure({percent: false, signed: false, digits: 3}, column(name)[bar]);
  const fields = [["", nameOf], ["equity", write("equity")], ["buy and hold", write("hold")]];
  fields.push(["", bar => ({1: "▲ long", "-1": "▼ short"})[column("position")[bar]] ?? "nothing held"]);
  fields.push(["window", bar => windowOf(facts, bar) + 1 || "–"]);
  for (const name of facts.chosen) {
    const at = facts.head.indexOf(name);
    fields.push([name, bar => facts.windows[windowOf(facts, bar)]?.[at] ?? "–"]);
  }
  const shown = fields.map(([label]) => element("b"));
  place.replaceChildren(...fields.map(([label], at) => element("span", {}, label && `${label} `, shown[at])));
  return bar => fields.forEach(([, text], at) => { shown[at].textContent = text(bar); });
}

/** The windows and, in the last row, all of them; a row that is selected is in view in the chart. */
function windowTable(view, place) {
  const {facts} = view, isText = facts.head.map((_, at) => facts.windows.some(cells => Number.isNaN(parseFloat(cells[at]) + 0) && cells[at]) || /first|last/.test(facts.head[at]));
  const cell = (tag, text, at, more = {}) => element(tag, {textContent: text, className: isText[at] ? "text" : "", ...more});
  const head = element("tr", {}, ...facts.head.map((name, at) => cell("th", words(name), at, {scope: "col"})));
  const body = element("tbody", {}, ...facts.windows.map((cells, row) => {
    const made = element("tr", {tabIndex: row ? -1 : 0}, ...cells.map((text, at) => {
      const shown = cell("td", text, at);
      if (facts.signed[at] && /^[-+]/.test(text)) shown.classList.add(text[0] === "-" ? "down" : "up");
      return shown;
    }));
    made.setAttribute("aria-selected", false);
    return made;
  }));
  place.replaceChildren(element("thead", {}, head), body);
  const rows = [...body.children];
  view.select = at => {
    view.selected = at;
    rows.forEach((row, each) => {
      row.setAttribute("aria-selected", each === at);
      row.tabIndex = each === at ? 0 : -1;
    });
    const [first, last] = facts.spans[at] ?? [0, view.rows - 1], room = Math.max((last - first) / 2, 5);
    view.chart.timeScale().setVisibleLogicalRange({from: first - room, to: last + room});
    view.chart.applyOptions({});
  };
  body.onclick = event => view.select(rows.indexOf(event.target.closest("tr")));
  body.onkeydown = event => {
    const at = rows.indexOf(event.target.closest("tr"));
    const steps = {ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1, Enter: at, " ": at};
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = Math.min(Math.max(steps[event.key], 0), rows.length - 1);
    view.select(next);
    rows[next].focus();
  };
}

async function showWalk(page, at) {
  const {facts: ofSymbol, column} = await openSymbol(at), facts = {...page.facts, ...ofSymbol}, {rows} = facts;
  page.view?.chart.remove();
  for (const place of ["status", "legend", "ranges", "panes"]) byId(place).replaceChildren();
  const view = Object.assign(Object.create(page), {facts, rows, column, nameOf: barNames(facts, column), panes: new Map(), selected: -1});
  page.view = view;
  view.chart = createChart(view);
  view.panes.set("Equity", addEquity(view));
  view.readers = [readWalk(view, byId("status"))];
  followPointer(view);
  addRanges(view);
  windowTable(view, byId("windows"));
  const last = rows - 1, write = value => figure({percent: true, signed: true, digits: null}, value - 1);
  byId("headline").textContent = `${write(column("equity")[last])}, buy and hold ${write(column("hold")[last])}`;
  byId("headline").className = trendOf(column("equity")[last] - 1);
  byId("structure").textContent = `${counted.format(facts.spans.length)} windows, ${counted.format(rows)} bars out of sample`;
  view.view(0);
}

startPage(async facts => {
  const page = {facts};
  followTheme(page, () => page.view.chart.applyOptions(themeOptions(page)), () => page.view.chart);
  byId("choices").hidden = facts.symbols.length < 2;
  if (facts.symbols.length > 1) addSymbols(facts, 0, at => showWalk(page, at));
  await showWalk(page, 0);
  return page;
});
