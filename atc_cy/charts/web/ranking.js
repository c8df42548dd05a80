// The ranked table: a page of rows at a time, sorted by any column; a row can be selected.

const PAGE_OF_ROWS = 50;

class Ranking {
  constructor(place, sweep, chosen) {
    Object.assign(this, {sweep, chosen, first: 0, selected: -1, sorted: null});
    this.order = Int32Array.from({length: sweep.rows}, (_, row) => row);
    this.head = element("tr");
    this.body = element("tbody");
    place.replaceChildren(element("thead", {}, this.head), this.body);
    this.columns = [
      {name: "#", title: "Rank", text: row => counted.format(row + 1), numbers: row => row, low: true},
      ...sweep.fields.map(({name, texts, places, numbers}) => ({
        name, text: row => texts[places[row]], numbers: row => places[row], low: true, isText: !numbers,
      })),
      ...sweep.metrics.map(metric => ({
        name: words(metric.name), metric, text: row => figure(metric, metric.values[row]), numbers: row => metric.values[row], low: metric.low,
      })),
    ];
    this.columns.forEach((column, at) => this.addHead(column, at));
    this.sort(0, false);
    this.body.onclick = event => {
      const row = event.target.closest("tr");
      if (row) this.choose(Number(row.dataset.row));
    };
    this.body.onkeydown = event => this.press(event);
  }
  addHead({name, title, isText}, at) {
    const button = element("button", {type: "button", textContent: name, title: title ?? ""});
    button.onclick = () => this.sort(at, this.sorted?.at === at && !this.sorted.reverse);
    this.head.append(element("th", {scope: "col", className: isText ? "text" : ""}, button));
  }
  /** The best first, or the lowest; the other way round if it is asked for. What has no number comes last. */
  sort(at, reverse) {
    const {numbers, low} = this.columns[at], sign = (low ? 1 : -1) * (reverse ? -1 : 1);
    const keys = Float64Array.from({length: this.sweep.rows}, (_, row) => numbers(row));
    this.order.sort((one, other) => {
      const [a, b] = [keys[one], keys[other]];
      if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return one - other;
      return Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a < b ? -sign : sign;
    });
    this.sorted = {at, reverse};
    const way = sign > 0 ? "ascending" : "descending";
    [...this.head.children].forEach((cell, each) => cell.setAttribute("aria-sort", each === at ? way : "none"));
    this.show(0);
  }
  /** The page of rows that begins here. */
  show(first) {
    this.first = Math.min(Math.max(first, 0), Math.max(this.order.length - 1, 0));
    this.first -= this.first % PAGE_OF_ROWS;
    const rows = [...this.order.subarray(this.first, this.first + PAGE_OF_ROWS)];
    this.body.replaceChildren(...rows.map(row => this.rowOf(row)));
    const focusable = this.body.querySelector("[aria-selected=true]") ?? this.body.firstElementChild;
    if (focusable) focusable.tabIndex = 0;
    this.shown?.();
  }
  rowOf(row) {
    const cells = this.columns.map(({metric, text, isText}) => {
      const cell = element("td", {textContent: text(row), className: isText ? "text" : ""});
      if (metric?.signed) cell.classList.add(trendOf(metric.values[row]));
      if (metric && metric === this.coloured) {
        const value = metric.values[row];
        cell.prepend(element("i", {style: Number.isNaN(value) ? "" : `background: ${this.colour(value)}`}));
      }
      return cell;
    });
    const made = element("tr", {tabIndex: -1}, ...cells);
    made.dataset.row = row;
    made.setAttribute("aria-selected", row === this.selected);
    return made;
  }
  /** Shows a metric's colours beside its numbers. */
  paint(metric, colour) {
    Object.assign(this, {coloured: metric, colour});
    this.show(this.first);
  }
  choose(row) {
    this.select(row);
    this.chosen(row);
  }
  /** Selects a config, and shows the page that it is on. */
  select(row, scrolled = false) {
    this.selected = row;
    const at = this.order.indexOf(row);
    this.show(at < 0 ? this.first : at);
    if (scrolled && at >= 0) {
      const box = this.body.closest(".rows"), shown = this.body.querySelector("[aria-selected=true]");
      box.scrollTop = Math.max(shown.offsetTop - box.clientHeight / 2, 0);
    }
  }
  press(event) {
    const {key} = event, at = this.order.indexOf(Number(event.target.closest("tr")?.dataset.row)), last = this.order.length - 1;
    const steps = {ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - PAGE_OF_ROWS, PageDown: at + PAGE_OF_ROWS, Home: 0, End: last, Enter: at, " ": at};
    if (!(key in steps)) return;
    event.preventDefault();
    this.choose(this.order[Math.min(Math.max(steps[key], 0), last)]);
    this.body.querySelector("[aria-selected=true]").focus();
  }
}
