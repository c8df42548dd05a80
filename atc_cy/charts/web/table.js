// The table of a screener: its rows, their order, and which of them are seen.

/** Makes the head and all rows. They have roles, since on a screen they are laid out as grids: see screener.css. */
function addTable(page) {
  const columns = tableColumns(page), {symbols} = page.facts, fields = Object.keys(symbols);
  page.rows = symbols.name.map((_, at) => ({at, heat: [], ...Object.fromEntries(fields.map(field => [field, symbols[field][at]]))}));
  page.body = document.querySelector("#rows tbody");
  for (const row of page.rows) {
    row.element = element("tr", {role: "row", className: row.stale ? "old" : ""});
    for (const {key, className = "", fill} of columns) {
      const cell = key === "name" ? element("th", {role: "rowheader", scope: "row", className}) : element("td", {role: "cell", className});
      fill(cell, row);
      row.element.append(cell);
    }
  }
  page.rowOf = new Map(page.rows.map(row => [row.element, row]));
  const head = document.querySelector("#rows thead tr");
  for (const column of columns) {
    column.head = element("th", {role: "columnheader", scope: "col", className: (column.className ?? "").replace("heat", "")});
    const title = element(column.key ? "button" : "span", {type: "button", textContent: column.title, title: column.hint ?? ""});
    if (column.key) title.onclick = () => turn(page, column);
    column.head.append(title);
    head.append(column.head);
  }
  const {style} = head.closest("table");
  style.setProperty("--types", page.facts.types.length);
  columns.forEach(({key, roomy}, at) => {  // no digit of a price is cut off
    if (roomy) style.setProperty(`--${key}`, Math.max(0, ...page.rows.map(row => row.element.children[at].textContent.length)));
  });
  page.sorted = {column: columns[0], least: true};
}

/** A press on a head: by this column, then the other way round. */
function turn(page, column) {
  const again = page.sorted.column === column;
  page.sorted = {column, least: again ? !page.sorted.least : Boolean(column.least)};
  showRows(page);
}

/** What is missing comes last; rows that are equal keep the order of the ranking. */
function compare({column: {key}, least}) {
  const way = least ? 1 : -1;
  return (one, other) => {
    const [a, b] = [one[key], other[key]];
    if (a === b) return one.at - other.at;
    if (a === null || b === null) return a === null ? 1 : -1;
    return a < b ? -way : way;
  };
}

/** Puts the rows that the filters let pass into the table, in order. */
function showRows(page) {
  const {body, rows, sorted, filters} = page;
  page.seen = rows.filter(row => filters.every(filter => filter(row))).sort(compare(sorted));
  body.replaceChildren(...page.seen.map(row => row.element));
  if (!page.seen.length) {
    const cell = element("td", {role: "cell", className: "none", textContent: "No symbol is what you ask for.", colSpan: 20});
    body.append(element("tr", {role: "row"}, cell));
  }
  document.querySelectorAll("#rows [aria-sort]").forEach(head => head.removeAttribute("aria-sort"));
  sorted.column.head.setAttribute("aria-sort", sorted.least ? "ascending" : "descending");
  byId("found").textContent = (page.seen.length === rows.length ? "" : `${page.seen.length} of `) + `${rows.length} symbol${rows.length === 1 ? "" : "s"}`;
  if (!page.seen.includes(page.current)) choose(page, page.seen[0]);
}

/** The row that Tab leads to. */
function choose(page, row) {
  if (page.current) page.current.button.tabIndex = -1;
  page.current = row;
  if (row) row.button.tabIndex = 0;
}

function focusRow(page, row) {
  if (!row) return;
  choose(page, row);
  row.button.focus();
}

/** Arrows, Home and End go from row to row; from the search they lead into the table. */
function followKeys(page, open) {
  const step = {ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity};
  page.body.onkeydown = event => {
    if (!(event.key in step)) return;
    event.preventDefault();
    const at = page.seen.indexOf(page.rowOf.get(event.target.closest("tr"))) + step[event.key];
    focusRow(page, page.seen[Math.min(Math.max(at, 0), page.seen.length - 1)]);
  };
  page.body.onclick = ({target}) => {
    const row = page.rowOf.get(target.closest("tr"));
    if (row) open(row);
  };
  byId("search").onkeydown = ({key}) => {
    if (key === "ArrowDown") focusRow(page, page.seen[0]);
    else if (key === "Enter" && page.seen.length) open(page.seen[0]);
  };
}

const FRESH = [0, 1, 3, 5, 10, 20, 50];

/** The search, the direction, how fresh it is, and whether stale symbols are seen. */
function addFilters(page) {
  const search = byId("search"), fresh = byId("fresh"), stale = byId("stale");
  const chosen = {way: 0, stale: false};
  page.filters = [
    ({name}) => name.toLowerCase().includes(search.value.trim().toLowerCase()),
    ({direction}) => !chosen.way || direction === chosen.way,
    ({since}) => !fresh.value || since !== null && since <= Number(fresh.value),
    row => !chosen.stale || !row.stale,
  ];
  search.oninput = fresh.onchange = () => showRows(page);
  for (const [text, way] of [["All", 0], ["▲ Long", 1], ["▼ Short", -1]]) {
    const button = element("button", {type: "button", textContent: text});
    button.setAttribute("aria-pressed", way === 0);
    button.onclick = () => {
      chosen.way = way;
      for (const other of byId("way").children) other.setAttribute("aria-pressed", other === button);
      showRows(page);
    };
    byId("way").append(button);
  }
  fresh.append(element("option", {value: "", textContent: "Turned at any time"}));
  for (const bars of FRESH)
    fresh.append(element("option", {value: bars, textContent: bars ? `Turned ≤ ${bars} bar${bars > 1 ? "s" : ""} ago` : "Turned on the last bar"}));
  stale.hidden = !page.rows.some(row => row.stale);
  stale.onclick = () => {
    chosen.stale = !chosen.stale;
    stale.setAttribute("aria-pressed", chosen.stale);
    showRows(page);
  };
}
