// The cells of a screener's rows. What a colour tells, a number, an arrow or a length tells too.

const arrow = direction => direction > 0 ? "▲ long" : direction < 0 ? "▼ short" : "–";
const known = (value, text) => value === null ? "–" : text(value);

/** The columns: title, what a row is sorted by, whether the least comes first, whether it is as wide as its longest text, class, and what fills a cell. */
function tableColumns({facts, spark}) {
  const number = digits => new Intl.NumberFormat("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits});
  const numbers = new Map([...new Set(facts.symbols.digits)].map(digits => [digits, number(digits)]));
  const text = of => (cell, row) => { cell.textContent = of(row); };
  return [
    {title: "#", key: "at", least: true, className: "rank", hint: "Place in the ranking", fill: text(({at}) => at + 1)},
    {title: "Symbol", key: "name", least: true, className: "symbol", fill: fillSymbol},
    {title: "Close", key: "close", roomy: true, fill: text(({close, digits}) => known(close, value => numbers.get(digits).format(value)))},
    {title: "Change", key: "change", roomy: true, hint: "From the bar before", fill: fillChange},
    {title: "Average", key: "Average_Signal", fill: fillAverage},
    {title: "Direction", key: "direction", className: "start", fill: fillDirection},
    {title: "Turned", key: "since", least: true, hint: "How many bars ago the direction turned", fill: text(({since}) => known(since, String))},
    {title: `Last ${facts.spark.bars} bars`, className: "middle", fill: (cell, row) => cell.append(sparkline(spark, row.at, facts.spark))},
    ...facts.types.map(name => ({title: name, key: `${name}_Signal`, className: "middle heat", hint: `Signal of ${name}`, fill: fillSignal(`${name}_Signal`)})),
    {title: "Last bar", key: "date", roomy: true, className: "date", fill: text(({date}) => date || "–")},
  ];
}

function fillSymbol(cell, row) {
  row.button = element(row.close === null ? "span" : "button", {type: "button", textContent: row.name, title: row.name, tabIndex: -1});
  cell.append(row.button, ...(row.stale ? [" ", element("em", {textContent: "stale", title: "Its last bar is old"})] : []));
}

function fillChange(cell, {change}) {
  cell.textContent = known(change, value => `${signed(value)}%`);
  cell.className = trendOf(change);
}

function fillDirection(cell, {direction}) {
  cell.textContent = arrow(direction);
  cell.className = `start ${trendOf(direction)}`;
}

/** A number, and a bar from the middle towards -1 or 1. */
function fillAverage(cell, {Average_Signal: value}) {
  const meter = element("span", {className: `meter ${trendOf(value)}`});
  meter.style.setProperty("--from", `${50 + 50 * Math.min(value, 0)}%`);
  meter.style.setProperty("--width", `${50 * Math.abs(value)}%`);
  cell.append(known(value, signed), meter);
}

/** Which is coloured by `paintHeat`. */
const fillSignal = key => (cell, row) => {
  cell.textContent = known(row[key], signed);
  row.heat.push([cell, row[key]]);
};

const SHARE_OF_TINT = 0.6;

/** The more a signal is, the more a cell has of its colour; the number is in what can be read on it. */
function paintHeat({facts, colours, rows}) {
  const styles = new Map();
  for (const {heat, stale} of rows)
    for (const [cell, value] of stale ? [] : heat) {
      if (!styles.has(value)) {
        const tint = mix(colours.background, value > 0 ? facts.bull : facts.bear, SHARE_OF_TINT * Math.abs(value));
        styles.set(value, `background:${tint};color:${inkOn(tint, colours)}`);
      }
      cell.style.cssText = styles.get(value);
    }
}

/** A line whose parts have the colours of the direction. */
function sparkline(spark, row, {bars, height}) {
  const heights = spark("height"), directions = spark("direction"), first = row * bars, parts = {up: "", down: "", flat: ""};
  let drawn = "";
  for (let bar = 1; bar < bars; bar++) {
    const at = first + bar, trend = trendOf(directions[at]);
    if (Number.isNaN(heights[at - 1])) continue;
    const point = `${bar} ${height - heights[at]}`;
    parts[trend] += drawn === trend ? `L${point}` : `M${bar - 1} ${height - heights[at - 1]}L${point}`;
    drawn = trend;
  }
  const image = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  image.setAttribute("viewBox", `0 -2 ${bars - 1} ${height + 4}`);
  image.setAttribute("preserveAspectRatio", "none");
  image.setAttribute("aria-hidden", "true");
  for (const [trend, path] of Object.entries(parts)) {
    if (!path) continue;
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("class", trend);
    line.setAttribute("d", path);
    line.setAttribute("vector-effect", "non-scaling-stroke");
    image.append(line);
  }
  return image;
}
