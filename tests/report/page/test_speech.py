"""Formulas are read aloud in words."""

import pytest

from scripts.report.page.maths import Maths


def said(latex: str) -> str:
    return " ".join(
        part.partition('aria-label="')[2].partition('"')[0] for part in Maths()(latex, True).split("<math ")
    )


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"\nabla f(x) = 2x", "the gradient of f of x equals 2 x"),
        (r"\frac{\partial f}{\partial x_j}", "the partial derivative of f in x sub j"),
        (r"\frac{dD}{d\mu} \ne 0", "the derivative of D in mu is not 0"),
        (r"-\frac{3}{2} \le \frac{a + b}{n}", "minus 3 over 2 is at most the fraction a plus b over n end fraction"),
        (r"\lVert x \rVert_2^2", "the norm of x end norm sub 2 squared"),
        (r"\left\lvert r_i \right\rvert", "the absolute value of r sub i end absolute value"),
        (r"\sum_{i=1}^{n} \bar x_i^3", "the sum over i equals 1 to n of x bar sub i cubed"),
        (r"n (x - \mu)", "n open bracket x minus mu close bracket"),
        (r"f(x_i, \theta)", "f of x sub i, theta"),
        (r"\operatorname{relu}'(\bar z_j)", "relu prime of z bar sub j"),
        (r"\sigma\left(u\right) \odot X^\top", "sigma of u entrywise times X transpose"),
        (r"e^{-u} \mu^* \sqrt{t}", "e to the power minus u end power mu star the square root of t end root"),
        (r"\min_w \log w", "min over w of log of w"),
        (r"x_1, \dots, x_n \in \mathbb{R}", "x sub 1, and so on, x sub n in R"),
        (r"\begin{aligned} a &= b \\ c &= \operatorname{f}(d) \end{aligned}", "a equals b; c equals f of d"),
        (r"1 \times \Sigma", "1 by capital sigma"),
        (r"\lambda \phi \forall \epsilon", "lambda phi for all epsilon"),
        ("", ""),
    ],
)
def test_words(latex, words):
    assert said(latex).strip() == words


def test_every_sign_of_the_page_has_a_word(report):
    names = [attributes["aria-label"] for tag, attributes in report.parsed.elements if tag == "math"]
    assert len(names) > 200 and all(names)
    assert {c for name in names for c in name if not c.isascii()} == set()
