"""What may stand before an equals sign: ∇f(x), dL/dW, f′(x), dW₃, μ* … It names the answer and holds nothing of it."""

import re
from dataclasses import dataclass

from scripts.formulas.spelling import LOWERED
from scripts.formulas.tokens import GREEK, VARIANTS, plain_name

NAME = r"[A-Za-zα-ωΓ-Ωℓ]+[0-9]*(?:_\{[A-Za-z0-9,]{1,7}\})*\*?"
ARGUMENTS = rf"(?:\((?P<arguments>{NAME}(?:[,;]{NAME})*)?\))?"
VALUE = rf"(?:(?P<value>{NAME}){ARGUMENTS}|‖(?P<normed>{NAME})‖(?:_\{{2\}})?(?:\^\{{?2\}}?|²))"
INDEX = r"(?:_\{(?P<index>[a-z,]{1,5})\})?"
BY = rf"(?:(?P<by>{NAME})|[(\[](?P<by2>{NAME})[)\]](?P<component>_\{{[a-z,]{{1,5}}\}})?)"
THE = "(?:[Tt]he|[Ii]t|[Aa]nswer|[Ss]olution|[Rr]esult|[Ff]inal|[Oo]ur)*"
# What marks a minimiser: μ*, μ_min, μ_ML
BEST = re.compile(
    r"(?:_\{?(?:hat|star|opt|min|ML|MLE|MAP|LS|OLS|ml|mle)\}?|(?<=[a-zα-ω])(?:hat|star|opt|(?<!arg)min))(?![a-z(])"
)
FORMS = {
    "derivative": [
        rf"(?:{THE}|{THE}[Dd]erivative(?:of{VALUE})?)",
        rf"{THE}∇(?:_\{{{BY}\}})?(?:{VALUE})?{INDEX}",
        rf"d[A-Z]_\{{d(?P<of>{NAME})\}}",
        rf"∂_\{{{BY}\}}{VALUE}",
        rf"(?:dsigmoid|ds|(?:s|σ|sigma|sigmoid)_?(?:prime|grad|derivative|deriv)){ARGUMENTS}",
        rf"\(?[d∂]{VALUE}\)?/\(?[d∂]{BY}\)?",
        rf"[d∂]/[d∂]{BY}\(?{VALUE}\)?",
        rf"frac\{{[d∂]{VALUE}\}}\{{[d∂]{BY}\}}",
        rf"\(?frac\{{[d∂]\}}\{{[d∂]{BY}\}}\)?\(?{VALUE}\)?",
        rf"(?P<value>[A-Za-zα-ω]+)'{ARGUMENTS}",
        r"(?:δ|delta)(?:_\{(?P<layer>[0-9])\}|\^?\{?\(?(?P<layer2>[0-9])\)?\}?|(?P<layer3>[¹²³]))",
        rf"[dD∂]_?(?P<of>{NAME}){ARGUMENTS}",
        rf"D(?:_\{{{BY}\}})?{VALUE}",
    ],
    "minimiser": [rf"{THE}(?:[Mm]inimi[sz]er|[Mm]ean|[Aa]verage|[Oo]ptimum)?",
                  rf"argmin(?:_\{{{BY}\}})?(?:{VALUE})?",
                  rf"(?:[Oo]ptimal)?{BY}"],
    "objective": [VALUE, rf"{THE}(?:[Ll]oss|[Oo]bjective)?(?:function)?"],
}  # fmt: skip


@dataclass(frozen=True)
class Left:
    """A left-hand side.

    by: the variable that it differentiates by, as letters and a number; of: the same where it stands as in dW3; value,
    arguments: what it differentiates; layer: of δ_3; indices: of the component that it names; at_variable: do these
    stand at the variable, as in dL/dW_ij?
    """

    by: str = ""
    indices: tuple[str, ...] = ()
    value: str = ""
    arguments: tuple[str, ...] = ()
    of: str = ""
    layer: str = ""
    at_variable: bool = False


def left(text: str, asked: str) -> Left | None:
    """Read a left-hand side; None if the text is none for what is asked."""
    short, outer = _short(text), ""
    short = BEST.sub("", short) if asked == "minimiser" else short
    if around := re.fullmatch(r"[(\[](.+)[)\]](?:_\{([a-z,]{1,5})\})?", short):
        short, outer = around[1], around[2] or ""
    if not short:
        return None
    for form in FORMS[asked]:
        if match := re.fullmatch(form, short):
            found = match.groupdict()
            by = found.get("by") or found.get("by2") or found.get("of") or ""
            layer = found.get("layer") or found.get("layer2") or found.get("layer3") or ""
            name = re.fullmatch(r"([A-Za-zα-ωΓ-Ω]+)([0-9]*)(.*)", by)
            scripts = "".join(re.findall(r"[a-z]", name[3])) if name else ""
            digits = "".join(re.findall(r"[0-9]", name[2] + name[3])) if name else ""
            named = f"{found.get('index') or ''}{found.get('component') or ''}{outer}{scripts}"
            own = "".join(re.findall("[a-z]", named))
            own = "" if len(own) > 3 else own  # W_opt has no indices
            return Left(
                by=plain_name(name[1]) + digits if name else "",
                indices=tuple(own),
                value=_plain(found.get("value") or ""),
                arguments=tuple(map(_plain, re.findall(NAME, found.get("arguments") or "")))
                + ((_plain(n),) if (n := found.get("normed")) else ()),
                of=plain_name(name[1]) + digits if name and found.get("of") else "",
                layer={"¹": "1", "²": "2", "³": "3"}.get(layer, layer),
                at_variable=bool(scripts),
            )
    return None


def _plain(name: str) -> str:
    """Return a name without its indices: mu of μ_{j}, theta of θ*."""
    letters = re.sub(r"_\{.*|\*", "", name)
    return "ell" if letters == "ℓ" else plain_name(letters)


def _short(text: str) -> str:
    """Bring a text to few signs: no spaces, fonts or sizes of brackets, ∇ and ∂, _{…} for every index."""
    text = re.sub(r"\\nabla|\\?\b[Gg]rad(?:ient)?(?![A-Za-z])(?:\s+of\b)?", "∇", text)
    text = re.sub(r"\\,|\s|[\u0300-\u036f]", "", text)
    text = re.sub(r"\\(?:hat|widehat|bar|overline|tilde)\{?(\\?[A-Za-z]+)\}?", r"\1", text)
    text = re.sub(r"\\partial", "∂", text)
    text = re.sub(r"\\[dt]?frac", "frac", text)
    text = re.sub(r"[\^_]?\{?\(?(?:\\ast|\\star|\*|⋆|∗)\)?\}?", "*", text)
    text = re.sub(r"\^?\{?(?:\\prime|′|’)\}?", "'", text)
    text = re.sub(r"\\\||\|\||\\[lr]Vert|\\Vert", "‖", text)
    text = re.sub(r"_(hat|star|opt|min)(?![a-z])", r"\1", text.replace("\\", ""))
    text = re.sub(f"[{''.join(LOWERED)}]+", lambda match: "_{" + "".join(LOWERED[c] for c in match[0]) + "}", text)
    text = re.sub(r"_([A-Za-z]+[0-9]|[i-m]{2})(?![A-Za-z0-9])", r"_{\1}", text)
    greek = "|".join(sorted({*GREEK.values(), *VARIANTS.values()}, key=len, reverse=True))
    return re.sub(rf"_({greek}|[A-Za-z0-9]|[α-ωΓ-Ω])", r"_{\1}", text)
