"""From a formula's tree to its normal form in index notation."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from scripts.formulas.indices import Algebra, Index, Polynomial, atom, fresh, maximum, number, summed
from scripts.formulas.tree import Node, Shape

Indices = tuple[Index | None, ...]  # one per axis; None for an axis of length 1
Entry = Callable[[Indices], Polynomial]  # the entry of an array at given indices


def free(shape: Shape, names: str = "pqrs") -> Indices:
    """Return indices for an array's axes that nothing binds."""
    return tuple(None if axis == 1 else Index(name, axis) for axis, name in zip(shape, names, strict=False))


def variable(name: str, traits: frozenset[str] = frozenset()) -> Entry:
    """Return the entries of a free variable."""
    return lambda at: atom("variable", name, tuple(i for i in at if i), traits)


class Normal:
    """Normal forms of formulas in given names, whose entries `names` gives."""

    def __init__(self, algebra: Algebra, names: Mapping[str, Entry]):
        self.algebra, self.names = algebra, names

    def entry(self, node: Node, at: Indices, bound: Mapping[str, Index] | None = None) -> Polynomial:
        """Return the entry of a formula at the indices `at`; bound: the indices of enclosing sums, by letter."""
        bound, args, a = bound or {}, node.args, self.algebra
        match node.op:
            case "number":
                return number(node.data)
            case "length":
                return atom("length", node.data)
            case "name":
                return self.names[node.data](at)
            case "add" | "times" | "over":
                one, other = (self.entry(arg, _aligned(at, arg.shape), bound) for arg in args)
                if node.op == "add":
                    return one + other
                return one * (other if node.op == "times" else a.power(other, Fraction(-1)))
            case "negative":
                return -self.entry(args[0], at, bound)
            case "power" if node.data % 2 == 0 and args[0].op == "power" and _is_a_sum_of_squares(args[0].args[0]):
                return a.power(self.entry(args[0].args[0], at, bound), node.data * args[0].data)  # ‖u‖² has no root
            case "power":
                return a.power(self.entry(args[0], at, bound), node.data)
            case "transpose":
                return self.entry(args[0], at[::-1], bound)
            case "row":
                return self.entry(args[0], at[1:], bound)
            case "reshape":
                rest = iter([i for i in at if i])
                return self.entry(args[0], tuple(None if axis == 1 else next(rest) for axis in args[0].shape), bound)
            case "entry":
                chosen, rest = dict(node.data), iter(at)
                inner = []
                for place, axis in enumerate(args[0].shape):
                    if place in chosen:
                        inner.append(bound[chosen[place]])
                    else:
                        inner.append(None if axis == 1 or not node.shape else next(rest))
                return self.entry(args[0], tuple(inner), bound)
            case "components":
                here = dict(zip(node.data, at, strict=True))
                return self.entry(args[0], (None,) * len(args[0].shape), {**bound, **here})
            case "bigsum":
                letter, axis = node.data
                i = fresh(axis)
                return summed(self.entry(args[0], at, {**bound, letter: i}), i)
            case "total" | "most":
                return self._total(node.op, args[0], node.data, at, bound)
            case "matmul":
                return self._matmul(*args, at, bound)
            case "trace":
                i = fresh(args[0].shape[0]) if args[0].shape[0] != 1 else None
                diagonal = self.entry(args[0], (i, i), bound)
                return summed(diagonal, i) if i else diagonal
            case "diag":
                i, j = at
                vector = tuple(None if axis == 1 else i for axis in args[0].shape)
                return atom("delta", i, j) * self.entry(args[0], vector, bound)
        return self._function(node, at, bound)

    def _total(self, op: str, inner: Node, data, at: Indices, bound) -> Polynomial:
        axes, kept = data
        new = [fresh(axis) if k in axes and axis != 1 else None for k, axis in enumerate(inner.shape)]
        rest = iter(at)
        indices = []
        for k, i in enumerate(new):
            outer = next(rest) if kept or k not in axes else None
            indices.append(i if k in axes else outer)
        result = self.entry(inner, tuple(indices), bound)
        for i in filter(None, new):
            result = summed(result, i) if op == "total" else maximum(result, i)
        return result

    def _matmul(self, left: Node, right: Node, at: Indices, bound) -> Polynomial:
        axis = left.shape[-1]
        i = None if axis == 1 else fresh(axis)
        rows = at[: len(left.shape) - 1]
        one = self.entry(left, (*rows, i), bound)
        other = self.entry(right, (i, *at[len(rows) :]), bound)
        return summed(one * other, i) if i else one * other

    def _function(self, node: Node, at: Indices, bound) -> Polynomial:
        a, one = self.algebra, number(1)
        x = self.entry(node.args[0], at, bound)
        match node.data:
            case "exp" | "log" | "sign":
                return getattr(a, node.data)(x)
            case "abs":
                return a.absolute(x)
            case "sigmoid":
                return a.power(one + a.exp(-x), Fraction(-1))
            case "tanh":
                return one - number(2) * a.power(one + a.exp(number(2) * x), Fraction(-1))
            case "relu":
                return x * (one + a.sign(x)) * number(Fraction(1, 2))
            case "softmax":
                axis = node.args[0].shape[-1]
                if axis == 1:
                    return one
                i = fresh(axis)
                whole = summed(a.exp(self.entry(node.args[0], (*at[:-1], i), bound)), i)
                return a.exp(x) * a.power(whole, Fraction(-1))
        raise ValueError(node.data)


def _is_a_sum_of_squares(node: Node) -> bool:
    match node.op:
        case "power":
            return node.data > 0 and node.data % 2 == 0
        case "total" | "bigsum":
            return _is_a_sum_of_squares(node.args[0])
        case "matmul":
            return node.shape == () and node.args[0] == node.args[1]
    return False


def _aligned(at: Indices, shape: Shape) -> Indices:
    """Return the indices of one side of an elementwise operation, by numpy's broadcasting."""
    return tuple(None if axis == 1 else i for i, axis in zip(at[len(at) - len(shape) :], shape, strict=True))
