// The colours of a map: blue above zero and orange below it, which colour-blind people tell apart.

const SHADES = {
  light: {middle: "#f0f1f4", above: ["#7db2e8", "#0f4f9e"], below: ["#f0a75e", "#9c4600"]},
  dark: {middle: "#333845", above: ["#3672b8", "#a5d3ff"], below: ["#a85f1e", "#ffc489"]},
};
const STEPS = 100, PALEST = 0.15;

/** A shade from the middle at 0 to the strongest at 1; the colours are made once. */
function arm(middle, [half, strongest]) {
  const colours = Array.from({length: STEPS + 1}, (_, at) => {
    const share = 2 * at / STEPS;
    return share < 1 ? mix(middle, half, share) : mix(half, strongest, share - 1);
  });
  return share => colours[Math.round(Math.min(share, 1) * STEPS)];
}

/**
 * What colours a metric's values. A signed one diverges from zero, in proportion; where all are on one side of
 * zero, the palest is the nearest to it. Of other metrics the shades go from the lowest to the highest, or the
 * other way round where the lowest is the best.
 */
function shadesOf({signed, low, values}, theme) {
  const {middle, above, below} = SHADES[theme], up = arm(middle, above), down = arm(middle, below);
  let least = Infinity, most = -Infinity;
  for (const value of values)
    if (Number.isFinite(value)) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  const widest = Math.max(-least, most), diverges = signed && least < 0 && most > 0;
  const within = value => most > least ? PALEST + (1 - PALEST) * Math.min(Math.max((value - least) / (most - least), 0), 1) : 0.6;
  const colour = value => {
    if (diverges) return value < 0 ? down(-value / widest) : up(value / widest);
    if (signed && most <= 0) return down(PALEST + 1 - within(value));
    return up(low ? PALEST + 1 - within(value) : within(value));
  };
  return {least, most, diverges, colour};
}
