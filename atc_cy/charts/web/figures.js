// Numbers as people read them: as atc_cy/text.py writes them on a terminal.

/** A number of 0 or more with so many digits after the point; halves go to the even digit, as Python's do. */
function toDigits(value, digits) {
  const text = value.toFixed(digits), isHalf = (value * 2 ** (digits + 1)) % 2 === 1;
  return isHalf && text.at(-1) % 2 ? (value - 0.25 / 10 ** digits).toFixed(digits) : text;
}

/** One decimal, or two digits of what is smaller than that. */
function percents(value) {
  if (value < 0.0001 || value >= 0.1) return toDigits(value, 1);
  const exponent = Number(value.toExponential(1).split("e")[1]);
  return String(Number(toDigits(value, 1 - exponent)));
}

/** Ten digits, as Python's "g" writes them. */
function general(value) {
  const [digits, exponent] = value.toExponential(9).split("e").map(Number);
  if (!value || (exponent >= -4 && exponent < 10)) return String(Number(value.toPrecision(10)));
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** A number in a column that is written so. */
function figure({percent, signed, digits}, value) {
  if (Number.isNaN(value)) return "–";
  const size = Math.abs(value), sign = value < 0 || Object.is(value, -0) ? "-" : signed ? "+" : "";
  const write = percent ? percents : digits === null ? general : number => toDigits(number, digits);
  return sign + (size === Infinity ? "inf" : write(percent ? 100 * size : size)) + (percent ? "%" : "");
}

const counted = new Intl.NumberFormat("en-US");
const words = name => name.replaceAll("_", " ");
