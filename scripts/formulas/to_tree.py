"""From a matrix expression back to a formula's tree, in the operations that people write.

An expression with one long axis is written with that axis alone where its names have only that; beside a matrix such a
vector is a row.
"""

from fractions import Fraction

from scripts.formulas import matrices as m
from scripts.formulas.matrices import Expression
from scripts.formulas.ones import filled, identity, vector
from scripts.formulas.tree import (
    Axis,
    Node,
    Shape,
    broadcast,
    negative,
    number,
    product,
    squeezed,
    times,
    transposed,
)

ORDER = {"eye": 0, "function": 2, "sum": 2}  # of factors entry by entry: names stand before what has brackets


def written(e: Expression, shape: Shape) -> Node:
    """Return an expression as a tree of this shape."""
    if e.key == m.ZERO.key and squeezed(shape):
        return filled(shape, 0)
    e = m.full(e, m.columns(shape))
    vectors = any(part.kind == "leaf" and len(part.data[1]) == 1 for part in m.parts(e))
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
            return transposed(_written(m.transposed(e), flat=False))
    match e.kind:
        case "ones":
            return vector(*shape)
        case "eye":
            return identity(shape[0])
        case "length":
            return Node("length", (), (), e.data[0])
        case "trace":
            return Node("trace", (_written(e.args[0], flat=False),), ())
        case "chain":
            return _shaped(_chain(e, flat), shape)
        case "function":
            return _function(e, flat)
    c, core = m.split(e)
    if abs(c) != 1 and len(e.args) > 1 and not any(part.kind == "sum" for term in e.args for part in m.parts(term)):
        return _signed(c, times([number(abs(c)), _written(core, flat)]))  # 2 (x − a), but 2 Xᵀ(X w − y) + 2 λ w
    pairs = sorted(m.terms(e), key=lambda pair: pair[0] < 0)  # what is added stands before what is taken away
    result = None
    for c, term in pairs:
        node = _signed(c, _multiple(abs(c), term, flat, e.shape))
        result = node if result is None else Node("add", (result, node), broadcast(result.shape, node.shape))
    return result or number(0)


def _signed(c: Fraction, node: Node) -> Node:
    return node if c > 0 else negative(node)


def _over(top: Node | None, bottom: Node | None) -> Node:
    top = top or number(1)
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
    up, down = (times([_factor(base, p, flat, within) for base, p in arrays if (p > 0) == sign]) for sign in (1, 0))
    body = _over(up, down) if up or down else None
    for scale, _ in scales:  # diag(w) X
        vector = _written(scale, flat=True)
        matrix = Node("diag", (vector,), vector.shape * 2)
        body = Node("matmul", (matrix, body), e.shape) if body else matrix
    tops, bottoms = ([_factor(base, p, True, (1, 1)) for base, p in numbers if (p > 0) == sign] for sign in (1, 0))
    if not bottoms:
        tops = [number(c), *tops] if c != 1 else tops
        return times([*tops, body] if body else tops) or number(1)
    tops = [number(c.numerator), *tops] if c.numerator != 1 else tops
    bottoms = [number(c.denominator), *bottoms] if c.denominator != 1 else bottoms
    if all(base.kind in ("leaf", "length") for base, p in numbers if p < 0):
        names = [top for top in tops if top.op in ("number", "name", "length")]
        others = [top for top in tops if top not in names] + ([body] if body else [])
        if others:
            return times([_over(times(names), times(bottoms)), *others])
    return _over(times([*tops, body] if body else tops), times(bottoms))


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
        for part in m.parts(e)
    )


def _matmul(left: Node, right: Node) -> Node:
    return Node("matmul", (left, right), product(left.shape, right.shape))


def _function(e: Expression, flat: bool) -> Node:
    (name, axis), (u,) = e.data, e.args
    if name == "logsoftmax":
        inner = _function(Expression("function", e.shape, ("softmax", axis), e.args), flat)
        return Node("function", (inner,), inner.shape, "log")
    if axis == 0 and not flat:  # softmax runs along the last axis
        return transposed(_function(m.transposed(e), flat))
    inner = _written(u, flat)
    return Node("function", (inner,), inner.shape, name)
