"""Formulas: malformed ones end the build with one line, and the embedded font has every character."""

import io
import re

import pytest
from fontTools.ttLib import TTFont
from project import ROOT

from scripts.report.page.maths import Maths
from scripts.shared.step import Failure


@pytest.mark.parametrize("latex", [r"\frac{a", r"\foo", r"x_1_2", r"\begin{cases} a", "a\n& b"])
def test_malformed_formula_fails_with_one_line(latex):
    with pytest.raises(Failure) as failure:
        Maths()(latex)
    assert "\n" not in str(failure.value)
    assert " ".join(latex.split())[:6].strip("\\") in str(failure.value)


def test_an_answer_that_cannot_be_typeset_is_none():
    assert Maths().attempt(r"\frac{a") is None
    assert "<mi>x</mi>" in Maths().attempt("2 x")


def test_words_with_formulas():
    assert Maths().words("By $x$ & y") == "By <math><mi>x</mi></math> &amp; y"
    assert Maths().words("5 $ each") == "5 $ each"


def test_styles_become_classes():
    maths = Maths()
    html = maths(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True)
    assert " style=" not in html
    names = set(re.findall(r'class="(\w+)"', html))
    assert names and all(f".{name}{{" in maths.css() for name in names)


def test_font_has_every_character_of_the_formulas(report):
    font = TTFont(io.BytesIO((ROOT / "report/font/stix-two-math.woff2").read_bytes()))
    assert "MATH" in font
    known = font.getBestCmap()
    used = {c for text, around in report.parsed.texts if any(tag == "math" for tag, _ in around) for c in text}
    missing = {c for c in used if ord(c) not in known and not c.isspace()}
    assert len(used) > 40
    assert not missing, f"subset the font again with {sorted(missing)}"
