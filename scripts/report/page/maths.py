"""LaTeX to MathML when the page is built: no script, no network; a malformed formula ends the build with one line.

A formula is an element that carries its LaTeX and its words; a long one is several, parted before its signs, so that
it may be broken there as text is between words.
"""

import re
from functools import lru_cache
from xml.etree import ElementTree

from markupsafe import Markup, escape
from math_core import LatexError, LatexToMathML

from scripts.report.page.speech import APPLY, words
from scripts.shared.step import Failure

CONVERTER = LatexToMathML(fancy_error=False)
STYLE = re.compile(r' style="([^"]*)"')
PRIMED = re.compile(r"<msup>(<mi[^>]*>[^<]*</mi>)(<mo[^>]*>′</mo>)</msup>")
WORD = re.compile(r"<mrow><mspace/>(<mi[^>]*>[^<]*</mi>)</mrow>")
LONG = 24  # characters of a formula, beyond which it may be broken
WIDE = 30  # characters of a part that may have to be scrolled
SHORT = 14  # characters of parts that stay together
TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|\S", re.S)
OPENS = {"{", "(", "[", r"\{", r"\left", r"\begin", r"\lVert", r"\lvert", r"\langle"}
CLOSES = {"}", ")", "]", r"\}", r"\right", r"\end", r"\rVert", r"\rvert", r"\rangle"}
RELATIONS = {
    "=", "<", ">", r"\le", r"\leq", r"\ge", r"\geq", r"\ne", r"\neq", r"\approx", r"\in", r"\implies",
    r"\Longrightarrow", r"\Rightarrow",
}  # fmt: skip
OPERATORS = {"+", "-", r"\pm", r"\odot"}
SPACES = {r"\quad": "\u2003", r"\qquad": "\u2003\u2003"}  # spaces that end with the line
ROWS = ("mrow", "mtd", "msqrt")  # in which elements stand side by side
UNSEEN = {r"\,", r"\;", r"\:", r"\!", r"\ "}


class Maths:
    """Converts formulas; remembers the styles that they need, which the page's policy allows only as classes."""

    def __init__(self):
        self._styles: dict[str, str] = {}

    def __call__(self, latex: str, display: bool = False) -> Markup:
        """Return `latex` as MathML, set as in a line of its own if display; Failure if it is malformed."""
        return Markup(STYLE.sub(self._as_class, _converted(latex.strip(), display)))

    def attempt(self, latex: str) -> Markup | None:
        """Return the formula of an answer, set as in a line of its own; None if the converter refuses it."""
        try:
            return self(latex, display=True)
        except Failure:
            return None

    @staticmethod
    def wide(formula: Markup) -> bool:
        """Tell whether a phone has no room for one of the parts between which a formula may be broken."""
        return any(
            len(re.sub("<annotation.*?</annotation>|<[^>]*>", "", part)) > WIDE for part in formula.split("</math>")
        )

    def words(self, text: str) -> Markup:
        """Return a person's words with the formulas between dollar signs typeset."""
        pieces = text.split("$")
        if len(pieces) % 2 == 0:  # a dollar sign without its counterpart is just that
            return escape(text)
        return Markup().join(self(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces))

    def _as_class(self, match: re.Match) -> str:
        return f' class="{self._styles.setdefault(match[1], f"m{len(self._styles)}")}"'

    def css(self) -> str:
        """Return the rules of the classes that formulas use."""
        return "".join(f".{name}{{{style}}}" for style, name in self._styles.items())


@lru_cache(maxsize=4096)
def _converted(latex: str, display: bool) -> str:
    """Return a formula as one <math> or, if it is long, as one for each of its parts."""
    try:
        whole = _element(latex, display)
    except LatexError as error:
        reason = " ".join(str(error).split())
        raise Failure(
            f"formula {' '.join(latex.split())!r} is malformed: {reason}; correct it where it stands"
        ) from None
    found = [("", latex, whole)]
    if _size(whole) > LONG:
        try:
            parts = _gathered(parted(latex), display)
        except LatexError:
            parts = []
        if _shape(*(element for *_, element in parts)) == _shape(whole):
            found = parts
    return "".join(gap + _written(part, element, display, bool(gap)) for gap, part, element in found)


def _element(latex: str, display: bool) -> ElementTree.Element:
    mathml = CONVERTER.convert_with_local_state(latex, displaystyle=display)
    # A combining low line, as \overline gives, is drawn below: the overline character is meant.
    mathml = mathml.replace("\u0332", "\u203e").replace("&ApplyFunction;", "\u2061")
    # The font's prime is raised as it is; raised once more, as Chromium does, it floats.
    mathml = PRIMED.sub(r"<mrow>\1\2</mrow>", mathml)
    # What only sets factors a little apart, or keeps a word from its neighbours, costs an element each.
    return ElementTree.fromstring(WORD.sub(r"\1", mathml.replace('<mspace width="0.16666667em"/>', "")))


def _size(element: ElementTree.Element) -> int:
    return len("".join(element.itertext()))


def _gathered(parts: list[tuple[str, str]], display: bool) -> list[tuple[str, str, ElementTree.Element]]:
    """Return parts (space ahead, LaTeX) with their elements, short ones together with the next."""
    found: list[tuple[str, str, ElementTree.Element]] = []
    for gap, part in parts:
        element = _element(part, display)
        if found and gap == " " and _size(found[-1][2]) + _size(element) <= SHORT:
            gap, before, _ = found.pop()
            part = f"{before} {part}"
            element = _element(part, display)
        found.append((gap, part, element))
    return found


def _shape(*elements: ElementTree.Element) -> list[tuple]:
    """Return what formulas consist of, to tell whether parts are the whole; not the spaces."""
    inner = [part for element in elements for part in element.iter() if part.tag not in ("math", "mspace")]
    return [(part.tag, len(part), part.text) for part in inner]


def _written(latex: str, element: ElementTree.Element, display: bool, goes_on: bool) -> str:
    """Return <math> with its LaTeX and its words; goes_on: whether it continues the one before it."""
    for sign in element[: 1 if goes_on else 0]:
        if sign.tag == "mo":  # the space before it takes the place of the sign's own
            sign.attrib = {"form": "infix", "lspace": "0"}
    attributes = {"class": "on"} if goes_on else {}
    attributes |= {"displaystyle": "true"} if display else {}
    whole = ElementTree.Element("math", attributes | {"aria-label": words(element)})
    semantics = ElementTree.SubElement(whole, "semantics")
    element.tag, element.attrib = "mrow", {}
    _flatten(element)
    semantics.append(element[0] if len(element) == 1 else element)
    ElementTree.SubElement(semantics, "annotation", encoding="application/x-tex").text = " ".join(latex.split())
    return ElementTree.tostring(whole, encoding="unicode")


def _flatten(element: ElementTree.Element) -> None:
    """Take functions with what they are applied to, and primed letters, out of groups of their own within a row."""
    for part in list(element.iter()):
        if part.tag in ROWS:
            part[:] = [one for inner in part for one in (inner if _is_plain(inner) else [inner])]


def _is_plain(part: ElementTree.Element) -> bool:
    return part.tag == "mrow" and {one.text for one in part if one.tag == "mo"} in ({APPLY}, {"′"})


def parted(latex: str) -> list[tuple[str, str]]:
    """Return a formula's parts, each with the space ahead of it: they begin at signs outside all brackets."""
    depth, start, gap, before = 0, 0, "", ""
    found: list[tuple[str, str]] = []

    def part(end: int) -> None:
        nonlocal gap
        if text := latex[start:end].strip():
            found.append((gap, text))
            gap = " "

    for token in TOKEN.finditer(latex):
        sign = token[0]
        if depth == 0 and before not in ("", "_", "^"):
            if sign in SPACES:
                part(token.start())
                gap, start, before = SPACES[sign] + " ", token.end(), ""
                continue
            if sign in RELATIONS or (sign in OPERATORS and before not in RELATIONS | OPERATORS | UNSEEN | {","}):
                part(token.start())
                start = token.start()
        depth += (sign in OPENS) - (sign in CLOSES)
        before = sign
    part(len(latex))
    return found
