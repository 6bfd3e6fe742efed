"""A matplotlib figure as SVG that can stand inside a page: no style that leaks, no foreign id, the page's colours.

Colours are the page's own variables with a fallback, so that a figure follows dark mode and still stands alone.
"""

import io
import itertools
import re
import xml.etree.ElementTree as ET

import matplotlib
from matplotlib.figure import Figure

matplotlib.rcdefaults()  # whatever a matplotlibrc of who runs this says
matplotlib.use("svg")
NAMESPACE = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
# Okabe–Ito, each always together with a marker or a dash of its own.
BLUE, VERMILION, GREEN, PURPLE, ORANGE = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"
NAMES = {BLUE: "blue", VERMILION: "vermilion", GREEN: "green", PURPLE: "purple", ORANGE: "orange"}
INK = "#000000"
SETTINGS = {
    "svg.hashsalt": "proofset",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "figure.constrained_layout.use": True,
    "path.simplify_threshold": 0.5,
}


def plot(width: float = 4.6, height: float = 3.2):
    """Return a new figure (inches) and its axes, outside any global state.

    A phone shrinks what is wider than itself, words and all: beyond 4.8 inches they get too small to read there.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def cleaned(name: str, figure: Figure, title: str, description: str) -> str:
    """Return a figure as SVG text: ids start with `name`, title and description say what is to be seen."""
    raw = io.StringIO()
    figure.savefig(raw, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    root = ET.fromstring(raw.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.split("}")[-1] in ("metadata", "style"):
                parent.remove(child)
    for element in root.iter():
        _restyle(element)
    _rename(root, name)
    _unwrap(root)
    _merge(root)
    return finish(root, name, title, description, scale=4 / 3, axes=_placed(figure.axes[0]))


def _placed(axes) -> str:
    """Return where data lie in the drawing, so that a reader can be shown values at a place: the ends of both axes in
    data, then the same (left, right, bottom, top) in the drawing's units, which are points; nothing of bent axes."""
    if {axes.get_xscale(), axes.get_yscale()} != {"linear"}:
        return ""
    width, height = axes.figure.get_size_inches() * 72
    box = axes.get_position()
    ends = box.x0 * width, box.x1 * width, (1 - box.y0) * height, (1 - box.y1) * height
    return " ".join(f"{round(end, 2):g}" for end in (*axes.get_xlim(), *axes.get_ylim(), *ends))


def finish(root: ET.Element, name: str, title: str, description: str, scale: float = 1, axes: str = "") -> str:
    """Name and describe an SVG element and return its text; `scale` turns its own units into CSS pixels.

    axes: where data lie in it, if they can be told from that.
    """
    _, _, width, height = map(float, root.get("viewBox").split())
    root.attrib.clear()
    root.attrib |= {
        "viewBox": f"0 0 {width:g} {height:g}",
        "width": f"{width * scale:g}",
        "height": f"{height * scale:g}",
        "fill": "currentColor",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
    }
    if axes:
        root.set("data-axes", axes)
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{NAMESPACE}{tag}", {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(position, element)
    ET.register_namespace("", NAMESPACE[1:-1])
    return re.sub(r">\s+<", "><", ET.tostring(root, encoding="unicode")) + "\n"


def _restyle(element: ET.Element) -> None:
    """Turn the inline style into attributes (the page forbids inline styles), colours into variables."""
    style = dict(part.split(":", 1) for part in element.attrib.pop("style", "").split(";") if ":" in part)
    for key, value in ((key.strip(), value.strip()) for key, value in style.items()):
        if key == "font":
            size = re.search(r"([\d.]+)px", value)
            element.set("font-size", size[1])
            if "bold" in value:
                element.set("font-weight", "bold")
        elif key not in ("font-family", "stroke-linejoin", "stroke-miterlimit", "stroke-linecap"):
            element.set(key, value)
    for key in ("fill", "stroke"):
        if (value := element.get(key)) is not None:
            element.set(key, colour(value))
    for key in ("d", "transform", "points"):
        if (value := element.get(key)) is not None:
            element.set(key, " ".join(_rounded(value).split()))


def colour(value: str) -> str:
    """Return a colour as the page names it: a variable with itself as fallback; ink follows the text."""
    value = value.lower()
    if value == INK:
        return "currentColor"
    return f"var(--{NAMES[value]},{value})" if value in NAMES else value


def _rounded(path: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda match: f"{round(float(match[0]), 2):g}", path)


def _rename(root: ET.Element, name: str) -> None:
    """Drop ids that nothing refers to; give the others short names that no other figure has."""
    used: dict[str, str] = {}

    def renamed(match: re.Match) -> str:
        return match[1] + used.setdefault(match[2], f"{name}-{len(used)}")

    for element in root.iter():
        if (reference := element.attrib.pop(XLINK, None)) is not None:
            element.set("href", reference)
        for key, value in element.attrib.items():
            if key == "href" or "url(#" in value:
                element.set(key, re.sub(r"(#)([\w-]+)", renamed, value))
    for element in root.iter():
        if (identity := element.attrib.pop("id", None)) in used:
            element.set("id", used[identity])


def _unwrap(parent: ET.Element) -> None:
    """Replace groups that say nothing by their content."""
    flat: list[ET.Element] = []
    for child in parent:
        _unwrap(child)
        flat += list(child) if child.tag == f"{NAMESPACE}g" and not child.attrib else [child]
    parent[:] = flat


def _merge(root: ET.Element) -> None:
    """Draw marks that are copies of one shape as one path: a page has far fewer elements then."""
    shapes = {path.get("id"): path.get("d") for path in root.iter(f"{NAMESPACE}path") if path.get("id")}
    for parent in list(root.iter()):
        marks: dict[tuple, ET.Element] = {}
        for use in parent.findall(f"{NAMESPACE}use"):
            x, y = float(use.attrib.pop("x", 0)), float(use.attrib.pop("y", 0))
            drawn = _moved(shapes[use.attrib.pop("href")[1:]], x, y)
            if (path := marks.get(key := tuple(sorted(use.attrib.items())))) is None:
                marks[key] = use
                use.tag = f"{NAMESPACE}path"
                use.set("d", drawn)
            else:
                path.set("d", f"{path.get('d')} {drawn}")
                parent.remove(use)
    for parent in list(root.iter()):
        for definitions in parent.findall(f"{NAMESPACE}defs"):
            for path in definitions.findall(f"{NAMESPACE}path"):
                definitions.remove(path)
            if not len(definitions):
                parent.remove(definitions)


def _moved(path: str, x: float, y: float) -> str:
    """Move a path of absolute coordinates."""
    shift = itertools.cycle((x, y))
    return " ".join(part if part.isalpha() else f"{round(float(part) + next(shift), 2):g}" for part in path.split())
