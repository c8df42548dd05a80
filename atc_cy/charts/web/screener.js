// The page of many symbols: their table, and in its place the chart of the one that is opened.

startPage(async facts => {
  const page = {facts, opened: null};
  page.spark = await openNumbers(byId("numbers").textContent, facts.columns, facts.symbols.name.length * facts.spark.bars);
  const changed = () => {
    paintHeat(page);
    page.opened?.chart.applyOptions(themeOptions(page));
  };
  followTheme(page, changed, () => page.opened?.chart);
  addTable(page);
  addFilters(page);
  paintHeat(page);
  showRows(page);
  followKeys(page, row => openRow(page, row));
  followPlaces(page);
  sayCounts(page);
  sayProblems(facts.problems);
  byId("structure").textContent = facts.structure;
  return page;
});

function sayCounts({rows}) {
  const count = way => rows.filter(({direction}) => direction === way).length;
  byId("counts").append(element("span", {className: "up", textContent: `▲ ${count(1)} long`}), " ",
    element("span", {className: "down", textContent: `▼ ${count(-1)} short`}));
}

function sayProblems(problems) {
  const place = byId("problems"), [summary, list] = place.children;
  place.hidden = !problems.length;
  const some = problems.slice(0, 5).map(([name]) => name).join(", ") + (problems.length > 5 ? ", …" : "");
  summary.textContent = `${problems.length} symbol${problems.length > 1 ? "s" : ""} could not be computed: ${some}`;
  list.append(...problems.map(([name, why]) => element("li", {}, element("b", {textContent: name}), `: ${why}`)));
}

/** Opens a symbol's chart, whose numbers are unpacked only now. */
async function openRow(page, row) {
  const packed = byId("charts").textContent.split("\n")[row.at];
  if (!packed) return;
  page.asked = row;
  const {facts, column} = await openPacked(packed);
  if (page.asked !== row) return;  // another one was asked for meanwhile
  if (!history.state?.opened) history.pushState({opened: true}, "");  // so that the browser's Back comes back, too
  page.opened?.chart.remove();
  byId("list").hidden = true;
  byId("view").hidden = false;
  byId("symbol").textContent = row.name;
  page.opened = showChart(page, {...page.facts, ...page.facts.chart, ...facts}, column);
  choose(page, row);
  byId("chart").focus({preventScroll: true});
}

function closeChart(page) {
  page.asked = null;
  if (!page.opened) return;
  page.opened.chart.remove();
  page.opened = null;
  byId("view").hidden = true;
  byId("list").hidden = false;
  focusRow(page, page.current);
}

/** Escape and the browser's Back come back to the table; up and down go to the next symbol of the table. */
function followPlaces(page) {
  const leave = () => history.state?.opened ? history.back() : closeChart(page);
  const move = step => {
    const row = page.seen[page.seen.indexOf(page.current) + step];
    if (row) openRow(page, row);
  };
  history.replaceState(null, "");
  addEventListener("popstate", () => closeChart(page));
  byId("back").onclick = leave;
  byId("previous").onclick = () => move(-1);
  byId("next").onclick = () => move(1);
  addEventListener("keydown", event => {
    const keys = page.opened ? {Escape: leave, ArrowUp: () => move(-1), ArrowDown: () => move(1)} : {"/": () => byId("search").focus()};
    if (!(event.key in keys) || event.key === "/" && event.target.matches("input")) return;
    event.preventDefault();
    keys[event.key]();
  });
}
