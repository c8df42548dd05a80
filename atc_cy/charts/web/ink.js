// Colours: of a value from -1 to 1, of text that has to be legible, of the theme.

const rgb = colour => [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
const hex = parts => "#" + parts.map(part => Math.round(part).toString(16).padStart(2, "0")).join("");
const mix = (one, other, share) => hex(rgb(one).map((part, i) => part + (rgb(other)[i] - part) * share));
const pale = (colour, alpha) => colour + Math.round(alpha * 255).toString(16).padStart(2, "0");

function luminance(colour) {
  const [red, green, blue] = rgb(colour).map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** The colour, as far towards the ink as it has to go to be read on the background. */
function legible(colour, {background, ink}) {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, ink, share);
    if (contrast(mixed, background) >= 4.6) return mixed;
  }
  return ink;
}

/** The ink, or black or white where it cannot be read on the background. */
function inkOn(background, {ink}) {
  if (contrast(ink, background) >= 4.6) return ink;
  return contrast("#000000", background) > contrast("#ffffff", background) ? "#000000" : "#ffffff";
}

/** What colours a value from -1 to 1, in hundredths; the colours are made once. */
function gradient(bull, bear) {
  const colours = Array.from({length: 201}, (_, at) => mix(bear, bull, at / 200));
  return value => colours[Math.round(Math.min(Math.max(value, -1), 1) * 100) + 100];
}

/** The colours that the style sheet gives the theme. */
function themeColours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    ["background", "ink", "muted", "line"].map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
}
