// The panes: price with averages and events, the average with its thresholds, the types' signals, their equities.

const DASHES = [[], [9, 3], [5, 3], [2, 2], [9, 3, 2, 3], [13, 3, 2, 3, 2, 3], [1, 3], [16, 4], [6, 2, 1, 2, 1, 2]];

const HIDDEN = {lineVisible: false, pointMarkersVisible: false, crosshairMarkerVisible: false, priceLineVisible: false};

/** The lowest and the highest of the columns in view, for the price axis. */
function extent(chart, columns, rows) {
  const view = chart.timeScale().getVisibleLogicalRange();
  let low = Infinity, high = -Infinity;
  if (view) {
    const first = Math.max(Math.floor(view.from), 0), last = Math.min(Math.ceil(view.to), rows - 1);
    for (const values of columns)
      for (let bar = first; bar <= last; bar++) {
        if (values[bar] < low) low = values[bar];
        if (values[bar] > high) high = values[bar];
      }
  }
  return low <= high ? {priceRange: {minValue: low, maxValue: high}} : null;
}

const SCALE = {scaleMargins: {top: 0, bottom: 0}};
const TITLE = 18;

/** A fixed range of the price axis, with room for the title above. */
const fixed = (minValue, maxValue) => () => ({priceRange: {minValue, maxValue}, margins: {above: TITLE, below: 6}});

/** A pane's series, of which its drawing is seen. The first pane's has all bars, others need the last value alone. */
function addHost(page, pane, values, options, paint) {
  const host = page.chart.addSeries(LightweightCharts.LineSeries, {...HIDDEN, ...options}, pane);
  const last = page.rows - 1;
  if (pane) host.setData([{time: last, value: values[last] || 0}]);
  else host.setData(Array.from(values, (value, time) => Number.isNaN(value) ? {time} : {time, value}));
  host.attachPrimitive(new Drawing(page.rows, paint));
  return host;
}

function addPricePane(page, pane) {
  const {column, facts, rows} = page, close = column("close");
  const candles = page.candles ? ["open", "high", "low"].map(column) : [];
  const format = {type: "custom", minMove: 10 ** -page.digits, formatter: page.price};
  const averages = facts.lines.map((name, at) => ({
    name, dash: DASHES[at], values: column(`${name} average`), signal: column(`${name} lane`),
  }));
  const seen = () => averages.filter(({name}) => page.shown.has(name));
  const paint = view => {
    const {background} = page.colours;
    if (!page.candles) drawLine(view, close, page.barColour, {width: 2});
    for (const {values, signal, dash} of seen())
      drawLine(view, values, bar => signal[bar] > 0 ? facts.bull : facts.bear, {dash});
    if (page.shown.has("Labels")) drawLabels(page, view);
    drawNames(view, seen().map(({name, values, signal}) => ({
      name, values, colour: signal[view.last] > 0 ? page.text.bull : page.text.bear,
    })), background);
  };
  const provider = () => extent(page.chart, page.candles ? candles : [close], rows);  // KAMA climbs from 0
  const shared = {priceFormat: format, autoscaleInfoProvider: provider, priceLineStyle: 1, priceLineSource: 1, title: ""};
  let host;
  if (page.candles) {
    const [open, high, low] = candles;
    host = page.chart.addSeries(LightweightCharts.CandlestickSeries, shared, pane);
    host.setData(Array.from(close, (last, time) => {
      const color = page.barColour(time);
      return {time, open: open[time], high: high[time], low: low[time], close: last,
        color, borderColor: color, wickColor: color};
    }));
    host.attachPrimitive(new Drawing(rows, paint));
  } else {
    host = addHost(page, pane, close, {...shared, priceLineVisible: true, color: page.barColour(rows - 1)}, paint);
  }
  addEvents(page, host);
  return host;
}

const ROOM_OF_EVENT = 10;

/** Arrows at the events, unless so many are in view that they would hide the price. */
function addEvents(page, host) {
  const all = eventMarkers(page), none = [], scale = page.chart.timeScale();
  const markers = LightweightCharts.createSeriesMarkers(host, none, {zOrder: "aboveSeries"});
  page.drawEvents = () => {
    const view = scale.getVisibleLogicalRange();
    const seen = view ? all.filter(({time}) => time >= view.from && time <= view.to).length : 0;
    const wanted = page.shown.has("Events") && seen * ROOM_OF_EVENT < scale.width() ? all : none;
    if (markers.markers().length !== wanted.length) markers.setMarkers(wanted);
    page.events = wanted.length;
  };
  scale.subscribeVisibleLogicalRangeChange(page.drawEvents);
}

/** An arrow at each event, which its shape and its side tell apart too. */
function eventMarkers({column, facts}) {
  return Array.from(column("event"), (event, time) => event && {
    time,
    position: event > 0 ? "belowBar" : "aboveBar",
    shape: event > 0 ? "arrowUp" : "arrowDown",
    color: event > 0 ? facts.bull : facts.bear,
  }).filter(Boolean);
}

const ROOM_OF_LABEL = 22;

/** The value that colours a bar, above it where it is positive, below it elsewhere; where bars have room for it. */
function drawLabels({column, candles, text, colours}, view) {
  if (view.spacing < ROOM_OF_LABEL) return;
  const value = column("value"), [high, low] = candles ? [column("high"), column("low")] : [column("close"), column("close")];
  view.context.textAlign = "center";
  for (let bar = view.first; bar <= view.last; bar++) {
    if (Number.isNaN(value[bar])) continue;
    const above = value[bar] > 0.01, y = above ? view.y(high[bar]) - 9 : view.y(low[bar]) + 9;
    drawText(view, value[bar].toFixed(1), view.x(bar), y, above ? text.bull : text.bear, colours.background);
  }
  view.context.textAlign = "start";
}

function addAveragePane(page, pane) {
  const {column, facts} = page, values = column("Average_Signal"), last = values[page.rows - 1];
  const colourOf = bar => values[bar] > 0 ? facts.bull : values[bar] < 0 ? facts.bear : page.colours.muted;
  const options = {
    autoscaleInfoProvider: fixed(-1, 1),
    priceFormat: {type: "custom", minMove: 0.01, formatter: value => value.toFixed(2)},
    color: colourOf(page.rows - 1),
    lastValueVisible: !Number.isNaN(last),
  };
  const host = addHost(page, pane, values, options, view => {
    drawArea(view, values, pale(facts.bull, 0.2), pale(facts.bear, 0.2));
    drawLine(view, values, colourOf, {width: 2});
    drawText(view, "Average", 10, TITLE / 2, page.colours.muted, page.colours.background);
  });
  for (const [title, price, color] of [["long", facts.thresholds.long, facts.bull], ["short", facts.thresholds.short, facts.bear]])
    host.createPriceLine({title: "", id: title, price, color, lineWidth: 1, lineStyle: 2, axisLabelVisible: false});
  host.createPriceLine({title: "", price: 0, color: page.colours.muted, lineWidth: 1, lineStyle: 0, axisLabelVisible: false});
  host.priceScale().applyOptions(SCALE);
  return host;
}

/** A row a type: a bar up from the row's middle for a signal above 0, down for one below. */
function addSignalPane(page, pane) {
  const {facts, column, gradient} = page, types = facts.types.map(name => ({name, values: column(`${name}_Signal`)}));
  const count = types.length, middle = at => count - at - 0.5;
  const options = {
    autoscaleInfoProvider: fixed(0, count), lastValueVisible: false,
    priceFormat: {type: "custom", minMove: 1, formatter: () => ""},
  };
  const host = addHost(page, pane, new Float64Array(page.rows), options, view => {
    const {context, x, y, first, last, width, spacing, step} = view, wide = Math.max(spacing * step - (spacing > 4 ? 1 : 0), 1);
    types.forEach(({name, values}, at) => {
      const axis = y(middle(at)), height = (y(0) - y(1)) * 0.44;
      context.fillStyle = page.colours.line;
      context.fillRect(0, axis, width, 1);
      for (const bar of barsOf(view)) {
        if (!values[bar]) continue;
        context.fillStyle = gradient(values[bar]);
        context.fillRect(x(bar) - wide / 2, axis, wide, -values[bar] * height);
      }
      const end = Math.min(x(last) + 5 + wide / 2, width - context.measureText(name).width - 3);
      drawText(view, name, end, axis, page.colours.ink, page.colours.background);
    });
    drawText(view, "Type signals", 10, TITLE / 2, page.colours.muted, page.colours.background);
  });
  host.priceScale().applyOptions(SCALE);
  return host;
}

function addEquityPane(page, pane) {
  const {facts, column} = page;
  const lines = facts.types.map((name, at) => ({
    name, dash: DASHES[at], values: column(`${name}_S`), signal: column(`${name}_Signal`),
  }));
  const options = {
    autoscaleInfoProvider: () => {
      const found = extent(page.chart, lines.map(({values}) => values), page.rows);
      return found && {...found, margins: {above: TITLE, below: 8}};
    },
    priceFormat: {type: "custom", minMove: 0.001, formatter: value => value.toFixed(2)},
    lastValueVisible: false,
  };
  const host = addHost(page, pane, lines[0].values, options, view => {
    const colourOf = signal => bar => signal[bar] === 0 ? page.colours.muted : signal[bar] > 0 ? facts.bull : facts.bear;
    for (const {values, signal, dash} of lines) drawLine(view, values, colourOf(signal), {dash});
    drawNames(view, lines.map(({name, values}) => ({name, values, colour: page.colours.ink})), page.colours.background);
    drawText(view, "Equities γ", 10, TITLE / 2, page.colours.muted, page.colours.background);
  });
  host.priceScale().applyOptions(SCALE);
  return host;
}

const PANES = {Price: addPricePane, Average: addAveragePane, Signals: addSignalPane, Equities: addEquityPane};
const SHARES = {Price: 330, Average: 100, Signals: 130, Equities: 100};
