"""Work out one problem: derive it for all sizes, show it in components, and confirm it by two numerical routes.

1. *Index notation*: the objective is differentiated with indices over axes of no particular length (scripts.formulas);
   the formula is proved for all sizes where it has the same normal form. A minimiser is proved where the gradient
   vanishes there and the second derivative is a positive multiple of the identity.
2. *Components*: SymPy differentiates the objective in each scalar component (or solves gradient = 0), for a few sizes;
   every component of formula − derivative reduces to 0 as a rational function.
3. *Autograd*: PyTorch differentiates the same objective in float64 at seeded rational points.
4. *Central differences* (L(t + h) − L(t − h)) / 2h in mpmath at the same points: with 60 digits and h = 1e-20
   truncation and rounding both stay near 1e-40.
A minimiser is met by one Newton step from the point, which is exact for a quadratic objective.
"""

import random

import mpmath
import numpy as np
import sympy
import torch

from scripts.formulas.evaluate import MPMATH, SYMPY, Arithmetic
from scripts.formulas.for_all_sizes import prove
from scripts.formulas.problem import Problem, symbol, symbols
from scripts.formulas.zero import vanishes
from scripts.shared.seeds import stream

TORCH = Arithmetic(float, torch.exp, torch.log, torch.abs, torch.sign, lambda x, exponent: x ** float(exponent))
POINTS = 2  # per size
DIGITS = 60  # of mpmath
STEP = mpmath.mpf(10) ** -20
TOLERANCES = {"autograd": 1e-12, "central differences": 1e-30}
Derived = tuple[dict[str, np.ndarray], sympy.Expr, np.ndarray]
LONGEST = 400  # characters of LaTeX that are still worth showing


def symbolic(problem: Problem, dims: dict[str, int]) -> Derived:
    """Return all names in symbols, the objective, and the true answer: arrays of SymPy expressions."""
    names = problem.complete(problem.arrays(dims, symbol), dims, SYMPY)
    here = names[problem.wrt]
    # Other names may depend on the variable (a bias on its weights); what moves has symbols of its own.
    free = symbols("free", here.shape)
    moving = problem.value("objective", names | {problem.wrt: free}, dims, SYMPY)
    shown = names | {problem.wrt: symbols(problem.wrt, here.shape)}
    objective = problem.value("objective", shown, dims, SYMPY)
    gradient = [sympy.diff(moving, entry) for entry in free.flat]
    if problem.asked == "minimiser":
        solution = sympy.solve(gradient, list(free.flat), dict=True)[0]
        answer = [solution[entry] for entry in free.flat]
    else:
        at = dict(zip(free.flat, here.flat, strict=True))
        answer = [entry.xreplace(at) for entry in gradient]
    answer = [min(entry, sympy.factor(entry), key=lambda form: len(str(form))) for entry in answer]
    return names, objective, np.array(answer, dtype=object).reshape(here.shape)


def by_autograd(problem: Problem, names: dict[str, np.ndarray], dims: dict[str, int]) -> np.ndarray:
    """Return the answer in float64, from PyTorch."""
    tensors = {name: torch.tensor(array.astype(float), dtype=torch.float64) for name, array in names.items()}
    start = tensors[problem.wrt].clone().requires_grad_()

    def objective(t):
        return problem.value("objective", tensors | {problem.wrt: t}, dims, TORCH)

    (gradient,) = torch.autograd.grad(objective(start), start)
    if problem.asked == "minimiser":
        hessian = torch.autograd.functional.hessian(objective, start)
        gradient = start - torch.linalg.solve(hessian, gradient)
    return gradient.detach().numpy()


def by_differences(problem: Problem, names: dict[str, np.ndarray], dims: dict[str, int]) -> np.ndarray:
    """Return the answer in mpmath numbers, from central differences."""
    start = names[problem.wrt]

    def objective(*steps):
        moved = start.copy()
        for index, step in steps:
            moved[index] = moved[index] + step
        return problem.value("objective", names | {problem.wrt: moved}, dims, MPMATH)

    def slope(index, *steps):
        return (objective((index, STEP), *steps) - objective((index, -STEP), *steps)) / (2 * STEP)

    places = list(np.ndindex(start.shape))
    gradient = [slope(index) for index in places]
    if problem.asked == "minimiser":
        hessian = mpmath.matrix([[(slope(i, (j, 1)) - slope(i, (j, -1))) / 2 for j in places] for i in places])
        gradient = [here - step for here, step in zip(start.flat, mpmath.lu_solve(hessian, gradient), strict=True)]
    return np.array(gradient, dtype=object).reshape(start.shape)


def furthest(values: np.ndarray, truth: np.ndarray) -> float:
    """Return the largest |value − truth| / max(1, |truth|)."""
    pairs = zip(values.flat, truth.flat, strict=True)
    return float(max(abs(mpmath.mpf(value) - true) / max(1, abs(true)) for value, true in pairs))


def rational(name: str):
    """Return a source of small rationals p/q, the same for the same name."""
    draw = random.Random(stream(0, name))
    return lambda *_: sympy.Rational(draw.randint(-20, 20), draw.randint(3, 9))


def number(value: sympy.Expr) -> sympy.Expr:
    """Return a rational as it is and any other constant with 40 digits."""
    return value if value.is_Rational else value.evalf(40)


def strings(array: np.ndarray) -> list:
    """Return an array of expressions as nested lists of SymPy's text."""
    return np.frompyfunc(str, 1, 1)(array).tolist()


def at_point(problem: Problem, dims: dict[str, int], truth: np.ndarray, count: int) -> tuple[dict, dict[str, float]]:
    """Evaluate the derived answer at seeded point no. `count`; return point and value, and how far each route is off.

    Raises RuntimeError when a route disagrees.
    """
    point = problem.arrays(dims, rational(f"{problem.id}/{sorted(dims.items())}/{count}"))
    values = {symbol(name, index): v for name, array in point.items() for index, v in np.ndenumerate(array)}
    exact = np.frompyfunc(lambda entry: number(entry.xreplace(values)), 1, 1)(truth)
    with mpmath.workdps(DIGITS):
        number_of = np.frompyfunc(lambda v: mpmath.mpf(v.p) / v.q, 1, 1)
        names = problem.complete({name: number_of(array) for name, array in point.items()}, dims, MPMATH)
        reference = np.frompyfunc(lambda v: mpmath.mpf(str(v.evalf(DIGITS))), 1, 1)(exact)
        distances = {
            "autograd": furthest(by_autograd(problem, names, dims), reference),
            "central differences": furthest(by_differences(problem, names, dims), reference),
        }
    for route, distance in distances.items():
        if distance > TOLERANCES[route]:
            raise RuntimeError(f"{problem.id} {dims}: {route} is off by {distance}")
    return {"at": {name: strings(array) for name, array in point.items()}, "value": strings(exact)}, distances


def size(problem: Problem, dims: dict[str, int], derived: Derived) -> dict:
    """Prove and confirm what was derived for one set of axis lengths."""
    names, objective, truth = derived
    formula = problem.value("formula", names, dims, SYMPY)
    if not all(vanishes(difference) for difference in (formula - truth).flat):
        raise RuntimeError(f"{problem.id} {dims}: the formula is not the {problem.asked}")
    points, distances = zip(*(at_point(problem, dims, truth, count) for count in range(POINTS)), strict=True)
    return {
        "dims": dims,
        "names": {name: strings(array) for name, array in names.items()},
        "objective": str(objective),
        "truth": strings(truth),
        "formula_proved": True,
        "points": list(points),
        "routes": {
            route: {"off_by_at_most": max(d[route] for d in distances), "tolerance": tolerance}
            for route, tolerance in TOLERANCES.items()
        },
    }


def steps(problem: Problem, dims: dict[str, int], derived: Derived) -> list[dict]:
    """Lay the derivation out for a reader: what is said, and the equation in LaTeX. Equations too long are left out."""
    names, objective, truth = derived
    plain = {name: symbols(name, array.shape) for name, array in names.items()}
    formula = problem.value("formula", plain, dims, SYMPY)
    written = {entry: written_symbol(name, i, a.shape) for name, a in plain.items() for i, entry in np.ndenumerate(a)}

    def latex(expression: sympy.Expr) -> str:
        return sympy.latex(expression, symbol_names=written)

    def components(say: str, answer: np.ndarray) -> list[tuple[str, str]]:
        left = [latex(entry) for entry in plain[problem.wrt].flat]
        if problem.asked == "derivative":
            left = [rf"\frac{{\partial {problem.objective_latex[0]}}}{{\partial {entry}}}" for entry in left]
        return [(say, f"{name} = {latex(entry)}") for name, entry in zip(left, answer.flat, strict=True)]

    size_in_words = ", ".join(f"{axis} = {length}" for axis, length in dims.items())
    lines = [
        ("The function", problem.objective_latex),
        (f"The function in components, for {size_in_words}", latex(objective)),
        *components(f"Its {problem.asked}, worked out", truth),
        *components("The same by the formula", formula),
        ("The formula, for all components at once", problem.latex),
    ]
    seen: set[str] = set()
    fresh = [(say, line) for say, line in lines if len(line) <= LONGEST and not (line in seen or seen.add(line))]
    return [{"say": say, "latex": line} for say, line in fresh]


def written_symbol(name: str, index: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """Return the LaTeX of one entry: counted from 1, axes of length 1 left out, (W_3)_{1,2} for numbered names."""
    name = {"mu": r"\mu", "delta": r"\delta", "yhat": r"\hat y"}.get(name, name)
    name = f"({name[:-1]}_{name[-1]})" if name[-1].isdigit() else name
    return f"{name}_{{{','.join(str(i + 1) for i, length in zip(index, shape, strict=True) if length > 1) or 1}}}"


def record(problem: Problem) -> dict:
    """Return everything about a problem that the result file keeps."""
    derived = [symbolic(problem, dims) for dims in problem.sizes]
    return {
        "id": problem.id,
        "for_all_sizes": prove(problem),
        "asked": problem.asked,
        "wrt": problem.wrt,
        "shapes": {name: list(axes) for name, axes in problem.shapes.items()},
        "latex": problem.latex,
        "note": problem.note,
        "steps": steps(problem, problem.sizes[0], derived[0]),
        "sizes": [size(problem, dims, known) for dims, known in zip(problem.sizes, derived, strict=True)],
    }
