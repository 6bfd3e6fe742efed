"""Matrix expressions in a form in which equal ones mostly coincide, kept simple by the functions that make them.

Everything has two axes here: a vector is a column, a number is 1 × 1, a transpose stands at names only. Sums, products
entry by entry and chains of matrix products are flat; numbers stand in front of a sum's terms and nowhere else. An axis
of length 1 fits any other in sums and products, as in numpy; in chains, whose axes have to meet, `full` writes it out.
Sums over an axis are products with a vector of ones.

Every rule is an identity for all sizes, wherever its left side is defined.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property, reduce
from math import gcd, isqrt, lcm

from scripts.formulas.tree import Axis, Shape, broadcast

Pair = tuple[Fraction, "Expression"]


class Expression:
    """An expression of shape (rows, columns). kind, with data and args:

    leaf (name, its shape in numpy, turned?, the axis along which it sums to 1, symmetric?); ones (turned?), eye; length
    (axis); sum (coefficients; terms); product (powers; factors); chain (matrices); trace (matrix); function (name and,
    of softmax and logsoftmax, the axis; argument).
    """

    def __init__(self, kind: str, shape: tuple[Axis, Axis], data=(), args: Iterable["Expression"] = ()):
        self.kind, self.shape, self.data, self.args = kind, shape, data, tuple(args)

    @cached_property
    def key(self) -> str:
        """A text that is the same for equal expressions, in whatever order terms and factors stand."""
        inner = [arg.key for arg in self.args]
        if self.kind in ("sum", "product"):
            inner = sorted(f"{number}·{key}" for number, key in zip(self.data, inner, strict=True))
            return f"{self.kind}({','.join(inner)})"
        text = f"{self.kind}{self.data}({','.join(inner or map(str, self.shape))})"
        if self.kind == "chain" and self.shape == (1, 1):  # a number is its own transpose
            return f"chain({min(','.join(keys) for keys in (inner, _turned_keys(self)))})"
        if self.kind == "trace" and self.args[0].kind == "chain":  # tr(AB) = tr(BA) = tr(AᵀBᵀ)
            ways = [[arg.key for arg in self.args[0].args], _turned_keys(self.args[0])]
            return f"trace({min(','.join(way[k:] + way[:k]) for way in ways for k in range(len(way)))})"
        return text

    @cached_property
    def size(self) -> int:
        return sum(arg.size for arg in self.args) + (self.kind != "sum" or len(self.args) != 1)


def parts(e: Expression) -> Iterator[Expression]:
    """Yield an expression and all that it is made of."""
    yield e
    for arg in e.args:
        yield from parts(arg)


def _turned_keys(e: Expression) -> list[str]:
    """Return the keys of the transposes of a chain's matrices, from the last to the first."""
    return [transposed(arg).key for arg in reversed(e.args)]


def columns(shape: Shape) -> tuple[Axis, Axis]:
    """Return the shape here of an array of at most two axes."""
    return shape if len(shape) == 2 else (*shape, 1, 1)[:2]


def leaf(name: str, shape: Shape, sums_to_one: bool = False, symmetric: bool = False) -> Expression:
    """Return a name. sums_to_one: do its entries add up to 1 along its last axis?"""
    sums = max(len(shape) - 1, 0) if sums_to_one else None
    return Expression("leaf", columns(shape), (name, shape, False, sums, symmetric and len(set(shape)) == 1))


def ones(axis: Axis, turned: bool = False) -> Expression:
    """Return the column of ones over an axis; turned, the row."""
    return Expression("ones", (1, axis) if turned else (axis, 1), (turned,)) if axis != 1 else ONE


def eye(axis: Axis) -> Expression:
    """Return the identity matrix of an axis."""
    return Expression("eye", (axis, axis)) if axis != 1 else ONE


def length(axis: Axis) -> Expression:
    """Return the length of an axis as a number."""
    return Expression("length", (1, 1), (axis,)) if axis != 1 else ONE


ONE = Expression("product", (1, 1))
ZERO = Expression("sum", (1, 1))


def number(value: Fraction | int) -> Expression:
    """Return a constant."""
    return add((Fraction(value), ONE))


def transposed(e: Expression) -> Expression:
    """Return the transpose, pushed inwards as far as it goes."""
    match e.kind:
        case "leaf":
            name, shape, turned, sums, symmetric = e.data
            sums = None if sums is None else 1 - sums
            return e if symmetric else Expression("leaf", e.shape[::-1], (name, shape, not turned, sums, False))
        case "ones":
            return ones(*[axis for axis in e.shape if axis != 1], turned=not e.data[0])
        case "sum" | "product":
            return Expression(e.kind, e.shape[::-1], e.data, map(transposed, e.args))
        case "chain" if e.shape != (1, 1):
            return Expression("chain", e.shape[::-1], (), map(transposed, reversed(e.args)))
        case "function":
            name, axis = e.data
            turned = (name, None if axis is None else 1 - axis)
            return Expression("function", e.shape[::-1], turned, map(transposed, e.args))
    return e


def full(e: Expression, shape: tuple[Axis, Axis]) -> Expression:
    """Write out the axes of length 1 that stand for longer ones."""
    rows, columns = (mine != own for mine, own in zip(shape, e.shape, strict=True))
    if rows:
        e = chain(ones(shape[0]), e)
    return chain(e, ones(shape[1], turned=True)) if columns else e


def reduced(e: Expression, shape: tuple[Axis, Axis], to: tuple[Axis, Axis]) -> Expression:
    """Add up the axes of an expression of this shape that have length 1 in the shape `to`: numpy's broadcasting in
    reverse."""
    for k, (axis, left) in enumerate(zip(shape, to, strict=True)):
        if axis == left:
            continue
        if e.shape[k] == 1:
            e = times(length(axis), e)
        else:
            e = chain(ones(axis, turned=True), e) if k == 0 else chain(e, ones(axis))
    return e


def _common(shapes: Iterable[tuple[Axis, Axis]]) -> tuple[Axis, Axis]:
    return reduce(broadcast, shapes, (1, 1))


# Sums


def terms(e: Expression) -> list[Pair]:
    """Return the terms of a sum with their coefficients; anything else is one term."""
    return [*zip(e.data, e.args, strict=True)] if e.kind == "sum" else [(Fraction(1), e)]


def add(*pairs: Pair) -> Expression:
    """Return the sum of multiples (number, expression)."""
    found: dict[str, Pair] = {}
    for c, e in pairs:
        for inner, term in terms(e):
            term = _unwritten(term)
            for own, part in terms(term):
                found[part.key] = (found.get(part.key, (0, None))[0] + c * inner * own, part)
    kept = [(c, e) for c, e in found.values() if c]
    if len(kept) == 1 and kept[0][0] == 1:
        return kept[0][1]
    return Expression("sum", _common(e.shape for _, e in kept), tuple(c for c, _ in kept), [e for _, e in kept])


def split(e: Expression) -> Pair:
    """Return an expression as a number times another one, whose terms have coprime coefficients not all negative."""
    if e.kind != "sum" or not e.args:
        return Fraction(1), e
    c = Fraction(gcd(*(c.numerator for c in e.data)), lcm(*(c.denominator for c in e.data)))
    c = -c if all(d < 0 for d in e.data) else c
    if len(e.args) == 1:
        return c, e.args[0]
    return c, Expression("sum", e.shape, tuple(d / c for d in e.data), e.args)


def _unwritten(e: Expression) -> Expression:
    """Drop the ones that write out an axis, where an axis of length 1 fits as well."""
    if e.kind == "ones":
        return ONE
    if e.kind == "chain":
        start, end = e.args[0].kind == "ones" and e.shape[0] != 1, e.args[-1].kind == "ones" and e.shape[1] != 1
        parts = e.args[start : len(e.args) - end]
        return (chain(*parts) if parts else ONE) if start or end else e
    return e


# Products entry by entry


def factors(e: Expression) -> list[tuple[Expression, Fraction]]:
    """Return the factors of a product with their powers; anything else is one factor."""
    return [*zip(e.args, e.data, strict=True)] if e.kind == "product" else [(e, Fraction(1))]


def times(*expressions: Expression) -> Expression:
    """Return a product entry by entry, of numbers too."""
    c, powers = Fraction(1), {}
    for e in expressions:
        own, e = split(_unwritten(e))
        c *= own
        if e.kind == "sum" and not e.args:
            return ZERO
        for base, power in factors(e):
            _multiply(powers, base, power)
    _upright(powers)
    _logistic(powers)
    _softmax(powers)
    return add((c * _kinks(powers), _outer(product(powers.values()))))


def _outer(e: Expression) -> Expression:
    """Write a column times a row, entry by entry, as the matrix product that it is."""
    if 1 in e.shape or any(1 not in base.shape for base, _ in factors(e)):
        return e
    column = [(base, p) for base, p in factors(e) if base.shape[1] == 1]
    return chain(product(column), product([(base, p) for base, p in factors(e) if base.shape[1] != 1]))


def product(powers: Iterable[tuple[Expression, Fraction]]) -> Expression:
    """Return a product of powers of different expressions, in which nothing is left to simplify."""
    kept = [(base, p) for base, p in powers if p]
    if not kept:
        return ONE
    if len(kept) == 1 and kept[0][1] == 1:
        return kept[0][0]
    return Expression("product", _common(e.shape for e, _ in kept), tuple(p for _, p in kept), [e for e, _ in kept])


def _multiply(powers: dict, base: Expression, power: Fraction) -> None:
    powers[base.key] = (base, powers.get(base.key, (base, 0))[1] + power)


def _upright(powers: dict) -> None:
    """Beside I, whose powers are itself, a row may as well be a column."""
    eyes = [base for base, p in powers.values() if base.kind == "eye" and p > 0]
    for base in eyes:
        powers[base.key] = (base, Fraction(1))
    if not eyes:
        return
    for base, p in [*powers.values()]:
        if base.shape[0] == 1 != base.shape[1]:
            del powers[base.key]
            _multiply(powers, transposed(base), p)


def _logistic(powers: dict) -> None:
    """1 / (1 + exp(u)) is sigmoid(−u), and exp(u) sigmoid(−u) is sigmoid(u)."""
    for base, power in [*powers.values()]:
        if base.kind == "sum" and power < 0 and power.denominator == 1 and sorted(base.data) == [1, 1]:
            found = [e for e in base.args if e.kind == "function" and e.data[0] == "exp"]
            if len(found) == 1 and any(e.key == ONE.key for e in base.args):
                del powers[base.key]
                _multiply(powers, function("sigmoid", add((Fraction(-1), found[0].args[0]))), -power)
    for base, power in [*powers.values()]:
        if base.kind == "function" and base.data[0] == "exp" and power.denominator == 1 and power > 0:
            up, down = (function("sigmoid", add((sign, base.args[0]))) for sign in (Fraction(1), Fraction(-1)))
            pairs = min(power, powers.get(down.key, (down, Fraction(0)))[1])
            if pairs > 0 and pairs.denominator == 1:
                for part, change in ((base, -pairs), (down, -pairs), (up, pairs)):
                    _multiply(powers, part, change)


def _softmax(powers: dict) -> None:
    """exp(u) / Σ exp(u) is softmax(u)."""
    for base, power in [*powers.values()]:
        if base.kind != "chain" or power >= 0 or power.denominator != 1 or len(base.args) != 2:
            continue
        for axis, (e, one) in ((1, base.args), (0, base.args[::-1])):
            if one.kind == "ones" and e.kind == "function" and e.data[0] == "exp":
                pairs = min(-power, powers.get(e.key, (e, Fraction(0)))[1])
                if pairs > 0 and pairs.denominator == 1:
                    for part, change in ((base, pairs), (e, -pairs), (function("softmax", e.args[0], axis), pairs)):
                        _multiply(powers, part, change)


def _kinks(powers: dict) -> int:
    """|u| sign(u) is u, |u|² is u², relu(u) (1 + sign u) is 2 relu(u), at u = 0 too. Return the number that is left."""
    left = 1
    for base, p in [*powers.values()]:
        if base.kind != "function" or p.denominator != 1 or p < 1:
            continue
        (u,) = base.args
        sign = function("sign", u)
        if base.data[0] == "abs" and (p % 2 == 0 or powers.get(sign.key, (sign, 0))[1] >= 1):
            del powers[base.key]
            _multiply(powers, sign, -(p % 2))
            for part, q in factors(u):
                _multiply(powers, part, q * p)
        elif base.data[0] == "relu":
            step = add((Fraction(1), ONE), (Fraction(1), sign))
            left *= 2 ** int(powers.pop(step.key, (step, 0))[1])
    return left


def power(e: Expression, p: Fraction) -> Expression:
    """Return a power entry by entry. Raises ZeroDivisionError for a negative one of 0."""
    c, core = split(e)
    if core.key == ZERO.key and p < 0:
        raise ZeroDivisionError("the formula divides by zero")
    if core.key == ZERO.key:
        return ZERO
    if p.denominator == 1:
        return times(number(c ** int(p)), *(product([(base, q * p)]) for base, q in factors(core)))
    root = Fraction(isqrt(c.numerator), isqrt(c.denominator)) if c > 0 else Fraction(0)
    if root * root != c or p.denominator != 2:
        return product([(e, p)])
    scale, parts = number(root**p.numerator), factors(core)
    if len(parts) != 1:  # √(ab) is √a √b only for what is not negative
        return times(scale, product([(core, p)])) if parts else scale
    ((base, q),) = parts
    if q.denominator == 1 and q % 2 == 0:
        base = function("abs", base)  # (u²)^½ is |u|
    return times(scale, product([(base, q * p)]))


# Matrix products


def chain(*parts: Expression) -> Expression:
    """Return a matrix product."""
    outer = parts[0].shape[0], parts[-1].shape[1]
    scalars: list[Expression] = []
    matrices = _apart(parts, scalars)
    if any(part.kind == "sum" and not part.args for part in (*scalars, *matrices)):
        return ZERO
    matrices = _contracted(matrices, scalars)
    if not matrices:
        body = eye(outer[0]) if outer[0] == outer[1] else ONE
    elif len(matrices) == 1:
        body = matrices[0]
    else:
        cuts = [k for k in range(1, len(matrices)) if matrices[k].shape[0] == 1]
        pieces = [matrices[a:b] for a, b in zip([0, *cuts], [*cuts, len(matrices)], strict=True)]
        for piece in [*pieces]:  # a number among the pieces between which an axis has length 1
            if piece[0].shape[0] == piece[-1].shape[1] == 1 and len(pieces) > 1:
                scalars.append(chain(*piece))
                pieces.remove(piece)
        matrices = [part for piece in pieces for part in piece]
        body = matrices[0] if len(matrices) == 1 else Expression("chain", outer, (), matrices)
    c, scale = split(times(*scalars))
    if body.shape != (1, 1):
        return _multiple(c, product([*factors(scale), (body, Fraction(1))]))  # `times` would not write out axes
    return times(number(c), scale, body)


def _multiple(c: Fraction, e: Expression) -> Expression:
    return e if c == 1 else Expression("sum", e.shape, (c,), [e])


def _apart(parts: Iterable[Expression], scalars: list[Expression]) -> list[Expression]:
    """Return the matrices of a chain, and put the numbers among its factors into `scalars`."""
    matrices, waiting = [], [*reversed([*parts])]
    while waiting:
        c, part = split(waiting.pop())
        scalars.append(number(c))
        if part.kind == "product":
            scalars += [product([factor]) for factor in factors(part) if factor[0].shape == (1, 1)]
            part = product([factor for factor in factors(part) if factor[0].shape != (1, 1)])
        if part.shape == (1, 1):
            scalars.append(part)
        elif part.kind == "chain":
            waiting += reversed(part.args)
        elif part.kind != "eye":
            matrices.append(part)
    return matrices


def _contracted(matrices: list[Expression], scalars: list[Expression]) -> list[Expression]:
    """Do what can be done between neighbours: 1ᵀ1 = n, sums of what sums to 1, diagonal matrices, sums of sums."""
    k = 0
    if [part.kind for part in matrices] == ["ones", "product", "ones"] and 1 not in matrices[1].shape:
        (_, whole, _), rest = matrices, [(e, p) for e, p in factors(matrices[1]) if (e.kind, p) != ("eye", 1)]
        if len(rest) < len(whole.args) and not _diagonal(whole):  # Σ_ij I_ij A_ij is tr A
            scalars.append(trace(full(product(rest), whole.shape)))
            return []
    while k + 1 < len(matrices):
        left, right = matrices[k : k + 2]
        new = None
        if left.kind == right.kind == "ones" and left.shape[0] == 1:
            scalars.append(length(left.shape[1]))
            new = []
        elif right.kind == "ones" and right.shape[1] == 1 and left.kind != "ones":
            new = _summed(left, 1)
        elif left.kind == "ones" and left.shape[0] == 1 and right.kind != "ones":
            new = _summed(right, 0)
        elif left.kind == "product" and (scale := _diagonal(left)):
            new = [times(scale, right)]
        elif right.kind == "product" and (scale := _diagonal(right)):
            new = [times(left, transposed(scale))]
        if new is None:
            k += 1
            continue
        matrices[k : k + 2] = _apart(new, scalars)
        k = max(k - 1, 0)
    return matrices


def _diagonal(e: Expression) -> Expression | None:
    """Return the column w of a diagonal matrix."""
    eyes = [base for base, p in factors(e) if base.kind == "eye" and p == 1]
    rest = [(base, p) for base, p in factors(e) if base.kind != "eye"]
    if not eyes or any(1 not in base.shape for base, _ in rest):
        return None
    return product((base if base.shape[1] == 1 else transposed(base), p) for base, p in rest)


def _summed(e: Expression, axis: int) -> list[Expression] | None:
    """Return the sum of a matrix over an axis as a chain, if it is something simpler."""
    kept = _without(e.shape, axis)
    if (e.kind == "leaf" and e.data[3] == axis) or (e.kind == "function" and e.data == ("softmax", axis)):
        return [full(ONE, kept)] if kept != (1, 1) else []
    if e.kind == "sum":
        apart = [(c, reduced(full(term, e.shape), e.shape, kept)) for c, term in terms(e)]
        whole = add(*apart)
        return [full(whole, kept)] if len(terms(whole)) < len(e.args) else None
    if e.kind != "product":
        return None
    constant, along, rest = (
        [(b, p) for b, p in factors(e) if (b.shape[axis] == 1, b.shape[1 - axis] == 1) == which]
        for which in ((True, False), (False, True), (False, False))
    )
    if constant:
        inside = product(along + rest)
        return [full(times(product(constant), reduced(inside, inside.shape, _without(inside.shape, axis))), kept)]
    if along and rest and product(rest).kind != "sum":  # Σ_j A_ij x_j is A x
        vector = product(along)
    elif len(along) == 2 and all(p == 1 for _, p in along) and not rest:  # Σ_i x_i y_i is xᵀy
        vector, rest = product(along[:1]), along[1:]
    else:
        return None
    return [product(rest), transposed(vector)] if axis == 1 else [transposed(vector), product(rest)]


def _without(shape: tuple[Axis, Axis], axis: int) -> tuple[Axis, Axis]:
    return (1, shape[1]) if axis == 0 else (shape[0], 1)


def trace(e: Expression) -> Expression:
    """Return the sum of the diagonal."""
    if e.kind == "sum":
        return add(*((c, trace(full(term, e.shape))) for c, term in terms(e)))
    if e.shape == (1, 1):
        return e
    if e.kind == "eye":
        return length(e.shape[0])
    if e.kind == "product":
        numbers = [factor for factor in factors(e) if factor[0].shape == (1, 1)]
        if numbers:
            rest = product(factor for factor in factors(e) if factor not in numbers)
            return times(product(numbers), trace(full(rest, e.shape)))
    if e.kind == "chain":
        for k in range(1, len(e.args)):
            if e.args[k].shape[0] == 1:  # tr(u vᵀ) = vᵀu
                return chain(*e.args[k:], *e.args[:k])
    return Expression("trace", (1, 1), (), [e])


def function(name: str, e: Expression, axis: int | None = None) -> Expression:
    """Return a function entry by entry, or softmax or logsoftmax along an axis."""
    c, core = split(e)
    match name:
        case "log" if e.kind == "function" and e.data[0] == "softmax":
            return Expression("function", e.shape, ("logsoftmax", e.data[1]), e.args)
        case "exp" if e.kind == "function" and e.data[0] in ("log", "logsoftmax"):
            return e.args[0] if e.data[0] == "log" else function("softmax", e.args[0], e.data[1])
        case "exp" if e.key == ZERO.key:
            return ONE
        case "log" if e.key == ONE.key:
            return ZERO
        case "abs" | "relu" if c != 1 and (name == "abs" or c > 0):
            return times(number(abs(c)), function(name, core))
        case "sign" if c != 1:
            return times(number(1 if c > 0 else -1), function("sign", core))
        case "abs" | "relu" if core.kind == "product" and not core.args:
            return number(abs(c) if name == "abs" else max(c, Fraction(0)))
        case "abs" | "sign" | "relu" if e.key == ZERO.key:
            return ZERO
    return Expression("function", e.shape, (name, axis), [e])
