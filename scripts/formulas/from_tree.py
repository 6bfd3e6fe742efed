"""From a formula's tree to a matrix expression."""

from collections.abc import Collection
from fractions import Fraction

from scripts.formulas import matrices as m
from scripts.formulas.indices import TooHard
from scripts.formulas.matrices import Expression
from scripts.formulas.tree import Node


class FromTree:
    """Turns trees into matrix expressions; an axis along which nothing changes may come out as 1."""

    def __init__(self, sums_to_one: Collection[str], symmetric: Collection[str]):
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
