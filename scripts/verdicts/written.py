r"""What people write around numbers, made plain: signs, LaTeX, brackets, lists, classes. No number is read here.

Text of any kind goes in, at most LONGEST characters of it; nothing is evaluated, and every pattern is bounded. Digits
are 0 to 9 alone: those of other scripts stay as they are, so that no number will be read from them.
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise

from scripts.verdicts.finding import Malformed

LONGEST = 500  # characters of one text
HARD = "\u00a0"  # a space within a number; all spaces that do not break a line become this one

CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("−–‒—﹣－", "-"),
        **dict.fromkeys("\u202f\u2009\u2007\u2008\u200a", HARD),
        **dict.fromkeys("’‘ʼ′", "'"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("≃≅∼≐", "≈"),
        **dict.fromkeys("✕⨯", "×"),
        **dict.fromkeys("⋅∙•", "·"),
        **dict.fromkeys("⁄∕", "/"),
        **dict.fromkeys("⟶➝➔➞⇒⟹", "→"),
        **dict.fromkeys("⟨〈", "("),
        **dict.fromkeys("⟩〉", ")"),
        **{"…": "...", "⋯": "...", "％": "%", "ᵀ": "⊤", "№": "#"},
    }
)
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
LATEX = [
    (r"\$|\\[()\[\]]|\\(?:left|right|displaystyle)(?![a-zA-Z]) ?|\\!", ""),
    (r"\\(?:text|mathrm|mathbf|mathsf|operatorname|num) ?\{([^{}]*)\}", r"\1"),
    (r"\\SI ?\{([^{}]*)\} ?\{ ?\\percent ?\}", r"\1 %"),
    (r"\\(?:[dt]?|nice)frac ?\{ ?([^{}]{1,40}?) ?\} ?\{ ?([^{}]{1,40}?) ?\}", r"\1/\2"),
    (r"\\[dt]?frac ?([0-9]) ?([0-9])", r"\1/\2"),
    (r"\\begin ?\{[a-z]?matrix\}", "("),
    (r"\\end ?\{[a-z]?matrix\}", ")"),
    (r" ?(?:\\\\|&) ?", ", "),
    (r"\\[,;: ]|(?<=[0-9])~(?=[0-9])", HARD),
    (r"\{([,.'])\}", r"\1"),
    (r"\\([{}%#&_])", r"\1"),
    (r"\\times(?![a-zA-Z]) ?", "×"),
    (r"\\cdot(?![a-zA-Z]) ?", "·"),
    (r"\\(?:approx|sim|simeq)(?![a-zA-Z]) ?|~", "≈"),
    (r"\\leq?(?![a-zA-Z])", "≤"),
    (r"\\(?:to|rightarrow|longrightarrow)(?![a-zA-Z])", "→"),
    (r"\\[lc]?dots(?![a-zA-Z])", "..."),
    (r"\\(?:top|intercal)(?![a-zA-Z])", "⊤"),
    (r"\\in(?![a-zA-Z]) ?", "∈"),
    (r"\\langle(?![a-zA-Z]) ?", "("),
    (r" ?\\rangle(?![a-zA-Z])", ")"),
    *((rf"\\{name}(?![a-zA-Z])", letter) for name, letter in zip(("alpha", "beta", "eta", "mu"), "αβημ", strict=True)),
    (r"\\partial(?![a-zA-Z]) ?", "∂"),
    (r"\\(?:quad|qquad)(?![a-zA-Z])", " "),
]
LATEX = [(re.compile(pattern), plain) for pattern, plain in LATEX]
MAKERS = r"(?:(?:torch\.|np\.|numpy\.)?(?:Size|tensor|array|asarray|list|tuple|float|int|u?int\d+|float\d+) ?)?"
WRAPPED = re.compile(MAKERS + r"([\[({])(.*)([\])}])")
TRANSPOSED = re.compile(r"(?<=[\])}])(?:\^?(?:[⊤T]|\{[⊤T]\})|\.T|')$")
PAIRS = {"[": "]", "(": ")", "{": "}"}  # a half-open interval is no list: which numbers belong to it is another matter
FOLLOWED = re.compile(r",? ?(?:dtype|device|grad_fn)=[\w.<>:']{1,40}")

# What parts the entries of a list, the strongest first; a text is split by one of them alone. Sizes, counts and labels
# have no sign, so that many things between them can only part them.
ARROWS, STOPS, COMMAS = r" ?(?:→|[-=]{0,3}>) ?", r" ?[;|] ?", r" ?, +| +, ?"
DOTS, TIMES, DASHES, TO = (
    rf"(?<=[0-9)]) ?(?:{sign}) ?(?=[0-9(])"
    for sign in (r"[ ,]*\.{2,}[ ,]*", "[xX×*·]", "-+|:", "(?:up )?to|by|through")
)
SIGNED = [re.compile(sign) for sign in (r" ?(?:→|-{1,3}>) ?", STOPS, COMMAS)]
ENDS = [re.compile(sign) for sign in (r" ?(?:→|-{1,3}>) ?", r" ?; ?", DOTS, COMMAS, r"(?<=[0-9)]) ?-+ ?(?=[0-9(])", TO)]
UNSIGNED = [re.compile(sign) for sign in (ARROWS, STOPS, DOTS, COMMAS, TIMES, DASHES, TO)]
FROM = re.compile(r"^(?:(?:all |the |raw )?(?:integers|whole numbers|values) )?(?:from|between) ")
VARIABLE = r"(?:[a-z](?:_\{?[a-z]{1,2}\}?)?|pixels?|values?)?"
BOUNDS = re.compile(  # 0 ≤ x ≤ 255, min 0, max 255
    rf"(?:min(?:imum)?[ =:]*)?([^ ,=≤<]+)(?: ?(?:≤|<=) ?{VARIABLE} ?(?:≤|<=) ?|, max(?:imum)?[ =:]*)([^ ,=≤<]+)"
)
DTYPE = re.compile(r"^(?:u?int\d{0,2}|float\d{0,2}|raw)[,:] (?=[\d\[(])")
IN_ORDER = r"(?:[NB][×x, ]*)?C[×x, ]*H[×x, ]*W|channels?(?:, | ?[×x] ?)height(?:, | ?[×x] ?)width"
REMARK = re.compile(
    rf"(?P<value>.*[\d\])}}%])(?: ?(?:= ?|as |in )?[(\[]?(?P<axes>{IN_ORDER})[)\]]?"
    r"| ?[(\[](?P<bracket>[^()\[\]]{1,60})[)\]]|(?:(?<=[\])}]) ?|, )(?P<tail>[^()\[\],]{1,40}))\.?"
)
HARMLESS = re.compile(  # words of a remark, none of which can change a number
    r"(?:torch\.|np\.)?(?:u?int|float)\d{0,2}|i\.e\.|default|bytes?|integers?|whole|numbers?|raw|unscaled|unnormali[sz]ed|inclusive|included|both|ends"
    r"|exact|exactly|tensor|array|shape|pixels|values?|gr[ae]y(?:scale)?|channels?|rows?|entries|torch|numpy|PyTorch"
    r"|SGD|plain|fully|connected|dense|layers?|hidden|units?|for|the|of|is|as|in|and|∩|\\cap|ℤ|\\mathbb\{Z\}|Z"
)
LAYER = r"(?:nn\.)?(?:Linear)? ?\(\d{1,6}(?:, ?| ?→ ?| ?-> ?)\d{1,6}\)"
LAYERS = re.compile(rf"{LAYER}(?:(?: ?[,;→] ?| )(?:{LAYER}|(?:nn\.)?ReLU(?:\(\))?))+")
AXES = {"batch": "N", "N": "N", "B": "N", "C": "C", "channels": "C", "H": "H", "height": "H", "W": "W", "width": "W"}
LABEL = re.compile(r"(?P<name>[^\W\d]{0,8}?)_?[{(]?(?P<index>\d{1,2})?[)}]? ?[=:] ?(?P<value>[^=:]+)")
COUNTED = re.compile(r"(?:\d{1,9}, ){2,9}(?=\.\.)")  # 0, 1, ..., 255
SPACED = re.compile(r"(?<=[0-9.)%]) (?=[-+.(0-9])")


def shown(text: str) -> str:
    """Return foreign text for a message: cut, quoted, with what cannot be seen escaped."""
    return ascii(text[:40]) if not text[:40].isprintable() else repr(text[:40])


def plain(text: object) -> str:
    """Return text with one sign for each meaning, without LaTeX, and with single spaces."""
    if not isinstance(text, str):
        raise Malformed("a list stands where one number belongs")
    if len(text) > LONGEST:
        raise Malformed(f"{shown(text)} … is longer than {LONGEST} characters")
    text = re.sub(r"[ \t\r\n]+", " ", text).strip()
    if hidden := next((c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co")), ""):
        raise Malformed(f"{shown(text)} holds the invisible character U+{ord(hidden):04X}; leave it out")
    text = re.sub(r"10 ?([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})", lambda found: "10^" + found[1].translate(RAISED), text)
    text = "".join(_fraction(c, before) for before, c in zip(f" {text}", text, strict=False))
    text = text.translate(CHARACTERS)
    for pattern, replacement in LATEX:
        text = pattern.sub(replacement, text)
    text = re.sub(r"\bminus (?=[0-9.])", "-", FOLLOWED.sub("", text))
    return re.sub(" +", " ", text).strip(f" {HARD}")


def unwrapped(text: str) -> str:
    """Return what stands in the outermost brackets, quotes, tensor(…) and the like, and without commas at the end."""
    while True:
        text = TRANSPOSED.sub("", text.strip(f" {HARD},;"))
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text.count(text[0]) == 2:
            text = text[1:-1]
        elif (found := WRAPPED.fullmatch(text)) and found[3] == PAIRS[found[1]] and _is_one(found[2]):
            text = found[2]
        else:
            return text


def entries(text: str, signed: bool, expected: int | None = None, ends: bool = False) -> tuple[list[str], bool]:
    """Split plain text into the entries of a list; also say whether dots leave a part of it out.

    signed: whether an entry may have a sign, or a decimal comma by mistake. Commas without a space part entries unless
    something else does: then they may belong to numbers. Malformed if decimal commas would explain them as well, which
    is so unless points or the `expected` number of entries rule it out. ends: they are those of a range.
    """
    text = re.sub(r",? (?:and|&) ", ", ", unwrapped(FROM.sub("", text)))
    if not signed and (layers := LAYERS.fullmatch(text)):
        return _chained(layers[0]), False
    if re.match(r"[(\[][^)\]]*\.{2,}$", text):
        text = text.lstrip("([")  # a print that was cut off
    if expected == 2 and (bounds := BOUNDS.fullmatch(text)):
        return list(bounds.groups()), False
    if expected == 2 and (begin := COUNTED.match(text)):
        first, *others = map(int, re.findall(r"\d+", begin[0]))
        if others == [*range(first + 1, first + 1 + len(others))]:
            text = f"{first}, {text[begin.end() :]}"
    open_end = re.search(r"[ ,;]*\.{2,}$", text)
    text = text[: open_end.start()] if open_end else text
    signs = SIGNED if signed else ENDS if ends else UNSIGNED
    pieces = next((p for sign in signs if len(p := sign.split(text)) > 1), [text])
    if len(pieces) == 1 and "," in text:
        pieces = text.split(",")
        whole = not any("." in piece for piece in pieces)
        if signed and len(pieces) != expected and whole:
            raise Malformed(f"{shown(text)} may have decimal commas; write decimal points, and ', ' between numbers")
    elif len(pieces) == 1:
        pieces = (
            text.split("/")
            if text.count("/") > 1 and (not signed or " / " in text or re.search(r"\.[0-9]+/", text))
            else SPACED.split(text)
        )
    dots = bool(open_end) or (".." in text and len(pieces) != (expected or 2))  # 0, ..., 255 are two
    return [unwrapped(piece) for piece in pieces], dots


def _chained(text: str) -> list[str]:
    """Return the widths of layers that are given by their inputs and outputs: (784, 256), (256, 10)."""
    pairs = re.findall(r"\((\d+)\D+(\d+)\)", text)
    if any(one[1] != other[0] for one, other in pairwise(pairs)):
        raise Malformed(f"{shown(text)} has layers of which one does not end where the next one begins")
    return [pairs[0][0], *(pair[1] for pair in pairs)]


def without_remark(text: str) -> str:
    """Leave out what is said beside a value or a closed list and cannot change it: "[0, 255] (uint8)"."""
    text = DTYPE.sub("", re.sub(r"([\])])\.$", r"\1", text))
    found = REMARK.fullmatch(text)
    words = re.split(r"[ ,/]+", found["bracket"] or found["tail"] or "") if found else []
    if found and (found["axes"] or all(map(HARMLESS.fullmatch, words))):
        return found["value"]
    return re.sub(r"^(?:no|none|None) ?\((0)\)$|^(0) ?\((?:no|none|None)\)$", "0", text)


def labelled(texts: list[str]) -> list[str]:
    """Leave out labels that count the entries of a list in order: z1 = −1, z2 = 3; 0: 0.1, 1: 0.2; C=1, H=28."""
    found = [LABEL.fullmatch(text.translate(LOWERED)) for text in texts]
    if None in found:
        return texts
    numbers = [one["index"] and int(one["index"]) for one in found]
    names = [one["name"] or "" for one in found]
    axes = "".join(AXES.get(name, "?") for name in names)
    if axes in ("NCHW", "CHW", "N") or (len({*names}) == 1 and numbers[0] in (0, 1) and numbers == [
        *range(numbers[0], numbers[0] + len(texts))
    ]):  # fmt: skip
        return [one["value"] for one in found]
    raise Malformed(f"{shown(', '.join(texts))} has labels that do not count its entries; leave them out")


def numbered(text: str, names: tuple[str, ...]) -> str:
    """Write classes that are given by name as their numbers; beside its number, a name has to be the right one."""
    if not names:
        return text
    pattern, numbers = _spellings(names)

    def number(found: re.Match) -> str:
        named = str(numbers[_key(found["name"])])
        if other := next((n for n in (found["before"], found["after"]) if n and n != named), ""):
            raise Malformed(f"{shown(found[0])} is two classes: {other} and {named}, the {names[int(named)]}")
        return named

    return pattern.sub(number, text)


@cache
def _spellings(names: tuple[str, ...]) -> tuple[re.Pattern, dict[str, int]]:
    """Return a pattern that finds classes by name, perhaps beside a number, and the number of each spelling (by key).

    What a slash parts are names of their own; case, plural and what joins words make no difference.
    """
    spelled = {name: i for i, whole in enumerate(names) for name in (whole, *whole.split("/"))}
    numbers = {_key(name + plural): i for name, i in spelled.items() for plural in ("", "es")}
    words = sorted((re.findall(r"\w+", name) for name in spelled), key=lambda w: -sum(map(len, w)))
    name = "|".join("[ _/-]{0,3}".join(map(re.escape, word)) for word in words)
    joint = r" ?(?:[-=]?>|→|[-:=])? ?"
    before = rf"(?:\(?(?<!\d)(?P<before>\d)\)?{joint}(?:an? )?)?\(?"
    after = rf"\)?(?:{joint}\(?(?:class |label )?(?P<after>\d)\)?(?!\d))?"
    return re.compile(rf"{before}\b(?P<name>(?:{name})(?:s|es)?)\b{after}", re.I | re.ASCII), numbers


def _key(name: str) -> str:
    """Return a name without what makes no difference: case, spaces, dashes, underscores and a plural s."""
    return re.sub(r"[\W_]+", "", name.casefold()).rstrip("s")


def _fraction(character: str, before: str) -> str:
    """Write ½ as 1/2, and keep it apart from a digit before it: 1½ is not 11/2."""
    if unicodedata.category(character) != "No" or "\u2044" not in (told := unicodedata.normalize("NFKC", character)):
        return character
    return (HARD if before.isdigit() else "") + told


def _is_one(inner: str) -> bool:
    """Are the brackets in the text closed in it, so that those around it belong together?"""
    depth = 0
    for c in inner:
        depth += (c in "([{") - (c in ")]}")
        if depth < 0:
            return False
    return depth == 0
