// Assembles the page of a sweep: what is chosen, the map, the table, and what they show of each other.

/** The configs of a symbol, the best first. */
async function openSweep({metrics}, at) {
  const {facts: {rows, fields}, column} = await openSymbol(at);
  return {
    rows,
    fields: fields.map((field, place) => ({...field, places: column(`field ${place}`)})),
    metrics: metrics.map((metric, place) => ({...metric, values: column(`metric ${place}`)})),
  };
}

const OF_METRIC = -1, CELLS = 0, DOTS = 1;

/** Two fields with more than one value; a lone one is drawn against the metric. */
function firstChoice({by}, sweep) {
  const many = sweep.fields.map((_, at) => at).filter(at => sweep.fields[at].texts.length > 1);
  const [x = 0, y = OF_METRIC] = many;
  return {x, y, metric: by, values: new Map(), kind: kindOf(sweep, x, y)};
}

/** Cells where a quarter of them was tried, else dots: nothing is made up between configs. */
const kindOf = (sweep, x, y) => y !== OF_METRIC && filled(sweep, x, y) >= 0.25 ? CELLS : DOTS;

/** Two axes, the metric, the kind, and a slider for each other field. */
function addChoices(page) {
  const {sweep, choice, facts} = page, {fields, metrics} = sweep;
  const again = changes => {
    Object.assign(choice, changes);
    choice.values.delete(choice.x);
    choice.values.delete(choice.y);
    const place = [...byId("choices").children].findIndex(label => label.contains(document.activeElement));
    addChoices(page);
    byId("choices").children[place]?.lastElementChild.focus();
    drawAll(page);
  };
  byId("choices").replaceChildren();
  if (facts.symbols.length > 1) addSymbols(facts, page.symbol, at => showSymbol(page, at).then(() => byId("choices").querySelector("select").focus()));
  const axes = fields.map(({name}, at) => [at, name]);
  addSelect("across", axes, choice.x, x => {
    const y = x === choice.y ? choice.x : choice.y;
    again({x, y, kind: kindOf(sweep, x, y)});
  });
  addSelect("up", [...axes, [OF_METRIC, "the metric"]], choice.y, y => {
    const x = y === choice.x && choice.y !== OF_METRIC ? choice.y : y === choice.x ? (y + 1) % fields.length : choice.x;
    const up = x === y ? OF_METRIC : y;
    again({x, y: up, kind: kindOf(sweep, x, up)});
  });
  addSelect("metric", metrics.map(({name}, at) => [at, words(name)]), choice.metric, metric => again({metric}));
  const possible = choice.y !== OF_METRIC && filled(sweep, choice.x, choice.y) > 0;
  const kinds = possible ? [[CELLS, "cells, the best of each"], [DOTS, "dots, each config"]] : [[DOTS, "dots, each config"]];
  addSelect("drawn as", kinds, choice.kind, kind => again({kind}));
  fields.forEach((field, at) => {
    if (at !== choice.x && at !== choice.y && field.texts.length > 1) addSlider(page, field, at);
  });
}

/** At its left end all values of a field count, elsewhere one. */
function addSlider(page, {name, texts}, at) {
  const {choice} = page, said = element("b"), slider = element("input", {type: "range", min: 0, max: texts.length, step: 1});
  const all = choice.kind === CELLS ? `best of ${counted.format(texts.length)}` : `all ${counted.format(texts.length)}`;
  const say = () => {
    said.textContent = choice.values.has(at) ? texts[choice.values.get(at)] : all;
    slider.setAttribute("aria-valuetext", said.textContent);
  };
  slider.value = choice.values.has(at) ? choice.values.get(at) + 1 : 0;
  slider.oninput = () => {
    const value = Number(slider.value);
    if (value) choice.values.set(at, value - 1);
    else choice.values.delete(at);
    say();
    drawAll(page);
  };
  say();
  byId("choices").append(element("label", {className: "slider"}, element("span", {}, `${name} `, said), slider));
}

/** Draws the map anew, and the colours in the key and the table. */
function drawAll(page) {
  const {sweep, choice} = page, metric = sweep.metrics[choice.metric];
  page.shades = shadesOf(metric, page.theme);
  page.map = choice.kind === CELLS ? new Cells(choice, page) : new Dots(choice, page);
  byId("sheet").dataset.kind = choice.kind === CELLS ? "cells" : "dots";
  drawKey(page, metric);
  page.ranking.paint(metric, page.shades.colour);
  page.spot = -1;
  drawSheet(page);
  point(page, -1);
}

function drawSheet(page) {
  const place = byId("map"), wide = innerWidth > 900;
  const height = wide ? Math.max(place.clientHeight - 8, 260) : Math.min(Math.max(place.clientWidth, 260), 0.7 * innerHeight);
  const size = onPaper ? {width: 1000, height: 420} : {width: place.clientWidth, height};
  drawMap(page.map, byId("sheet").querySelector("canvas"), size, page.colours, getComputedStyle(document.body).fontFamily);
  mark(page);
}

/** The scale of the colours: the lowest, zero where it is between, the highest; and what has no number. */
function drawKey({shades, map, choice, sweep}, metric) {
  const {least, most, diverges, colour} = shades, key = byId("key"), parts = [];
  if (least <= most) {
    const at = share => least + (most - least) * share;
    const stops = Array.from({length: 33}, (_, step) => colour(at(step / 32)));
    const scale = element("span", {className: "scale", style: `background: linear-gradient(to right, ${stops.join(", ")})`});
    if (diverges) scale.append(element("i", {style: `left: ${100 * -least / (most - least)}%`, title: "0"}));
    parts.push(element("span", {textContent: words(metric.name)}), element("span", {textContent: figure(metric, least)}), scale, element("span", {textContent: figure(metric, most)}));
  }
  if (choice.kind === CELLS) parts.push(element("span", {className: "none"}));
  for (const text of choice.kind === CELLS ? saidOfCells(map, sweep, metric) : saidOfDots(map)) parts.push(element("span", {textContent: text}));
  key.replaceChildren(...parts);
}

function saidOfCells(map, {rows}, {name}) {
  const none = "not tried, or no number";
  return map.count < rows ? [none, `a cell has its config with the best ${words(name)}`] : [none];
}

function saidOfDots({count, missing, y}) {
  const drawn = `${counted.format(count)} ${count === 1 ? "config" : "configs"}, the best on top`;
  if (missing) return [drawn, `${counted.format(missing)} without a number are not drawn`];
  return y ? [drawn, "× has no number"] : [drawn];
}

/** Puts the frames around the best, the selected and the pointed one. */
function mark(page) {
  const {map, ranking, spot} = page, selected = ranking.selected < 0 ? -1 : map.spotOf(ranking.selected);
  const put = (name, at) => {
    const frame = byId("sheet").querySelector(`.${name}`), box = at < 0 ? null : map.boxOf(at);
    frame.style.display = box ? "block" : "none";
    for (const side in box) frame.style[side] = `${side === "left" || side === "top" ? box[side] - 1 : box[side] + 1}px`;
    return frame;
  };
  put("best", map.best);
  put("pointed", spot);
  put("selected", selected).classList.toggle("other", selected >= 0 && map.rowOf(selected) !== ranking.selected);
}

/** Shows a spot in words: the pointed one, else the selected config. */
function point(page, spot) {
  const {map, sweep, choice, ranking} = page, row = spot < 0 ? ranking.selected : map.rowOf(spot), parts = [];
  page.spot = spot;
  const add = (label, text, trend = "") => parts.push(element("span", {}, label && `${label} `, element("b", {textContent: text, className: trend})));
  if (row < 0) {
    if (spot >= 0) for (const [field, place] of map.placesOf(spot)) add(sweep.fields[field].name, sweep.fields[field].texts[place]);
    if (spot >= 0) add("", "not tried");
  } else {
    const metric = sweep.metrics[choice.metric], value = metric.values[row];
    add(words(metric.name), figure(metric, value), metric.signed ? trendOf(value) : "");
    for (const {name, texts, places} of sweep.fields) add(name, texts[places[row]]);
    add("rank", `${counted.format(row + 1)} of ${counted.format(sweep.rows)}`);
  }
  byId("status").replaceChildren(...parts);
  mark(page);
}

function follow(page) {
  const place = byId("map"), sheet = byId("sheet");
  const spotOf = ({clientX, clientY}) => {
    const {left, top} = sheet.getBoundingClientRect();
    return page.map.spotAt(clientX - left, clientY - top);
  };
  const choose = spot => {
    if (spot < 0) return;
    point(page, spot);
    if (page.map.rowOf(spot) >= 0) page.ranking.select(page.map.rowOf(spot), true);
    mark(page);
  };
  sheet.onpointermove = event => point(page, spotOf(event));
  sheet.onpointerleave = () => point(page, -1);
  sheet.onclick = event => choose(spotOf(event));
  place.onkeydown = event => {
    const {key} = event, from = page.spot >= 0 ? page.spot : page.map.spotOf(page.ranking.selected);
    if (key === "Enter" || key === " ") choose(from);
    else if (key === "Home") point(page, page.map.best);
    else if (!key.startsWith("Arrow")) return;
    else point(page, from < 0 ? page.map.best : page.map.next(from, key));
    event.preventDefault();
    if (page.spot >= 0) intoView(place, page.map.boxOf(page.spot));
  };
  place.onblur = () => point(page, -1);
  new ResizeObserver(() => drawSheet(page)).observe(place);
}

/** Scrolls the map to a spot. */
function intoView(place, {left, top, width, height}) {
  const shift = (from, size, at, length) => at < from ? at : at + length > from + size ? at + length - size : from;
  place.scrollLeft = shift(place.scrollLeft, place.clientWidth, left, width);
  place.scrollTop = shift(place.scrollTop, place.clientHeight, top, height);
}

/** Where the numbers come from, and what speaks of luck. */
function explain(page) {
  const {facts, sweep} = page, by = sweep.metrics[facts.by], deflated = sweep.metrics.find(({name}) => name === "deflated_sharpe");
  const configs = `${counted.format(sweep.rows)} ${sweep.rows === 1 ? "config" : "configs"}`;
  byId("headline").textContent = `best ${words(by.name)} ${figure(by, by.values[0])}`;
  byId("headline").className = by.signed ? trendOf(by.values[0]) : "";
  byId("structure").textContent = `${configs}: ${sweep.fields.map(({name, texts}) => `${name} ${counted.format(texts.length)}`).join(" × ")}`;
  const luck = deflated && deflated.values[0] < 0.95;
  byId("warning").hidden = !luck;
  byId("warning").textContent = luck ? `The best of ${configs} may be luck: its deflated Sharpe ratio is ${figure(deflated, deflated.values[0])}, less than the 0.95 to ask for.` : "";
  byId("note").textContent = `Ranked by ${words(by.name)}. All numbers are in sample: the configs were compared on the bars that these numbers are of.`
    + (deflated ? "" : " Whether the best one is luck, the metric deflated_sharpe says.");
}

async function showSymbol(page, at) {
  page.symbol = at;
  page.sweep = await openSweep(page.facts, at);
  page.choice = firstChoice(page.facts, page.sweep);
  page.ranking = new Ranking(byId("ranking"), page.sweep, () => point(page, -1));
  const [earlier, said, later] = byId("turn").children;
  page.ranking.shown = () => {
    const {first, order} = page.ranking;
    said.textContent = `${counted.format(first + 1)}–${counted.format(Math.min(first + PAGE_OF_ROWS, order.length))} of ${counted.format(order.length)}`;
    [earlier.disabled, later.disabled] = [first === 0, first + PAGE_OF_ROWS >= order.length];
  };
  earlier.onclick = () => page.ranking.show(page.ranking.first - PAGE_OF_ROWS);
  later.onclick = () => page.ranking.show(page.ranking.first + PAGE_OF_ROWS);
  page.ranking.selected = 0;
  explain(page);
  addChoices(page);
  drawAll(page);
}

startPage(async facts => {
  const page = {facts};
  document.body.dataset.page = "sweep";
  followTheme(page, () => drawAll(page));
  await showSymbol(page, 0);
  follow(page);
  return page;
});
