"""Printed numbers: what interval of values a printed string stands for."""

import re
from decimal import Decimal
from fractions import Fraction

from scripts.verdicts.finding import DIGITS, EXACT, REFUTED, Malformed

NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?|[+-]?\d{1,30}/\d{1,30}", re.ASCII)
LARGEST, SMALLEST = 10**100, Fraction(1, 10**300)  # whose squares still fit a float, and which is not 0 as one


def value(text: str) -> Fraction:
    """Return the exact value of a printed integer, decimal, fraction or percentage ("8.80 %" is 0.088)."""
    return interval(text)[0]


def interval(text: str) -> tuple[Fraction, Fraction]:
    """Return the value of a printed number and half a unit of its last digit (0 for whole numbers and fractions)."""
    if not isinstance(text, str):
        raise Malformed("a list stands where one number belongs")
    text = text.strip().replace("−", "-")
    percent = text.endswith("%")
    bare = text.removesuffix("%").strip()
    if not NUMBER.fullmatch(bare):
        raise Malformed(f"{text[:40]!r} is not a number")
    if "/" in bare:
        try:
            centre, half = Fraction(bare), Fraction(0)
        except ZeroDivisionError:
            raise Malformed(f"{text[:40]!r} divides by zero") from None
    else:
        exponent = Decimal(bare).as_tuple().exponent
        # Digits before the point are meant as they stand: 6e4 is 60000, not "between 55000 and 65000".
        centre, half = Fraction(bare), Fraction(10) ** exponent / 2 if "." in bare or exponent < 0 else Fraction(0)
    if centre and not SMALLEST <= abs(centre) <= LARGEST:
        raise Malformed(f"{text[:40]!r} is too {'large' if abs(centre) > 1 else 'small'}")
    return (centre / 100, half / 100) if percent else (centre, half)


def exactly(computed: object) -> Fraction:
    """Return a computed int, float (its shortest decimal form) or fraction string as a Fraction."""
    return Fraction(computed) if isinstance(computed, str | int) else Fraction(repr(float(computed)))


def compare(stated: str, computed: object) -> tuple[str, dict]:
    """Compare a printed number with a computed one; return the verdict and its rounding interval as evidence."""
    centre, half = interval(stated)
    truth = exactly(computed)
    # A printed integer is exact when the truth is an integer; of a real number it shows all digits before the point.
    # A bare 0 shows none.
    if centre and not half and truth.denominator != 1 and "/" not in stated and "/" not in str(computed):
        half = Fraction(1, 200 if "%" in stated else 2)
    evidence = {"stated": stated, "computed": str(computed), "from": str(centre - half), "to": str(centre + half)}
    if centre == truth:
        return EXACT, evidence
    return (DIGITS if abs(truth - centre) <= half else REFUTED), evidence
