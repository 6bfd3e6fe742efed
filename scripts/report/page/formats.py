"""How a value from a result file is written on the page; also lets the page be checked against the files later."""

import re
from fractions import Fraction
from math import isfinite, isnan

from scripts.report.page.derived import DERIVED

NARROW = "\u202f"  # no-break thin space, between groups of three digits
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
HYPHEN = re.compile(r"(?<![\w.-])-(?=\d)")  # that stands for a minus
POWER = re.compile(r"(?<![\w.])([0-9]+(?:\.[0-9]+)?)e([+-]?[0-9]+)\b")  # 1.5e-07
GROUP = re.compile(r"(?<=[0-9]) (?=[0-9]{3}\b)")
NUMERIC = re.compile(r"-?[0-9]+(\.[0-9]+)?(/[0-9]+)?([eE][+-]?[0-9]+)?( ?%)?")


def shown(value: object, how: str = "") -> str:
    """Return `value` as text.

    how: "" picks by type; ".2f", ".3g", ".1%" and the like format a number (a fraction string counts as one);
    "shape" writes a list as 28 × 28; "text" leaves a string alone; "prose" sets the minus signs, powers of ten and
    thin spaces of the numbers in it; "nested" keeps the brackets of lists in lists; a name in DERIVED gives what is
    worked out from the value. What is no number, such as the loss of a training that diverged, is called so.
    """
    if how in DERIVED:
        work_out, how = DERIVED[how]
        value = work_out(value)
    match value:
        case None | "":
            return "—"
        case bool():
            return "yes" if value else "no"
        case list() if how == "shape":
            return " × ".join(shown(entry) for entry in value)
        case list() if how == "nested" and len(value) != 1:
            return f"({', '.join(shown(entry, how) for entry in value)})"
        case list():
            return ", ".join(shown(entry, how) for entry in value)
        case dict():
            return "; ".join(f"{name}: {shown(entry, how)}" for name, entry in value.items())
        case str() if how == "prose":
            value = POWER.sub(lambda found: _tidy(found[0]), value)
            return GROUP.sub(NARROW, HYPHEN.sub("−", value))
        case str() if how and how not in ("text", "nested"):
            value = Fraction(value)
        case str() if how != "text" and NUMERIC.fullmatch(value):
            return _tidy(value.lower()) if value[-1].isdigit() else value.replace("-", "−")
        case str():
            return value
        case int() if how in ("", "nested"):
            return _grouped(str(value))
    if not isfinite(float(value)):
        return "no number" if isnan(float(value)) else "∞" if value > 0 else "−∞"
    if how in ("text", "prose"):
        return str(value)
    if float(value) == 0 and "e" in how:
        return "0"
    return _tidy(format(float(value), how if how not in ("", "nested") else ".4g"))


def _grouped(digits: str) -> str:
    """Set digits before the point in groups of three, from five digits on; write a true minus sign."""
    sign, bare = ("−", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, point, rest = bare.partition(".")
    if len(whole) > 4 and whole.isdigit():
        whole = f"{int(whole):,}".replace(",", NARROW)
    return sign + whole + point + rest


def _tidy(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return f"{_grouped(mantissa)} × 10{str(int(exponent)).translate(SUPERSCRIPT)}".replace(" ", "\u00a0")
    if text.endswith("%"):
        return f"{_grouped(text[:-1])}\u00a0%"
    return _grouped(text) if text[-1].isdigit() else text


def full(value: object) -> str:
    """Return a value in full precision."""
    return str(value) if isinstance(value, str) else repr(value)
