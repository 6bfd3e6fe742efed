"""From the normal form in index notation back to a formula: in arrays if that is simple, A x; else one component with
its indices, Σ_j A_ij x_j / (1 + x_i)."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from scripts.formulas.code import numpy_text
from scripts.formulas.gradient import simplified
from scripts.formulas.indices import Atom, Index, Monomial, Polynomial, TooHard
from scripts.formulas.normal import Indices
from scripts.formulas.ones import identity, vector
from scripts.formulas.read import read
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Node, Shape, Unreadable, negative, number, squeezed, times

LETTERS = "ijklmpqrstuvw"


def tree(entry: Polynomial, at: Indices, shape: Shape, names: Mapping[str, Shape]) -> Node:
    """Return an array of this shape by its entry at the free indices `at` (None for axes of length 1).

    names: the shapes of the variables. Raises ValueError for more indices than there are letters.
    """
    node = components(entry, at, shape, names)
    axes = {axis for part in node.walk() for axis in part.shape} | {p.data for p in node.walk() if p.op == "length"}
    try:
        (arrays,) = read(numpy_text(node), Vocabulary(names, frozenset(axes - {1})))
    except (TooHard, Unreadable):
        return node
    arrays = simplified(arrays)
    return arrays if _is_simple(arrays) and arrays.shape == shape else node


def _is_simple(node: Node) -> bool:
    """Tell whether a formula in arrays is easily read: no axis is added but for a bᵀ, and none kept."""
    if node.op in ("reshape", "entry") or (node.op == "total" and (node.data[1] or node.data[0] == (1,))):
        return False
    outer = node.op == "matmul" and node.args[0].op == "reshape" and node.args[1].shape[0] == 1
    return all(map(_is_simple, (*node.args[0].args, node.args[1]) if outer else node.args))


def components(entry: Polynomial, at: Indices, shape: Shape, names: Mapping[str, Shape]) -> Node:
    """Return the same by its components."""
    axes = {axis for axes in (*names.values(), shape) for axis in axes}
    letters = (c for c in LETTERS if c not in names and c not in axes)
    free = {i: next(letters) for i in at if i}
    inner = _Writing(names, letters).sum(entry, free)
    long = squeezed(shape)
    if not long:
        return inner if not shape else Node("reshape", (inner,), shape)
    whole = _spread(inner, long, tuple(free.values()))
    return whole if long == shape else Node("row" if shape[0] == 1 else "reshape", (whole,), shape)


def _spread(inner: Node, shape: Shape, letters: tuple[str, ...]) -> Node:
    """Return an array by its entry, with ones along the axes on whose indices the entry does not depend."""
    used = tuple(letter for letter in letters if letter in inner.indices)
    if used == letters or inner.op == "number":
        return Node("components", (inner,), shape, letters)
    whole, *rows = (
        Node("components", (inner,), (axis,), used) if letter in used else vector(axis)
        for letter, axis in zip(letters, shape, strict=True)
    )
    for row in rows:
        column = Node("reshape", (whole,), (shape[0], 1))
        whole = Node("matmul", (column, Node("row", (row,), (1, shape[1]))), shape)
    return whole if used else Node("times", (inner, whole), shape)


class _Writing:
    """Writes polynomials as numbers; `spare` yields letters for the indices of sums, which may be used side by side."""

    def __init__(self, names: Mapping[str, Shape], spare: Iterator[str]):
        self.names, self.letters = names, [*spare]

    def bind(self, bound: tuple[Index, ...], letters: dict[Index, str]) -> dict[Index, str]:
        """Return the letters with one more for each index, in this order."""
        unused = [c for c in self.letters if c not in letters.values()]
        if len(unused) < len(bound):
            raise ValueError("there are more indices than letters")
        return letters | dict(zip(bound, unused, strict=False))

    def sum(self, polynomial: Polynomial, letters: dict[Index, str]) -> Node:
        terms = sorted(polynomial.terms.items(), key=lambda term: (term[1] < 0, -len(term[0])))
        result = None
        for monomial, c in terms:
            node = self.product(monomial, abs(c), letters)
            node = node if c > 0 else negative(node)
            result = node if result is None else Node("add", (result, node))
        return result or number(0)

    def product(self, monomial: Monomial, c: Fraction, letters: dict[Index, str]) -> Node:
        """Return c times a product of powers: a fraction where powers are negative."""
        exponent: dict[Monomial, Fraction] = {}
        parts: tuple[list[Node], list[Node]] = ([], [])
        for atom, power in monomial:
            if atom.kind == "exp":
                for inner, k in atom.args[0].terms.items():
                    exponent[inner] = exponent.get(inner, 0) + k * power
            else:
                node = self.atom(atom, letters)
                node = node if abs(power) == 1 else Node("power", (node,), (), abs(power))
                parts[power < 0].append(node)
        if exponent:
            parts[0].append(Node("function", (self.sum(Polynomial(exponent), letters),), (), "exp"))
        split = (c.numerator, c.denominator) if parts[1] else (c, 1)
        for value, side in zip(split, parts, strict=True):
            if value != 1:
                side.insert(0, number(value))
        # A sum takes in all factors to its right, so it comes last.
        top, bottom = (times(sorted(side, key=lambda node: node.op == "bigsum")) for side in parts)
        return Node("over", (top or number(1), bottom)) if bottom else top or number(1)

    def atom(self, atom: Atom, letters: dict[Index, str]) -> Node:
        args = atom.args
        match atom.kind:
            case "variable":
                name, indices = args[:2]
                shape = self.names[name]
                node = Node("name", (), shape, name)
                places = [k for k, axis in enumerate(shape) if axis != 1]
                if not places:
                    return node if not shape else Node("reshape", (node,), ())
                pairs = tuple((k, letters[i]) for k, i in zip(places, indices, strict=True))
                return Node("entry", (node,), (), pairs)
            case "length":
                return Node("length", (), (), args[0])
            case "delta":
                return Node("entry", (identity(args[0].axis),), (), tuple((k, letters[i]) for k, i in enumerate(args)))
            case "base":
                return self.sum(args[0], letters)
            case "log" | "sign":
                return Node("function", (self.sum(args[0], letters),), (), atom.kind)
            case "max":
                inner = self.bind((args[0],), letters)
                vector = Node("components", (self.sum(args[1], inner),), (args[0].axis,), (inner[args[0]],))
                return Node("most", (vector,), (), ((0,), False))
            case "sum":
                order = [i for factor, _ in args[1] if factor.kind == "variable" for i in factor.args[1]]
                bound = sorted(args[0], key=lambda i: order.index(i) if i in order else len(order))
                inner = self.bind(tuple(bound), letters)
                node = self.product(args[1], Fraction(1), inner)
                for i in reversed(bound):
                    node = Node("bigsum", (node,), (), (inner[i], i.axis))
                return node
        raise ValueError(atom.kind)
