// What is said in words and numbers: the status line, the headline, the weight table; all of one bar.

/** Times as clocks show them, counted in units of seconds; numbers of rows; or texts. */
function barNames({times}, column) {
  if (times.texts) return bar => times.texts[bar];
  const values = column("time");
  if (!times.unit) return bar => String(values[bar]);
  const long = times.unit === 86400 ? 10 : times.unit < 60 ? 19 : 16;
  return bar => new Date(values[bar] * times.unit * 1000).toISOString().slice(0, long).replace("T", " ");
}

/** "long since 2026-10-28, Average +0.86"; of a page whose bars begin after the event, "since before" the first. */
function headline({column, facts, nameOf, rows}) {
  const direction = column("direction"), now = direction[rows - 1];
  let since = rows - 1;
  while (since && direction[since - 1] === now) since--;
  const from = facts.colorFrom === "direction" ? "Average" : facts.colorFrom;
  const trend = Number.isNaN(now) ? "no direction yet" : `${now > 0 ? "long" : "short"} since ${since || column("event")[0] ? "" : "before "}${nameOf(since)}`;
  return `${trend}, ${from} ${signed(column("value")[rows - 1])}`;
}

/** Fills the status line; returns what shows a bar there. */
function statusLine(page, place) {
  const {column, facts, nameOf} = page, fields = [];
  const add = (label, text, trend, className = "") => {
    const value = element("b"), field = element("span", {className}, label && `${label} `, value);
    place.append(field);
    fields.push(bar => {
      value.textContent = text(bar);
      if (trend) value.className = trend(bar);
    });
  };
  add("", nameOf);
  if (facts.panes.includes("Price")) {
    const close = column("close"), change = bar => bar ? 100 * (close[bar] / close[bar - 1] - 1) : NaN;
    const names = page.candles ? ["open", "high", "low", "close"] : ["close"];
    for (const name of names) add(name[0].toUpperCase(), bar => page.price(column(name)[bar]));
    add("", bar => `${signed(change(bar))}%`, bar => trendOf(change(bar)));
  }
  for (const name of ["Average", ...facts.types]) {
    const values = column(`${name}_Signal`);
    add(name, bar => signed(values[bar]), bar => trendOf(values[bar]));
  }
  const direction = column("direction"), event = column("event");
  add("", bar => {
    const words = direction[bar] > 0 ? "▲ long" : direction[bar] < 0 ? "▼ short" : "no direction";
    return words + (event[bar] ? " event" : "");
  }, bar => trendOf(direction[bar]), "turn");
  return bar => fields.forEach(field => field(bar));
}

/** Fills the weight table; returns what shows a bar there. Signals are of the bar, equities of the one before. */
function weightTable({column, facts}, table) {
  const head = element("tr", {}, ...["MA", "Trend", "γ", ...facts.lanes].map(text => element("th", {scope: "col"}, text)));
  const cells = [], body = element("tbody");
  table.append(element("thead", {}, head), body);
  for (const name of facts.types) {
    const row = element("tr", {}, element("th", {scope: "row"}, name));
    const add = (numbers, trends, text, before) => {
      const cell = element("td");
      row.append(cell);
      cells.push(bar => {
        const value = numbers[bar - before];
        cell.textContent = value === undefined || Number.isNaN(value) ? "–" : text(value);
        cell.className = trends ? trendOf(trends[bar]) : "";
      });
    };
    const signal = column(`${name}_Signal`), equity = value => value.toFixed(2);
    add(signal, signal, signed, 0);
    add(column(`${name} γ`), null, equity, 1);
    for (const lane of facts.lanes)
      add(column(`${name} ${lane} equity`), column(`${name} ${lane} signal`), equity, 1);
    body.append(row);
  }
  return bar => cells.forEach(cell => cell(bar));
}
