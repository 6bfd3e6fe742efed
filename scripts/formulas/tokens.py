"""Cut a formula into tokens: numpy's way to write, LaTeX and Unicode mathematics all come down to the same ones.

What is a name depends on the question: "XW" is X times W where both are given. Anything that is neither a given name
nor on the list of functions is refused here, with its place; nothing is ever looked up or executed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction

from lark import Token

from scripts.formulas.spelling import LOWERED, ONES, RAISED, closing
from scripts.formulas.tree import Shape, Unreadable

FUNCTIONS = {
    "sum": "sum", "mean": "mean", "average": "mean", "abs": "abs", "absolute": "abs", "fabs": "abs", "sign": "sign",
    "sgn": "sign", "signum": "sign", "exp": "exp", "log": "log", "ln": "log", "sqrt": "sqrt", "sigmoid": "sigmoid",
    "expit": "sigmoid", "sigma": "sigmoid", "σ": "sigmoid", "s": "sigmoid", "ds": "ds", "dsigmoid": "ds",
    "softmax": "softmax", "relu": "relu", "ReLU": "relu", "tanh": "tanh", "dot": "matmul", "matmul": "matmul",
    "mm": "matmul", "outer": "outer", "multiply": "multiply", "transpose": "transpose", "square": "square",
    "norm": "norm", "trace": "trace", "tr": "trace", "diag": "diag", "len": "length", "max": "max", "maximum": "max",
    "amax": "max", "mul": "multiply", "cosh": "cosh", "sinh": "sinh", "sech": "sech", "column": "column", "row": "row",
    "t": "transpose", "add": "add", "subtract": "subtract", "sub": "subtract", "divide": "over", "div": "over",
    "negative": "negative", "neg": "negative", "power": "power", "pow": "power", "inner": "inner", "linear": "linear",
    "ones": "ones", "ones_like": "ones_like", "mv": "matmul", "ger": "outer", "tensordot": "tensordot",
    "vector_norm": "norm", "reduce_sum": "sum", "reduce_mean": "mean", "fsum": "sum", "array": "same",
    "asarray": "same", "copy": "same", "tensor": "same", "atleast_2d": "atleast_2d", "expand_dims": "unsqueeze",
    "l1_loss": "l1_loss", "l1_loss_sum": "l1_loss_sum", "crossprod": "crossprod", "squeeze": "squeeze",
    "ravel": "ravel", "vec": "ravel", "Tr": "trace", "eye": "eye", "identity": "eye", "softplus": "softplus",
    "min": "min", "minimum": "min", "clip": "clip", "clamp": "clip",
}  # fmt: skip
CODE = {"add", "subtract", "over", "negative", "power", "same", "inner", "linear", "ones"}  # none of LaTeX's
METHODS = [
    "sum", "mean", "dot", "matmul", "transpose", "abs", "exp", "log", "sqrt", "square", "t", "trace", "max", "sign",
    "sigmoid", "softmax", "relu", "tanh", "norm", "mm", "mul", "copy", "clone", "conj", "detach", "numpy", "squeeze",
    "flatten", "ravel", "unsqueeze", "permute", "mv", "clip", "clamp", "pow", "add", "sub", "div", "neg",
]  # fmt: skip
GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta",
    "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
VARIANTS = {"µ": "mu", "ϵ": "epsilon", "ϕ": "phi", "ϑ": "theta"}
VARIANTS |= {"varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta", "varsigma": "sigma"}
SAME = {"lambda": "lam", "lam": "lambda", "epsilon": "eps", "eps": "epsilon"}  # where only the one is a name
LONGEST = 500  # characters
MOST = 240  # tokens

# What carries no meaning; fonts and sizes of brackets are gone already.
SILENT = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u2061-\u2064]+|\\,")
LOWER = rf"(?:_\s*(?:\{{([^{{}}]*)\}}|([A-Za-z0-9]))|([{''.join(LOWERED)}]+))"
UPPER = r"(?:\^\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|([A-Za-z0-9]))|(ⁿ))"
TOP = r"(?:\\top|\\intercal|⊤|ᵀ|\{?\s*[Tt]\s*\}?)"
TENS = r"(?:[eE][+-]?[0-9]+(?![A-Za-z_]))?"
PATTERNS = [
    ("SILENT", SILENT),
    ("NUMBER", rf"(?:[0-9]{{1,3}}(?:\\,[0-9]{{3}})+|[0-9]+)(?:\.[0-9]*)?{TENS}|\.[0-9]+{TENS}"),
    ("TRANSPOSE", rf"\^\s*(?:\\top|\\intercal|⊤|\{{\s*{TOP}\s*\}}|T|t(?![A-Za-z]))|ᵀ|⊤"),
    ("EXPONENT", r"[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|\^\s*\{\s*(?:\\odot|\\circ|⊙|∘)\s*-?[0-9]+(?:/[0-9]+)?\s*\}"),
    ("DERIVED", r"(?:s|σ|\\sigma|sigmoid)\s*['′’](?=\s*[(\[])|\\dot\s*\{?\s*(?:\\sigma|σ)\s*\}?(?=\s*[(\[])"
                r"|(?:sigmoid|sigma|sig|s)_?(?:derivative|deriv|prime|grad)(?=\s*\()"
                r"|d_?(?:sigmoid|sigma|sig|s)(?=\s*\()"),
    ("BIGSUM", r"(?:\\sum|Σ|∑)\s*_\s*\{\s*(?P<whole>rows|columns|all)(?P<kept>, kept)?\s*\}"
               rf"|(?:\\sum(?![A-Za-z])|[Σ∑]|sum(?=\s*_))(?:\s*{LOWER})?(?:\s*{UPPER})?"),
    ("ONES", ONES),
    ("DERIVATIVE", r"(?:\\[tdc]?frac\s*\{\s*)?(?:∂|\\partial(?![A-Za-z]))\s*"
                   rf"(?P<value>(?:\\hat\s*)?\{{?\\?[A-Za-zŷ]+\}}?)(?P<at>\s*{LOWER}?\s*(?:\([^()]*\))?)"
                   r"\s*(?:\}\s*\{|/)\s*(?:∂|\\partial(?![A-Za-z]))\s*"
                   r"(?:\\?(?P<by>theta|θ)|(?P<name>[A-Za-z]+)\s*_?\s*\{?(?P<number>[0-9₀-₉])\}?)"
                   rf"(?P<component>\s*{LOWER})?(?:\s*\}})?"),
    ("FRACTION", r"\\[tdc]?frac(?![A-Za-z])"),
    ("ROOT", r"\\sqrt(?![A-Za-z])|√"),
    ("NORMOPEN", r"\\lVert"), ("NORMCLOSE", rf"\\rVert(?:\s*{LOWER})?"),
    ("NORM", r"(?:\\\||\\Vert(?![A-Za-z])|‖|\|\|)"),
    ("ABSOPEN", r"\\lvert"), ("ABSCLOSE", rf"\\rvert(?:\s*{LOWER})?"), ("ABS", r"\||\\vert(?![A-Za-z])|∣"),
    ("HADAMARD", r"\\odot(?![A-Za-z])|\\circ(?![A-Za-z])|⊙|∘|\\ast(?![A-Za-z])"), ("OUTER", r"⊗|\\otimes(?![A-Za-z])"),
    ("CENTRED", r"\\cdot(?![A-Za-z])|\\times(?![A-Za-z])|·|⋅|∙|×|•"),
    ("CARET", r"\*\*|\^"), ("STAR", r"\*|∗"), ("SLASH", r"/|÷|\\div(?![A-Za-z])|∕"), ("AT", "@"),
    ("PLUS", r"\+"), ("MINUS", r"-|−|–|‐|‑"), ("COMMA", ","),
    ("KEYWORD", r"(?:axis|dim|axes|keepdims|keepdim|ord|p|reduction)\s*=\s*"
                r"(?:-?[0-9]+|True|False|None|['\"](?:fro|sum)['\"])"),
    ("SHAPE", r"\.(?:shape|size)\s*(?:\[\s*([0-9])\s*\]|\(\s*([0-9])\s*\))"),
    ("NUMPYT", r"\.T(?![A-Za-z])|\.mT(?![A-Za-z])"),
    ("METHOD", r"\.\s*(?:" + "|".join(METHODS) + r")(?=\s*\()"),
    ("RESHAPE", r"\[\s*(?P<column>:\s*,)?\s*(?:None|np\.newaxis)\s*(?:,\s*:\s*)?\]"
                r"|\.reshape\s*\(\s*\(?\s*(?:(?P<column2>-1\s*,\s*1)|1\s*,\s*-1)\s*\)?\s*\)"),
    ("PRIME", r"['′’]"),
    ("LPAR", r"[(\[]|\\lbrack"), ("RPAR", r"[)\]]|\\rbrack"), ("LBRACE", r"\{|\\\{"), ("RBRACE", r"\}|\\\}"),
    ("EINSUM", r"(?:(?:np|numpy|torch|jnp)\.)?einsum\s*\(\s*['\"]\s*(?P<into>[a-z]{1,2}(?:\s*,\s*[a-z]{1,2})*)"
               r"\s*->\s*(?P<out>[a-z]{0,2})\s*['\"]\s*,"),
    ("MODULE", r"(?:(?:np|numpy|torch|jnp|jax|math|tf|scipy|special|nn|functional|F|linalg)\.)+(?=[A-Za-z])"),
    ("ACCENT", r"\\(hat|widehat|bar|overline)\s*"
               r"(?:\{\s*\{?\s*(\\?[A-Za-z]+)\s*\}?\s*\}|(\\?[A-Za-z]+))"),
    ("NABLA", r"(?:\\nabla(?![A-Za-z])|∇|grad(?![A-Za-z])"
              r"|(?:\\partial|∂)(?=\s*_\s*\{?\s*\\?(?:theta|θ)\s*\}?\s*f))"
              r"(?:\s*(?:_\s*(?:\{[^{}]*\}|\\?[A-Za-zθ]+)|θ(?=\s*f)))?"),
    ("WORD", r"\\?[A-Za-z]+|[α-ωΓΔΘΛΞΠΦΨΩµϵϕϑŷŶȳ]"),
    ("POSITIVE", r"_\s*(?:\{\s*\+\s*\}|\+)"),
    ("SUBSCRIPT", LOWER),
]  # fmt: skip
PARTS = {kind: re.compile(pattern) if isinstance(pattern, str) else pattern for kind, pattern in PATTERNS}
LOWER_HERE = re.compile(rf"\s*(?:_([i-m]{{2}})(?![A-Za-z0-9])|{LOWER})")
ARGUMENTS = re.compile(rf"\s*\(\s*x\s*{LOWER}?\s*(?:[,;|]\s*(?:\\?theta|θ|w|W)\s*)?\)")
RAISED_CALL = re.compile(r"\s*(?:\^\s*\{?\s*([1-6])\s*\}?|\*\*([1-6])|([¹²³⁴⁵⁶]))(?=\s*[(\[]|\s*\\[dtc]?frac)")
ENTRY = re.compile(r"\[\s*(?:-?[0-9]+|[a-z](?:\s*[-+]\s*[0-9]+)?|[:,\s]|\.\.\.)*\]")  # [0], [:, i + 1]
OPENED = re.compile(r"\s*[(\[]")
ENDS = (
    "NUMBER", "NAME", "RPAR", "RBRACE", "SUBSCRIPT", "TRANSPOSE", "NUMPYT", "EXPONENT", "ABSCLOSE", "NORMCLOSE",
    "SHAPE", "RESHAPE", "PRIME", "ONES", "EYE", "POSITIVE",
)  # fmt: skip
LOSSES = {"L", "J", "E", "C", "l"}
HATS = {"ŷ": "yhat", "Ŷ": "Yhat", "ȳ": "ybar"}
COMBINED = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar"}


@dataclass(frozen=True)
class Vocabulary:
    """What a formula may be written in: names with their shapes, axes, other spellings of names, names that may carry
    arguments as in f(x_i, θ), and names that may not be used, with the reason."""

    names: Mapping[str, Shape]
    axes: frozenset[str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    applied: frozenset[str] = frozenset()
    withheld: Mapping[str, str] = field(default_factory=dict)
    lengths: Mapping[str, str] = field(default_factory=dict)  # axes by how their lengths are written besides: 10, K, N
    by: frozenset[str] = frozenset()  # the names of the variable that a derivative is by
    called: frozenset[str] = frozenset()  # the names of what is differentiated
    shape: Shape | None = None  # of the answer: it says how long a lone vector of ones is, or which row x_i is

    @property
    def ends(self) -> dict[str, str]:
        """Return the axes by what a sum or a list may run to."""
        return {**({"N": "n"} if "n" in self.axes else {}), **self.lengths, **{axis: axis for axis in self.axes}}

    def find(self, word: str) -> str | None:
        """Return the name or axis that a word stands for."""
        word = self.aliases.get(word, word)
        word = word if word in self.names else SAME.get(word, word)
        if word in self.names or word in self.axes:
            return word
        return self.ends.get(word) if word in ("N", *self.lengths) else None

    def has_rows(self, word: str, entry: bool = False) -> bool:
        """Tell whether x_i is a row of a given matrix X, which of a square one may be a column; or x_ij its entry."""
        shape = self.names.get(word.capitalize(), ())
        unused = word == word.lower() and not self.find(word) and not self.refusal(word)
        return unused and len(shape) == 2 and 1 not in shape and (entry or shape[0] != shape[1])

    def refusal(self, word: str) -> str:
        """Return why a word may not be used; an empty string if it is not withheld."""
        word = self.aliases.get(word, word)
        return self.withheld.get(word, self.withheld.get(SAME.get(word, ""), ""))


def plain_name(word: str) -> str:
    """Return a Greek letter by its usual name."""
    return GREEK.get(word, VARIANTS.get(word, word))


def unreadable(text: str, place: int, why: str) -> Unreadable:
    """Return the error for what stands at a place of the text, with the text there."""
    seen = text[place : place + 20]
    return Unreadable(f"{why}, at {seen!r}" if seen else f"{why}, at its end")


def tokens(text: str, vocabulary: Vocabulary) -> list[Token]:
    """Return the tokens of a formula; raise Unreadable for what is none."""
    if len(text) > LONGEST:
        raise Unreadable(f"the formula is longer than {LONGEST} characters")
    found: list[Token] = []
    bars: list[str] = []
    open_brackets: list[str] = []
    for token in _scan(text, vocabulary):
        before = found[-1] if found else None
        if token.type in ("ABS", "NORM"):
            # A bar closes if something stands before it and a bar of its kind is open; else it opens.
            closes = bool(bars and bars[-1] == token.type and before and before.type in ENDS)
            bars.pop() if closes else bars.append(token.type)
            token.type += "CLOSE" if closes else "OPEN"
        if token.type in ("LPAR", "EINSUM"):
            open_brackets.append("]" if str(token.value) in ("[", "\\lbrack") else ")")
        elif token.type == "RPAR":
            bracket = str(token.value).replace("\\rbrack", "]")
            if open_brackets and open_brackets.pop() != bracket:
                raise unreadable(text, token.start_pos, "a bracket is closed by another one")
        touches = before and before.end_pos == token.start_pos
        if token.type == "NUMBER" and touches and before.type == "NAME":
            raise unreadable(
                text, before.start_pos, "a name and a number may be a product, a power or an index: write which"
            )
        if (
            token.value == "["
            and touches
            and before.type in ("NAME", "RPAR", "SUBSCRIPT", "NUMPYT", "TRANSPOSE")
            and (before.type == "NAME" or ENTRY.match(text, token.start_pos))
        ):
            raise unreadable(text, token.start_pos, "entries are written as x_i, not with square brackets")
        found.append(token)
        if len(found) > MOST:
            raise Unreadable("the formula is too long")
    words = [t for t in found if t.type == "NAME"]
    apart = [t for t in words if not any(t.start_pos == other.start_pos and t is not other for other in words)]
    spelled = [text[t.start_pos : t.end_pos] for t in apart if t.value in vocabulary.by]
    spelled = [re.sub(r"\\?(?:bar|overline)(?![a-z])[\s{]*|\\", "", word) for word in spelled]
    if len({plain_name(word[:1])[:1].casefold() for word in spelled}) > 1:
        raise Unreadable(f"{' and '.join(sorted(set(spelled)))} may be two variables: write one name")
    return found


def _script(match: re.Match, start: int = 1, count: int = 3) -> str:
    text = next((group for group in match.groups()[start - 1 : start - 1 + count] if group is not None), "")
    return "".join(LOWERED.get(c, c) for c in text).strip()


def _token(kind: str, value: object, start: int, end: int) -> Token:
    token = Token(kind, str(value), start_pos=start, end_pos=end)
    token.value = value
    return token


def _scan(text: str, vocabulary: Vocabulary) -> Iterator[Token]:
    place = 0
    while place < len(text):
        kind, part = next(
            ((kind, part) for kind, pattern in PARTS.items() if (part := pattern.match(text, place))), ("", None)
        )
        if not part:
            compares = re.compile(r"[<>≤≥≶]|\\(?:[lg]eq?|leqslant|geqslant)(?![A-Za-z])").match(text, place)
            step = "a comparison cannot be read: write (1 + sign(u))/2 for 1[u > 0]"
            raise unreadable(text, place, step if compares else "there is a sign that has no meaning here")
        start, place = place, part.end()
        match kind:
            case "SILENT":
                continue
            case "NUMBER":
                yield _token(kind, _number(part[0], text, start), start, place)
            case "EXPONENT":
                power = "".join(RAISED.get(c, c) for c in part[0] if c in RAISED or c in "-/0123456789")
                yield _token(kind, _exponent(power, text, start), start, place)
            case "DERIVED":
                yield _function("ds", text, start, place, vocabulary)
            case "BIGSUM" if part[0].strip() == "Σ" and vocabulary.find("Sigma"):
                raise unreadable(text, start, "Σ may be a sum or the matrix: write \\sum or \\Sigma")
            case "BIGSUM":
                yield _token(kind, _bounds(part, vocabulary, text, start), start, place)
            case "FRACTION" | "ROOT" if kind == "FRACTION" or part[0] != "√":
                # \frac12 and \frac1n: arguments of one sign need no braces.
                count = 2 if kind == "FRACTION" else 1
                yield _token(kind, None, start, place)
                for _ in range(count):
                    while silent := SILENT.match(text, place):
                        place = silent.end()
                    if text[place : place + 1] == "{":
                        end = _closing(text, place)
                        yield _token("LBRACE", "{", place, place + 1)
                        yield from _within(text, place + 1, end, vocabulary)
                        yield _token("RBRACE", "}", end, end + 1)
                        place = end + 1
                    else:
                        one = re.compile(r"[0-9]|\\?[A-Za-z]+" if count == 1 else r"[0-9]|\\[A-Za-z]+|[A-Za-z]").match(
                            text, place
                        )
                        if not one:
                            raise unreadable(text, place, "a fraction or root needs its arguments in braces")
                        yield _token("LBRACE", "{", place, place)
                        yield from _within(text, place, one.end(), vocabulary)
                        yield _token("RBRACE", "}", one.end(), one.end())
                        place = one.end()
            case "ROOT":
                yield _token("OPERATOR", "sqrt", start, place)
            case "NORMCLOSE" | "ABSCLOSE":
                yield _token(kind, _script(part), start, place)
            case "NORM" | "ABS":
                lower = LOWER_HERE.match(text, place)
                token = _token(kind, "", start, place)
                yield token
                if token.type.endswith("CLOSE") and lower:  # which norm it is: ‖x‖_1
                    token.value, place = _script(lower, count=4), lower.end()
            case "WORD" | "ACCENT":
                words, place = _word(kind, part, text, start, vocabulary)
                yield from words
            case "MODULE":
                start = place
                word = re.compile("[A-Za-z_0-9]+").match(text, place)
                if not word or word[0] not in FUNCTIONS:
                    raise unreadable(text, start, _no_function(word[0] if word else ""))
                place = word.end()
                name = FUNCTIONS[word[0]]
                whole = ("sum", "mean", "max", *(("softmax",) if "special" in part[0] else ()))
                name = "all " + name if name in whole and word[0] != "maximum" else name
                yield _function(name, text, start, place, vocabulary)
            case "NABLA":
                lower = re.sub(r"\\[a-z]*(?:math|bold|bm|bf)[a-z]*|[^A-Za-zα-ω]", "", part[0].partition("_")[2])
                if lower and plain_name(lower) not in vocabulary.by:
                    raise unreadable(text, start, "the gradient by what is asked for only")
                hat = r"\\(?:wide)?hat\s*\{?\s*([A-Za-z])\s*\}?"
                word = re.compile(rf"\s*(?:{hat}|\\?([A-Za-z]+|ŷ))").match(text, place)
                name = _derivative(f"{word[1]}hat" if word[1] else word[2], vocabulary) if word else None
                if not name:
                    raise unreadable(text, start, "the gradient of what? only its formula is asked for")
                yield _token("NAME", name, start, word.end())
                scripts, place = _scripts(name, text, word.end(), vocabulary)
                yield from scripts
            case "DERIVATIVE":
                if part["name"]:  # ∂L/∂u_1 is du1
                    name = "d" + part["name"] + LOWERED.get(part["number"], part["number"])
                    if part["value"] not in LOSSES or part["at"].strip() or not vocabulary.find(name):
                        why = vocabulary.refusal(name) or "only its formula is asked for"
                        raise unreadable(text, start, f"the derivative of what? {why}")
                    yield _token("NAME", vocabulary.find(name), start, place)
                    if component := part["component"]:
                        letters = _letters(_script(LOWER_HERE.match(component), count=4), text, start)
                        yield _token("SUBSCRIPT", letters, start, place)
                    continue
                value = re.sub(r"\\hat\s*\{?\s*([A-Za-z])\}?", r"\1hat", part["value"]).strip("{}\\ ")
                name = _derivative(value, vocabulary)
                if not name:
                    raise unreadable(text, start, "the derivative of what? only its formula is asked for")
                yield _token("NAME", name, start, place)
                scripts, end = _scripts(name, part["at"], 0, vocabulary)
                component = _script(LOWER_HERE.match(part["component"]), count=4) if part["component"] else ""
                if not part["at"].strip() and (arguments := ARGUMENTS.match(text, place)):  # ∂f/∂θ (x_i, θ)
                    scripts, place = _scripts(name, text, arguments.start(), vocabulary)
                letters = "".join("".join(token.value) for token in scripts) + component
                if end < len(part["at"].rstrip()) or (component and not scripts):
                    raise unreadable(text, start, "the derivative is written as ∇f(x_i, θ)")
                if letters:
                    yield _token("SUBSCRIPT", _letters(letters, text, start), start, place)
            case "EINSUM":
                yield _token(kind, (re.split(r"\s*,\s*", part["into"]), part["out"]), start, place)
            case "RESHAPE":
                column = part["column"] or part["column2"]
                yield _token(kind, "column" if column else "row", start, place)
            case "METHOD":
                yield _token(kind, part[0].lstrip(". "), start, place)
            case "SHAPE":
                yield _token(kind, int(part[1] or part[2]), start, place)
            case "KEYWORD":
                yield _token(kind, tuple(re.split(r"\s*=\s*", part[0])), start, place)
            case "SUBSCRIPT":
                yield _token(kind, _letters(_script(part), text, start), start, place)
            case _:
                yield _token(kind, part[0], start, place)


def _derivative(word: str, vocabulary: Vocabulary) -> str | None:
    """Return the name that stands for a value's derivative."""
    word = HATS.get(word, word)
    return vocabulary.find("d" + (vocabulary.find(word) or word))


def _within(text: str, start: int, end: int, vocabulary: Vocabulary) -> Iterator[Token]:
    # Scanned apart, so that \frac1n does not read "1n" as one; places stay those of the whole text.
    for token in _scan(text[:end].rjust(end)[start:], vocabulary):
        token.start_pos += start
        token.end_pos += start
        yield token


def _closing(text: str, place: int, *brackets: str) -> int:
    if (end := closing(text, place, *brackets)) is None:
        raise unreadable(text, place, "a brace or bracket is not closed")
    return end


def _exponent(power: str, text: str, start: int) -> Fraction:
    try:
        if len(power) > 20:
            raise ValueError
        return Fraction(power)
    except (ValueError, ZeroDivisionError):
        raise unreadable(text, start, "an exponent has to be a number") from None


def _number(written: str, text: str, start: int) -> Fraction:
    written = written.replace(r"\,", "")
    digits, _, exponent = written.lower().partition("e")
    if len(digits) > 40 or len(exponent) > 5 or abs(int(exponent or 0)) > 999:
        raise unreadable(text, start, "a number is too long")
    if re.compile(r"\s*,[0-9]").match(text, start + len(written)) and "." not in written:
        raise unreadable(text, start, "a comma within a number may mean two things: write a point for decimals")
    return Fraction(digits + "0" if digits.endswith(".") else digits) * Fraction(10) ** int(exponent or 0)


def _bounds(part: re.Match, vocabulary: Vocabulary, text: str, start: int) -> tuple:
    """Return the index of a sum sign and the axis it says to run over, None where it says nothing; ("rows",) and the
    like where it is one of the typeset form's."""
    if part["whole"]:
        return (part["whole"], bool(part["kept"]))
    lower, upper = _script(part, 3), _script(part, 6)
    upper = "n" if upper == "ⁿ" else re.sub(r"[_{}\s]", "", upper)
    match = re.fullmatch(r"\s*([a-z])\s*(?:=\s*1\s*|(?:∈|\\in)\s*\[\s*([a-z])\s*\]\s*)?", lower)
    if lower and not match:
        raise unreadable(text, start, "a sum runs over one index from 1, as in Σ_i or \\sum_{i=1}^n")
    upper = upper or (match[2] if match else "")
    if upper and upper not in vocabulary.ends:
        raise unreadable(text, start, f"a sum runs to the length of an axis ({', '.join(sorted(vocabulary.axes))})")
    return (match[1] if match else None), (vocabulary.ends[upper] if upper else None)


def _function(name: str, text: str, start: int, end: int, vocabulary: Vocabulary) -> Token:
    if name in vocabulary.withheld:
        raise unreadable(text, start, vocabulary.withheld[name])
    if name == "sum" and not OPENED.match(text, end):  # "sum x_i" is Σ x_i
        return _token("BIGSUM", (None, None), start, end)
    raised = RAISED_CALL.match(text, end)
    opened = OPENED.match(text, raised.end() if raised else end)
    return _token("FUNCTION" if opened else "OPERATOR", name, start, end)


def _no_function(word: str) -> str:
    near = get_close_matches(word, FUNCTIONS, 1)
    return f"there is no function {word!r} here" + (f", did you mean {near[0]}?" if near else "")


def _word(kind: str, part: re.Match, text: str, start: int, vocabulary: Vocabulary) -> tuple[list[Token], int]:
    """Read a word: a function, a name with its marks and subscripts, or several names written together."""
    place = part.end()
    if kind == "ACCENT":
        letter, mark = (part[2] or part[3]).lstrip("\\"), {"widehat": "hat", "overline": "bar"}.get(part[1], part[1])
        return _marked(letter, mark, text, start, place, vocabulary)
    word = part[0].lstrip("\\")
    if word in HATS:
        return _marked(word, "", text, start, place, vocabulary)
    word = plain_name(word)
    if text[place : place + 1] in COMBINED:
        return _marked(word, COMBINED[text[place]], text, start, place + 1, vocabulary)
    if mark := re.compile(r"_(hat|bar)(?![A-Za-z])").match(text, place):
        return _marked(word, mark[1], text, start, mark.end(), vocabulary)
    raised = RAISED_CALL.match(text, place)  # tanh²(u)
    opened = OPENED.match(text, raised.end() if raised else place)
    if opened and (given := vocabulary.find(word)):
        # Where s is the function that is differentiated, s(u) is its value, and s(1 − s) a product.
        inside = re.findall(r"[A-Za-z]+|[σ]", text[opened.end() : _closing(text, opened.end() - 1, "([", ")]")])
        inside = {vocabulary.find(word) for word in inside} & vocabulary.names.keys()
        unclear = word not in vocabulary.called or (not raised and (given in inside) == bool(inside - {given}))
        if word in FUNCTIONS and unclear:
            raise unreadable(text, start, f"{word}(…) may be a product or a function's value: write {word}*(…)")
        opened = opened if word in FUNCTIONS and inside and given not in inside else None
    known = word if word in FUNCTIONS else word.lower() if len(word) > 2 else ""  # Sign, Softmax
    known = "" if part[0].startswith("\\") and FUNCTIONS.get(known) in CODE else known
    if known in FUNCTIONS and (len(word) > 1 or opened) and not (vocabulary.find(word) and not opened):
        function = _function(FUNCTIONS[known], text, start, place, vocabulary)
        if raised:
            power = Fraction(RAISED.get(raised[3], raised[3]) or raised[1] or raised[2])
            return [function, _token("RAISED", power, place, raised.end())], raised.end()
        return [function], place
    if word == "I" and not vocabulary.find("I"):
        return [_token("EYE", None, start, place)], place
    if word == "e" and re.compile(r"\s*(?:\^|\*\*)").match(text, place) and not vocabulary.find("e"):
        return [_token("EULER", None, start, place)], place
    return _names(word, text, start, place, vocabulary)


def _marked(
    letter: str, mark: str, text: str, start: int, place: int, vocabulary: Vocabulary
) -> tuple[list[Token], int]:
    name = vocabulary.find(HATS.get(letter, letter + mark))
    if name:
        scripts, place = _scripts(name, text, place, vocabulary)
        return [_token("NAME", name, start, place), *scripts], place
    matrix = letter.capitalize() if vocabulary.has_rows(letter) else letter  # x̄, where X has rows x_i
    if (mark == "bar" or HATS.get(letter, "").endswith("bar")) and (name := vocabulary.find(matrix)):
        # x̄ is the mean over the first axis.
        inner = [
            _token("LPAR", "(", start, start),
            _token("NAME", name, start, place),
            _token("RPAR", ")", place, place),
        ]
        return [_token("FUNCTION", "mean", start, start), *inner], place
    raise unreadable(text, start, vocabulary.refusal(letter + mark) or _unknown(letter + mark, vocabulary))


def _names(word: str, text: str, start: int, place: int, vocabulary: Vocabulary) -> tuple[list[Token], int]:
    """Read letters as one given name or as a product of several, the last of which may have a number."""
    digits = re.compile(r"[0-9]+|_\s*\{?\s*([0-9]+)\s*,?\s*|([₀-₉]+)").match(text, place)
    if digits:
        numbered = "".join(LOWERED.get(c, c) for c in digits[0] if c.isdigit() or c in LOWERED)
        if pieces := in_names(word, vocabulary, numbered):
            end, rest = digits.end(), ""
            if "{" in digits[0]:  # W_{3}, or W_{3,jk}, whose letters are indices
                closed = re.compile(r"([a-z, ]*)\}").match(text, end)
                if not closed:
                    raise unreadable(text, start, "an index cannot be read")
                rest, end = closed[1], closed.end()
            return _sequence(pieces, text, start, end, vocabulary, rest)
    pieces = in_names(word, vocabulary, "")
    if not pieces and (lower := LOWER_HERE.match(text, place)):
        entry = len(re.sub(r"[\s,]", "", _script(lower, count=4))) == 2
        pieces = [word.capitalize()] if vocabulary.has_rows(word, entry) else []
    if pieces:
        return _sequence(pieces, text, start, place, vocabulary, "")
    if word[-1] == "I" and (pieces := in_names(word[:-1], vocabulary, "")):  # λI
        return [*(_token("NAME", piece, start, place) for piece in pieces), _token("EYE", None, start, place)], place
    whole = word + (numbered if digits else "")
    for candidate in (whole, word):
        if refusal := vocabulary.refusal(candidate):
            raise unreadable(text, start, refusal)
    raise unreadable(text, start, _unknown(whole, vocabulary))


def in_names(word: str, vocabulary: Vocabulary, digits: str) -> list[str]:
    """Cut a word into given names, the last with `digits`; the fewest pieces win. An empty list if there is no way."""
    if len(word) > 12:
        return []
    if name := vocabulary.find(word + digits):
        return [name]
    if vocabulary.refusal(word + digits):
        return []
    found: list[list[str]] = []
    for cut in range(len(word) - 1, 0, -1):
        # "dx" is a differential, not the length of the axis d times x.
        if (
            word[:cut] != "d"
            and (first := vocabulary.find(word[:cut]))
            and (rest := in_names(word[cut:], vocabulary, digits))
        ):
            found.append([first, *rest])
    return min(found, key=len) if found else []


def _sequence(
    names: list[str], text: str, start: int, place: int, vocabulary: Vocabulary, indices: str
) -> tuple[list[Token], int]:
    if names[-1] in vocabulary.applied and re.compile(r"\s*['′’]\s*\(").match(text, place):  # f′(x_i)
        place, names = text.index("(", place), [*names[:-1], _derivative(names[-1], vocabulary) or names[-1]]
    result = [_token("NAME", name, start, place) for name in names]
    if indices.strip(" ,"):
        result.append(_token("SUBSCRIPT", _letters(indices, text, place), start, place))
    scripts, place = _scripts(names[-1], text, place, vocabulary)
    return result + scripts, place


def _scripts(name: str, text: str, place: int, vocabulary: Vocabulary) -> tuple[list[Token], int]:
    """Read the indices behind a name: x_i, X_{ij}, xᵢ, f(x_i, θ)."""
    result = []
    if name in vocabulary.applied:
        if theta := re.compile(r"\s*_\s*\{?(?:\\theta|θ|theta)\}?|θ(?=\s*\()").match(text, place):
            place = theta.end()
        if arguments := ARGUMENTS.match(text, place):
            if index := _script(arguments):
                result.append(_token("SUBSCRIPT", _letters(index, text, place), place, arguments.end()))
            return result, arguments.end()
    if lower := LOWER_HERE.match(text, place):
        result.append(_token("SUBSCRIPT", _letters(_script(lower, count=4), text, place), place, lower.end()))
        place = lower.end()
    return result, place


def _letters(written: str, text: str, place: int) -> tuple[str, ...]:
    letters = re.sub(r"[\s,]", "", written)
    if not re.fullmatch("[a-z]{1,3}", letters):
        raise unreadable(text, place, "an index is a small letter, as in x_i or X_{ij}")
    return tuple(letters)


def _unknown(word: str, vocabulary: Vocabulary) -> str:
    names, lengths = sorted(vocabulary.names, key=str.lower), sorted(vocabulary.axes)
    known = f"{word[:30]!r} is not among the names given: {', '.join(names)}"
    return f"{known}; lengths: {', '.join(lengths)}" if lengths else known
