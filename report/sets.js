// The sets of answers in another order.
for (const table of all("table.sets")) {
  const [body] = table.tBodies, rows = [...body.rows], worst = "✗?–§∼≈=■";
  const score = (row) => parseFloat(row.cells[1].textContent) || 0;
  const heads = all(".signs a", table.tHead);
  const orders = [["name", () => 0], ["score, highest first", (row) => -score(row)], ["score, lowest first", score],
    ...heads.map((head, i) => [`${head.textContent}, worst first`, (row) => worst.indexOf(row.cells[2]?.children[i].textContent)])];
  const select = made("select", { onchange() {
    const key = orders[select.value][1];
    body.append(...[...rows].sort((a, b) => key(a) - key(b)));
  } }, ...orders.map(([name], i) => new Option(name, i)));
  table.parentNode.before(made("label", { className: "order" }, "In the order of ", select));
}
