// A little play; the page is complete without it. Every number here is worked out from those on the page.
"use strict";
const number = (text) => { const [a, b = 1] = String(text).split("/"); return a / b; };
const written = (x) => String(Number(x.toPrecision(3))).replace("-", "−");

// Adds a labelled slider and a line of text that follows it to `place`.
function slider(place, label, range, say) {
  const input = Object.assign(document.createElement("input"), { type: "range", ...range });
  const output = document.createElement("output");
  const caption = document.createElement("label");
  caption.append(label, input);
  place.append(caption, output);
  const follow = () => { output.textContent = say(Number(input.value)); };
  input.addEventListener("input", follow);
  follow();
}

// The units, the sum and the target of two networks at any x.
for (const place of document.querySelectorAll("[data-networks]")) {
  const networks = JSON.parse(place.dataset.networks);
  const points = JSON.parse(place.dataset.points).map((point) => point.map(number));
  const at = (network, x) => {
    const [w, b, v] = ["hidden_weights", "hidden_biases", "output_weights"].map((part) => network[part].map(number));
    const units = w.map((weight, j) => v[j] * Math.max(0, weight * x + b[j]));
    return { units, sum: units.reduce((a, c) => a + c, number(network.output_bias)) };
  };
  const data = (x) => {
    const i = Math.max(1, points.findIndex((point) => point[0] >= x));
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  };
  slider(place, "Move x: ", { min: points[0][0], max: points.at(-1)[0], step: 0.1, value: points[0][0] }, (x) =>
    `At x = ${written(x)} the data are ${written(data(x))}.` + ["stated", "constructed"].map((name) => {
      const { units, sum } = at(networks[name], x);
      const terms = [...units, number(networks[name].output_bias)].map(written).join(" + ").replaceAll("+ −", "− ");
      return `\n${name}: ${terms} = ${written(sum)}`;
    }).join(""));
}

// The probabilities of a sample when its logits are divided by a temperature.
for (const place of document.querySelectorAll("[data-probabilities]")) {
  const known = JSON.parse(place.dataset.probabilities);
  slider(place, "Temperature: ", { min: 0.2, max: 5, step: 0.1, value: 1 }, (t) => {
    const powers = known.map(([name, p]) => [name, p ** (1 / t)]);
    const total = powers.reduce((sum, [, p]) => sum + p, 0);
    const first = powers.sort((a, b) => b[1] - a[1]).slice(0, 3);
    return `At ${written(t)} the likeliest are ` + first.map(([name, p]) => `${name} ${(p / total).toFixed(3)}`).join(", ");
  });
}

// The sets of answers in another order.
for (const table of document.querySelectorAll("table.sets")) {
  const [body] = table.tBodies, rows = [...body.rows], worst = "✗?–§∼≈=■";
  const score = (row) => parseFloat(row.cells[1].textContent) || 0;
  const heads = [...table.tHead.querySelectorAll(".signs a")];
  const orders = [["name", () => 0], ["score, highest first", (row) => -score(row)], ["score, lowest first", score],
    ...heads.map((head, i) => [`${head.textContent}, worst first`, (row) => worst.indexOf(row.cells[2]?.children[i].textContent)])];
  const select = document.createElement("select"), label = document.createElement("label");
  select.append(...orders.map(([name], i) => new Option(name, i)));
  select.addEventListener("change", () => {
    const key = orders[select.value][1];
    body.append(...[...rows].sort((a, b) => key(a) - key(b)));
  });
  label.append("In the order of ", select);
  label.className = "order";
  table.parentNode.before(label);
}

// Tables can be saved as CSV, as they are shown but with values in full; a cell stands wherever it reaches.
const field = (cell) => {
  const copy = cell.cloneNode(true);
  for (const value of copy.querySelectorAll("[data-v]")) value.textContent = value.dataset.v;
  for (const formula of copy.querySelectorAll("math")) formula.replaceWith(formula.getAttribute("alttext"));
  const text = copy.textContent.trim().replace(/\s+/g, " ").replace(/^[=+@]/, "'$&"); // what a spreadsheet would run
  return `"${text.replaceAll('"', '""')}"`;
};
const csv = (table) => {
  const grid = [...table.rows].map(() => []);
  [...table.rows].forEach((row, r) => [...row.cells].forEach((cell) => {
    let c = 0;
    while (grid[r][c] !== undefined) c++;
    for (let i = 0; i < cell.rowSpan; i++) for (let j = 0; j < cell.colSpan; j++) grid[r + i][c + j] = field(cell);
  }));
  return grid.map((row) => row.join() + "\r\n").join("");
};
for (const figure of document.querySelectorAll("figure.table:not(.sets-table)")) {
  const link = document.createElement("a");
  Object.assign(link, { className: "csv", textContent: "CSV", title: "Save the table", download: `${figure.id}.csv`, href: `#${figure.id}` });
  link.onclick = () => { link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(csv(figure.querySelector("table")))}`; };
  figure.querySelector("figcaption").append(" ", link);
}

// Formulas are copied as LaTeX; one of which a part is marked, whole.
addEventListener("copy", (event) => {
  const marked = getSelection();
  if (!marked.rangeCount) return;
  const range = marked.getRangeAt(0).cloneRange(), copied = document.createElement("div");
  const around = (node) => (node.closest ? node : node.parentElement).closest("math");
  if (around(range.startContainer)) range.setStartBefore(around(range.startContainer));
  if (around(range.endContainer)) range.setEndAfter(around(range.endContainer));
  copied.append(range.cloneContents());
  const formulas = copied.querySelectorAll("math");
  if (!formulas.length) return;
  event.clipboardData.setData("text/html", copied.innerHTML);
  for (const formula of formulas) formula.replaceWith(`$${formula.getAttribute("alttext")}$`);
  document.body.append(copied); // where it has lines
  event.clipboardData.setData("text/plain", copied.innerText.replace(/\$\s+\$/g, " "));
  copied.remove();
  event.preventDefault();
});

// What is closed opens for the printer, and where a link leads.
const closed = [];
addEventListener("beforeprint", () => {
  closed.push(...document.querySelectorAll("details:not([open])"));
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => { for (const details of closed.splice(0)) details.open = false; });
const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let box = target?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (target?.closest("details")) target.scrollIntoView();
};
addEventListener("hashchange", reveal);
reveal();
