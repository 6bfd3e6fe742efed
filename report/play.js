// A little play. Every number here is one of the page's, or worked out from those.
const set = (element, attributes) => {
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  return element;
};
const written = (x) => String(Number(x.toPrecision(3))).replace("-", "−");

// Adds a labelled slider to `place`, and what `follow` says of its value.
function slider(place, label, range, follow) {
  const output = made("output");
  const input = made("input", { type: "range", ...range, oninput() { output.textContent = follow(Number(input.value)); } });
  place.append(made("label", {}, label, input), output);
  input.oninput();
  return input;
}

// Between data and a drawing's own units, by what its root carries.
function scales(svg) {
  const [x0, x1, y0, y1, left, right, bottom, top] = svg.dataset.axes.split(" ");
  return { top, bottom, X: (x) => +left + (x - x0) / (x1 - x0) * (right - left),
    Y: (y) => Math.max(top, Math.min(bottom, +bottom + (y - y0) / (y1 - y0) * (top - bottom))),
    at: (X) => +x0 + (X - left) / (right - left) * (x1 - x0) };
}

// The units, the sum and the target of two networks at any x, which a cursor in each drawing follows.
for (const place of all("[data-networks]")) {
  const { points, networks } = JSON.parse(place.dataset.networks);
  const svgs = all("svg[data-axes]", place.previousElementSibling);
  const cursors = svgs.map((svg) => ["line", "dots", "text"].map((name) =>
    svg.appendChild(set(document.createElementNS(svg.namespaceURI, name === "text" ? name : "path"), { class: `cursor ${name}` }))));
  const [[min], [max]] = [points[0], points.at(-1)];
  const input = slider(place, "Move x: ", { min, max, step: (points[1][0] - min) / 10, value: min }, (x) => {
    const i = Math.max(1, points.findIndex((point) => point[0] >= x)), [[x0, y0], [x1, y1]] = points.slice(i - 1);
    return `At x = ${written(x)} the line through the data is at ${written(y0 + (y1 - y0) * (x - x0) / (x1 - x0))}.`
      + networks.map(([name, { units, bias }], j) => {
        const terms = [...units.map(([w, b, v]) => v * Math.max(0, w * x + b)), bias];
        const sum = terms.reduce((a, b) => a + b), { X, Y, top, bottom } = scales(svgs[j]), at = X(x), [line, dots, text] = cursors[j];
        set(line, { d: `M${at} ${top}V${bottom}` });
        set(dots, { d: terms.with(-1, sum).map((y) => `M${at} ${Y(y)}h0`).join("") });
        set(text, { x: at, y: +top + 10 }).textContent = `f(${written(x)}) = ${written(sum)}`;
        return `\n${name}: ${terms.map(written).join(" + ").replaceAll("+ −", "− ")} = ${written(sum)}`;
      }).join("");
  });
  for (const svg of svgs)
    svg.onpointermove = ({ clientX }) => {
      const { a, e } = svg.getScreenCTM();
      input.value = scales(svg).at((clientX - e) / a);
      input.oninput();
    };
}

// The probabilities of a sample when its logits are divided by a temperature, and their bars.
for (const place of all("[data-probabilities]")) {
  const known = JSON.parse(place.dataset.probabilities);
  const svg = place.previousElementSibling.querySelector("svg[data-axes]"), bars = all("path[clip-path]", svg);
  const boxes = bars.map((bar) => bar.getBBox()), { X } = scales(svg);
  slider(place, "Temperature: ", { min: 0.2, max: 5, step: 0.1, value: 1 }, (t) => {
    const total = known.reduce((sum, [, p]) => sum + p ** (1 / t), 0);
    const now = known.map(([name, p]) => [name, p ** (1 / t) / total]);
    bars.forEach((bar, j) => set(bar, { d: `M${X(0)} ${boxes[j].y}H${X(now[j][1])}v${boxes[j].height}H${X(0)}z` }));
    now.sort((a, b) => b[1] - a[1]);
    return `At ${written(t)} the likeliest are ` + now.slice(0, 3).map(([name, p]) => `${name} ${p.toFixed(3)}`).join(", ");
  });
}
