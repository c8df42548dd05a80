// The map: cells of two fields' values, or a dot for each config; what is under a point; the way of the keys.

const BOTTOM = 38, TOP = 22, RIGHT = 12, LEAST = 2, WIDEST = 132, HIGHEST = 64;

/** Round numbers between two others, some six of them, and their texts. */
function roundNumbers(least, most, isPercent = false) {
  if (!(most > least)) return least === most ? [{value: least, text: general(least)}] : [];
  const factor = isPercent ? 100 : 1, rough = factor * (most - least) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(times => times * power >= rough * 0.999), digits = Math.max(-Math.floor(Math.log10(step)), 0);
  const found = [];
  for (let at = Math.ceil(factor * least / step - 1e-9); at * step <= factor * most * (1 + 1e-12) + 1e-300; at++)
    found.push({value: at * step / factor, text: (at * step).toFixed(digits) + (isPercent ? "%" : "")});
  return found;
}

/** What stands along the axis of a field: each value in cells, round numbers between dots. */
const marksOf = ({texts, numbers}, inProportion) =>
  numbers && inProportion ? roundNumbers(numbers[0], numbers.at(-1)) : texts.map((text, value) => ({value, text}));

/** Lines that mean: there is no number here. */
function hatch(context, colour) {
  const tile = new OffscreenCanvas(6, 6), drawn = tile.getContext("2d");
  drawn.strokeStyle = colour;
  drawn.beginPath();
  for (const shift of [-6, 0, 6]) {
    drawn.moveTo(shift, 6);
    drawn.lineTo(shift + 6, 0);
  }
  drawn.stroke();
  return context.createPattern(tile, "repeat");
}

/** A cell for each pair of values, of which it shows the best config. A spot is the number of a cell. */
class Cells {
  constructor(choice, {sweep, shades}) {
    const {x, y, metric} = choice;
    Object.assign(this, {sweep, shades, choice, x: sweep.fields[x], y: sweep.fields[y], metric: sweep.metrics[metric]});
    [this.wide, this.high] = [this.x.texts.length, this.y.texts.length];
    this.rows = bestOfCells(sweep, choice);
    this.best = -1;
    this.rows.forEach((_, cell) => {
      if (better(this.metric, this.valueOf(cell), this.best < 0 ? NaN : this.valueOf(this.best))) this.best = cell;
    });
    this.count = this.rows.reduce((sum, row) => sum + (row >= 0), 0);
  }
  valueOf(cell) {
    return this.rows[cell] < 0 ? NaN : this.metric.values[this.rows[cell]];
  }
  /** How large it is drawn in a place of this size, which it may be larger than. */
  measure(width, height, left) {
    this.cellWide = Math.min(Math.max((width - left - RIGHT) / this.wide, LEAST), WIDEST);
    this.cellHigh = Math.min(Math.max((height - TOP - BOTTOM) / this.high, LEAST), HIGHEST);
    this.left = left;
    this.width = Math.max(left + RIGHT + this.cellWide * this.wide, Math.min(width, 320));
    this.height = TOP + BOTTOM + this.cellHigh * this.high;
  }
  xOf(place) {
    return this.left + (place + 0.5) * this.cellWide;
  }
  yOf(place) {
    return TOP + (this.high - place - 0.5) * this.cellHigh;
  }
  /** The texts of both axes, with their places. */
  axes() {
    return {
      across: marksOf(this.x).map(({text, value}) => ({text, place: this.xOf(value)})),
      up: marksOf(this.y).map(({text, value}) => ({text, place: this.yOf(value)})),
      names: [this.x.name, this.y.name],
    };
  }
  draw(context, colours) {
    const none = hatch(context, colours.line), gap = Math.min(this.cellWide, this.cellHigh) > 6 ? 1 : 0;
    const roomy = this.cellHigh >= 17;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let cell = 0; cell < this.rows.length; cell++) {
      const {left, top, width, height} = this.boxOf(cell), value = this.valueOf(cell);
      const fill = Number.isNaN(value) ? none : this.shades.colour(value);
      context.fillStyle = fill;
      context.fillRect(left, top, width - gap, height - gap);
      if (!roomy || this.rows[cell] < 0) continue;
      const text = figure(this.metric, value);
      if (context.measureText(text).width > this.cellWide - 8) continue;
      context.fillStyle = fill === none ? colours.muted : inkOn(fill, colours);
      context.fillText(text, left + width / 2, top + height / 2);
    }
  }
  spotAt(x, y) {
    const across = Math.floor((x - this.left) / this.cellWide), down = Math.floor((y - TOP) / this.cellHigh);
    const inside = across >= 0 && across < this.wide && down >= 0 && down < this.high;
    return inside ? (this.high - 1 - down) * this.wide + across : -1;
  }
  boxOf(cell) {
    const across = cell % this.wide, up = Math.floor(cell / this.wide);
    return {
      left: this.left + across * this.cellWide, top: TOP + (this.high - 1 - up) * this.cellHigh,
      width: this.cellWide, height: this.cellHigh,
    };
  }
  rowOf(cell) {
    return this.rows[cell];
  }
  spotOf(row) {
    return this.y.places[row] * this.wide + this.x.places[row];
  }
  /** The fields' values of a cell, tried or not. */
  placesOf(cell) {
    return new Map([[this.choice.x, cell % this.wide], [this.choice.y, Math.floor(cell / this.wide)]]);
  }
  next(cell, key) {
    const across = cell % this.wide, up = Math.floor(cell / this.wide);
    const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
    const [right, above] = moves[key], to = [across + right, up + above];
    return to[0] < 0 || to[0] >= this.wide || to[1] < 0 || to[1] >= this.high ? cell : to[1] * this.wide + to[0];
  }
}

/** A dot for each config that was tried, where its numbers are. A spot is a config's row. */
class Dots {
  constructor(choice, {sweep, shades}) {
    const {x, y, metric, values} = choice;
    Object.assign(this, {sweep, shades, choice, x: sweep.fields[x], y: sweep.fields[y] ?? null, metric: sweep.metrics[metric]});
    const numbers = this.metric.values, all = [...held(sweep, values)];
    // The best are drawn last, and so lie on top; with the metric upwards, what has no number has no place.
    this.drawn = (this.y ? all : all.filter(row => Number.isFinite(numbers[row])))
      .sort((one, other) => better(this.metric, numbers[one], numbers[other]) ? 1 : better(this.metric, numbers[other], numbers[one]) ? -1 : other - one);
    const last = this.drawn.at(-1) ?? -1;
    this.best = last < 0 || Number.isNaN(numbers[last]) ? -1 : last;
    this.count = this.drawn.length;
    this.missing = all.length - this.count;
    this.radius = this.count > 20_000 ? 1.5 : this.count > 1_000 ? 3 : 5;
    this.across = proportion(...rangeOf(this.x));
    this.up = proportion(...(this.y ? rangeOf(this.y) : [this.shades.least, this.shades.most]));
  }
  measure(width, height, left) {
    Object.assign(this, {left, width, height, plotWide: width - left - RIGHT - 16, plotHigh: height - TOP - BOTTOM - 16});
    this.orders = new Map();
  }
  /** Of a share of the axes, 0 to 1. */
  xAt(share) {
    return this.left + 8 + share * this.plotWide;
  }
  yAt(share) {
    return TOP + 8 + (1 - share) * this.plotHigh;
  }
  axes() {
    const {least, most} = this.shades;
    const up = this.y ? marksOf(this.y, true) : roundNumbers(least, most, this.metric.percent);
    return {
      across: marksOf(this.x, true).map(({text, value}) => ({text, place: this.xAt(this.across(value))})),
      up: up.map(({text, value}) => ({text, place: this.yAt(this.up(value))})),
      names: [this.x.name, this.y ? this.y.name : words(this.metric.name)],
    };
  }
  xOf(row) {
    return this.xAt(this.across(valueAt(this.x, row)));
  }
  heightOf(row) {
    return this.yAt(this.up(this.y ? valueAt(this.y, row) : this.metric.values[row]));
  }
  draw(context, colours) {
    for (const row of this.drawn) {
      const x = this.xOf(row), y = this.heightOf(row), value = this.metric.values[row], {radius} = this;
      context.beginPath();
      if (Number.isNaN(value)) {  // a cross: it was tried, and has no number
        context.strokeStyle = colours.muted;
        context.moveTo(x - radius, y - radius);
        context.lineTo(x + radius, y + radius);
        context.moveTo(x - radius, y + radius);
        context.lineTo(x + radius, y - radius);
        context.stroke();
      } else {
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.fillStyle = this.shades.colour(value);
        context.fill();
        if (radius > 3) {
          context.strokeStyle = colours.muted;
          context.stroke();
        }
      }
    }
  }
  spotAt(x, y) {
    let nearest = -1, least = 16 ** 2;
    for (const row of this.drawn) {
      const away = (this.xOf(row) - x) ** 2 + (this.heightOf(row) - y) ** 2;
      if (away <= least) [nearest, least] = [row, away];
    }
    return nearest;
  }
  boxOf(row) {
    const size = this.radius + 3, x = this.xOf(row), y = this.heightOf(row);
    return {left: x - size, top: y - size, width: 2 * size, height: 2 * size};
  }
  rowOf(row) {
    return row;
  }
  spotOf(row) {
    return this.drawn.includes(row) ? row : -1;
  }
  placesOf(row) {
    return new Map(this.sweep.fields.map(({places}, field) => [field, places[row]]));
  }
  /** Left and right go along x, up and down along y; of equals, along the other one. */
  next(row, key) {
    const sideways = key === "ArrowLeft" || key === "ArrowRight";
    if (!this.orders.has(sideways)) {
      const x = each => this.xOf(each), y = each => -this.heightOf(each);
      const [first, then] = sideways ? [x, y] : [y, x];
      this.orders.set(sideways, [...this.drawn].sort((one, other) => first(one) - first(other) || then(one) - then(other)));
    }
    const order = this.orders.get(sideways), step = key === "ArrowLeft" || key === "ArrowDown" ? -1 : 1;
    return order[Math.min(Math.max(order.indexOf(row) + step, 0), order.length - 1)];
  }
}

/** Draws cells or dots with their axes into a canvas that is as large as they need. */
function drawMap(shown, canvas, {width, height}, colours, fontFamily) {
  const context = canvas.getContext("2d"), font = `11px ${fontFamily}`, ratio = devicePixelRatio || 1;
  context.font = font;
  shown.measure(width, height, 0);
  const wideOf = text => text.length > 40 ? Infinity : context.measureText(text).width;
  const widest = shown.axes().up.reduce((most, {text}) => Math.max(most, wideOf(text)), 20);
  shown.measure(width, height, Math.ceil(Math.min(widest, width / 3)) + 16);
  canvas.width = Math.ceil(shown.width * ratio);
  canvas.height = Math.ceil(shown.height * ratio);
  Object.assign(canvas.style, {width: `${shown.width}px`, height: `${shown.height}px`});
  context.scale(ratio, ratio);
  context.font = font;
  shown.draw(context, colours);
  drawAxes(context, shown, shown.axes(), colours);
}

/** As many texts as have room. */
function drawAxes(context, {left, width, height}, {up, across, names}, colours) {
  const bottom = height - BOTTOM, right = width - RIGHT;
  const draw = (marks, roomOf, write) => {
    let before = -Infinity;
    for (const {text, place} of marks) {
      if (Math.abs(place - before) < roomOf(text)) continue;
      before = place;
      write(text, place);
    }
  };
  context.fillStyle = colours.muted;
  context.textBaseline = "middle";
  context.textAlign = "right";
  draw(up, () => 18, (text, y) => context.fillText(text, left - 6, y, left - 10));
  context.textAlign = "center";
  draw(across, text => context.measureText(text).width + 12, (text, x) => context.fillText(text, x, bottom + 10, 160));
  context.fillStyle = colours.ink;
  context.textAlign = "left";
  context.fillText(names[1], 8, TOP / 2);
  context.textAlign = "right";
  context.fillText(names[0], right, bottom + 27);
}
