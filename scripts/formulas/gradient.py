"""The derivative of an objective as a formula in arrays, by reverse-mode differentiation, the way a textbook prints it.

The tree becomes a matrix expression (scripts.formulas.matrices), in which Ḡ, the derivative of the objective in a part,
goes down to the variable: through a product AB as ḠBᵀ and AᵀḠ, through f(u) as Ḡ ⊙ f′(u), through an axis that numpy
broadcasts as a sum. What arrives is tidied and written as a tree again. Where a function has a kink, sign(0) = 0.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from scripts.formulas import matrices as m
from scripts.formulas.indices import TooHard
from scripts.formulas.matrices import Expression
from scripts.formulas.tree import Axis, Node, Shape, broadcast, product, squeezed

ORDER = {"eye": 0, "function": 2, "sum": 2}  # of factors entry by entry: names stand before what has brackets


def gradient(objective: Node, variable: str, sums_to_one: Iterable[str] = (), symmetric: Iterable[str] = ()) -> Node:
    """Return the derivative of a number in a variable, in the variable's shape.

    sums_to_one: names of arrays that add up to 1 along their last axis; symmetric: names of symmetric matrices.
    Raises TooHard for an objective with entries, sums over indices or maxima.
    """
    lift = _Lift(frozenset(sums_to_one), frozenset(symmetric))
    shapes = [part.shape for part in objective.walk() if part.op == "name" and part.data == variable]
    if not shapes:
        return Node("number", (), (), Fraction(0))
    found = [(Fraction(1), part) for part in _arriving(lift(objective), m.ONE, variable)]
    return written(m.tidied(m.add(*found)), shapes[0])


def simplified(node: Node, sums_to_one: Iterable[str] = (), symmetric: Iterable[str] = ()) -> Node:
    """Return a formula as `gradient` would write it; as it is where it has entries, sums over indices or maxima."""
    try:
        return written(m.tidied(_Lift(frozenset(sums_to_one), frozenset(symmetric))(node)), node.shape)
    except TooHard:
        return node


def folded(node: Node, names: Mapping[str, Node], symmetric: Iterable[str] = ()) -> Node:
    """Return a formula with each part that equals a definition, up to order, sign and transposition, replaced by its
    name; definitions may use the names before them."""
    lift = _Lift(frozenset(), frozenset(symmetric))
    known: list[tuple[Expression, Expression]] = []

    def fold(e: Expression) -> Expression:
        for whole, name in known:
            e = _folded(e, whole, name)
        return e

    try:
        e = lift(node)
        for name, definition in names.items():
            known.append((fold(lift(definition)), lift(Node("name", (), definition.shape, name))))
    except TooHard:
        return node
    return written(fold(e), node.shape)


# From the tree


class _Lift:
    """Turns trees into matrix expressions; an axis along which nothing changes may come out as 1."""

    def __init__(self, sums_to_one: frozenset[str], symmetric: frozenset[str]):
        self.sums_to_one, self.symmetric = sums_to_one, symmetric

    def __call__(self, node: Node) -> Expression:
        match node.op:
            case "number":
                return m.number(node.data)
            case "length":
                return m.length(node.data)
            case "name":
                return m.leaf(node.data, node.shape, node.data in self.sums_to_one, node.data in self.symmetric)
            case "components" if node.args[0].op == "number":
                return m.number(node.args[0].data)
            case "add":
                return m.add(*((Fraction(1), self.beside(arg, node)) for arg in node.args))
            case "negative":
                return m.add((Fraction(-1), self(node.args[0])))
            case "times":
                return m.times(*(self.beside(arg, node) for arg in node.args))
            case "over":
                top, bottom = (self.beside(arg, node) for arg in node.args)
                return m.times(top, m.power(bottom, Fraction(-1)))
            case "power":
                return m.power(self(node.args[0]), node.data)
            case "matmul":
                return self.product(*node.args)
            case "transpose":
                return m.transposed(self(node.args[0])) if len(node.shape) == 2 else self(node.args[0])
            case "row":
                return m.transposed(self(node.args[0]))
            case "reshape":
                e, (inner,) = self(node.args[0]), node.args
                return e if m.columns(inner.shape) == m.columns(node.shape) else m.transposed(e)
            case "total":
                return self.total(node)
            case "trace":
                return m.trace(self.whole(node.args[0]))
            case "diag":
                e = self(node.args[0])
                e = m.transposed(e) if m.columns(node.args[0].shape)[0] == 1 else e
                return m.times(e, m.eye(node.shape[0]))
            case "function":
                return self.function(node.data, node.args[0])
        raise TooHard(f"the derivative of {node.op} is not known here")

    def whole(self, node: Node) -> Expression:
        """Return a formula with no axis of length 1 that stands for a longer one."""
        return m.full(self(node), m.columns(node.shape))

    def beside(self, node: Node, of: Node) -> Expression:
        """Return a part of an operation entry by entry: beside a matrix a vector is a row."""
        e = self(node)
        return m.transposed(e) if len(node.shape) == 1 and len(of.shape) == 2 else e

    def product(self, left: Node, right: Node) -> Expression:
        one, other = self.whole(left), self.whole(right)
        if len(left.shape) == 2:
            return m.chain(one, other)
        if len(right.shape) == 1:
            return m.chain(m.transposed(one), other)
        return m.chain(m.transposed(other), one)

    def total(self, node: Node) -> Expression:
        (inner,), (axes, kept) = node.args, node.data
        shape = m.columns(inner.shape)
        left = tuple(1 if k in axes else axis for k, axis in enumerate(shape))
        e = m.reduced(self(inner), shape, left)
        return m.transposed(e) if len(inner.shape) == 2 and 0 in axes and not kept else e

    def function(self, name: str, inner: Node) -> Expression:
        e = self(inner)
        if name != "softmax":
            return m.function(name, e)
        axis = len(inner.shape) - 1
        if not inner.shape or inner.shape[-1] == 1:
            return m.ONE
        return m.function(name, m.full(e, m.columns(inner.shape)), axis)


# Down to the variable


def _arriving(e: Expression, g: Expression, variable: str) -> Iterator[Expression]:
    """Yield what arrives at each place of the variable, in its own orientation; g: the derivative of the objective
    in e, an axis along which it is constant perhaps left out."""
    if e.kind == "leaf" and e.data[0] == variable:
        yield m.transposed(g) if e.data[2] else g
    if not any(part.kind == "leaf" and part.data[0] == variable for part in _parts(e)):
        return
    for arg, passed in _passed(e, g):
        yield from _arriving(arg, passed, variable)


def _parts(e: Expression) -> Iterator[Expression]:
    yield e
    for arg in e.args:
        yield from _parts(arg)


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
    e = m.rebuilt(e, lambda part: _folded(part, whole, name))
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
        if all(key in mine and mine[key][1] / p >= 1 for key, (_, p) in its.items()):
            left = (m.power(base, p - its.get(key, (base, 0))[1]) for key, (base, p) in mine.items())
            return m.times(name, *left)
    if whole.kind == e.kind == "chain":
        mine, its = ([part.key for part in form.args] for form in (e, whole))
        for k in range(len(mine) - len(its) + 1):
            if mine[k : k + len(its)] == its:
                return m.chain(*e.args[:k], name, *e.args[k + len(its) :])
    return e


# Back to a tree


def written(e: Expression, shape: Shape) -> Node:
    """Return an expression as a tree of this shape."""
    if e.key == m.ZERO.key and squeezed(shape):
        long = squeezed(shape)
        return _shaped(Node("components", (_number(0),), long, tuple("IJ"[: len(long)])), shape)
    e = m.full(e, m.columns(shape))
    vectors = any(part.kind == "leaf" and len(part.data[1]) == 1 for part in _parts(e))
    return _shaped(_written(e, flat=_is_flat(e) and (vectors or len(shape) < 2)), shape)


def _is_flat(e: Expression) -> bool:
    """Tell whether an expression with one long axis has one axis in numpy."""
    match e.kind:
        case "leaf":
            return len(e.data[1]) == 1
        case "ones":
            return True
        case "chain":
            return _is_flat(e.args[-1] if e.shape[1] == 1 else e.args[0])
        case "sum" | "product" | "function":
            return all(_is_flat(arg) for arg in e.args if arg.shape != (1, 1))
    return False


def _shaped(node: Node, shape: Shape) -> Node:
    """Return a formula in another shape with the same long axes."""
    if node.shape == shape:
        return node
    if squeezed(node.shape) != squeezed(shape) and len(squeezed(shape)) != 2:
        raise ValueError(f"{node.shape} is not {shape}")
    if len(node.shape) == 2 and node.shape[::-1] == shape:
        return Node("transpose", (node,), shape)
    return Node("row" if len(node.shape) == 1 and shape[:1] == (1,) != shape else "reshape", (node,), shape)


def _written(e: Expression, flat: bool) -> Node:
    """Return an expression as a tree: one with one long axis of that axis alone if `flat`, a number of no axes."""
    shape: Shape = squeezed(e.shape) if e.shape == (1, 1) or (flat and 1 in e.shape) else e.shape
    if e.kind == "leaf":
        node = Node("name", (), e.data[1], e.data[0])
        if e.data[2] and len(squeezed(e.shape)) == 2:
            node = Node("transpose", (node,), e.shape)
        return node if e.shape == (1, 1) and len(node.shape) < 2 else _shaped(node, shape)
    if e.kind not in ("leaf", "chain") and len(shape) == 2:
        if 1 in shape and _is_flat(e):
            return _shaped(_written(e, flat=True), shape)
        many = sum(arg.shape != (1, 1) for arg in e.args) > 1 or e.kind == "function"
        if many and 1 not in shape and _turned(e) > _turned(m.transposed(e)):
            return Node("transpose", (_written(m.transposed(e), flat=False),), shape)
    match e.kind:
        case "ones":
            return Node("components", (_number(1),), shape, ("I",))
        case "eye":
            return Node("diag", (Node("components", (_number(1),), shape[:1], ("I",)),), shape)
        case "length":
            return Node("length", (), (), e.data[0])
        case "trace":
            return Node("trace", (_written(e.args[0], flat=False),), ())
        case "chain":
            return _shaped(_chain(e, flat), shape)
        case "function":
            return _function(e, flat)
    c, core = m.split(e)
    if abs(c) != 1 and len(e.args) > 1 and not any(part.kind == "sum" for term in e.args for part in _parts(term)):
        return _signed(c, _times([_number(abs(c)), _written(core, flat)]))  # 2 (x − a), but 2 Xᵀ(X w − y) + 2 λ w
    pairs = sorted(m.terms(e), key=lambda pair: pair[0] < 0)  # what is added stands before what is taken away
    result = None
    for c, term in pairs:
        node = _signed(c, _multiple(abs(c), term, flat, e.shape))
        result = node if result is None else Node("add", (result, node), broadcast(result.shape, node.shape))
    return result or _number(0)


def _number(value: Fraction | int) -> Node:
    return Node("number", (), (), Fraction(value))


def _signed(c: Fraction, node: Node) -> Node:
    return node if c > 0 else Node("negative", (node,), node.shape)


def _times(nodes: list[Node]) -> Node | None:
    """Return a product entry by entry, None if there are no factors."""
    result, *rest = nodes or [None]
    for node in rest:
        result = Node("times", (result, node), broadcast(result.shape, node.shape))
    return result


def _over(top: Node | None, bottom: Node | None) -> Node:
    top = top or _number(1)
    return Node("over", (top, bottom), broadcast(top.shape, bottom.shape)) if bottom else top


def _multiple(c: Fraction, e: Expression, flat: bool, within: tuple[Axis, Axis]) -> Node:
    """Return a positive multiple of a product, as a term of a sum of the shape `within`."""
    numbers, arrays, scales = [], [], []
    matrix = 1 not in e.shape
    for base, p in sorted(m.factors(e), key=lambda factor: ORDER.get(factor[0].kind, 1)):
        column = matrix and base.shape[1] == 1 != base.shape[0] and p == 1 and _is_flat(base)
        (numbers if base.shape == (1, 1) else scales if column else arrays).append((base, p))
    if scales and len(arrays) == 1 and arrays[0][0].kind == "eye":
        arrays = []
    up, down = (_times([_factor(base, p, flat, within) for base, p in arrays if (p > 0) == sign]) for sign in (1, 0))
    body = _over(up, down) if up or down else None
    for scale, _ in scales:  # diag(w) X
        vector = _written(scale, flat=True)
        matrix = Node("diag", (vector,), vector.shape * 2)
        body = Node("matmul", (matrix, body), e.shape) if body else matrix
    tops, bottoms = ([_factor(base, p, True, (1, 1)) for base, p in numbers if (p > 0) == sign] for sign in (1, 0))
    if not bottoms:
        tops = [_number(c), *tops] if c != 1 else tops
        return _times([*tops, body] if body else tops) or _number(1)
    tops = [_number(c.numerator), *tops] if c.numerator != 1 else tops
    bottoms = [_number(c.denominator), *bottoms] if c.denominator != 1 else bottoms
    if all(base.kind in ("leaf", "length") for base, p in numbers if p < 0):
        names = [top for top in tops if top.op in ("number", "name", "length")]
        others = [top for top in tops if top not in names] + ([body] if body else [])
        if others:
            return _times([_over(_times(names), _times(bottoms)), *others])
    return _over(_times([*tops, body] if body else tops), _times(bottoms))


def _factor(base: Expression, p: Fraction, flat: bool, within: tuple[Axis, Axis]) -> Node:
    """Return a power, without the sign of the exponent, as a factor or term of what has the shape `within`."""
    if 1 not in within:  # beside a matrix a vector is a row
        flat = base.shape[0] == 1 and _is_flat(base)
    node = _written(base, flat or base.shape == (1, 1))
    return node if abs(p) == 1 else Node("power", (node,), node.shape, abs(p))


def _chain(e: Expression, flat: bool) -> Node:
    """Return a matrix product; vectors of ones at its ends are sums."""
    if flat and e.shape[1] == 1 and e.args[-1].kind == "ones" and _turned(e) > _turned(m.transposed(e)):
        return _chain(m.transposed(e), flat)
    parts = e.args
    if cut := next((k for k in range(1, len(parts)) if parts[k].shape[0] == 1), 0):
        left, right = (_written(m.chain(*piece), flat=False) for piece in (parts[:cut], parts[cut:]))
        return Node("matmul", (left, right), e.shape)
    rows, columns = (parts[k].kind == "ones" for k in (0, -1))
    if rows or columns:
        inner = m.chain(*parts[rows : len(parts) - columns])
        node = _written(inner, _is_flat(inner))
        axes = tuple(k for k, summed in enumerate((rows, columns)) if summed) if len(node.shape) == 2 else (0,)
        kept = not flat and e.shape != (1, 1) and len(node.shape) == 2
        if e.shape == (1, 1):
            axes = tuple(range(len(node.shape)))
        shape = tuple(1 if k in axes else axis for k, axis in enumerate(node.shape) if kept or k not in axes)
        return Node("total", (node,), shape, (axes, kept))
    if flat and e.shape[0] == 1 != e.shape[1]:
        return _chain(m.transposed(e), flat)
    both = e.shape[0] == 1 and _is_flat(parts[0]) and _is_flat(parts[-1])
    if both or (e.shape[1] == 1 and _is_flat(parts[-1])):  # from the right, as it is quickest
        result = _written(parts[-1], flat=True)
        for k, part in reversed([*enumerate(parts[:-1])]):
            result = _matmul(_written(part, flat=both and k == 0), result)
        return result
    result, *rest = (_written(part, flat=False) for part in parts)
    for node in rest:
        result = _matmul(result, node)
    return result


def _turned(e: Expression) -> int:
    """Return how many transposes a matrix is written with."""
    return sum(
        (part.kind == "leaf" and part.data[2] and len(part.data[1]) == 2)
        or (part.kind == "function" and part.data[1] == 0 and 1 not in part.shape)
        for part in _parts(e)
    )


def _matmul(left: Node, right: Node) -> Node:
    return Node("matmul", (left, right), product(left.shape, right.shape))


def _function(e: Expression, flat: bool) -> Node:
    (name, axis), (u,) = e.data, e.args
    if name == "logsoftmax":
        inner = _function(Expression("function", e.shape, ("softmax", axis), e.args), flat)
        return Node("function", (inner,), inner.shape, "log")
    if axis == 0 and not flat:  # softmax runs along the last axis
        inner = _function(m.transposed(e), flat)
        return Node("transpose", (inner,), e.shape)
    inner = _written(u, flat)
    return Node("function", (inner,), inner.shape, name)
