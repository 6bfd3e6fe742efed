"""What the page makes of results beside text: formulas, drawings, pictures, programs. Each says of what it is made.

A comment behind it, or an attribute, data-m, holds the way and the place: "display derivations/3a.json#ridge.latex". So
whoever checks the page makes the same again from the files and compares.
"""

import base64
import html
import io
import json
import re
from importlib.metadata import PackageNotFoundError, version

from markupsafe import Markup

from scripts.report.page.provenance import Sources
from scripts.report.plots import figures
from scripts.report.plots.bars import bar
from scripts.shared.step import Failure

# A formula in parts is one thing.
DRAWN = re.compile(r"(<(math|svg)\b.*?</\2>(?:\s*<math class=\"on\".*?</math>)*)(?:<!--(\w+) (.*?)-->)?", re.DOTALL)
CARRIED = re.compile(r'<(?:a|img) data-m="(\w+) ([^"]*)"([^>]*)')
# What other versions of packages may make otherwise; the rest they cannot.
MAKERS = {"formulas": ("math-core",), "drawings of answers and sweeps": ("matplotlib", "numpy")}
WAYS = {"maths": "formulas", "display": "formulas", "draw": "drawings"}
URI = re.compile(r'"data:[\w/-]+;base64,\s*([^"]*)"')
CLASS = re.compile(r' class="m\d+"')  # they are numbered by page


def marked(element: str, way: str, place: str) -> Markup:
    """Return an element that says of what it is made."""
    return Markup("{}<!--{} {}-->").format(Markup(element.strip()), way, place)


class Formulas:
    """Typesets what stands at pointers into `sources`: in a line ("maths"), or as in a line of its own ("display")."""

    def __init__(self, sources: Sources, maths):
        self._sources, self._maths = sources, maths

    def __call__(self, pointer: str, way: str = "maths") -> Markup:
        return marked(self._maths(self._sources[pointer], way == "display"), way, pointer)

    def attempt(self, pointer: str) -> Markup | None:
        """Return the formula of an answer, set as in a line of its own; None if the converter refuses it."""
        element = self._maths.attempt(self._sources[pointer])
        return element and marked(element, "display", pointer)


def differences(page: str, sources: Sources) -> tuple[int, dict[str, str]]:
    """Return how much on the page was made again from files, and by place a line for each that came out otherwise."""
    found = [(way, place, element) for element, _, way, place in DRAWN.findall(page) if way]
    found += CARRIED.findall(page)
    out = " ".join(left_out(sources))
    skipped = [way for way, what in WAYS.items() if what in out]
    found = [(way, html.unescape(place), there) for way, place, there in found if way not in skipped]
    other = {}
    for way, place, there in found:
        if line := _compared(sources, way, place, there):
            other[place] = line
    return len(found), other


def left_out(sources: Sources) -> list[str]:
    """Return, in words, what is not made again here, since packages of other versions may make something else."""
    try:
        versions = sources["report/summary.json#versions"]
    except (Failure, ValueError):  # damaged, which is told elsewhere
        return []
    found = []
    for what, makers in MAKERS.items():
        pairs = [(name, _here(name), versions.get(name)) for name in makers]
        if other := [f"{name} is {here}, not {there}" for name, here, there in pairs if here != there]:
            found.append(f"{what} ({', '.join(other)})")
    return found


def _here(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _compared(sources: Sources, way: str, place: str, there: str) -> str:
    """Return a line if what is on the page is not what can be made again; else nothing."""
    try:
        same = SAME[way](sources, place, there, way)
    except Exception:  # whatever an altered file or page holds
        return f"{place}: what the page makes of it ({way}) cannot be made again from the files"
    return "" if same else f"{place}: not what the page makes of it ({way})"


def _formula(sources: Sources, place: str, there: str, way: str) -> bool:
    from scripts.report.page.maths import Maths

    return CLASS.sub("", Maths()(sources[place], way == "display")) == CLASS.sub("", there)


def _program(sources: Sources, place: str, there: str, way: str) -> bool:
    return base64.b64decode(URI.search(there)[1]).decode() == sources[place]


def _file(sources: Sources, place: str, there: str, way: str) -> bool:
    return (sources.root / place).read_text(encoding="utf-8").strip() == there


def _bar(sources: Sources, place: str, there: str, way: str) -> bool:
    pointer, _, most = place.rpartition(" ")
    return bar(sources[pointer], int(most)) == there


def _drawn(sources: Sources, place: str, there: str, way: str) -> bool:
    name, figure, evidence = json.loads(place)
    figure = figures.Figure(*figure)
    return figures.draw(name, figure, sources, sources[evidence] if evidence else None).strip() == there


def _grey(sources: Sources, place: str, there: str, way: str) -> bool:
    from scripts.report.plots import pictures

    return _pixels(there) == _pixels(f'"{pictures.grey(sources[place])}"')


def _weights(sources: Sources, place: str, there: str, way: str) -> bool:
    from scripts.report.plots import pictures

    file, count, unit = re.fullmatch(r"(.*)#(\d+)\.(\d+)", place).groups()
    layer = pictures.first_layer(sources.file(file), (28, 28), int(count))
    return _pixels(there) == _pixels(f'"{pictures.diverging(layer["units"][int(unit)], layer["limit"])}"')


def _pixels(attributes: str) -> tuple:
    """Return size and pixels of a picture that an element carries; packed they differ from release to release."""
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(URI.search(attributes)[1]))).convert("RGB")
    return picture.size, picture.tobytes()


SAME = {
    "maths": _formula, "display": _formula, "base64": _program, "file": _file, "draw": _drawn, "bar": _bar,
    "grey": _grey, "weights": _weights,
}  # fmt: skip
