"""P1: the gradient of ‖x‖², and the mean as the minimiser of D(μ) = Σ_i ‖x_i − μ‖².

The mean is proved twice: by calculus (gradient zero, second derivative positive) and by the identity
D(c) − D(x̄) = n ‖c − x̄‖² ≥ 0, with equality for c = x̄ alone, which needs no calculus.
"""

import argparse

import sympy

from scripts.analytic.derive import record, symbolic
from scripts.analytic.problems import PROBLEMS, symbols
from scripts.step import run, write_json


def identity() -> dict:
    """Prove D(c) − D(x̄) = n (c − x̄)² for scalars: for n = 1 … 6 in components, and for every n in power sums.

    With S1 = Σ x_i and S2 = Σ x_i², D(c) = S2 − 2 c S1 + n c². Vectors add it up over their components.
    """
    c, n, s1, s2 = sympy.symbols("c n S1 S2", real=True)
    counts = range(1, 7)
    for count in counts:
        x = symbols("x", (count,))
        mean = x.sum() / count
        difference = ((x - c) ** 2).sum() - ((x - mean) ** 2).sum()
        if sympy.expand(difference - count * (c - mean) ** 2) != 0:
            raise RuntimeError(f"the identity fails for n = {count}")
    at_c = s2 - 2 * c * s1 + n * c**2
    at_mean = sympy.expand(at_c.subs(c, s1 / n))
    difference = sympy.factor(at_c - at_mean)
    if sympy.simplify(difference - n * (c - s1 / n) ** 2) != 0:
        raise RuntimeError("the identity fails in power sums")
    return {
        "latex": r"D(c) - D(\bar x) = n \lVert c - \bar x \rVert^2",
        "proved_for_n": list(counts),
        "proved_for_every_n": True,
        "steps": [
            {"say": "With power sums S₁ = Σ x and S₂ = Σ x²", "latex": f"D(c) = {sympy.latex(at_c)}"},
            {"say": "At the mean, S₁/n", "latex": rf"D(\bar x) = {sympy.latex(at_mean)}"},
            {"say": "The difference is never negative", "latex": rf"D(c) - D(\bar x) = {sympy.latex(difference)}"},
            {"say": "That is", "latex": r"D(c) - D(\bar x) = n \lVert c - \bar x \rVert^2"},
        ],
    }


def curvature() -> list[dict]:
    """Return D's second derivative, a matrix, for each size of P1b; it is positive definite (2n times the identity)."""
    problem = PROBLEMS["p1b-minimiser"]
    result = []
    for dims in problem.sizes:
        names, objective, _ = symbolic(problem, dims)
        hessian = sympy.hessian(objective, list(names["mu"]))
        if not hessian.is_positive_definite:
            raise RuntimeError(f"the second derivative is not positive for {dims}")
        result.append(
            {
                "dims": dims,
                "hessian": [[str(entry) for entry in row] for row in hessian.tolist()],
                "latex": rf"\frac{{d^2 D}}{{d\mu^2}} = {sympy.latex(hessian)}",
                "positive_definite": True,
            }
        )
    return result


def main():
    parser = argparse.ArgumentParser(description="Derive and prove the answers to P1.")
    parser.add_argument("--output", required=True, help="JSON: problems, the identity of the mean, second derivatives")
    options = parser.parse_args()
    problems = {name: record(PROBLEMS[name]) for name in ("p1a", "p1b-gradient", "p1b-minimiser")}
    write_json(options.output, {"problems": problems, "identity": identity(), "curvature": curvature()})


if __name__ == "__main__":
    run(main)
