"""Printed numbers: how they are read, and what values each of them stands for.

**What a printed number stands for** is said once, here. It is a Fraction, read from the text digit by digit, never by
way of a float, and it stands for all values that round to it: from half a unit of its last printed digit below to half
a unit above. 2.37 stands for 2.365 to 2.375, 6.4e-6 for 6.35e-6 to 6.45e-6, 9 % for 8.5 % to 9.5 %, 0.00 for 0 within
0.005. So does a bare integer, whose last digit counts ones: 2 stands for 1.5 to 2.5. But no digits, no rounding:

- a fraction is exact, and so is an integer times a power of ten: 1e5 shows one digit, not five that were rounded off;
- a bare 0 shows no digit and is exactly zero; 0.e9, which would be zero within 10⁹, is no number at all;
- a share lies between 0 and 1 in any case, so that a bare 1 shows no digit of it either;
- but beside 0.02 in a list, a bare 0 (of shares also a bare 1) was rounded like the coarsest number there.

And what is a whole number is not rounded at all: a count, a size or a label is just what is printed, 6e4 is 60000, and
a computed integer is met exactly or missed.

**Forms** say what a claim asks for. What could mean two things in that form, as 2,37 or a count of 60.000, is asked
back: Malformed, with what would be accepted.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from scripts.verdicts.finding import DIGITS, EXACT, REFUTED, Malformed
from scripts.verdicts.parts import harmless, words
from scripts.verdicts.results import Results
from scripts.verdicts.sides import sides, worked_out
from scripts.verdicts.written import entries, labelled, numbered, plain, shown, unwrapped, without_remark

LARGEST, SMALLEST = 10**100, Fraction(1, 10**300)  # whose squares still fit a float, and which is not 0 as one


class Number(NamedTuple):
    """What was read: the value, half a unit of its last printed digit (0 if exact), and the number in plain text."""

    value: Fraction
    half: Fraction
    text: str


class Form(NamedTuple):
    """What a text is read as.

    kind: "number", a real one, measured or worked out; "exact", one that is set and not rounded; "share" of a whole;
    "count", a whole number, out of `size` if that is given; "label", a class or one of its `names`.
    nouns: what may stand after the number, as its unit; ends: a list of two is a range, from one to the other.
    """

    kind: str = "number"
    size: int | None = None
    names: tuple[str, ...] = ()
    nouns: frozenset[str] = frozenset()
    ends: bool = False


NUMBER = Form()
WRITE = {
    "number": "write it like −2.37, 6.4e-6 or 3/2",
    "exact": "write it like −2, 0.5 or 3/2",
    "share": "write it like 8.80 %, 0.088 or 880/10000",
    "count": "write it like 60000 or 60 000",
    "label": "write a class by its number or its name",
}
WHOLE = ("exact", "count", "label")  # what is not rounded when it is printed
PART = re.compile(  # after written.plain; groups of three digits are parted in the same way all along
    r"""(?P<sign>[+-]?)[ \u00a0]?
    (?:(?P<whole>\d{1,3}(?P<group>[ \u00a0'_,])\d{3}(?:(?P=group)\d{3}){0,9}(?!\d)|\d{1,30})
       (?P<point>\.(?P<digits>\d{0,30}))?
      |\.(?P<only>\d{1,30}))
    (?:[ ]?[eE](?P<e>[+-]?\d{1,3})|[ ]?[×·*xX][ ]?10[ ]?(?:\^|\*\*)[ ]?[({]?(?P<ten>[+-]?\d{1,3})[)}]?)?(?![\d.])
    (?P<thousand>[ \u00a0]?(?:[kK]|thousand)\b)?
    (?P<percent>[ \u00a0]?(?:%|per[ ]?cent\b|pct\b))?""",
    re.X | re.ASCII,
)
MIXED = re.compile(r"(?P<sign>-?)(?P<whole>\d{1,9})[ \u00a0](?P<over>\d)/(?P<under>\d)")  # 1½
PRODUCT = re.compile(r"\d{1,4} ?[*×x·] ?\d{1,4}|\d{1,4}²")
HITS = re.compile(r"(?P<right>\d{1,9}) (?:right|correct)(?:,| and|;) (?P<wrong>\d{1,9}) (?:wrong|incorrect|false)")
SHARED = re.compile(
    r"(?P<list>[(\[].*[)\]]|[0-9](?: [/|] |[0-9., ;])*[0-9]) ?(?P<unit>\((?:in )?%\)|(?:in )?(?:%|per ?cent|pct)\b|%)",
    re.I,
)
POWER = re.compile(r"([+-]?)(10 ?(?:\^|\*\*))")
ABOUT = re.compile(r"(?:≈|(?:about|approximately|around|roughly|circa)\b|(?:approx|ca)\b\.?|c\.) ?", re.I)
BEFORE = {
    "count": re.compile(
        r"(?:(?:exactly|the|test|training|train|image|sample|number)\b[.:]? ?|n[or]\. ?|# ?){1,4}", re.I
    ),
    "label": re.compile(r"(?:(?:exactly|an?|the|true|class|label|digit)\b[.:]? ?){1,4}", re.I),
}
SLASH = re.compile(r"(?P<words>) ?/ ?")
OF = re.compile(
    r"(?P<words>(?: [a-z]{1,12}){0,3}?)(?: ?/ ?| \(?(?P<of>(?:out )?of) (?:(?:the|all|last|these) ){0,3})", re.I
)
BOTH = re.compile(
    r"([^=≈()]{1,60}[^=≈() ^*·×]) ?(?:[=≈] ?([^=≈()·×*]{1,60})|\([=≈]? ?(?!of |out )([^=≈()]{1,60})\))"
)  # 28/32 (87.5 %)
RIGHT = {"right", "correct", "correctly", "classified", "are", "is", "were"}
HARMLESS = {  # words after a number
    "number": {"nat", "nats"},
    "exact": set(),
    "share": RIGHT | {"accuracy", "of", "the", "test", "set", "images"},
    "label": RIGHT,
    "count": {"in", "total", "for", "the", "inclusive"},
}


def forms(
    said: str | dict[str, str], names: Iterable[str], results: Results, spec: dict | None = None
) -> dict[str, Form]:
    """Return the form of each part as the catalogue gives it, for all alike or by part.

    It says "number", "exact", "share", "count", "range" (of counts), "count of <pointer to the size>" or "label in
    <pointer to the names>".
    """
    return {
        name: _form(said if isinstance(said, str) else said[name], results)._replace(nouns=nouns(name, spec or {}))
        for name in names
    }


def nouns(name: str, spec: dict) -> frozenset[str]:
    """Return what may stand after the number of a part: the words of its own names, and those of `beside`."""
    own = [word for one in (name, *spec.get("also", {}).get(name, [])) for word in words(one)]
    return frozenset([*own, *(one for one in spec.get("beside", []) if not {*own} & {*words(one), f"{one[4:]}s"})])


def _form(words: str, results: Results) -> Form:
    if words == "range":
        return Form("count", ends=True)
    kind, _, pointer = words.partition(" ")
    pointed = results[pointer.split(" ")[1]] if pointer else None
    return Form(kind, names=tuple(pointed)) if kind == "label" and pointed else Form(kind, size=pointed)


def read(text: object, form: Form = NUMBER, name: str = "") -> Number:
    """Read one printed number, that of the part called `name`; Malformed says where, what and what would do."""
    text = text[0] if isinstance(text, list) and len(text) == 1 else text
    with _told(name):
        return _read(unwrapped(without_remark(plain(text).removeprefix("="))), form)


def read_list(
    stated: object, form: Form = NUMBER, name: str = "", expected: int | None = None, beginning: bool = False
) -> list[Number]:
    """Read several, given as a list or in one text. With `beginning`, dots may stand for the rest of them."""
    if isinstance(stated, list) and len(stated) == 1:
        stated = stated[0]
    with _told(name):
        if isinstance(stated, str):
            text = numbered(without_remark(plain(stated).removeprefix("=")), form.names)
            if form.size:  # (6653, 6596) of 10000
                text = re.sub(rf"([)\]]) ?(?:/|(?:out )?of) ?{form.size}$", r"\1", text)
            text, unit = _shared_unit(text) if form.kind == "share" else (text, "")
            texts, dots = entries(text, form.kind not in ("count", "label"), expected, form.ends)
            texts = [text + unit for text in texts]
        else:
            texts = [text for text in stated if plain(text) != "..."]
            dots = len(texts) < len(stated)
        if len(texts) > 1:
            if form.kind == "count":  # from the input to the output
                texts = [
                    re.sub(r"^in(?:put)?[ :]+", "", texts[0]),
                    *texts[1:-1],
                    re.sub(r"^out(?:put)?[ :]+", "", texts[-1]),
                ]
                texts[1] = re.sub(r"^hidden[ :]+(?:layers?[ :]+)?(?:of )?", "", texts[1])
            texts = labelled([plain(text) for text in texts])
            if form.kind == "count" and len(texts) == expected:  # 28*28 → 256
                texts = [PRODUCT.sub(lambda found: str(worked_out(found[0])), text) for text in texts]
        if dots and not beginning:
            raise Malformed("dots leave something out; write every entry")
    places = [f"{name} no. {place}".strip() if len(texts) > 1 else name for place in range(1, len(texts) + 1)]
    numbers = [read(text, form, place) for text, place in zip(texts, places, strict=True)]
    coarsest = max((number.half for number in numbers if re.search(r"[.e%]", number.text)), default=Fraction(0))
    bare = ("0", "-0", "1") if form.kind == "share" else ("0", "-0") if form.kind == "number" else ()
    return [number._replace(half=coarsest) if number.text in bare else number for number in numbers]


def _shared_unit(text: str) -> tuple[str, str]:
    """Take the percent sign off a list that has one for all its entries: "[66.53, 65.96] %", "66.53, 65.96 (%)"."""
    found = SHARED.fullmatch(text)
    if not found or "%" in found["list"]:
        return text, ""
    alone = [entry for entry in re.split(r"[ ,;/|]+", found["list"]) if re.fullmatch(r"0?\.\d+|[01]", entry)]
    closed = found["list"][0] in "([" or found["unit"].startswith(("(", "in"))
    return (found["list"], " %") if closed or not alone else (text, "")


def told(parts: dict[str, Number | list[Number]], forms: dict[str, Form]) -> str:
    """Say in plain text how an answer was read: "shape = (1, 28, 28); label = 9 (Ankle boot)"."""

    def part(content: Number | list[Number], form: Form) -> str:
        if isinstance(content, list):
            return f"({', '.join(number.text for number in content)})"
        named = content.value in range(len(form.names))
        return f"{content.text} ({form.names[int(content.value)]})" if named else content.text

    return "; ".join(f"{name} = ".removeprefix(" = ") + part(content, forms[name]) for name, content in parts.items())


def value(text: str) -> Fraction:
    """Return the exact value of a printed number or share ("8.80 %" is 0.088)."""
    return interval(text)[0]


def interval(text: str) -> tuple[Fraction, Fraction]:
    """Return the value of a printed number or share, and half a unit of its last digit."""
    number = read(text, Form("share") if isinstance(text, str) and "%" in text else NUMBER)
    return number.value, number.half


def truths(computed: object) -> tuple[Fraction, ...]:
    """Return what a computed value is: an integer or a fraction ("3/2") just that, a float what it prints as.

    Someone may print a float to more digits than tell it from its neighbours, so it also is what it is to its last bit.
    """
    if isinstance(computed, str | int | Fraction):
        return (Fraction(computed),)
    return Fraction(repr(float(computed))), Fraction(float(computed))


def compare(stated: Number, computed: object) -> tuple[str, dict]:
    """Compare a printed number with a computed one; return the verdict and the values it stands for as evidence."""
    goals = truths(computed)
    half = stated.half if goals[0].denominator != 1 else Fraction(0)
    low, high = stated.value - half, stated.value + half
    evidence = {"stated": stated.text, "computed": str(computed), "from": str(low), "to": str(high)}
    if stated.value == goals[0]:
        return EXACT, evidence
    return DIGITS if any(low <= goal <= high for goal in goals) else REFUTED, evidence


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except Malformed as malformed:
        raise Malformed(f"{name}: {malformed}" if name else str(malformed)) from None


def _read(text: str, form: Form) -> Number:
    kind, bare = form.kind, re.sub(r"(\.[0-9]+)\.$", r"\1", text)  # a full stop
    if (form.size or kind == "share") and (both := BOTH.fullmatch(text)):
        number, again = _read(both[1], form), _read(both[2] or both[3], Form("share"))
        if abs(number.value / (form.size or 1) - again.value) > number.half + again.half:
            raise Malformed(f"{shown(text)} is two numbers that differ")
        return number
    if len(stated := sides(text)) > 1:
        return _result(stated, text, form)
    if kind == "count" and (up := re.fullmatch(r"([^→]+)→([^→]+)", text)):  # 937.5 → 938
        number, worked = _read(up[2].strip(), form), worked_out(up[1])
        if worked is None or number.value != ceil(worked):
            raise Malformed(f"{shown(text)} is two numbers; {WRITE[kind]}")
        return number
    if kind in ("number", "exact") and (mixed := MIXED.fullmatch(text)):
        text = f"{mixed['sign']}{int(mixed['whole']) * int(mixed['under']) + int(mixed['over'])}/{mixed['under']}"
        bare = text
    if kind == "label":
        bare = numbered(re.sub(r"^(\d), (?=[^\W\d])", r"\1 ", bare), form.names)
    if kind == "exact" and bare.casefold() in ("no", "none", "zero", "off"):
        bare = "0"
    if about := ABOUT.match(bare):
        if kind in WHOLE:
            raise Malformed(f"{about[0].strip()!r} leaves open which number is meant; write the one that it is")
        bare = bare[about.end() :]
    if kind in BEFORE and (before := BEFORE[kind].match(bare)):
        bare = bare[before.end() :]
    power = POWER.match(bare)  # which shows no digit that was rounded
    if form.size and (told := HITS.fullmatch(bare)):  # 28 right, 4 wrong
        if int(told["right"]) + int(told["wrong"]) != form.size:
            raise Malformed(f"{shown(text)} counts out of another number than {form.size}")
        bare = told["right"]
    if kind == "count" and re.match(r"(?:math\.|np\.)?ceil\(|⌈|\\lceil", bare) and (worked := worked_out(bare)):
        bare = str(worked)
    bare = POWER.sub(r"\1 1×\2", bare, count=1) if power else bare
    if not (first := PART.match(bare)):
        long = ", or has more than 30 digits" if re.search(r"[0-9]{31}", bare) else ""
        raise Malformed(f"{shown(text)} is no number{long}; {WRITE[kind]}")
    rest, second = bare[first.end() :], None
    of = OF.match(rest) if form.size or kind == "share" else None if kind in ("count", "label") else SLASH.match(rest)
    if of and _is_unit(of["words"], form) and (second := PART.match(rest, of.end())):
        rest = rest[second.end() :]
    if rest[:1] == "," and not first["point"]:
        raise Malformed(f"the comma in {shown(text)} may be a decimal comma; {WRITE[kind]}")
    if not _is_unit(rest, form):
        raise Malformed(f"{shown(text)} cannot be read from {shown(rest.strip())} on; {WRITE[kind]}")
    number = _fraction(first, second, text) if second else _decimal(first, text, kind)
    if number.value and not SMALLEST <= abs(number.value) <= LARGEST:
        raise Malformed(f"{shown(text)} is too {'large' if abs(number.value) > 1 else 'small'}")
    if first["percent"] and kind not in ("share", "exact") and not form.size:
        raise Malformed(f"{shown(text)} is a percentage; {WRITE[kind]}")
    if kind == "share" and number.value < 0:
        raise Malformed(f"{shown(text)} is less than nothing; {WRITE[kind]}")
    if kind == "share":
        number = number if first["percent"] or second else _share(number, first, text)
    if form.size and second and not _of_all(number, _decimal(second, text, "count").value, form.size, bool(of["of"])):
        raise Malformed(f"{shown(text)} counts out of {second[0].strip()}, and {form.size} are asked about")
    if form.size and (first["percent"] or second or first["point"] or first["only"]):
        number = _count(number, form.size, first, bool(first["percent"] or second), text)
    return number._replace(half=Fraction(0)) if kind in WHOLE or power else number


def _is_unit(text: str, form: Form) -> bool:
    """May these words stand after a number of this form?"""
    text = text.lower()
    for phrase in (noun for noun in form.nouns if " " in noun):  # per epoch
        text = text.replace(phrase, "")
    given = [word for word in re.split(r"[ \u00a0.,()]+", text) if word]
    known = HARMLESS[form.kind] | (RIGHT if form.size else set())
    return harmless([word for word in given if word not in known], form.nouns if form.kind != "exact" else ())


def _result(stated: list[str], text: str, form: Form) -> Number:
    """Read "⌈60000/64⌉ = 938" or "28/32 = 0.875": one number that is stated several times, the last of which counts."""
    found, others = None, []
    for side in reversed(stated):
        try:
            number = _read(side, form)
            found = found or number
            others.append((number.value, number.half))
        except Malformed:
            if (worked := worked_out(side)) is None:
                raise
            others.append((worked, Fraction(0)))
    if found is None:
        raise Malformed(f"{shown(text)} is no number; {WRITE[form.kind]}")
    if any(abs(found.value - value) > found.half + half for value, half in others):
        raise Malformed(f"{shown(text)} is two numbers that differ")
    return found


def _decimal(found: re.Match, text: str, kind: str) -> Number:
    """Read a decimal number, perhaps in scientific notation, in thousands or in percent."""
    whole, digits = re.sub(r"\D", "", found["whole"] or "0"), found["digits"] or found["only"] or ""
    power = int(found["e"] or found["ten"] or 0)
    comma = found["group"] == "," and found["whole"].count(",") == 1 and not found["point"]
    point = len(digits) == 3 and 0 < int(whole) < 1000 and not power
    if (comma and kind != "count") or (point and kind == "count"):
        raise Malformed(f"{shown(text)} may have its thousands or its decimals parted; {WRITE[kind]}")
    if found["thousand"] and kind != "count":
        raise Malformed(f"{shown(text)} is in thousands; {WRITE[kind]}")
    if not int(whole + digits) and power > 0 and power >= len(digits):
        raise Malformed(f"{shown(text)} shows no digit; {WRITE[kind]}")
    last = power - len(digits) + (3 if found["thousand"] else 0) - (2 if found["percent"] else 0)
    size = int(whole + digits) * Fraction(10) ** last
    rounded = not found["thousand"] and (digits or (power <= 0 and (size or found["percent"])))
    printed = str(int(whole)) + (f".{digits}" if digits else "") + (f"e{power}" if power else "")
    printed = str(size) if found["thousand"] else printed + (" %" if found["percent"] else "")
    minus = "-" if found["sign"] == "-" else ""
    return Number(-size if minus else size, Fraction(10) ** last / 2 if rounded else Fraction(0), minus + printed)


def _fraction(top: re.Match, bottom: re.Match, text: str) -> Number:
    """Read "3/2" or "28 of 32": whole numbers, one for the other."""
    over, under = (_decimal(part, text, "count") for part in (top, bottom))
    if any(part["point"] or part["only"] or part["percent"] for part in (top, bottom)) or bottom["sign"]:
        raise Malformed(f"{shown(text)} is no fraction of whole numbers")
    if not under.value:
        raise Malformed(f"{shown(text)} divides by zero")
    return Number(over.value / under.value, Fraction(0), f"{over.text}/{under.text}")


def _of_all(number: Number, total: Fraction, size: int, of: bool) -> bool:
    """Is a fraction one of `size`, or a share in lowest terms (7/8)? Only a slash may mean the latter."""
    return total == size or (not of and 1 < total == number.value.denominator)


def _share(number: Number, found: re.Match, text: str) -> Number:
    """Take a decimal without a percent sign for a share: it is 1 at most, and a bare 0 or 1 shows no digit of it."""
    if number.value > 1:
        raise Malformed(f"{shown(text)} is more than the whole; write a share as 8.80 % or 0.088")
    return number if found["digits"] or found["only"] or found["e"] else number._replace(half=Fraction(0))


def _count(number: Number, size: int, first: re.Match, part: bool, text: str) -> Number:
    """Take a decimal, a fraction or a percentage (`part`: one of these two) for the count out of `size` that it names.

    A fraction names the count that it is, and so does a decimal, since that is how programs print one; any other share
    the only count that is rounded to it. A share that no count has is left as it is, so that it will be refuted.
    """
    if not part and number.value == 1:
        raise Malformed(f"{shown(text)} may be one or all of {size}; {WRITE['count']}")
    if number.value > 1 or number.value < 0 or (not part and not number.value):
        return number
    low, high = ((number.value + side * number.half) * size for side in (-1, 1))
    counts = range(ceil(low), ceil(high))  # a share on the upper edge is rounded up
    count = number.value * size
    if count.denominator != 1 or first["percent"]:
        if len(counts) > 1 or (not counts and high.denominator == 1):
            raise Malformed(f"{shown(text)} does not say which count out of {size}; {WRITE['count']}")
        count = Fraction(counts[0]) if counts else count
    return number._replace(value=count, text=str(count) if count.denominator == 1 else number.text)
