// The page of one symbol: its chart, and the weights of the bar under the pointer.

startPage(async facts => {
  const page = {facts}, {rows} = facts;
  const column = await openNumbers(byId("numbers").textContent, facts.columns, rows);
  followTheme(page, () => chart.chart.applyOptions(themeOptions(page)), () => chart.chart);
  const chart = showChart(page, facts, column);
  if (facts.lanes.length) {
    chart.readers.push(weightTable(chart, byId("weights").firstElementChild));
    chart.read(chart.bar);
  } else byId("weights").remove();
  byId("structure").textContent = [facts.structure, facts.multiplier && `multiplier ${facts.multiplier.toFixed(3)}`].filter(Boolean).join(" · ");
  byId("warning").textContent = facts.problem;
  byId("warning").hidden = !facts.problem;
  return chart;
});
