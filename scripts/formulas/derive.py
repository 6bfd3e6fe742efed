"""Work out the formulas of a problem set: derive each for all sizes, and confirm it by three routes of their own.

1. *Index notation*: the objective is differentiated with indices over axes of no particular length; the answer, derived
   apart from that as a formula in arrays, is proved for all sizes where it has the same normal form. A minimiser is
   proved where the gradient vanishes there and the objective is completed to a sum of squares.
2. *Components*: SymPy differentiates the objective in each scalar component (or solves gradient = 0), for a few sizes;
   every component of answer − derivative reduces to 0. What is too large for that is skipped, and the record says so.
3. *Autograd*: PyTorch differentiates the same objective in float64 at seeded rational points.
4. *Central differences* (L(t + h) − L(t − h)) / 2h in mpmath at the same points: with 60 digits and h = 1e-20
   truncation and rounding both stay near 1e-40.
Numerically a minimiser is met by one Newton step from the point, which is exact for a quadratic objective.

A file has the records of one item. It is left alone if it has the same digest: of the item's formulas and of the code.
"""

import argparse
import hashlib
import json
import random
from pathlib import Path

import mpmath
import numpy as np
import sympy
import torch

from scripts.formulas.evaluate import MPMATH, SYMPY, Arithmetic, Undefined
from scripts.formulas.problem import Problem, problem, symbol, symbols
from scripts.formulas.steps import Derived, curvature, mapped, steps
from scripts.formulas.tree import Unreadable
from scripts.formulas.typeset import name
from scripts.formulas.zero import TooLarge, vanishes
from scripts.problem_set.read import read_set
from scripts.shared.seeds import stream
from scripts.shared.sources import ROOT, sources
from scripts.shared.step import Failure, read_bytes, read_json, run, write_json

TORCH = Arithmetic(
    lambda value: torch.tensor(float(value), dtype=torch.float64),
    torch.exp,
    torch.log,
    torch.abs,
    torch.sign,
    lambda x, exponent: x ** float(exponent),
    gathered=lambda values, shape: torch.stack(values).reshape(shape),
)
POINTS = 2  # per size
TRIES = 20  # to draw a point at which the answer is defined
DIGITS = 60  # of mpmath
STEP = mpmath.mpf(10) ** -20
TOLERANCES = {"autograd": 1e-11, "central differences": 1e-30}
LARGEST = 10_000  # operations in all components of an answer that SymPy is asked to reduce


class Unchecked(ArithmeticError):
    """No point was found at which numbers can check the answer; the text says why."""


def sizes(problem: Problem) -> list[dict[str, int]]:
    """Return few, small lengths of the axes, pairwise different, 1 among them; the first is the one to show."""
    axes = list(dict.fromkeys(axis for shape in problem.given.values() for axis in shape if axis != 1))
    count = len(axes)
    if count > 2:  # 1 stands for another axis each time
        rows = [[2, 1, *range(3, count + 1)], [*range(count, 0, -1)]]
    else:
        rows = [[*range(count + 1, 1, -1)], [*range(1, count + 1)], [*range(count, 0, -1)]][: count + 1]
        rows = [[3], [1]] if count == 1 else rows
    return [dict(zip(axes, row, strict=True)) for row in rows]


# Components


def entries(problem: Problem, dims: dict[str, int]) -> dict[str, np.ndarray]:
    """Return all names in symbols: the free ones as symbols, the others by them."""
    return problem.complete(problem.arrays(dims, symbol), dims, SYMPY)


def symbolic(problem: Problem, names: dict[str, np.ndarray], dims: dict[str, int]) -> Derived | None:
    """Return the objective and the derivative or minimiser in SymPy's expressions; None if they are too large."""
    here = names[problem.wrt]
    # Other names may depend on the variable (a bias on its weights); what moves has symbols of its own.
    own = symbols("free", here.shape)
    moving = sympy.sympify(problem.value("objective", names | {problem.wrt: own}, dims, SYMPY))
    if moving.count_ops() * here.size > LARGEST:
        return None
    # The derivative of a sign is 0.
    slopes = [sympy.diff(moving, entry).replace(sympy.DiracDelta, lambda *_: sympy.Integer(0)) for entry in own.flat]
    if problem.asked == "minimiser":
        solution = sympy.solve(slopes, list(own.flat), dict=True)[0]
        answer = [solution[entry] for entry in own.flat]
    else:
        at = dict(zip(own.flat, here.flat, strict=True))
        answer = [entry.xreplace(at) for entry in slopes]
    shown = names | {problem.wrt: symbols(problem.wrt, here.shape)}
    objective = problem.value("objective", shown, dims, SYMPY)
    return sympy.sympify(objective), np.array(answer, dtype=object).reshape(here.shape)


# Numbers


def by_autograd(problem: Problem, names: dict[str, np.ndarray], dims: dict[str, int]) -> np.ndarray:
    """Return the answer in float64, from PyTorch."""
    tensors = {name: torch.tensor(array.astype(float), dtype=torch.float64) for name, array in names.items()}
    start = tensors[problem.wrt].clone().requires_grad_()

    def objective(t):
        return problem.value("objective", tensors | {problem.wrt: t}, dims, TORCH)

    (slope,) = torch.autograd.grad(objective(start), start)
    if problem.asked == "minimiser":
        hessian = torch.autograd.functional.hessian(objective, start).reshape(start.numel(), -1)
        slope = start - torch.linalg.solve(hessian, slope.reshape(-1)).reshape(start.shape)
    return slope.detach().numpy()


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
    slopes = [slope(index) for index in places]
    if problem.asked == "minimiser":
        hessian = mpmath.matrix([[(slope(i, (j, 1)) - slope(i, (j, -1))) / 2 for j in places] for i in places])
        slopes = [here - step for here, step in zip(start.flat, mpmath.lu_solve(hessian, slopes), strict=True)]
    return np.array(slopes, dtype=object).reshape(start.shape)


def furthest(values: np.ndarray, truth: np.ndarray) -> float:
    """Return the largest |value − truth| / max(1, |truth|)."""
    pairs = zip(values.flat, truth.flat, strict=True)
    return float(max(abs(mpmath.mpf(value) - true) / max(1, abs(true)) for value, true in pairs))


def rational(problem: Problem, name: str):
    """Return a source of small rationals p/q, above 0 where they have to be, the same for the same name."""
    draw = random.Random(stream(0, name))

    def number(variable: str, _) -> sympy.Rational:
        value = sympy.Rational(draw.randint(-20, 20), draw.randint(3, 9))
        return abs(value) or value + 1 if variable in problem.positive else value

    return number


def at_point(problem: Problem, dims: dict[str, int], count: int) -> tuple[dict, dict[str, float]]:
    """Evaluate the answer at seeded point no. `count`; return point and value, and how far each route is off.

    Where float64 overflows or rounds too much, a point nearer 0 is drawn. Raises Unchecked where that never helps or
    the answer is defined at no point, RuntimeError when a route disagrees.
    """
    make = rational(problem, f"{problem.id}/{sorted(dims.items())}/{count}")
    off, large = {}, False
    with mpmath.workdps(DIGITS):
        for attempt in range(TRIES):
            nearer = 2**attempt if large else 1
            point = mapped_all(lambda v, by=nearer: v / by, problem.arrays(dims, make))
            numbers = mapped_all(lambda v: mpmath.mpf(v.p) / v.q, point)
            try:
                names = problem.complete(numbers, dims, MPMATH)
                problem.value("objective", names, dims, MPMATH)
                value = np.asarray(problem.value("answer", names, dims, MPMATH), dtype=object)
            except (Undefined, ZeroDivisionError):
                continue
            except Unreadable:  # an exponent beyond all numbers
                large = True
                continue
            value = np.broadcast_to(value, names[problem.wrt].shape)
            distances = {
                "autograd": _autograd_off(problem, names, dims, value),
                "central differences": furthest(by_differences(problem, names, dims), value),
            }
            off = {route: distance for route, distance in distances.items() if not distance <= TOLERANCES[route]}
            if not off:
                break
            large = True
        else:
            if not large:
                raise Unchecked("the answer is defined at no point drawn; a name may have to be positive")
            if off.keys() <= {"autograd"}:  # sixty digits agree where sixteen do not
                raise Unchecked("the numbers at all points drawn are too large for float64, or lose its digits")
    for route, distance in off.items():
        raise RuntimeError(f"{problem.id} {dims}: {route} is off by {distance}")
    exact = problem.value("answer", problem.complete(point, dims, SYMPY), dims, SYMPY)
    exact = mapped(lambda v: v if v.is_Rational else v.evalf(40), np.asarray(exact, dtype=object))
    return {"at": {name: strings(array) for name, array in point.items()}, "value": strings(exact)}, distances


def _autograd_off(problem: Problem, names: dict[str, np.ndarray], dims: dict[str, int], value: np.ndarray) -> float:
    """Return how far autograd is off; infinity where it overflows."""
    try:
        slopes = by_autograd(problem, names, dims)
    except OverflowError:
        return float("inf")
    return furthest(slopes, value) if np.isfinite(slopes).all() else float("inf")


def mapped_all(function, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return arrays by name, each entry mapped."""
    return {name: mapped(function, array) for name, array in arrays.items()}


# Records


def strings(array: np.ndarray) -> list | str:
    """Return an array of expressions as nested lists of SymPy's text."""
    return mapped(str, array).tolist()


def size(problem: Problem, dims: dict[str, int], names: dict[str, np.ndarray], derived: Derived | None) -> dict:
    """Confirm what was derived for one set of axis lengths."""
    proved = _proved(problem, dims, names, derived[1]) if derived else "too large"
    points, distances = zip(*(at_point(problem, dims, count) for count in range(POINTS)), strict=True)
    return {
        "dims": dims,
        "formula_proved": proved,
        "points": list(points),
        "routes": {
            route: {"off_by_at_most": max(d[route] for d in distances), "tolerance": TOLERANCES[route]}
            for route in distances[0]
        },
    }


def _proved(problem: Problem, dims: dict[str, int], names: dict[str, np.ndarray], truth: np.ndarray) -> bool | str:
    """Tell whether the answer equals what SymPy derived, entry by entry, or why that is not known."""
    answer = np.asarray(problem.value("answer", names, dims, SYMPY), dtype=object)
    difference = np.asarray(np.broadcast_to(answer, truth.shape) - truth, dtype=object)
    try:
        return all(map(vanishes, difference.flat)) or "not reduced to 0"
    except TooLarge:
        return "too large"


def record(problem: Problem) -> dict:
    """Return everything about a problem that the result file keeps; of one that the engine cannot derive, why."""
    result = {
        "id": problem.id,
        "asked": problem.asked,
        "wrt": problem.wrt,
        "given": list(problem.allowed),
        "shapes": {n: " × ".join(map(str, shape)) or "a number" for n, shape in problem.names.items()},
        "written": {n: name(n) for n in problem.names},
        "objective_latex": problem.objective_latex,
        "note": problem.note,
    }
    try:
        unproved = problem.unproved
    except Failure as failure:
        return result | {"latex": "", "for_all_sizes": False, "unproved": str(failure), "steps": [], "sizes": []}
    found = []
    for dims in sizes(problem) if problem.asked != "expression" else ():  # of which nothing is derived
        names = entries(problem, dims)
        found.append((dims, names, symbolic(problem, names, dims)))
    result |= {
        "latex": problem.latex,
        "for_all_sizes": not unproved,
        "unproved": unproved,
        "steps": steps(problem, *found[0][::2]) if found else [],
        "sizes": [],
    }
    for parts in found:
        try:
            result["sizes"].append(size(problem, *parts))
        except Unchecked as error:
            result["note"] = f"{problem.note} Not checked by numbers: {error}.".strip()
    if problem.asked == "minimiser":  # proved while it was derived
        result |= {"strictly_convex": True, "completes_the_square": True, "curvature": curvature(problem)}
    return result


def digest(spec: dict) -> str:
    """Return a hash of a formula's parameters and of all code that its record comes from, the lock file included."""
    found = hashlib.sha256(json.dumps(spec, sort_keys=True, default=str).encode())
    for path in sources("scripts.formulas.derive"):
        found.update(read_bytes(ROOT / path))
    return found.hexdigest()


def kept(path: Path) -> dict:
    """Return the records that a file has, if it is there and can be read."""
    try:
        content = read_json(path)
    except (OSError, Failure):
        return {}
    return content if isinstance(content, dict) else {}


def main():
    parser = argparse.ArgumentParser(description="Derive and prove the formulas of a problem set.")
    parser.add_argument("--problem-set", required=True, help="folder of the problem set")
    parser.add_argument("--folder", required=True, help="where <item>.json goes for every item with formulas")
    options = parser.parse_args()
    problem_set = read_set(options.problem_set)
    torch.set_num_threads(1)
    for item in problem_set.derived:
        path = Path(options.folder) / f"{item}.json"
        old, new = kept(path), {}
        for identity, spec in problem_set.formulas.items():
            if spec["item"] != item:
                continue
            key = digest(spec)
            before = old.get(identity)
            if isinstance(before, dict) and before.get("digest") == key:
                new[identity] = before
                continue
            try:
                new[identity] = record(problem(identity, spec)) | {"digest": key}
            except (Failure, Unreadable, ArithmeticError, RuntimeError) as error:
                raise Failure(f"{problem_set.folder}/items/{item}.yaml: {identity}: {error}") from error
        if new != old:
            write_json(path, new)


if __name__ == "__main__":
    run(main)
