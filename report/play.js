// A little play. Every number here is one of the page's, or worked out from those.
const set = (element, attributes) => {
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  return element;
};
const number = (text) => { const [a, b = 1] = String(text).split("/"); return a / b; };
const written = (x) => String(Number(x.toPrecision(3))).replace("-", "−");

// Adds a labelled slider to `place`, and what `follow` says of its value.
function slider(place, label, range, follow) {
  const input = made("input", { type: "range", ...range }), output = made("output");
  place.append(made("label", {}, label, input), output);
  input.addEventListener("input", () => { output.textContent = follow(Number(input.value)); });
  input.dispatchEvent(new Event("input"));
  return input;
}

// Between data and a drawing's own units, by what its root carries.
function scales(svg) {
  const [x0, x1, y0, y1, left, right, bottom, top] = svg.dataset.axes.split(" ").map(Number);
  return { top, bottom, X: (x) => left + (x - x0) / (x1 - x0) * (right - left),
    Y: (y) => Math.max(top, Math.min(bottom, bottom + (y - y0) / (y1 - y0) * (top - bottom))),
    at: (X) => x0 + (X - left) / (right - left) * (x1 - x0) };
}

// The units, the sum and the target of two networks at any x, which a cursor in each drawing follows.
for (const place of all("[data-networks]")) {
  const nets = JSON.parse(place.dataset.networks);
  const points = JSON.parse(place.dataset.points).map((point) => point.map(number));
  const first = points[0][0], last = points.at(-1)[0];
  const svgs = all("svg[data-axes]", place.previousElementSibling);
  const marks = svgs.map((svg) => ["line", "gap", "dots", "value"].map((kind) => {
    const part = document.createElementNS(svg.namespaceURI, kind === "value" ? "text" : "path");
    return svg.appendChild(set(part, { class: `cursor ${kind}` }));
  }));
  const at = (network, x) => {
    const { hidden_weights: w, hidden_biases: b, output_weights: v } = network;
    const units = w.map((_, j) => number(v[j]) * Math.max(0, number(w[j]) * x + number(b[j])));
    return { units, sum: units.reduce((a, c) => a + c, number(network.output_bias)) };
  };
  const data = (x) => {
    const i = Math.max(1, points.findIndex((point) => point[0] >= x));
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  };
  const move = (svg, [line, gap, dots, value], x, { units, sum }) => {
    const { X, Y, top, bottom } = scales(svg), at = X(x);
    set(line, { d: `M${at} ${top}V${bottom}` });
    set(gap, { d: `M${at} ${Y(data(x))}V${Y(sum)}` });
    set(dots, { d: [...units, sum].map((y) => `M${at} ${Y(y)}h0`).join("") });
    set(value, { x: at, y: top + 10 });
    value.textContent = `f(${written(x)}) = ${written(sum)}`;
  };
  const input = slider(place, "Move x: ", { min: first, max: last, step: (last - first) / 100, value: first }, (x) =>
    `At x = ${written(x)} the data are ${written(data(x))}.` + ["stated", "constructed"].map((name, i) => {
      const found = at(nets[name], x);
      if (svgs[i]) move(svgs[i], marks[i], x, found);
      const terms = [...found.units, number(nets[name].output_bias)].map(written).join(" + ").replaceAll("+ −", "− ");
      return `\n${name}: ${terms} = ${written(found.sum)}`;
    }).join(""));
  for (const svg of svgs)
    svg.addEventListener("pointermove", ({ clientX }) => {
      const { left, width } = svg.getBoundingClientRect();
      input.value = scales(svg).at((clientX - left) / width * svg.viewBox.baseVal.width);
      input.dispatchEvent(new Event("input"));
    });
}

// The probabilities of a sample when its logits are divided by a temperature, and their bars.
for (const place of all("[data-probabilities]")) {
  const known = JSON.parse(place.dataset.probabilities);
  const svg = place.previousElementSibling.querySelector("svg[data-axes]"), bars = all("path[clip-path]", svg);
  const boxes = bars.map((bar) => bar.getBBox());
  slider(place, "Temperature: ", { min: 0.2, max: 5, step: 0.1, value: 1 }, (t) => {
    const total = known.reduce((sum, [, p]) => sum + p ** (1 / t), 0);
    const now = known.map(([name, p]) => [name, p ** (1 / t) / total]);
    bars.forEach((bar, j) => {
      const { X } = scales(svg), { y, height } = boxes[j];
      set(bar, { d: `M${X(0)} ${y}H${X(now[j][1])}v${height}H${X(0)}z` });
    });
    const first = [...now].sort((a, b) => b[1] - a[1]).slice(0, 3);
    return `At ${written(t)} the likeliest are ` + first.map(([name, p]) => `${name} ${p.toFixed(3)}`).join(", ");
  });
}
