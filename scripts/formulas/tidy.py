"""Make a matrix expression short: common factors out, or products of sums multiplied out, whichever is shorter."""

from collections.abc import Callable
from fractions import Fraction
from math import prod

from scripts.formulas import matrices as m
from scripts.formulas.matrices import Expression, Pair

MOST = 16  # terms of a sum that is still worth the search
ONE = Fraction(1)


def rebuilt(e: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return the expression with its parts changed into others of the same value or shape."""
    if not e.args:
        return e
    args = [change(arg) for arg in e.args]
    match e.kind:
        case "sum":
            return m.add(*zip(e.data, args, strict=True))
        case "product":
            return m.times(*(m.power(arg, p) for arg, p in zip(args, e.data, strict=True)))
    args = [m.full(arg, old.shape) for arg, old in zip(args, e.args, strict=True)]
    match e.kind:
        case "chain":
            return m.chain(*args)
        case "trace":
            return m.trace(*args)
    return m.function(e.data[0], args[0], e.data[1])


def tidied(e: Expression) -> Expression:
    """Return an equal expression, made of short ones."""
    e = rebuilt(e, tidied)
    if e.kind != "sum":
        return e
    apart = m.add(*((c, _expanded(term)) for c, term in m.terms(e)))
    return min([_factored(e), _factored(apart), e], key=lambda form: form.size)


def _expanded(e: Expression) -> Expression:
    """Multiply a product or chain of sums out."""
    if prod(len(m.terms(part)) for part in e.args) > MOST:
        return e
    if e.kind == "product":
        result = m.ONE
        for base, p in m.factors(e):
            options = m.terms(base) if base.kind == "sum" and p == 1 else [(ONE, m.product([(base, p)]))]
            result = m.add(*((c * d, m.times(one, other)) for c, one in m.terms(result) for d, other in options))
        return result
    if e.kind == "chain":
        for k, part in enumerate(e.args):
            if part.kind == "sum":
                before, behind = e.args[:k], e.args[k + 1 :]
                ways = ((c, m.chain(*before, m.full(term, part.shape), *behind)) for c, term in m.terms(part))
                return m.add(*((c, _expanded(way)) for c, way in ways))
    return e


def _factored(e: Expression) -> Expression:
    """Take common factors of two terms out of a sum as long as that makes it no longer."""
    while e.kind == "sum" and len(e.args) <= MOST:
        pairs = m.terms(e)
        ways = [
            m.add(*((ONE, whole) if pair is one else pair for pair in pairs if pair is not other))
            for k, one in enumerate(pairs)
            for other in pairs[k + 1 :]
            for whole in (*_from_an_end(one, other), *_entrywise(one, other))
        ]
        best = min(ways, key=lambda way: way.size, default=None)
        if best is None or best.size > e.size:
            return e
        e = best
    return e


def _from_an_end(one: Pair, other: Pair) -> list[Expression]:
    """Return the sum of two chains with what they begin or end with in front or behind: A B + A C is A (B + C)."""
    (a, left), (b, right) = one, other
    if left.shape != right.shape:
        return []
    found = []
    mine, its = ([*e.args] if e.kind == "chain" else [e] for e in (left, right))
    turned = [m.transposed(part) for part in reversed(its)]
    for theirs in (its, turned) if left.shape == (1, 1) else (its,):
        for end in (1, -1):
            pairs = zip(mine[::end], theirs[::end], strict=False)
            most = min(len(mine), len(theirs)) - 1
            same = min(next((k for k, (x, y) in enumerate(pairs) if x.key != y.key), most), most)
            if not same:
                continue
            inner = [m.chain(*(parts[same:] if end == 1 else parts[:-same])) for parts in (mine, theirs)]
            rest = m.full(tidied(m.add((a, inner[0]), (b, inner[1]))), inner[0].shape)
            found.append(m.chain(*mine[:same], rest) if end == 1 else m.chain(rest, *mine[-same:]))
    return found


def _entrywise(one: Pair, other: Pair) -> list[Expression]:
    """Return the sum of two products entry by entry with their common factors before it."""
    (a, left), (b, right) = one, other
    mine, its = ({base.key: (base, p) for base, p in m.factors(e)} for e in (left, right))
    common = {
        key: min(p, its[key][1], key=abs)
        for key, (base, p) in mine.items()
        if key in its and _is_shared(base, p, its[key][1])
    }
    if not common:
        return []
    inner = [m.product((base, p - common.get(key, 0)) for key, (base, p) in powers.items()) for powers in (mine, its)]
    outside = m.product((mine[key][0], p) for key, p in common.items())
    return [m.times(outside, tidied(m.add((a, inner[0]), (b, inner[1]))))]


def _is_shared(base: Expression, one: Fraction, other: Fraction) -> bool:
    """Tell whether a common factor may be taken out, which is to leave no fraction under a fraction."""
    return one * other > 0 and (one == other or one > 0 or base.kind in ("leaf", "length"))
