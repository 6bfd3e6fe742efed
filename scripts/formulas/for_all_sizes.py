"""The true answer in index notation, for arrays of every size, and whether a formula equals it.

The objective is differentiated with all defined names held fixed; then the names are replaced by what defines them.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from scripts.formulas.indices import Algebra, Index, Polynomial, TooHard, anonymous, factors, fresh, positive, vanishes
from scripts.formulas.normal import Entry, Indices, Normal, free, variable
from scripts.formulas.problem import PROBLEMS, Problem
from scripts.formulas.tree import Node, Shape


@dataclass(frozen=True)
class Truth:
    """The answer's entry at the free indices `at`, and the conditions under which it is one.

    kinks: where the objective has no derivative (keys of what must not be 0); conditions: (what, key) that the
    objective itself asks for.
    """

    entry: Polynomial
    at: Indices
    kinks: frozenset[str]
    conditions: frozenset[tuple[str, str]]


def _algebra(problem: Problem) -> Algebra:
    return Algebra({problem.sums_to_one} - {""})


def _names(problem: Problem, algebra: Algebra) -> dict[str, Entry]:
    """Return the entries of all names in terms of the free variables."""
    names: dict[str, Entry] = {name: variable(name) for name in problem.shapes}
    for name, node in problem.definitions.items():
        names[name] = lambda at, node=node: Normal(algebra, names).entry(node, at)
    return names


def _expanded(problem: Problem, algebra: Algebra, polynomial: Polynomial) -> Polynomial:
    """Replace the defined names by their definitions."""
    names = _names(problem, algebra)
    for name, node in reversed(problem.definitions.items()):

        def entry(indices: tuple[Index, ...], name=name, shape: Shape = node.shape) -> Polynomial:
            rest = iter(indices)
            return names[name](tuple(None if axis == 1 else next(rest) for axis in shape))

        polynomial = algebra.substituted(polynomial, name, entry)
    return polynomial


def _objective(problem: Problem, algebra: Algebra) -> Polynomial:
    """Return the objective with every name, defined or not, as a variable of its own."""
    names = {name: variable(name) for name in [*problem.shapes, *problem.definitions]}
    node = problem.trees["objective"]
    return Normal(algebra, names).entry(node, (None,) * len(node.shape))


@cache
def truth(problem_id: str, of: str = "") -> Truth:
    """Derive what a problem asks for, or return its objective if `of` is "objective"."""
    return derive(PROBLEMS[problem_id], of)


def derive(problem: Problem, of: str = "") -> Truth:
    """Return the derivative, the minimiser or the objective; raise RuntimeError where the minimiser is none."""
    algebra = _algebra(problem)
    at = free(problem.shape)
    moving = tuple(i for i in at if i)
    loss = _objective(problem, algebra)
    if of == "objective":
        entry, at = _expanded(problem, algebra, loss), ()
    else:
        gradient = algebra.derivative(loss, problem.wrt, moving)
        entry = _expanded(problem, algebra, gradient)
        if problem.asked == "minimiser":
            entry = _minimiser(problem, algebra, gradient, at)
    kinks = {anonymous(sign.args[0]) for sign in _signs(entry)}
    conditions = {(what, anonymous(part)) for what, part in algebra.conditions if part.terms}
    return Truth(entry, at, frozenset(kinks), frozenset(conditions))


def _minimiser(problem: Problem, algebra: Algebra, gradient: Polynomial, at: Indices) -> Polynomial:
    """Return the formula's entry, where the gradient vanishes there and the objective is strictly convex."""

    def stated(indices) -> Polynomial:
        rest = iter(indices)
        return Normal(algebra, names).entry(
            problem.trees["formula"], tuple(None if axis == 1 else next(rest) for axis in problem.shape)
        )

    names = _names(problem, algebra)
    other = tuple(fresh(i.axis) for i in at if i)
    curvature = algebra.derivative(gradient, problem.wrt, other)
    identity = algebra.derivative(variable(problem.wrt)(at), problem.wrt, other)
    (delta,) = identity.terms
    multiple = Polynomial({tuple(f for f in m if f not in delta): c for m, c in curvature.terms.items()})
    convex = vanishes(multiple * identity - curvature) and positive(multiple)
    if not convex or not vanishes(algebra.substituted(gradient, problem.wrt, stated)):
        raise RuntimeError(f"{problem.id}: the formula is not the minimiser")
    return stated(tuple(i for i in at if i))


def _signs(polynomial: Polynomial):
    """Yield every sign in a polynomial."""
    for monomial in polynomial.terms:
        for a, _ in monomial:
            if a.kind == "sign":
                yield a
            if a.kind == "sum":
                yield from _signs(Polynomial({a.args[1]: Fraction(1)}))
            elif a.kind in ("exp", "log", "sign", "base"):
                yield from _signs(a.args[0])


@dataclass(frozen=True)
class Comparison:
    """Whether a formula equals the truth for all sizes, and whether it is also defined wherever the truth is."""

    equal: bool
    defined: bool
    beyond_kinks: bool  # not defined where the objective has a kink


def compare(problem: Problem, node: Node, right: Truth) -> Comparison:
    """Compare a formula with the truth; its shape fits but for axes of length 1. Raises TooHard."""
    algebra = _algebra(problem)
    indices = iter([i for i in right.at if i])
    at = tuple(None if axis == 1 else next(indices) for axis in node.shape)
    entry = Normal(algebra, _names(problem, algebra)).entry(node, at)
    asked = algebra.conditions
    granted = [_granted(what, part, right) for what, part in asked]
    kinks = any(
        what == "nonzero" and not positive(part) and _at_kinks(part, right.kinks) for what, part in asked if part.terms
    )
    return Comparison(vanishes(entry - right.entry), all(granted), kinks)


def _granted(what: str, part: Polynomial, right: Truth) -> bool:
    """Tell whether a condition holds wherever the truth does."""
    if not part.terms:
        return what == "not negative"
    if (what, anonymous(part)) in right.conditions or positive(part, strictly=what != "not negative"):
        return True
    return what == "nonzero" and (positive(-part) or _at_kinks(part, right.kinks))


def _at_kinks(part: Polynomial, kinks: frozenset[str]) -> bool:
    """Tell whether a polynomial vanishes at the truth's kinks alone."""
    found = factors(part)
    pieces = [p for p, _ in found.polynomials]
    for a in found.atoms:
        if a.kind in ("sign", "base"):
            pieces.append(a.args[0])
        elif not positive(single := Polynomial({((a, Fraction(1)),): Fraction(1)})):
            pieces.append(single)
    return all(positive(p) or positive(-p) or anonymous(p) in kinks or anonymous(-p) in kinks for p in pieces)


def prove(problem: Problem) -> bool:
    """Prove a problem's own formula for all sizes; raise RuntimeError if it is not the derivative or minimiser."""
    wrong = RuntimeError(f"{problem.id}: the formula is not the {problem.asked} for all sizes")
    try:
        comparison = compare(problem, problem.trees["formula"], derive(problem))
    except TooHard:
        raise wrong from None
    if not (comparison.equal and comparison.defined):
        raise wrong
    return True
