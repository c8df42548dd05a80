// Which configs a map shows, and where: a cell for each pair of values, or a dot for each config.

const MOST_CELLS = 400_000, MOST_VALUES = 2_000;

/** Whether one number is better than another; one that is missing never is. */
function better({low}, one, other) {
  return !Number.isNaN(one) && (Number.isNaN(other) || (low ? one < other : one > other));
}

/** The configs that have the values which are held. */
function* held({rows, fields}, values) {
  const kept = [...values].map(([field, value]) => [fields[field].places, value]);
  for (let row = 0; row < rows; row++)
    if (kept.every(([places, value]) => places[row] === value)) yield row;
}

/** Of each cell the config with the best metric, the first of equals; -1 where none was tried. */
function bestOfCells(sweep, {x, y, metric, values}) {
  const [across, up] = [sweep.fields[x], sweep.fields[y]], numbers = sweep.metrics[metric].values;
  const cells = new Int32Array(across.texts.length * up.texts.length).fill(-1);
  for (const row of held(sweep, values)) {
    const cell = up.places[row] * across.texts.length + across.places[row];
    if (cells[cell] < 0 || better(sweep.metrics[metric], numbers[row], numbers[cells[cell]])) cells[cell] = row;
  }
  return cells;
}

/** How much of the cells of two fields was tried; 0 if there would be too many to draw. */
function filled({rows, fields}, x, y) {
  const [across, up] = [fields[x], fields[y]], wide = across.texts.length, high = up.texts.length;
  if (wide > MOST_VALUES || high > MOST_VALUES || wide * high > MOST_CELLS) return 0;
  const seen = new Uint8Array(wide * high);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const cell = up.places[row] * wide + across.places[row];
    count += 1 - seen[cell];
    seen[cell] = 1;
  }
  return count / seen.length;
}

/** The number of a config's value of a field; of values that are no numbers, its place among them. */
const valueAt = ({numbers, places}, row) => numbers ? numbers[places[row]] : places[row];
const rangeOf = ({numbers, texts}) => numbers ? [numbers[0], numbers.at(-1)] : [0, texts.length - 1];

/** Where a number is between two others, 0 to 1. */
const proportion = (least, most) => value => most > least ? (value - least) / (most - least) : 0.5;
