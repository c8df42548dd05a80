// What every page has: its elements, numbers in words, the theme, and how it is opened.

const byId = name => document.getElementById(name);

const signed = value => Number.isNaN(value) ? "–" : (value > 0 ? "+" : "") + value.toFixed(2);
const trendOf = value => value > 0 ? "up" : value < 0 ? "down" : "flat";

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const preferred = () => matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

/** Gives the page the theme's colours, and those of bull and bear where they are text or a tint. */
function paintTheme(page, theme) {
  const root = document.documentElement, {bull, bear} = page.facts;
  root.dataset.theme = page.theme = theme;
  page.colours = themeColours();
  page.text = {bull: legible(bull, page.colours), bear: legible(bear, page.colours)};
  const properties = {up: page.text.bull, down: page.text.bear, "up-tint": pale(bull, 0.2), "down-tint": pale(bear, 0.2)};
  for (const [name, value] of Object.entries(properties)) root.style.setProperty(`--${name}`, value);
}

/** The theme that the page was made with, then the one that its reader, the system or a printer chooses; `changed` follows. */
function followTheme(page, changed, chart = () => null) {
  const paint = theme => {
    paintTheme(page, theme);
    changed();
  };
  paintTheme(page, page.facts.theme === "auto" ? preferred() : page.facts.theme);
  byId("theme").onclick = () => paint(page.theme === "dark" ? "light" : "dark");
  matchMedia("(prefers-color-scheme: dark)").onchange = () => paint(preferred());
  followPrinter(page, paint, chart);
}

/** Opens the page, which `open` makes of the facts; or says why it cannot be shown. */
async function startPage(open) {
  try {
    const facts = JSON.parse(byId("facts").textContent);
    document.body.classList.toggle("picture", Boolean(facts.picture));
    window.page = await open(facts);
    requestAnimationFrame(() => {
      performance.mark("usable");
      document.documentElement.dataset.ready = "true";
    });
  } catch (error) {
    byId("warning").textContent = `This page cannot be shown: ${error.message}`;
    byId("warning").hidden = false;
    throw error;
  }
}
