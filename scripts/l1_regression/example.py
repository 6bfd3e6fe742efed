"""The linear model under the L1 loss L(W) = Σ_i |x_i W − y_i|: its subgradient, its optimum, and the descent to it.

**Subgradient.** For any s with s_i = sign(r_i) where r_i = x_i W − y_i ≠ 0 and s_i ∈ [−1, 1] where r_i = 0, the vector
Xᵀs is a subgradient: L(V) ≥ sᵀ(XV − Y) = L(W) + (V − W)ᵀ Xᵀs for every V. The rule sign(0) = 0 is one choice of it.

**Optimum.** min Σ e_i subject to −e ≤ XW − Y ≤ e is a linear programme. Its dual is max −Yᵀs subject to
Xᵀs = 0 and −1 ≤ s ≤ 1, and L(V) ≥ −Yᵀs for every V and every such s: equal objectives prove W optimal.
That s is a subgradient of 0, with the right values where sign has none.

**Uniqueness.** Let V be optimal too. Then |x_i V − y_i| = s_i (x_i V − y_i) for all i, so wherever |s_i| < 1 the
residual of V is 0, as that of W is. If those rows of X have full rank, V = W.

**No closed form.** A W with Xᵀ sign(XW − Y) = 0, sign(0) = 0, would be an optimum. If the optimum is unique and
this vector is not 0 there, the equation has no solution at all, and setting the gradient to zero cannot find W.
"""

import argparse
from fractions import Fraction
from math import sqrt
from pathlib import Path

import numpy as np
import sympy
from scipy.optimize import linprog

from scripts.shared.exact import added, plain, read_rows
from scripts.shared.step import Failure, run, write_json

Vector = list[Fraction]
STEPS = 400
FIRST_STEP = 0.05  # η: step t is η / √t of the diminishing run, η of the constant one
LARGEST_DENOMINATOR = 10_000


def read_example(path: str | Path) -> tuple[list[Vector], Vector]:
    """Read X (n × d) and Y (n) from lines "x_1 … x_d y" of integers, decimals or fractions; # starts a comment."""
    rows: list[Vector] = []
    for where, entries in read_rows(path, "x_1 … x_d y"):
        rows.append(entries)
        if len(entries) < 2 or len(entries) != len(rows[0]):
            raise Failure(f"{where}: {len(entries)} entries; write as many as above, at least two")
    if len(rows) < 2:
        raise Failure(f"{path}: an example needs two rows or more; add some")
    return [row[:-1] for row in rows], [row[-1] for row in rows]


def dot(a, b):
    """Return Σ a_i b_i."""
    return added(x * y for x, y in zip(a, b, strict=True))


def sign(x) -> int:
    """Return −1, 0 or 1: the declared rule at the kink is sign(0) = 0."""
    return (x > 0) - (x < 0)


def residuals(X, Y, W):
    """Return XW − Y."""
    return [dot(row, W) - y for row, y in zip(X, Y, strict=True)]


def loss(X, Y, W):
    """Return ‖XW − Y‖₁."""
    return added(abs(r) for r in residuals(X, Y, W))


def subgradient(X, Y, W):
    """Return Xᵀ sign(XW − Y)."""
    signs = [sign(r) for r in residuals(X, Y, W)]
    return [dot(column, signs) for column in zip(*X, strict=True)]


def linear_programme(X: list[Vector], Y: Vector) -> tuple[Vector, Vector]:
    """Return the optimal W and the dual s, solved in floats (HiGHS) and rounded to the fractions they stand for."""
    x, y = np.array(X, dtype=float), np.array(Y, dtype=float)
    n, d = x.shape
    ones = np.eye(n)
    primal = linprog(
        np.r_[np.zeros(d), np.ones(n)],
        A_ub=np.block([[x, -ones], [-x, -ones]]),
        b_ub=np.r_[y, -y],
        bounds=[(None, None)] * d + [(0, None)] * n,
        method="highs",
    )
    dual = linprog(y, A_eq=x.T, b_eq=np.zeros(d), bounds=[(-1, 1)] * n, method="highs")
    if not (primal.success and dual.success):
        raise Failure(f"the linear programme was not solved ({primal.message}); simplify the example")
    return exact(primal.x[:d]), exact(dual.x)


def exact(values) -> Vector:
    """Return the nearest fractions with small denominators; what they claim is checked afterwards."""
    return [Fraction(float(value)).limit_denominator(LARGEST_DENOMINATOR) for value in values]


def certify(X: list[Vector], Y: Vector, W: Vector, s: Vector) -> dict:
    """Check in exact arithmetic that s proves W optimal, and whether it proves W unique (module docstring)."""
    balance = [dot(column, s) for column in zip(*X, strict=True)]
    primal, dual = loss(X, Y, W), -dot(Y, s)
    if any(balance) or any(abs(entry) > 1 for entry in s) or primal != dual:
        raise Failure("the L1 optimum could not be certified in fractions; use smaller integers in the example")
    inner = [i for i, entry in enumerate(s) if abs(entry) < 1]
    rank = sympy.Matrix([list(map(rational, X[i])) for i in inner]).rank() if inner else 0
    unique = rank == len(W)
    stated = subgradient(X, Y, W)
    return {
        "W": W,
        "residuals": residuals(X, Y, W),
        "loss": primal,
        "dual": s,
        "dual_objective": dual,
        "dual_balance": balance,
        "strictly_inside": inner,
        "unique": unique,
        "subgradient_with_sign_0": stated,
        "zero_gradient_has_no_solution": unique and any(stated),
    }


def rational(value: Fraction) -> sympy.Rational:
    """Return the same number as SymPy has it."""
    return sympy.Rational(value.numerator, value.denominator)


def least_squares(X: list[Vector], Y: Vector) -> dict:
    """Return the W of least squares, exactly: (XᵀX)⁻¹ XᵀY, the closed form that L1 lacks."""
    x, y = sympy.Matrix([list(map(rational, row)) for row in X]), sympy.Matrix(list(map(rational, Y)))
    if x.rank() < x.cols:
        raise Failure("the example's columns are linearly dependent; give rows that tell the weights apart")
    W = [Fraction(int(entry.p), int(entry.q)) for entry in (x.T * x).LUsolve(x.T * y)]
    return {"W": W, "loss": loss(X, Y, W), "residuals": residuals(X, Y, W)}


def check_subgradient(X: list[Vector], Y: Vector, points: list[Vector]) -> dict:
    """Check L(V) ≥ L(W) + (V − W)ᵀ g(W), g with sign(0) = 0, for all pairs of `points`; all exact.

    The points include some with residuals of 0, where L has no derivative.
    """
    kinks = sum(0 in residuals(X, Y, W) for W in points)
    for W in points:
        g = subgradient(X, Y, W)
        for V in points:
            if loss(X, Y, V) < loss(X, Y, W) + dot([v - w for v, w in zip(V, W, strict=True)], g):
                raise RuntimeError(f"no subgradient at {W}")
    return {"points": len(points), "at_kinks": kinks, "pairs": len(points) ** 2, "holds": True}


def lattice(W: Vector) -> list[Vector]:
    """Return W and the points W ± e_j, W ± e_j / 2, and those rounded to integers."""
    points = [W, [Fraction(round(w)) for w in W]]
    for j in range(len(W)):
        for step in (Fraction(1), Fraction(1, 2), Fraction(-1, 2), Fraction(-1)):
            points.append([w + step * (i == j) for i, w in enumerate(W)])
            points.append([Fraction(round(w)) for w in points[-1]])
    return points


def descend(X: list[Vector], Y: Vector, diminishing: bool) -> dict:
    """Run W ← W − η_t Xᵀ sign(XW − Y) from W = 0, η_t = η / √t or η, in plain floats summed in fixed order.

    Returns the losses of W_0 … W_T, the best so far at each, and the best W. With η / √t the best
    loss converges to the optimum; with a constant step it stalls at a distance that the step sets.
    """
    x, y = [[float(v) for v in row] for row in X], [float(v) for v in Y]
    W = [0.0] * len(x[0])
    losses, best = [loss(x, y, W)], (loss(x, y, W), W)
    lowest = [best[0]]
    for t in range(1, STEPS + 1):
        rate = FIRST_STEP / sqrt(t) if diminishing else FIRST_STEP
        W = [w - rate * g for w, g in zip(W, subgradient(x, y, W), strict=True)]
        losses.append(loss(x, y, W))
        best = min(best, (losses[-1], W))
        lowest.append(best[0])
    return {"losses": losses, "best_losses": lowest, "best_W": best[1], "last_W": W, "first_step": FIRST_STEP}


def example(X: list[Vector], Y: Vector) -> dict:
    """Work the example: certified L1 optimum, least squares beside it, both descents."""
    squares = least_squares(X, Y)
    optimum = certify(X, Y, *linear_programme(X, Y))
    runs = {"diminishing": descend(X, Y, True), "constant": descend(X, Y, False)}
    for descent in runs.values():
        descent["gap"] = descent["best_losses"][-1] - float(optimum["loss"])
    return {
        "X": X,
        "Y": Y,
        "l1": optimum,
        "least_squares": squares,
        "subgradient_inequality": check_subgradient(X, Y, lattice(optimum["W"])),
        "descent": runs,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--example", required=True, help="text file, one 'x_1 … x_d y' a line")
    parser.add_argument("--output", required=True, help="JSON: the example worked")
    args = parser.parse_args()
    write_json(args.output, plain(example(*read_example(args.example))))


if __name__ == "__main__":
    run(main)
