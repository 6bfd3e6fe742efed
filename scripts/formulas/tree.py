"""A formula after reading: a tree of few operations in which every axis has a name: shapes fit for all sizes or not.

An axis is a name ("n") or the length 1. Indices bound by a sum Σ_i, or left free, are names of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

Axis = str | int
Shape = tuple[Axis, ...]


class Unreadable(Exception):
    """A formula that cannot be read; the text says what and where, and what would be accepted."""


@dataclass(frozen=True)
class Node:
    """One operation. `data` is what it needs besides its arguments:

    number: the Fraction; length: the axis; name: the name; entry: (position of the axis, index) pairs, which leave the
    result; power: the exponent as a Fraction; function: its name; total, most: (positions of the axes summed or of
    which the largest entry is taken, kept as length 1?); bigsum: (index, axis); components: the indices. Others (add,
    negative, times, over, matmul, transpose, row, reshape, trace, diag) need nothing.
    """

    op: str
    args: tuple["Node", ...] = ()
    shape: Shape = ()
    data: object = None

    def walk(self):
        yield self
        for arg in self.args:
            yield from arg.walk()

    @cached_property
    def indices(self) -> dict[str, Axis]:
        """The indices that no sum binds, with their axes."""
        free = {letter: axis for arg in self.args for letter, axis in arg.indices.items()}
        if self.op == "entry":
            free |= {letter: self.args[0].shape[place] for place, letter in self.data}
        gone = {self.data[0]} if self.op == "bigsum" else {*self.data} if self.op == "components" else set()
        return {letter: axis for letter, axis in free.items() if letter not in gone}

    @cached_property
    def bound(self) -> frozenset[str]:
        """The indices that sums within bind."""
        return frozenset().union(*(arg.bound for arg in self.args), {self.data[0]} if self.op == "bigsum" else ())


def number(value: Fraction | int) -> Node:
    """Return a number as a formula."""
    return Node("number", (), (), Fraction(value))


def negative(node: Node) -> Node:
    """Return −node."""
    return Node("negative", (node,), node.shape)


def transposed(node: Node) -> Node:
    """Return the transpose of a node."""
    return Node("transpose", (node,), node.shape[::-1])


def times(nodes: Iterable[Node]) -> Node | None:
    """Return a product entry by entry, of shapes that fit; None if there are no factors."""
    result, *rest = [*nodes] or [None]
    for node in rest:
        result = Node("times", (result, node), broadcast(result.shape, node.shape))
    return result


def is_scalar(shape: Shape) -> bool:
    """Tell whether a shape is that of a single number: it has no axis but such of length 1."""
    return all(axis == 1 for axis in shape)


def squeezed(shape: Shape) -> Shape:
    """Return the shape without its axes of length 1."""
    return tuple(axis for axis in shape if axis != 1)


def broadcast(one: Shape, other: Shape) -> Shape | None:
    """Return the shape of an elementwise operation by numpy's rule; None if the shapes do not fit for all sizes."""
    length = max(len(one), len(other))
    pairs = zip((1,) * (length - len(one)) + one, (1,) * (length - len(other)) + other, strict=True)
    result = tuple(b if a == 1 else a if b in (1, a) else None for a, b in pairs)
    return None if None in result else result


def product(one: Shape, other: Shape) -> Shape | None:
    """Return the shape of numpy's one @ other for up to two axes each; None if the inner axes do not fit."""
    if not one or not other or max(len(one), len(other)) > 2 or one[-1] != other[0 if len(other) == 1 else -2]:
        return None
    return one[:-1] + (other[-1:] if len(other) == 2 else ())
