"""Vectors of ones and identity matrices, 1 and I, whose lengths are told by what stands beside them.

An axis that nothing has measured yet is called 𝟏0, 𝟏1 …; that of 1_n is called 𝟏n, since 1_n is also written for the
number 1 in each of n entries.
"""

from dataclasses import replace

from scripts.formulas.spelling import ONES
from scripts.formulas.tree import Axis, Node, Shape, Unreadable, broadcast, is_scalar, number, squeezed


def vector(axis: Axis) -> Node:
    """Return the vector of ones over an axis."""
    return Node("components", (number(1),), (axis,), ("I",))


def identity(axis: Axis) -> Node:
    """Return the identity matrix over an axis."""
    return Node("diag", (vector(axis),), (axis, axis))


def filled(axes: Shape, value: int = 1) -> Node:
    """Return the array of a shape whose entries are all the same number."""
    node, long = number(value), squeezed(axes)
    if long:
        node = Node("components", (node,), long, tuple("IJ"[: len(long)]))
    return node if node.shape == axes else Node("reshape", (node,), axes)


def unmeasured(*nodes: Node) -> bool:
    """Tell whether one of these has ones or an identity matrix whose length nothing has said yet."""
    return any(is_unknown(axis) or is_named(axis) for node in nodes for axis in node.shape)


def is_unknown(axis: Axis) -> bool:
    """Tell whether an axis of ones may have any length yet."""
    return str(axis).startswith(ONES) and axis[len(ONES) :].isdigit()


def is_named(axis: Axis) -> bool:
    """Tell whether an axis is that of 1_n, which may as well be the number 1 for each of n entries."""
    return str(axis).startswith(ONES) and not axis[len(ONES) :].isdigit()


def which(node: Node) -> str:
    """Return for people what has no length in a formula."""
    matrix = any(part.op == "diag" and unmeasured(part) for part in node.walk())
    return "the identity matrix" if matrix else "the vector of ones"


def lengthened(node: Node, length: dict[Axis, Axis]) -> Node:
    """Return a formula with other axes in the places of some."""
    shape = tuple(length.get(axis, axis) for axis in node.shape)
    return replace(node, args=tuple(lengthened(arg, length) for arg in node.args), shape=shape)


def alike(left: Node, right: Node) -> tuple[Node, Node]:
    """Give matrices of ones and I, whose lengths nothing has said yet, those of the array beside them; beside an array
    a vector of ones is the number 1."""
    pairs = (left, right), (right, left)
    lone = [unmeasured(node) and len(squeezed(node.shape)) < 2 and other.shape != () for node, other in pairs]
    left, right = (_one(node) if alone else node for alone, (node, _) in zip(lone, pairs, strict=True))
    if len(left.shape) > 1 or len(right.shape) > 1:
        for k in range(-min(len(left.shape), len(right.shape)), 0):
            axes = left.shape[k], right.shape[k]
            for own, other in (axes, axes[::-1]):
                if is_unknown(own) and own != other != 1:
                    left, right = (lengthened(node, {own: other}) for node in (left, right))
                    break
    return left, right


def _one(node: Node) -> Node:
    """Return a multiple of the vector of ones as a number, which is added to any array entry by entry."""
    if node.op == "components":
        return number(1)
    args = tuple(_one(arg) if unmeasured(arg) else arg for arg in node.args)
    if node.op in ("row", "transpose", "reshape"):
        return args[0]
    if node.op not in ("add", "times", "over", "negative") or not all(is_scalar(arg.shape) for arg in args):
        raise Unreadable("how long is the vector of ones? write 1_n, or the sum as Σ_i")
    return replace(node, args=args, shape=broadcast(args[0].shape, args[-1].shape))


def measured(left: Node, right: Node) -> tuple[Node, Node] | None:
    """Give ones in a matrix product the length of what they are multiplied by; None if that is not known."""
    lone = [unmeasured(node) for node in (left, right)]
    if not any(lone) or (left.shape and len(right.shape) == 2 and left.shape[-1] == right.shape[0] == 1):
        return left, right
    inner = left.shape[-1:], right.shape[-2:][:1]
    mine, other = inner if lone[0] else inner[::-1]
    fits = mine and other and (is_unknown(mine[0]) or mine[0] in (other[0], f"{ONES}{other[0]}"))
    if not fits or is_unknown(other[0]) or other[0] == 1:
        return None
    lengths = {mine[0]: other[0]} if mine[0] != other[0] else {}
    left, right = (lengthened(node, lengths) if one else node for node, one in zip((left, right), lone, strict=True))
    return left, right


def measured_by(node: Node, shape: Shape | None) -> Node:
    """Give what has no length yet the lengths of this shape, and 1_n the length n."""
    lengths = {axis: axis[len(ONES) :] for part in node.walk() for axis in part.shape if is_named(axis)}
    shape = squeezed(shape or ()) if len(node.shape) == 1 else shape
    if shape is not None and len(node.shape) == len(shape):
        pairs = zip(node.shape, shape, strict=True)
        lengths |= {own: axis for own, axis in pairs if is_unknown(own) and axis != 1}
    return lengthened(node, lengths) if lengths else node


def shown(shape: Shape) -> str:
    """Return a shape for people, with a question mark for what has no length yet."""
    axes = ("?" if is_unknown(axis) else str(axis).removeprefix(ONES) for axis in shape)
    return "×".join(axes) if shape else "of a number"
