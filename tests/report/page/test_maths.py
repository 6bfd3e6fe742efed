"""Formulas: malformed ones end the build with one line, and the embedded font has every character."""

import io
import re
from html import unescape

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


def pieces(html: str) -> list[tuple[str, str]]:
    """Return of each element of a formula the space ahead of it and its LaTeX."""
    return [(gap, unescape(latex)) for gap, latex in re.findall(r"(\s*)<math .*?x-tex\">(.*?)</annotation>", html)]


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        (r"x_1 = 2", [r"x_1 = 2"]),  # short
        (
            r"D(c) = \sum_{i=1}^{n} \lVert (x_i - \bar x) + 1 \rVert_2^2 = D(\bar x) - n \left( c + x - y \right)^2",
            [
                "D(c)",
                r"= \sum_{i=1}^{n} \lVert (x_i - \bar x) + 1 \rVert_2^2",
                r"= D(\bar x)",
                r"- n \left( c + x - y \right)^2",
            ],
        ),
        (
            r"-a_{1234} \;\text{with}\; -b_{1234} = -c_{1234} + x^- + y_+",
            [r"-a_{1234} \;\text{with}\; -b_{1234}", r"= -c_{1234} + x^- + y_+"],
        ),
        (r"a_{123} + b_{123} \over c_{123} + d_{123} + e", [r"a_{123} + b_{123} \over c_{123} + d_{123} + e"]),
        (r"\begin{aligned} a_{123} &= b_{123} \\ c_{123} &= d_{123} \end{aligned}", None),
    ],
)
def test_a_long_formula_is_parted_at_its_signs_outside_brackets(latex, parts):
    found = [part for _, part in pieces(Maths()(latex))]
    assert found == (parts or [latex])


def test_spaces_in_a_formula_end_with_the_line():
    wide = "f(x_{12345}) = 0"
    html = Maths()(rf"{wide}, \quad {wide}, \qquad {wide}")
    assert pieces(html) == [("", f"{wide},"), ("\u2003 ", f"{wide},"), ("\u2003\u2003 ", wide)]


def test_a_sign_that_begins_a_part_keeps_its_space_behind_it():
    assert '<mo form="infix" lspace="0">+</mo>' in Maths()(r"x_{1234567} + y_{1234567} + z_{1234567}")


def test_what_a_phone_has_no_room_for_is_known():
    assert not Maths.wide(Maths()(" + ".join(["x_{1234567}"] * 9)))
    assert Maths.wide(Maths()(rf"\frac{{{' + '.join(['x_{1234567}'] * 9)}}}{{2}}"))


def test_an_answer_that_cannot_be_typeset_is_none():
    assert Maths().attempt(r"\frac{a") is None
    assert "<mi>x</mi>" in Maths().attempt("2 x")


def test_words_with_formulas():
    assert Maths().words("By $x$ & y") == f"By {Maths()('x')} &amp; y"
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
