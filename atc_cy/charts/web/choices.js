// What a reader chooses from lists; and the symbols, whose numbers are opened when they are chosen.

/** A labelled choice. */
function addSelect(label, options, value, changed) {
  const select = element("select", {}, ...options.map(([key, text]) => element("option", {value: key, textContent: text})));
  select.value = value;
  select.onchange = () => changed(Number(select.value));
  byId("choices").append(element("label", {}, label, select));
  return select;
}

const addSymbols = ({symbols}, chosen, changed) => addSelect("symbol", symbols.map((name, at) => [at, name]), chosen, changed);

/** The facts and the columns of a symbol: a line of the page each. */
const openSymbol = at => openPacked(byId("symbols").textContent.trim().split("\n")[at]);
