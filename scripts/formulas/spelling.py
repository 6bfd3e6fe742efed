"""Bring the many spellings of one sign to one: fonts, sizes of brackets, spaces, typographic indices and exponents, the
dotted operators of Matlab and Julia, layers written as W^{(3)}, entries written as y[i]. No meaning is decided here.
"""

import re
import unicodedata

FONTS = (
    r"operatorname\*?|mathop|mathbf|mathbfit|boldsymbol|pmb|bm|vec|mathit|mathrm|mathsf|mathtt|mathcal|mathbb|mathds"
    r"|mathbbm|mathnormal|textnormal|textrm|textbf|textit|textsf|texttt|text|mbox|rm|bf|it|sf|tt|cal"
)
ONES = "𝟏"  # the vector of ones
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", "0123456789+-()abcdefghijklmnoprstuvwxyz", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₌", "0123456789aehijklmnoprstuvx=", strict=True))
BAR, BARS = r"(?:\||\\vert(?![A-Za-z])|∣)", r"(?:\\\||\\Vert(?![A-Za-z])|‖|\|\|)"
SIZE = r"\\[bB]igg?"
# In this order, each on the whole text.
RULES = [
    (re.compile(pattern), into)
    for pattern, into in (
        (r"(?<=[0-9])\\mathrm\{e\}(?=[+-]?[0-9])", "e"),
        (r"\\(?:mathbf|boldsymbol|bm)\s*\{\s*11\s*\}", ONES * 2),
        (rf"\\(?:mathbf|mathbb|mathds|mathbbm|boldsymbol|bm|bf)(?:\s*\{{\s*1\s*\}}|\s*1(?![0-9.]))|[{ONES}𝟙]", ONES),
        (r"\\!|\\[mh]skip-?[0-9.]+(?:mu|pt|em)|\\m?kern-?[0-9.]+(?:mu|pt|em)|\\(?:nolimits|limits)(?![A-Za-z])", ""),
        (r"(?<=[^\s~])~(?=[^\s~])", r"\\, "),
        (r"(?<!\\)\\[;:> ]|\\(?:q?quad|displaystyle|textstyle)(?![A-Za-z])|\\hspace\{[^{}]*\}", r"\\, "),
        (rf"(?:\\left|{SIZE}l?)\s*{BAR}\s*(?:\\left|{SIZE}l?)\s*{BAR}", r"\\lVert "),
        (rf"(?:\\right|{SIZE}r?)\s*{BAR}\s*(?:\\right|{SIZE}r?)\s*{BAR}", r"\\rVert "),
        (rf"(?:\\left|{SIZE}l)\s*{BARS}", r"\\lVert "), (rf"(?:\\right|{SIZE}r)\s*{BARS}", r"\\rVert "),
        (rf"(?:\\left|{SIZE}l)\s*{BAR}", r"\\lvert "), (rf"(?:\\right|{SIZE}r)\s*{BAR}", r"\\rvert "),
        (rf"\\(?:left|right|middle)(?![A-Za-z])\.?|{SIZE}[lrm]?(?![A-Za-z])", ""),
        # A space before a bracket stays one: s \, (1 - s) is a product.
        (r"\\,(?![0-9]{3})(?!(?:\s|\\,)*[(\[])|(?<![0-9])\\,(?=[0-9])", " "),
        (r"\\mid(?![A-Za-z])", "|"), (r"\\bullet(?![A-Za-z])", r"\\cdot "),
        (r"(?:\\langle(?![A-Za-z])|⟨)", " inner("), (r"\\rangle(?![A-Za-z])|⟩", ")"),
        (r"_\s*\{?\s*(?:\\ell|ℓ|L|l)\s*_?\s*\{?([12₁₂])\}?\s*\}?(?![A-Za-z0-9])", r"_\1"),
        (r"\^\s*\{?\s*\\prime\s*\}?", "'"),
        (r"\\underset\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\2_{\1}"),
        (r"\(\s*(?:\\cdot|·|\.)\s*\)", ""),  # σ(·)
        (r"\^\s*\{\s*([(\[]?[0-9][)\]]?)\s*(?:\\top(?![A-Za-z])|\\intercal|T|⊤|ᵀ)\s*\}", r"^{\1}^{T}"),
        (r"(\\[tdc]?frac\s*\{)\s*d(?=\s*\\?[A-Za-z])([^{}]*\}\s*\{)\s*d(?=\s*\\?[A-Za-zθ])", r"\1∂ \2∂ "),
        (r"(?<![A-Za-z])y_?pred(?![A-Za-z])", "y_hat"),
        (r"(?<![A-Za-z])y_(?:true|one_?hot|labels?)(?![A-Za-z])", "y"),
        (r"(?:(?:torch|nn)\.)*L1Loss\(\s*reduction\s*=\s*['\"]sum['\"]\s*\)", "F.l1_loss_sum"),
        (r"(?<![A-Za-z])ones\(\(([^()]*)\)\)", r"ones(\1)"),
        (r"([A-Za-z]{2,}|(?<![A-Za-z])s)\.(?=\()", r"\1"),
        *[
            (r"((?:max|min|exp|log|ln|sign|sgn|tr|Tr|diag|softmax|sigmoid)\s*)\\?\{([^{}]*?)\\?\}", r"\1(\2)"),
        ] * 2,  # \min\{a, \max\{b, c\}\}
        (r"½", "(1/2)"), (r"¼", "(1/4)"), (r"%\*%", "@"), (r"%o%", "⊗"),
        (r"(?<![.0-9])\.\*(?!\*)", "⊙"), (r"(?<=[0-9])\.\*(?!\*)", "*"),
        (r"(?<!\.)\.(?=[+\-/^'′’])", ""),
        (r"([A-Za-z][0-9]?|\}|\])\[\s*([i-m])\s*(?:,\s*(?:([i-m])|:)\s*)?\]", r"\1_{\2\3}"),
        (r"(_\{[a-z])(?:,\s*:|:|\\cdot\s*|·)\s*\}", r"\1}"),
        (r"_\s*\{?([a-z])\}?\s*\^\s*\{\s*[(\[]([0-9])[)\]]\s*\}", r"^{(\2)}_{\1}"),
        (r"_\s*\{([a-z],?[a-z])\}\s*\^\s*\{\s*[(\[]([0-9])[)\]]\s*\}", r"^{(\2)}_{\1}"),
        (r"\^\s*\{\s*[(\[]\s*([i-m])\s*[)\]]\s*\}", r"_{\1}"),
    )
]  # fmt: skip
MACRO = re.compile(rf"\\(?P<font>{FONTS}|norm|abs)\s*\{{|\{{\s*\\(?P<old>rm|bf|it|sf|tt|cal)(?![A-Za-z])")
AROUND = {"norm": (r"\lVert ", r"\rVert "), "abs": (r"\lvert ", r"\rvert ")}


def plain(text: str) -> str:
    """Return a text with one spelling for each sign."""
    text = re.sub("[\U0001d400-\U0001d7cb]", lambda c: unicodedata.normalize("NFKC", c[0]), text)
    text = re.sub(rf"([{''.join(RAISED)}]+)⁄([{''.join(LOWERED)}]+)", _fraction, text)
    text = re.sub(rf"[{''.join(RAISED)}]+", _raised, text)
    for pattern, into in RULES[:3]:
        text = pattern.sub(into, text)
    text = re.sub(rf"\\(?:{FONTS})(?![A-Za-z*])\s*(?!\s*\{{)", " ", _macros(text))
    for pattern, into in RULES[3:]:
        text = pattern.sub(into, text)
    return text


def closing(text: str, place: int, opening: str = "{", closing: str = "}") -> int | None:
    """Return where the bracket that opens at a place is closed."""
    depth = 0
    for end in range(place, len(text)):
        depth += (text[end] in opening) - (text[end] in closing)
        if not depth:
            return end
    return None


def _macros(text: str) -> str:
    """Take the fonts off what they are put on; letters that only they kept apart stay apart."""
    place = 0
    while match := MACRO.search(text, place):
        start = match.start() if match["old"] else match.end() - 1
        if (end := closing(text, start)) is None:
            return text
        before, after = AROUND.get(match["font"], ("", ""))
        before = " " if not before and text[: match.start()][-1:].isalpha() else before
        after = " " if not after and re.match(r"[A-Za-z]", text[end + 1 :]) else after
        place = match.start()
        text = f"{text[:place]}{before}{text[match.end() : end]}{after}{text[end + 1 :]}"
    return text


def _fraction(match: re.Match) -> str:
    top, bottom = match.groups()
    return f"({''.join(RAISED[c] for c in top)}/{''.join(LOWERED[c] for c in bottom)})"


def _raised(match: re.Match) -> str:
    written = "".join(RAISED[c] for c in match[0])
    return f"^{{{written}}}" if re.search("[a-z(]", written) else match[0]
