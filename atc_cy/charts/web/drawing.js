// Drawing on a pane of the library from typed arrays: only what is in view, at most one point a pixel.

/** What a series draws besides itself: `paint` is called with the view each time the pane is drawn. */
class Drawing {
  constructor(rows, paint) {
    const renderer = {draw: target => target.useMediaCoordinateSpace(space => this.draw(space, rows, paint))};
    this.views = [{zOrder: () => "normal", renderer: () => renderer}];
  }
  attached({chart, series, requestUpdate}) {
    Object.assign(this, {time: chart.timeScale(), series, requestUpdate});
  }
  paneViews() {
    return this.views;
  }
  draw({context, mediaSize: {width, height}}, rows, paint) {
    // From the pane's own edges: prices of 0 and 1 fall on one point where prices are billions.
    const view = this.time.getVisibleLogicalRange(), top = this.series.coordinateToPrice(0);
    if (!view || top === null) return;
    const slope = height / (this.series.coordinateToPrice(height) - top), left = this.time.logicalToCoordinate(0);
    const spacing = this.time.logicalToCoordinate(1) - left;
    const step = Math.max(Math.round(1 / spacing), 1);  // bars a pixel
    const first = Math.max(Math.floor((view.from - 1) / step) * step, 0);
    const last = Math.min(Math.ceil(view.to) + step, rows - 1);
    const x = bar => left + bar * spacing, y = value => (value - top) * slope;
    paint({context, width, height, first, last, step, spacing, x, y});
  }
}

/** The bars that are drawn: the last one always is, however many fall on a pixel. */
function* barsOf({first, last, step}) {
  for (let bar = first; bar < last; bar += step) yield bar;
  if (last >= first) yield last;
}

/** A line that leads to each bar in the colour that the bar has. */
function drawLine(view, values, colourOf, {width = 1.5, dash = []} = {}) {
  const {context, x, y} = view, paths = new Map();
  let before = -1, colour = null, path = null;
  for (const bar of barsOf(view)) {
    if (Number.isNaN(values[bar])) {
      before = -1;
      continue;
    }
    if (before >= 0) {
      const now = colourOf(bar);
      if (now !== colour || path === null) {
        colour = now;
        if (!paths.has(colour)) paths.set(colour, new Path2D());
        path = paths.get(colour);
        path.moveTo(x(before), y(values[before]));
      }
      path.lineTo(x(bar), y(values[bar]));
    } else path = null;
    before = bar;
  }
  const fine = view.step > 1;  // dashes and round joins cannot be seen then, and take long
  context.lineWidth = fine ? 1 : width;
  context.lineJoin = fine ? "bevel" : "round";
  context.setLineDash(fine ? [] : dash);
  for (const [stroke, whole] of paths) {
    context.strokeStyle = stroke;
    context.stroke(whole);
  }
  context.setLineDash([]);
}

/** The area between a line and zero, above it in one colour and below it in the other. */
function drawArea(view, values, above, below) {
  const {context, x, y, width, height, first, last} = view;
  const path = new Path2D();
  let open = false;
  for (const bar of barsOf(view)) {
    if (Number.isNaN(values[bar])) continue;
    if (!open) path.moveTo(x(bar), y(0));
    open = true;
    path.lineTo(x(bar), y(values[bar]));
  }
  if (!open) return;
  path.lineTo(x(last), y(0));
  for (const [colour, top, bottom] of [[above, 0, y(0)], [below, y(0), height]]) {
    context.save();
    context.beginPath();
    context.rect(x(first), top, Math.min(x(last) - x(first), width * 2), bottom - top);
    context.clip();
    context.fillStyle = colour;
    context.fill(path);
    context.restore();
  }
}

const FONT = "11px -apple-system, BlinkMacSystemFont, 'Trebuchet MS', Roboto, Ubuntu, sans-serif";

function drawText({context}, text, x, y, colour, background) {
  context.font = FONT;
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.strokeStyle = background;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** Each line's name where it ends, or leaves the view, none upon another. */
function drawNames(view, lines, background) {
  const {context, width, height, first, last, x, y} = view;
  context.font = FONT;
  const gap = Math.min(12, height / lines.length), names = [];
  for (const {name, values, colour} of lines) {
    let bar = last;
    while (bar > first && x(bar) > width) bar--;
    if (bar >= first && !Number.isNaN(values[bar])) names.push({name, colour, x: x(bar), y: y(values[bar])});
  }
  names.sort((one, other) => one.y - other.y);
  spread(names, gap, height);
  for (const {name, colour, x: end, y: middle} of names)
    drawText(view, name, Math.min(end + 5, width - context.measureText(name).width - 3), middle, colour, background);
}

/** Moves names apart, as little as it takes: those that would touch share the way. */
function spread(names, gap, height) {
  const groups = [];
  for (const name of names) {
    let group = {names: [name], middle: name.y};
    while (groups.length && topOf(group, gap) < topOf(groups.at(-1), gap) + groups.at(-1).names.length * gap) {
      const above = groups.pop(), all = [...above.names, ...group.names];
      group = {names: all, middle: all.reduce((sum, {y}) => sum + y, 0) / all.length};
    }
    groups.push(group);
  }
  for (const group of groups) {
    const first = Math.min(Math.max(topOf(group, gap), 0), height - group.names.length * gap);
    group.names.forEach((name, at) => { name.y = first + (at + 0.5) * gap; });
  }
}

const topOf = ({names, middle}, gap) => middle - names.length * gap / 2;
