"""A formula in words, as it would be read aloud, made from its MathML."""

import re
import unicodedata
from xml.etree.ElementTree import Element

APPLY = "\u2061"  # stands unseen between a function and its argument
SIGNS = {
    "=": "equals", "≠": "is not", "≤": "is at most", "≥": "is at least", "<": "is less than", ">": "is more than",
    "≈": "is about", "∈": "in", "→": "to", "⟹": "implies", "⇒": "implies", "⟺": "if and only if",
    "+": "plus", "−": "minus", "±": "plus or minus", "×": "by", "·": "times", "⋅": "times", "⊙": "entrywise times",
    "⊗": "outer product with", "/": "over", "∑": "the sum", "∏": "the product", "∂": "partial", "∇": "the gradient of",
    "∞": "infinity", "⊤": "transpose", "′": "prime", "*": "star", "∗": "star", "…": "and so on", "⋯": "and so on",
    "(": "open bracket", ")": "close bracket", "[": "open bracket", "]": "close bracket",
    "{": "open brace", "}": "close brace", APPLY: "of", "\u2063": "", "¯": "bar", "‾": "bar", "ˆ": "hat",
}  # fmt: skip
FENCES = {"‖": ("the norm of", "end norm"), "|": ("the absolute value of", "end absolute value")}
POWERS = {"2": "squared", "3": "cubed", "transpose": "transpose", "prime": "prime", "star": "star"}
SIMPLE = {"mi", "mn", "msub", "mover"}  # what f(x, y) may have between its brackets


def words(formula: Element) -> str:
    """Return what is said of a formula: "f of x equals 2 x" for f(x) = 2x."""
    text = " ".join(_all([*formula]).split()).replace(". . .", "and so on").replace(" of of ", " of ")
    return re.sub(r" (?=[,;])|,(?=,| equals)", "", text)


def _all(parts: list[Element]) -> str:
    """Return what is said of elements that stand side by side."""
    said, i = [], 0
    parts = [one for k, part in enumerate(parts) for one in ([*part] if _applied(parts[:k], part) else [part])]
    while i < len(parts):
        if i and (arguments := _arguments(parts, i)):
            said += ["of", *map(_one, arguments)]
            i += len(arguments) + 2
        else:
            said.append(_one(parts[i], first=i == 0, last=i == len(parts) - 1))
            i += 1
    return " ".join(said)


def _arguments(parts: list[Element], i: int) -> list[Element]:
    """Return what stands in brackets from position i on, if they are those of a function, as in f(x, y)."""
    if parts[i].text != "(" or not _is_function(parts[i - 1]):
        return []
    for j in range(i + 1, len(parts)):
        if parts[j].text == ")":
            return parts[i + 1 : j]
        if parts[j].tag not in SIMPLE and parts[j].text != ",":
            return []
    return []


def _is_function(part: Element) -> bool:
    primed = part.tag == "msup" and part[1].text == "′"
    return primed or part.tag in ("mi", "msub") or (part.tag == "mo" and (part.text == APPLY or part.text.isalpha()))


def _applied(before: list[Element], part: Element) -> bool:
    """Tell whether an element is what a function is applied to, in brackets of its own."""
    return part.tag == "mrow" and len(part) > 0 and part[0].text == "(" and bool(before) and _is_function(before[-1])


def _one(part: Element, first: bool = False, last: bool = False) -> str:
    """Return what is said of one element; first, last: where it stands among its neighbours."""
    inner = [*part]
    match part.tag:
        case "mo" if part.text in FENCES:
            closes = part.get("form") == "postfix" or (last and part.get("form") != "prefix")
            return FENCES[part.text][closes]
        case "mo" | "mi" | "mn" | "mtext":
            return _symbol(part.text or "")
        case "msub" | "munder" if _one(inner[0]) in ("min", "max", "the sum", "the product"):
            return f"{_one(inner[0])} over {_one(inner[1])} of"
        case "msubsup" | "munderover" if _one(inner[0]) in ("the sum", "the product"):
            return f"{_one(inner[0])} over {_one(inner[1])} to {_one(inner[2])} of"
        case "msub":
            return f"{_one(inner[0], last=last)} sub {_one(inner[1])}"
        case "msup":
            return f"{_one(inner[0], last=last)} {_power(inner[1])}"
        case "msubsup":
            return f"{_one(inner[0], last=last)} sub {_one(inner[1])} {_power(inner[2])}"
        case "mover" if part.get("accent"):
            return f"{_one(inner[0])} {_one(inner[1])}"
        case "mover" | "munder":
            return f"{_one(inner[0])} with {_one(inner[1])}"
        case "mfrac":
            return _fraction(*inner)
        case "msqrt":
            return f"the square root of {_all(inner)} end root"
        case "mtable":
            return "; ".join(", ".join(_all([*cell]) for cell in row) for row in inner)
    return _all(inner)


def _symbol(text: str) -> str:
    """Return what is said of a sign, a letter, a number or words."""
    text = text if text in SIGNS else unicodedata.normalize("NFKC", text).strip("\ufe00")
    if text in SIGNS:
        return SIGNS[text]
    name = unicodedata.name(text, "") if len(text) == 1 and not text.isascii() else ""
    if name.startswith("GREEK"):
        letter = name.removesuffix(" SYMBOL").rpartition(" ")[2].lower().replace("lamda", "lambda")
        return f"capital {letter}" if text.isupper() else letter
    return text if text.isalpha() or not name else name.lower()


def _power(part: Element) -> str:
    said = _one(part)
    return POWERS.get(said) or f"to the power {said}{' end power' if ' ' in said else ''}"


def _fraction(above: Element, below: Element) -> str:
    """Return what is said of a fraction: a derivative, a short one, or one with an end."""
    one, other = _one(above), _one(below)
    for letter, kind in (("partial ", "partial derivative"), ("d ", "derivative")):
        if one.startswith(letter) and other.startswith(letter):
            return f"the {kind} of {one.removeprefix(letter)} in {other.removeprefix(letter)}"
    return f"{one} over {other}" if " " not in one + other else f"the fraction {one} over {other} end fraction"
