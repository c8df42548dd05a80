// Opens the numbers of a page, as atc_cy/charts/packing.py packs them.

/** Returns a function that gives a column by its name, as Float64Array with NaN where there is no number. */
async function openNumbers(text, columns, rows) {
  return columnsOf(await inflate(text.trim()), columns, rows);
}

/** The facts of numbers that have them, which are in front of them, and the function. */
async function openPacked(text) {
  const bytes = await inflate(text), end = bytes.indexOf(10);
  const facts = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  return {facts, column: columnsOf(bytes.subarray(end + 1), facts.columns, facts.rows)};
}

function columnsOf(bytes, columns, rows) {
  const places = new Map();
  let start = 0;
  for (const column of columns) {
    places.set(column.name, {...column, start});
    start += column.bytes * rows;
  }
  const opened = new Map();
  return name => {
    if (!places.has(name)) throw new Error(`the page has no column ${name}`);
    if (!opened.has(name)) opened.set(name, column(bytes, places.get(name), rows));
    return opened.get(name);
  };
}

async function inflate(text) {
  if (!window.DecompressionStream)
    throw new Error("this browser is too old: take Chrome 80, Firefox 113, Safari 16.4 or a later one");
  const packed = atob(text), bytes = new Uint8Array(packed.length);
  for (let at = 0; at < packed.length; at++) bytes[at] = packed.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Bytes to integers, differences to sums, integers to decimals: a division by a power of ten is exactly rounded. */
function column(bytes, {start, bytes: width, order, digits, missing}, rows) {
  if (digits === null) return whole(bytes, start, rows);
  const values = new Float64Array(rows), scale = 10 ** digits;
  for (let plane = 0; plane < width; plane++) {
    const factor = 256 ** plane, from = start + plane * rows;
    for (let row = 0; row < rows; row++) values[row] += bytes[from + row] * factor;
  }
  for (let row = 0; row < rows; row++) {
    const number = values[row];  // the lowest bit is the sign
    values[row] = number % 2 ? -(number + 1) / 2 : number / 2;
  }
  for (let sum = 0; sum < order; sum++)
    for (let row = 1; row < rows; row++) values[row] += values[row - 1];
  for (let row = 0; row < rows; row++) values[row] /= scale;
  for (let run = 0; run < missing.length; run += 2) values.fill(NaN, missing[run], missing[run + 1]);
  return values;
}

/** Numbers to the last bit: the eight bytes of each. */
function whole(bytes, start, rows) {
  const view = new DataView(new ArrayBuffer(8 * rows));
  for (let plane = 0; plane < 8; plane++)
    for (let row = 0; row < rows; row++) view.setUint8(8 * row + plane, bytes[start + plane * rows + row]);
  return Float64Array.from({length: rows}, (_, row) => view.getFloat64(8 * row, true));
}
