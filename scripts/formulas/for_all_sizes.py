"""The true answer in index notation, for arrays of every size, and whether a formula equals it.

Definitions are gone through backwards, as in backpropagation: the derivative in a name is the sum, over all that use
it, of their derivatives times the slope of what they are. Every name is a variable of its own meanwhile; then the names
are replaced by what defines them. So no exponential is nested in another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from scripts.formulas.indices import (
    Algebra,
    Atom,
    Index,
    Polynomial,
    TooHard,
    anonymous,
    bare,
    factors,
    fresh,
    number,
    of,
    positive,
    positive_atom,
    summed,
    total,
    vanishes,
)
from scripts.formulas.normal import Entry, Indices, Normal, free, variable
from scripts.formulas.question import Question, names_in
from scripts.formulas.tree import Node, Shape
from scripts.shared.step import Failure

CANNOT = (TooHard, ArithmeticError, RecursionError)  # what is raised where the normal form does not go
Conditions = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Truth:
    """The answer's entry at the free indices `at`, and the conditions under which it is one.

    kinks: where the objective has no derivative (keys of what must not be 0); conditions: (what, key) that the
    objective itself asks for. curvature: of a minimiser's objective, in each direction of the variable.
    """

    entry: Polynomial
    at: Indices
    kinks: frozenset[str]
    conditions: Conditions
    curvature: Polynomial | None = None


def _moving(at: Indices) -> tuple[Index, ...]:
    return tuple(i for i in at if i)


def _placed(indices: Iterable[Index], shape: Shape) -> Indices:
    """Return indices for all axes of a shape, from those for its long ones."""
    rest = iter(indices)
    return tuple(None if axis == 1 else next(rest) for axis in shape)


def _free(shape: Shape) -> Indices:
    return tuple(None if axis == 1 else fresh(axis) for axis in shape)


def _entries(question: Question, algebra: Algebra) -> dict[str, Entry]:
    """Return the entries of all names in terms of the free variables."""

    def known(name: str) -> Entry:
        def entry(at: Indices) -> Polynomial:
            polynomial, plain, conditions = _known(question, name)
            algebra.conditions += conditions
            return polynomial.renamed(dict(zip(_moving(plain), _moving(at), strict=True)))

        return entry

    given = {name: variable(name, question.traits(name)) for name in question.shapes}
    return {name: known(name) for name in question.names if name not in given} | given


@cache
def _known(question: Question, name: str) -> tuple[Polynomial, Indices, list]:
    """Return the entry of a name that is not free, at which indices, and the conditions that it asks for."""
    if name in question.derivatives:
        algebra, slope = _slope(question, question.derivatives[name])
        return _expanded(question, algebra, slope), free(question.names[name]), []
    algebra, node = Algebra(), question.definitions[name]
    at = free(node.shape)
    return Normal(algebra, _entries(question, algebra)).entry(node, at), at, algebra.conditions


def _expanded(question: Question, algebra: Algebra, polynomial: Polynomial, without: str = "") -> Polynomial:
    """Replace names by their definitions, and free ones by what is known of them."""
    entries = _entries(question, algebra)
    values = {
        name: lambda indices, name=name: entries[name](_placed(indices, question.names[name]))
        for name in question.names
        if name != without and (name not in question.shapes or question.traits(name))
    }
    return algebra.substituted(polynomial, values)


def _bare(question: Question, wrt: str) -> dict[str, Entry]:
    """Return every name as a variable of its own; nothing is known of the entries of the one that moves, but a sign."""
    known = {name: question.traits(name) for name in question.names}
    return {name: variable(name, traits & {"positive"} if name == wrt else traits) for name, traits in known.items()}


def _slope(question: Question, wrt: str) -> tuple[Algebra, Polynomial]:
    """Return the objective's derivative in the entry of a name at the indices `free`, all names as variables."""
    algebra = Algebra()
    normal = Normal(algebra, _bare(question, wrt))
    objective = normal.entry(question.objective, (None,) * len(question.objective.shape))
    users = [name for name in question.forward if question.follows(name, wrt)]
    slopes: dict[str, Polynomial] = {}
    for name in [*reversed(users), wrt]:
        at = free(question.names[name])
        parts = [algebra.derivative(objective, name, _moving(at))]
        for user in users:
            if name not in names_in(question.forward[user]):
                continue
            inner = _free(question.names[user])
            entry = normal.entry(question.forward[user], inner)
            there = dict(zip(_moving(free(question.names[user])), _moving(inner), strict=True))
            part = slopes[user].renamed(there) * algebra.derivative(entry, name, _moving(at))
            for i in _moving(inner):
                part = summed(part, i)
            parts.append(part)
        slopes[name] = total(parts)
    return algebra, slopes[wrt]


@cache
def derive(question: Question) -> Truth:
    """Return the derivative, the minimiser or the expression.

    Raises TooHard where the normal form cannot hold it, and Failure where there is no minimiser that can be proved.
    """
    at, curvature = free(question.shape), None
    if question.asked == "expression":
        algebra = Algebra()
        entry = Normal(algebra, _entries(question, algebra)).entry(question.objective, at)
    elif question.asked == "derivative":
        algebra, slope = _slope(question, question.wrt)
        entry = _expanded(question, algebra, slope)
    else:
        algebra, entry, curvature = _minimiser(question)
    kinks = _kinks(question, entry) if question.asked == "derivative" else ()
    conditions = {*_conditions(question, algebra), *_of_powers(entry)}
    return Truth(entry, at, frozenset(kinks), frozenset(conditions), curvature)


class _OneSided(Algebra):
    """Takes a value, 1 or −1, for the sign of what has this key."""

    def __init__(self, key: str, value: int):
        super().__init__()
        self.key, self.value = key, value

    def sign(self, polynomial: Polynomial) -> Polynomial:
        parts = []
        for monomial, c in super().sign(polynomial).terms.items():
            ours = [a for a, _ in monomial if a.kind == "sign" and anonymous(a.args[0]) == self.key]
            sides = self.value ** int(sum(power for a, power in monomial if a in ours))
            parts.append(of({a: power for a, power in monomial if a not in ours}, c * sides))
        return total(parts)


def _kinks(question: Question, entry: Polynomial) -> Iterator[str]:
    """Yield the keys of what changes its sign where the derivative jumps: of x in |x|, not of x in x|x|."""
    signs = {anonymous(a.args[0]): a.args[0] for a, _ in _atoms(entry) if a.kind == "sign"}
    for key, part in signs.items():
        if question.wrt in question.shapes and question.wrt not in {a.args[0] for a, _ in _atoms(part)}:
            continue  # sign(a) x has a derivative in x wherever it has a value
        for a, value, _ in _solved(part):
            name, indices, traits = a.args
            same = {name: variable(name, traits)}
            there = {name: lambda at, value=value, i=indices: value.renamed(dict(zip(i, at, strict=True)))}
            try:
                right, left = (_OneSided(key, side).substituted(entry, same) for side in (1, -1))
                jump = Algebra().substituted(right - left, there)
                if not vanishes(jump):
                    yield key
            except CANNOT:
                continue
            break


def _solved(part: Polynomial) -> Iterator[tuple[Atom, Polynomial, bool]]:
    """Yield entries of variables that a polynomial holds once, as a factor; what they are where it is 0; and whether
    only numbers stand beside them."""
    held = [*_atoms(part)]
    names = [a.args[0] for a, _ in held if a.kind == "variable"]
    for monomial, c in part.terms.items() if all(a.kind != "max" for a, _ in held) else ():
        for a, power in monomial:
            if a.kind != "variable" or power != 1 or names.count(a.args[0]) > 1 or a.args[2] - {"positive"}:
                continue
            if {*a.args[1]} == part.free and len(part.free) == len(a.args[1]):
                beside = Polynomial({tuple(factor for factor in monomial if factor[0] != a): c})
                rest = part - Polynomial({monomial: c})
                yield a, -rest * Algebra().power(beside, Fraction(-1)), len(monomial) == 1


def _conditions(question: Question, algebra: Algebra) -> Iterator[tuple[str, str]]:
    """Yield the conditions that an algebra has gathered, in terms of the free variables."""
    for what, part in list(algebra.conditions):
        try:
            part = _expanded(question, Algebra(), part)
        except (TooHard, ArithmeticError):
            continue
        if not part.terms or positive(part, strictly=what != "not negative"):
            continue
        yield what, anonymous(part)
        if what == "nonzero":
            found = factors(part)
            for piece in [p for p, _ in found.polynomials] + [bare(a) for a in found.atoms]:
                yield what, anonymous(piece)


def _of_powers(polynomial: Polynomial) -> Iterator[tuple[str, str]]:
    """Yield what the powers in the answer itself ask for: ‖x‖ has no derivative at 0."""
    for a, power in _atoms(polynomial):
        if power < 0 and not positive(bare(a)):
            yield "nonzero", anonymous(bare(a))
            if power.denominator > 1:
                yield "positive", anonymous(bare(a))


def _minimiser(question: Question) -> tuple[Algebra, Polynomial, Polynomial]:
    """Return where the gradient vanishes, and the second derivative there; prove that the objective is least there.

    With the gradient c_p v_p + g_p at v, c > 0, the minimiser is m = −g/c, and D(v) − D(m) = Σ_p c_p/2 (v_p − m_p)².
    """
    wrt, shape = question.wrt, question.shape
    at = free(shape)
    cannot = Failure(
        f"minimiser: it is found where the objective is a quadratic whose second derivative in {wrt} is "
        "diagonal and can be seen to be positive; this one is not"
    )
    if wrt not in question.shapes:
        raise Failure(f"minimiser: {wrt} is defined by other names, a free variable is needed")
    algebra, slope = _slope(question, wrt)
    gradient = _expanded(question, algebra, slope, wrt)
    other = _moving(_free(shape))
    identity = algebra.derivative(variable(wrt)(at), wrt, other)
    found = algebra.derivative(gradient, wrt, other)
    (deltas,) = identity.terms
    if not found.terms or not all(set(deltas) <= set(monomial) for monomial in found.terms):
        raise cannot
    curvature = Polynomial({tuple(f for f in m if f not in deltas): c for m, c in found.terms.items()})
    if algebra.derivative(curvature, wrt, other).terms or not positive(curvature):
        raise cannot
    rest = algebra.substituted(gradient, {wrt: lambda _: number(0)})
    best = -rest * algebra.power(curvature, Fraction(-1))

    def least(indices) -> Polynomial:
        return best.renamed(dict(zip(_moving(at), indices, strict=True)))

    names = _bare(question, wrt)
    objective = Normal(algebra, names).entry(question.objective, (None,) * len(question.objective.shape))
    objective = _expanded(question, algebra, objective, wrt)
    off = variable(wrt)(at) - best
    square = curvature * off * off * number(Fraction(1, 2))
    for i in _moving(at):
        j = fresh(i.axis)
        square = summed(square.renamed({i: j}), j)
    gap = objective - algebra.substituted(objective, {wrt: least}) - square
    if not (vanishes(algebra.substituted(gradient, {wrt: least})) and vanishes(gap)):
        raise cannot
    for what, part in [*algebra.conditions]:  # the objective has a value there
        if what != "not negative" and vanishes(algebra.substituted(part, {wrt: least})):
            raise cannot
    return algebra, best, curvature


def _atoms(polynomial: Polynomial) -> Iterator[tuple[Atom, Fraction]]:
    """Yield every atom of a polynomial with its power, and those within it."""
    for monomial in polynomial.terms:
        for a, power in monomial:
            yield a, power
            if a.kind == "sum":
                yield from _atoms(Polynomial({a.args[1]: Fraction(1)}))
            elif a.kind in ("exp", "log", "sign", "base"):
                yield from _atoms(a.args[0])


@dataclass(frozen=True)
class Comparison:
    """Whether a formula equals the truth for all sizes, and whether it is also defined wherever the truth is.

    doubtful: what a formula asks to be no zero, or positive, and may not be so where the truth is defined.
    """

    equal: bool
    doubtful: tuple[Polynomial, ...]
    beyond_kinks: bool  # not defined where the objective has a kink

    @property
    def defined(self) -> bool:
        return not self.doubtful


def compare(question: Question, node: Node, right: Truth) -> Comparison:
    """Compare a formula with the truth; its shape fits but for axes of length 1. Raises TooHard."""
    algebra = Algebra()
    at = _placed(_moving(right.at), node.shape)
    entry = Normal(algebra, _entries(question, algebra)).entry(node, at)
    asked = algebra.conditions
    doubtful = tuple(part for what, part in asked if not _granted(what, part, right))
    kinks = any(
        what == "nonzero" and not positive(part) and _at_kinks(part, right.kinks) for what, part in asked if part.terms
    )
    return Comparison(vanishes(entry - right.entry), doubtful, kinks)


def _granted(what: str, part: Polynomial, right: Truth) -> bool:
    """Tell whether a condition holds wherever the truth does."""
    if not part.terms:
        return what == "not negative"
    key = anonymous(part)
    if (what, key) in right.conditions or positive(part, strictly=what != "not negative"):
        return True
    if what == "positive" and ("nonzero", key) in right.conditions and positive(part, strictly=False):
        return True
    excused = right.kinks | {key for what, key in right.conditions if what != "not negative"}
    return what == "nonzero" and (positive(-part) or _at_kinks(part, excused))


def _at_kinks(part: Polynomial, kinks: frozenset[str]) -> bool:
    """Tell whether a polynomial vanishes at the truth's kinks alone."""
    return all(positive(p) or positive(-p) or {anonymous(p), anonymous(-p)} & kinks for p in _pieces(part))


def _pieces(part: Polynomial) -> list[Polynomial]:
    """Return what vanishes where a polynomial does."""
    found = factors(part)
    atoms = [a.args[0] if a.kind == "sign" else bare(a) for a in found.atoms if not positive_atom(a)]
    return [p for p, _ in found.polynomials] + atoms


def roots(part: Polynomial) -> Iterator[tuple[str, Indices, Polynomial]]:
    """Yield (name, indices, value): where an entry of a variable has this value, a polynomial is 0."""
    for piece in _pieces(part) if part.terms else ():
        yield from ((a.args[0], a.args[1], value) for a, value, plain in _solved(piece) if plain)
