"""Computation graphs, drawn from results: boxes with values, forward arrows one way and gradient arrows back."""

import re
import xml.etree.ElementTree as ET

from scripts.report.page.formats import shown
from scripts.report.page.provenance import Sources
from scripts.report.plots.svg import BLUE, NAMESPACE, VERMILION, colour, finish

WIDE, HIGH, LINE = 92, 40, 16  # of a box with two lines, and of a line


class Graph:
    """An SVG drawing of boxes and arrows, in pixels."""

    def __init__(self, name: str, width: float, height: float):
        self.name = name
        self._texts: list[ET.Element] = []
        self.root = ET.Element(f"{NAMESPACE}svg", {"viewBox": f"0 0 {width} {height}"})
        definitions = self._add(self.root, "defs")
        head = self._add(definitions, "marker", id=f"{name}-head", viewBox="0 0 8 8", refX=7, refY=4)
        head.attrib |= {"markerWidth": "7", "markerHeight": "7", "orient": "auto"}
        self._add(head, "path", d="M0 0L8 4L0 8z", fill="context-stroke")

    @staticmethod
    def _add(parent: ET.Element, tag: str, **attributes) -> ET.Element:
        named = {key.replace("_", "-"): str(value) for key, value in attributes.items()}
        return ET.SubElement(parent, f"{NAMESPACE}{tag}", named)

    def text(self, x: float, y: float, content: str, size: float = 12, shade: str = "currentColor") -> None:
        """Write `content` centred at (x, y); a_{b} sets b as an index."""
        element = ET.Element(f"{NAMESPACE}text", {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": "middle"})
        element.attrib |= {"font-size": f"{size:g}", "fill": shade}
        self._texts.append(element)
        if "_" not in content:
            element.text = content
            return
        element.text, _, content = content.partition("_")
        lowered = False
        for index, plain in re.findall(r"_\{(.*?)\}|([^_]+)", f"_{content}"):
            span = self._add(element, "tspan")
            span.text = index or plain
            if index:
                span.attrib |= {"dy": "3", "font-size": f"{size * 0.75:g}"}
            elif lowered:
                span.set("dy", "-3")
            lowered = bool(index)

    def box(self, x: float, y: float, lines: list[str], shade: str, dashed: bool = False, wide: float = WIDE) -> None:
        """Draw a box centred at (x, y) with lines of text."""
        high = HIGH + LINE * (len(lines) - 2)
        frame = self._add(
            self.root, "rect", x=f"{x - wide / 2:g}", y=f"{y - high / 2:g}", width=wide, height=high, rx=6
        )
        frame.attrib |= {"fill": "none", "stroke": colour(shade), "stroke-width": "1.4"}
        if dashed:
            frame.set("stroke-dasharray", "5 3")
        first = y + 4 - LINE / 2 * (len(lines) - 1)
        for i, line in enumerate(lines):
            self.text(x, first + LINE * i, line)

    def arrow(
        self, start: tuple, end: tuple, shade: str, label: str = "", dashed: bool = False, at: float = 0.5
    ) -> None:
        """Draw an arrow, its label at that share of its length, on a level arrow above it."""
        path = self._add(self.root, "path", d=f"M{start[0]:g} {start[1]:g}L{end[0]:g} {end[1]:g}", fill="none")
        path.attrib |= {"stroke": colour(shade), "stroke-width": "1.2", "marker-end": f"url(#{self.name}-head)"}
        if dashed:
            path.set("stroke-dasharray", "5 3")
        if label:
            x, y = (a + (b - a) * at for a, b in zip(start, end, strict=True))
            if start[1] == end[1]:
                self.text(x, y - 5, label, 10.5)
            else:
                # A patch in the colour of the page, about as wide as the words, keeps them apart from their arrow.
                wide = 5.8 * len(re.sub("[_{}]", "", label)) + 6
                patch = {"x": f"{x - wide / 2:g}", "y": f"{y - 7:g}", "width": f"{wide:g}", "height": "14"}
                self._texts.append(ET.Element(f"{NAMESPACE}rect", patch | {"fill": "var(--paper,#ffffff)"}))
                self.text(x, y + 3.5, label, 10.5)

    def drawn(self, title: str, description: str) -> str:
        """Return the drawing as SVG text, named and described."""
        self.root.extend(self._texts)  # last, so that no arrow crosses a word
        return finish(self.root, self.name, title, description)


def columns(count: int) -> tuple[list[float], float, float]:
    """Return the heights of the rows of hidden units, their middle, and the height of the drawing."""
    rows = [30 + 62 * j for j in range(count)]
    return rows, (rows[0] + rows[-1]) / 2, rows[-1] + 34


def network_forward(results: Sources, name: str, stem: str) -> str:
    """Draw the forward pass of relu/<stem>.json: input, pre-activations, activations, output."""
    network = results[f"relu/{stem}.json"]
    there, p, x = network["forward"], network["parameters"], shown(network["x"])
    rows, middle, height = columns(len(there["activations"]))
    graph, edge = Graph(name, 640, height), WIDE / 2
    graph.box(40, middle, ["x", x], BLUE, wide=56)
    graph.box(592, middle, ["f", shown(there["value"])], BLUE, wide=72)
    graph.text(592, middle + 38, f"b_{{o}} = {shown(p['output_bias'][0])}", 10.5)
    for j, y in enumerate(rows):
        w, b, w_o = (shown(p[part][j]) for part in ("hidden_weights", "hidden_biases", "output_weights"))
        graph.box(250, y, [f"z̄_{{{j + 1}}}", shown(there["pre_activations"][j])], BLUE)
        graph.box(420, y, [f"z_{{{j + 1}}}", shown(there["activations"][j])], BLUE)
        graph.arrow((68, middle), (250 - edge, y), BLUE, f"w_{{h}} = {w}, b_{{h}} = {b}", at=0.6)
        graph.arrow((250 + edge, y), (420 - edge, y), BLUE, "relu")
        graph.arrow((420 + edge, y), (556, middle), BLUE, f"w_{{o}} = {w_o}", at=0.45)
    return graph.drawn(
        "Forward pass through the network",
        f"At x = {x} the pre-activations are {shown(there['pre_activations'])}, the activations "
        f"{shown(there['activations'])}, and the output is {shown(there['value'])}.",
    )


def network_backward(results: Sources, name: str, stem: str) -> str:
    """Draw the backward pass of relu/<stem>.json: derivatives of the output, from the right to the left."""
    network = results[f"relu/{stem}.json"]
    back, p, x = network["backward"], network["parameters"], shown(network["x"])
    gradient = back["gradient"]
    rows, middle, height = columns(len(back["relu_slopes"]))
    graph, edge = Graph(name, 640, height), WIDE / 2
    graph.box(592, middle, ["∂f/∂f", "1"], VERMILION, dashed=True, wide=72)
    graph.text(592, middle + 38, f"∂f/∂b_{{o}} = {shown(gradient['output_bias'][0])}", 10.5)
    for j, y in enumerate(rows):
        w_o, slope = shown(p["output_weights"][j]), shown(back["relu_slopes"][j])
        w_h, b_h = shown(gradient["hidden_weights"][j]), shown(gradient["hidden_biases"][j])
        graph.box(420, y, [f"∂f/∂z_{{{j + 1}}}", shown(back["activation_gradient"][j])], VERMILION, dashed=True)
        graph.box(250, y, [f"∂f/∂z̄_{{{j + 1}}}", shown(back["pre_activation_gradient"][j])], VERMILION, dashed=True)
        graph.box(
            64, y, [f"∂f/∂w_{{h{j + 1}}} = {w_h}", f"∂f/∂b_{{h{j + 1}}} = {b_h}"], VERMILION, dashed=True, wide=112
        )
        graph.arrow((556, middle), (420 + edge, y), VERMILION, f"· w_{{o}} = {w_o}", dashed=True, at=0.55)
        graph.arrow((420 - edge, y), (250 + edge, y), VERMILION, f"· relu′ = {slope}", dashed=True)
        graph.arrow((250 - edge, y), (120, y), VERMILION, f"· x = {x}, · 1", dashed=True)
    return graph.drawn(
        "Backward pass through the network",
        f"Derivatives of the output: by the hidden weights {shown(gradient['hidden_weights'])}, by the hidden biases "
        f"{shown(gradient['hidden_biases'])}, by the output weights {shown(gradient['output_weights'])}.",
    )


def backpropagation(results: Sources, name: str) -> str:
    """Draw the layers of the numpy network with their shapes, values down the left, gradients up the right."""
    shapes = results["mnist/initial.json#shapes"]
    # Narrow enough for a phone to show it at its own size.
    graph, there, back, edge = Graph(name, 384, 464), 76, 284, HIGH / 2 + LINE
    layers = ("a", "z_{1} = s(u_{1})", "z_{2} = s(u_{2})", "ŷ = softmax(u_{3})", "L = −Σ y log ŷ")
    heights = [30 + 100 * i for i in range(5)]
    for i, (y, text) in enumerate(zip(heights, layers, strict=True)):
        size = shapes[f"W{i + 1}"][0] if i < 3 else shapes["W3"][1]
        graph.box(there, y, [text, f"1 × {size}" if i < 4 else "a number"], BLUE, wide=136)
    for i in range(4):
        label = f"· W_{{{i + 1}}} + b_{{{i + 1}}}" if i < 3 else ""
        start, end = heights[i] + HIGH / 2, heights[i + 1] - HIGH / 2
        graph.arrow((there - 30, start), (there - 30, end), BLUE)
        graph.text(there + 20, (start + end) / 2 + 4, label, 11)
    rules = {3: "du_{3} = ŷ − y", 2: "du_{2} = (du_{3} W_{3}ᵀ) ⊙ s′(u_{2})", 1: "du_{1} = (du_{2} W_{2}ᵀ) ⊙ s′(u_{1})"}
    for layer, text in rules.items():
        y, (rows, columns) = heights[layer], shapes[f"W{layer}"]
        below = "a" if layer == 1 else f"z_{{{layer - 1}}}"
        weights = f"dW_{{{layer}}} = {below}ᵀ du_{{{layer}}}  ({rows} × {columns})"
        lines = [text, f"1 × {columns}", weights, f"db_{{{layer}}} = du_{{{layer}}}"]
        graph.box(back, y, lines, VERMILION, dashed=True, wide=192)
        if layer > 1:
            graph.arrow((back, y - edge), (back, heights[layer - 1] + edge), VERMILION, dashed=True)
    graph.arrow((there + 68, heights[4]), (back, heights[3] + edge), VERMILION, dashed=True)
    widths = ", ".join(str(shapes[f"W{layer}"][1]) for layer in (1, 2, 3))
    return graph.drawn(
        "Backpropagation through the network",
        f"Values flow down from {shapes['W1'][0]} pixels through layers of {widths}; gradients flow back up.",
    )
