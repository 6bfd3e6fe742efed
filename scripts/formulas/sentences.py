"""Take an answer apart that is more than a formula: wrappers, remarks, several equations, definitions.

Only what is on a list here is dropped, word by word, and no word of negation is on it; whatever else stands beside the
formula stays, and cannot be read.
"""

import re

from scripts.formulas.spelling import closing

DOTS = r"(?:\\[lcvd]?dots(?:[bcmio](?![A-Za-z]))?|\.\.\.|…|⋯|⋮)"
INDEX = r"[a-z](?:_?\{?[0-9]\}?)?"
# i = 1, …, n and i ∈ {1, …, n}
RANGE = (
    rf"{INDEX}(?:\s*,\s*{INDEX})*\s*(?:=|∈|\\in(?![A-Za-z])|in\b|from\b)\s*\\?\{{?\s*1\s*"
    rf"(?:,\s*(?:2\s*,\s*(?:3\s*,\s*)?)?{DOTS}\s*,?|\.\.|{DOTS}|to|:|-|–)\s*[A-Za-z0-9]+\s*\\?\}}?"
)
# x ∈ ℝ^{n×d}
SPACE = (
    r"(?:∈|\\in(?![A-Za-z])|in\b)\s*\\?[Rℝ](?![A-Za-z])"
    r"(?:\s*\^\s*(?:[A-Za-z0-9](?![A-Za-z])|\{(?:[A-Za-z](?![A-Za-z])_?|[0-9]|\\times(?![A-Za-z])|[×*,\s])+\}))?"
)
LETTERS = rf"(?:\\?theta|θ|μ|\\mu|{INDEX}|[A-Z])"
SAID = """
    a an the is one of any some as by in with each every entry element wise elementwise entrywise componentwise
    component components coordinate coordinatewise vector column row matrix scalar number sub subgradient
    subdifferential gradient derivative jacobian chain rule product hadamard here this which i.e. e.g. shape layout sign
    numerator denominator applied taken almost everywhere arithmetic sample mean average points data samples all over
"""
# One of them has four letters at least: "a" alone may be a name.
WORDS = rf"(?=[\sA-Za-z.,-]*?[A-Za-z]{{4}})(?:(?:{'|'.join(map(re.escape, SAID.split()))})(?![A-Za-z])[\s,-]*)+"
REMARK = re.compile(
    rf"(?:(?:[\s,;]|\\,)*\(\s*(?:(?:for\s+)?{RANGE}|{WORDS}|(?:for\s+(?:all|each|every|any)|∀|\\forall)\s*{LETTERS})\s*\)"
    rf"|[\s,;]*(?:for(?:\s+(?:all|each|every|any))?|∀|\\forall|with|where|,|;)\s*(?:{RANGE}|{LETTERS}\s*{SPACE})"
    rf"|[\s,;]*(?:for\s+(?:all|each|every|any)|∀|\\forall)\s*{LETTERS}(?:\s*,\s*{LETTERS})*"
    rf"|\s*{SPACE}|\s*[,;:–—#]\s*{WORDS})\s*$"
)
LISTED = re.compile(
    rf"([)}}])\s*_\s*\{{\s*[a-z]\s*=\s*1\s*(?:,\s*{DOTS}\s*,\s*[a-z])?\s*\}}(?:\s*\^\s*\{{?[a-z]\}}?)?\s*$"
)
ENDS = re.compile(r"\s*(?:(?<![0-9.])\.|(?<![.])\.(?=\s*$)(?<![0-9]\.)|[;,]|\\\\)\s*$")
THEN = re.compile(
    r"\n|;|\\\\(?:\[[^\]]*\])?|⇒|⟹|∴|⇔|⟺|=>|"
    r"\\(?:Rightarrow|implies|Longrightarrow|therefore|iff|Leftrightarrow|Longleftrightarrow)(?![A-Za-z])"
    r"|\b(?:so(?:\s+that)?|hence|therefore|thus|then|with|where|and|which\s+gives|giving|we\s+(?:get|have|find|obtain)|let)\b"
    r"(?!\s*[(=])\s*[,:]?",
    re.IGNORECASE,
)
ENVIRONMENT = re.compile(
    r"\\(?:begin|end)\s*\{(?:equation|align|aligned|alignat|gather|gathered|split|displaymath|math|eqnarray|multline)\*?\}"
)
# Statements on the way to the answer may be skipped; what they must not hold.
AGAINST = re.compile(r"\\n(?:e|eq|ot)(?![a-z])|[≠≈<>!?]|\\(?:approx|sim|cancel)(?![A-Za-z])")


def statements(text: str) -> list[str]:
    """Return the statements of an answer, without what wraps them and the remarks behind them."""
    text = re.sub(r"```[a-z]*\n?|`|\$|(?<!\\)\\[\[\]()]", " ", text).strip()
    text = re.sub(r"^\*\*([A-Za-z ]+:)\s*\*\*", r"\1", text)
    text = re.sub(r"^\*\*(?!\s)(.*)(?<!\s)\*\*([.]?)$", r"\1\2", text, flags=re.DOTALL)
    if aligned := ENVIRONMENT.search(text):
        text = ENVIRONMENT.sub("\n", text)
    text = _listed_environments(text)
    if aligned:
        text = text.replace("&", " ")
    text = re.sub(r"\\(?:nonumber|notag|tag\s*\{[^{}]*\}|label\s*\{[^{}]*\})", "", text)
    text = re.sub(r"\bdef\s+\w+\s*\([\w\s,]*\)\s*:|\breturn\b(?=\s)", "\n", text)
    text = re.sub(r"\\?\blambda\s+[a-zA-Z]\w*(?:\s*,\s*\w+)*\s*:", " ", text)
    text = re.sub(r"^[^:=]*?(?:↦|\\mapsto(?![A-Za-z]))", "", text)
    if re.fullmatch(rf"\s*(?:{WORDS})[.]?\s*", text, re.IGNORECASE):  # the mean
        return [ENDS.sub("", text).strip()]
    found: list[str] = []
    for part in _split(text, THEN):
        while part:
            if boxed := re.fullmatch(r"\s*\\boxed\s*\{(.*)\}\s*", part, re.DOTALL):
                part = boxed[1]
            shorter = REMARK.sub("", LISTED.sub(r"\1", ENDS.sub("", part)))
            if shorter == part:
                break
            part = shorter
        part = re.sub(
            rf"^\s*(?:{WORDS}(?:x(?:_i|ᵢ)?)?)[,:]", "", part.replace("\\boxed", " "), flags=re.IGNORECASE
        ).strip()
        if part.startswith("=") and found:
            found[-1] += part
        elif part and not re.fullmatch(rf"(?:{WORDS})[.:,]?", part, re.IGNORECASE):
            found += [piece for piece in _equations(part)]
    return found


def _split(text: str, at: re.Pattern) -> list[str]:
    """Cut a text at separators outside of brackets."""
    parts, last = [], 0
    for match in at.finditer(text):
        before = text[last : match.start()]
        if all(before.count(a) == before.count(b) for a, b in ("()", "[]", "{}")):
            parts.append(before)
            last = match.end()
    return [*parts, text[last:]]


def _equations(text: str) -> list[str]:
    """Cut a = b, c = d at the commas that part equations."""
    parts: list[str] = []
    for part in _split(text, re.compile(r"(?<!\\),")):
        if parts and "=" not in re.sub(r"\([^()]*\)|\{[^{}]*\}", "", part):
            parts[-1] += "," + part
        else:
            parts.append(part)
    cleaned = [REMARK.sub("", part).strip() for part in parts]
    return [part for part in cleaned if part]


def sides(text: str) -> list[str]:
    """Cut a statement at its equals signs, those within brackets or Σ_i=1 apart; "is" and a colon count as well."""
    text = re.sub(r"(?<![A-Za-z])(?:is|equals)(?:\s+equal\s+to)?(?![A-Za-z])(?!\s*[(=])|\\n?i(?![A-Za-z])|∋", "=", text)
    text = re.sub(r"\\(?:equiv|coloneqq|triangleq|doteq)(?![A-Za-z])|:=|=:", "=", text)
    text = re.sub(r"^([A-Za-z ]+|[^=\[(]*(?:\([^()]*\))?[^=\[(]*):(?![:=])", r"\1=", text, count=1)
    parts, depth, last = [], 0, 0
    for place, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c in "=≡" and not depth and not re.search(r"(?:sum|Σ|∑)(?:\\limits)?\s*_\s*[a-z]\s*$", text[last:place]):
            parts.append(text[last:place])
            last = place + 1
    parts.append(text[last:])
    parts = [re.sub(rf"^\s*{WORDS}[,:]", "", part) for part in parts]
    return parts[1:] if len(parts) > 1 and not parts[0].strip() else parts


# Lists and sums with dots


def _listed_environments(text: str) -> str:
    """Write a column or row between \\begin{pmatrix} and \\end{pmatrix} as (a, b, …)."""
    form = r"\\begin\s*\{([pbvBV]?matrix|array)\}(?:\s*\{[lcr|\s]*\})?(.*?)\\end\s*\{\1\}"

    def listed(match: re.Match) -> str:
        inner = re.sub(r"\\\\\s*$", "", match[2].strip())
        if "\\\\" in inner and "&" in inner:
            return match[0]
        return "(" + re.sub(r"\\\\(?:\[[^\]]*\])?|&", ",", inner) + ")"

    return re.sub(form, listed, text, flags=re.DOTALL)


def comprehensions(text: str) -> str:
    """Write sum(E for a, b in zip(A, B)) as a sum over an index."""
    form = re.compile(
        r"(?:(?:np|torch|math)\.)?f?sum\(\s*(?P<list>\[)?(?P<term>[^\n]*?)\s+for\s+(?P<names>\w+(?:\s*,\s*\w+)*)\s+in\s+"
    )
    match = form.search(text)
    if not match:
        return text
    opened = text.index("(", match.start())
    end = closing(text, opened, "([{", ")]}")
    end = len(text) - 1 if end is None else end
    over = re.sub(r",\s*(?:axis|dim)\s*=\s*0\s*$", "", text[match.end() : end]).strip()
    over = over.removesuffix("]").strip() if match["list"] else over
    names, term = re.split(r"\s*,\s*", match["names"]), match["term"]
    letter = next(c for c in "ijklm" if not re.search(rf"_\{{?{c}|(?<![A-Za-z]){c}(?![A-Za-z])", term + over))
    if counted := re.fullmatch(r"range\((.*)\)", over):
        # y[i] is y_{i} already
        length = re.fullmatch(r"len\((\w+)\)|(\w+)\.shape\[0\]|(\w)", counted[1].strip())
        if len(names) > 1 or not length:
            return text
        sign = rf"\sum_{{{names[0]}=1}}^{{{length[3]}}}" if length[3] else rf"\sum_{names[0]}"
        return f"{text[: match.start()]}({sign} ({term})){comprehensions(text[end + 1 :])}"
    zipped = re.fullmatch(r"zip\((.*)\)", over)
    arrays = _split(zipped[1], re.compile(",")) if zipped else [over]
    if len(arrays) != len(names):
        return text
    for name, array in zip(names, arrays, strict=True):
        entry = f"({array.strip()})" if not array.strip().isidentifier() else array.strip()
        term = re.sub(rf"(?<![A-Za-z0-9_.]){name}(?![A-Za-z0-9_(])", lambda _, e=entry: f"\0{e}_{letter}\0", term)
    term = term.replace("\0", "")
    return f"{text[: match.start()]}(\\sum_{letter} ({term})){comprehensions(text[end + 1 :])}"


def component(text: str, axes: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Turn a list (2x_1, 2x_2, …, 2x_d) into one of its entries, (2x_j), and a sum t(1) + t(2) + … + t(n) into
    Σ_j t(j); return over which axis the j of a list runs. axes: by how their lengths are written.

    Raises ValueError where the terms follow no pattern.
    """
    running: dict[str, str] = {}
    for _ in range(3):
        dots = re.search(DOTS, text)
        if not dots:
            break
        start, end = _around(text, dots.start())
        inner = text[start:end]
        letter = next(c for c in "jiklm" if not re.search(rf"(?:_|Σ|∑)\s*\{{?\s*[0-9]?,?{c}|ⱼ", text) or c == "m")
        for signs in (",", "+-−–"):
            parts = _terms(inner, signs)
            dotted = [bool(re.fullmatch(rf"[+\-−–]?\s*{DOTS}", part)) for part in parts]
            if sum(dotted) == 1 and len(parts) > 2 and dotted[-2]:
                break
        else:
            raise ValueError
        kept = [re.sub("[−–]", "-", part) for part in parts if not re.search(DOTS, part)]
        if signs != ",":
            kept = [part if part[:1] in "+-" else "+" + part for part in kept]
        last = re.findall(r"_\s*\{?(?:[0-9],\s*)?([a-z]|[0-9]+)(?![0-9])", kept[-1])
        axis = axes.get(last[-1]) if last else None
        if len(kept) < 2 or axis is None:
            raise ValueError
        places = [*map(str, range(1, len(kept))), last[-1]]
        forms = [_with(letter, part, place) for part, place in zip(kept, places, strict=True)]
        sign = next(part[0] for part in parts if re.search(DOTS, part)).replace("−", "-").replace("–", "-")
        if len({re.sub(r"\s+", "", form) for form in forms}) > 1 or forms[0] == kept[0]:
            raise ValueError
        if signs != "," and sign != kept[-1][0]:
            raise ValueError
        only = forms[0]
        if signs == ",":
            running[letter] = axis
            text = f"{text[:start]}{only}{text[end:]}"
        else:
            sign = "-" if only[0] == "-" else ""
            text = f"{text[:start]}{{{sign}\\sum_{{{letter}=1}}^{{{axis}}} ({only[1:]})}}{text[end:]}"
    return text, running


def _with(letter: str, term: str, place: str) -> str:
    """Return a term with a letter for its number: x_1 is x_j, u_{3,1} is u_{3,j}."""
    term = re.sub(rf"(?<=,)(\s*){place}(?=\s*\}})", letter, term)
    return re.sub(rf"_\s*(?:\{{\s*{place}\s*\}}|{place}(?![0-9]))", f"_{letter}", term)


def _around(text: str, place: int) -> tuple[int, int]:
    """Return where the innermost brackets around a place begin and end inside."""
    depth = 0
    for start in range(place - 1, -1, -1):
        depth += (text[start] in ")]}") - (text[start] in "([{")
        if depth < 0:
            break
    else:
        return 0, len(text)
    depth = 0
    for end in range(place, len(text)):
        depth += (text[end] in "([{") - (text[end] in ")]}")
        if depth < 0:
            return start + 1, end
    return start + 1, len(text)


def _terms(text: str, signs: str) -> list[str]:
    """Cut a text at commas, or before its plus and minus signs, outside of brackets and bars."""
    parts, depth, bars, last = [], 0, 0, 0
    for place, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        before = text[:place].rstrip()
        if text.startswith((r"\lvert", r"\lVert"), place) or text.startswith((r"\rvert", r"\rVert"), place):
            bars += 1 if text[place + 1] == "l" else -1
        elif c in "|‖" and (text[place - 1 : place] != c or bars == 0):
            opens = not bars or not before or before[-1] in "+-−–*/(,|‖"
            bars += 1 if opens else -1
        if c in signs and not depth and not bars and (signs == "," or (before and before[-1] not in "*/^(_+-−–,")):
            parts.append(text[last:place].strip())
            last = place + (signs == ",")
    return [*parts, text[last:].strip()]
