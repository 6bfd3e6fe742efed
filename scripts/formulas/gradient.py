"""The derivative of an objective as a formula in arrays, by reverse-mode differentiation, the way a textbook prints it.

The tree becomes a matrix expression (scripts.formulas.matrices), in which Ḡ, the derivative of the objective in a part,
goes down to the variable: through a product AB as ḠBᵀ and AᵀḠ, through f(u) as Ḡ ⊙ f′(u), through an axis that numpy
broadcasts as a sum. What arrives is tidied and written as a tree again. Where a function has a kink, sign(0) = 0.
"""

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction

from scripts.formulas import matrices as m
from scripts.formulas.from_tree import FromTree
from scripts.formulas.indices import TooHard
from scripts.formulas.matrices import Expression
from scripts.formulas.tidy import rebuilt, tidied
from scripts.formulas.to_tree import written
from scripts.formulas.tree import Node, number


def gradient(
    objective: Node, variable: str, sums_to_one: Collection[str] = (), symmetric: Collection[str] = ()
) -> Node:
    """Return the derivative of a number in a variable, in the variable's shape.

    sums_to_one: names of arrays that add up to 1 along their last axis; symmetric: names of symmetric matrices.
    Raises TooHard for an objective with entries, sums over indices or maxima.
    """
    # Nothing is known of the entries of what moves: they move one by one.
    lift = FromTree(*({*names} - {variable} for names in (sums_to_one, symmetric)))
    shapes = [part.shape for part in objective.walk() if part.op == "name" and part.data == variable]
    if not shapes:
        return number(0)
    found = [(Fraction(1), part) for part in _arriving(lift(objective), m.ONE, variable)]
    return written(tidied(m.add(*found)), shapes[0])


def simplified(node: Node, sums_to_one: Collection[str] = (), symmetric: Collection[str] = ()) -> Node:
    """Return a formula as `gradient` would write it; as it is where it has entries, sums over indices or maxima."""
    try:
        return written(tidied(FromTree(sums_to_one, symmetric)(node)), node.shape)
    except TooHard:
        return node


def folded(node: Node, names: Mapping[str, Node], symmetric: Collection[str] = ()) -> Node:
    """Return a formula with each part that equals a definition, up to order, sign and transposition, replaced by its
    name; definitions may use the names before them."""
    lift = FromTree((), symmetric)
    known: list[tuple[Expression, Expression]] = []

    def fold(e: Expression) -> Expression:
        for whole, name in known:
            e = _folded(e, whole, name)
        return e

    try:
        e = lift(node)
        for name, definition in names.items():
            whole = fold(lift(definition))
            if any(part.kind == "leaf" for part in m.parts(whole)):  # a constant has no name of its own in a formula
                known.append((whole, lift(Node("name", (), definition.shape, name))))
    except TooHard:
        return node
    return written(fold(e), node.shape)


# Down to the variable


def _arriving(e: Expression, g: Expression, variable: str) -> Iterator[Expression]:
    """Yield what arrives at each place of the variable, in its own orientation; g: the derivative of the objective
    in e, an axis along which it is constant perhaps left out."""
    if e.kind == "leaf" and e.data[0] == variable:
        yield m.transposed(g) if e.data[2] else g
    if not any(part.kind == "leaf" and part.data[0] == variable for part in m.parts(e)):
        return
    for arg, passed in _passed(e, g):
        yield from _arriving(arg, passed, variable)


def _passed(e: Expression, g: Expression) -> Iterator[tuple[Expression, Expression]]:
    """Yield each argument of an expression with the derivative of the objective in it."""
    match e.kind:
        case "sum":
            for c, term in m.terms(e):
                yield term, m.times(m.number(c), m.reduced(g, e.shape, term.shape))
        case "product":
            for base, p in m.factors(e):
                slope = [m.power(b, q if b is not base else q - 1) for b, q in m.factors(e)]
                yield base, m.reduced(m.times(m.number(p), g, *slope), e.shape, base.shape)
        case "chain":
            g = m.full(g, e.shape)
            for k, arg in enumerate(e.args):
                before = [m.transposed(part) for part in reversed(e.args[:k])]
                behind = [m.transposed(part) for part in reversed(e.args[k + 1 :])]
                yield arg, m.chain(*before, g, *behind)
        case "trace":
            yield e.args[0], m.times(g, m.eye(e.args[0].shape[0]))
        case "function":
            yield e.args[0], _through(*e.data, e, e.args[0], g)


def _through(name: str, axis: int | None, e: Expression, u: Expression, g: Expression) -> Expression:
    """Return the derivative of the objective in u, where g is the one in e = name(u)."""
    if axis is not None:
        less = tuple(1 if k == axis else length for k, length in enumerate(u.shape))
        softmax = m.function("softmax", u, axis)
        if name == "logsoftmax":
            return m.add((Fraction(1), g), (Fraction(-1), m.times(softmax, m.reduced(g, u.shape, less))))
        weighted = m.reduced(m.times(g, softmax), u.shape, less)
        return m.times(softmax, m.add((Fraction(1), g), (Fraction(-1), weighted)))
    one = (Fraction(1), m.ONE)
    slopes = {
        "exp": lambda: e,
        "log": lambda: m.power(u, Fraction(-1)),
        "abs": lambda: m.function("sign", u),
        "relu": lambda: m.times(m.number(Fraction(1, 2)), m.add(one, (Fraction(1), m.function("sign", u)))),
        "sigmoid": lambda: m.times(e, m.add(one, (Fraction(-1), e))),
        "tanh": lambda: m.add(one, (Fraction(-1), m.power(e, Fraction(2)))),
    }
    return m.times(g, slopes[name]()) if name in slopes else m.ZERO


# Names for parts


def _folded(e: Expression, whole: Expression, name: Expression) -> Expression:
    """Return an expression with `name` in place of parts equal to a multiple or the transpose of `whole`."""
    e = rebuilt(e, lambda part: _folded(part, whole, name))
    turned = m.transposed(whole), m.transposed(name)
    for mine, its in ((whole, name), turned) if turned[0].key != whole.key else ((whole, name),):
        e = _without(e, mine, its)
    return e


def _without(e: Expression, whole: Expression, name: Expression) -> Expression:
    if e.key == whole.key:
        return name
    if whole.kind == "sum" and e.kind in ("sum", "product", "chain"):
        mine, its = ({term.key: c for c, term in m.terms(form)} for form in (e, whole))
        ratios = {mine[key] / its[key] for key in its} if its.keys() <= mine.keys() else set()
        if len(ratios) == 1:
            rest = [(c, term) for c, term in m.terms(e) if term.key not in its]
            return m.add(*rest, (ratios.pop(), name))
    if whole.kind == e.kind == "product":
        mine, its = ({base.key: (base, p) for base, p in m.factors(form)} for form in (e, whole))
        times = min((mine[key][1] // p if key in mine else 0 for key, (_, p) in its.items()), default=0)
        if times >= 1:
            left = (m.power(base, p - times * its.get(key, (base, 0))[1]) for key, (base, p) in mine.items())
            return m.times(m.power(name, Fraction(times)), *left)
    if whole.kind == e.kind == "chain":
        mine, its = ([part.key for part in form.args] for form in (e, whole))
        for k in range(len(mine) - len(its) + 1):
            if mine[k : k + len(its)] == its:
                return m.chain(*e.args[:k], name, *e.args[k + len(its) :])
    return e
