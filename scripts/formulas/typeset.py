"""Write a formula's tree as LaTeX that is read back as the same formula.

Sums over an axis are written with an index, Σ_i (x_i − μ), sums of squares as norms, and 1 / (1 + e^−u) as σ(u).
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from scripts.formulas.tokens import GREEK
from scripts.formulas.tree import Node, Shape, is_scalar, squeezed

# How tightly an expression holds together; a sum sign takes in all factors to its right.
SUM, SIGMA, PRODUCT, POWER, ATOM = range(5)
LETTERS = {"lam": r"\lambda", "eps": r"\epsilon", "df": r"\nabla f", "Sigma": r"\Sigma"}
LETTERS |= {word: rf"\{word}" for word in GREEK.values()}
INDICES = "ijklmpqr"
ENTRYWISE = ("add", "negative", "times", "over", "power", "function")


def latex(node: Node) -> str:
    """Return the LaTeX of a formula."""
    words = {str(part.data) for part in node.walk() if part.op in ("name", "length")}
    words |= {str(axis) for part in node.walk() for axis in part.shape} | {*node.indices} | node.bound
    return _Latex(frozenset(words)).written(node)[0]


def name(word: str) -> str:
    """Return the LaTeX of a name: W3 is W_{3}, yhat is ŷ, lam is λ, loss is upright, du3 is du_{3}."""
    letters = word.rstrip("0123456789")
    number = word[len(letters) :]
    shown = LETTERS.get(letters, letters)
    for mark in ("hat", "bar"):
        if letters.endswith(mark) and len(letters) > 3:
            shown = rf"\{mark} {name(letters[:-3])}"
    if shown == letters and len(letters) > 1 and not (len(letters) == 2 and letters[0] == "d"):
        shown = rf"\mathrm{{{letters}}}"
    return f"{shown}_{{{number}}}" if number else shown


def _number(value: Fraction) -> tuple[str, int]:
    if value.denominator == 1 and abs(value) < 10**20:
        return str(value), ATOM if value >= 0 else SUM
    if max(abs(value.numerator), value.denominator) >= 10**6:
        return f"{Decimal(value.numerator) / value.denominator:.30g}".replace("e", r"\mathrm{e}"), ATOM
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}", ATOM


def _is_ones(node: Node) -> bool:
    return node.op == "components" and node.args[0].op == "number" and node.args[0].data == 1


def _is_zero(node: Node) -> bool:
    return node.args[0].op == "number" and node.args[0].data == 0


def _is_eye(node: Node) -> bool:
    return node.op == "diag" and _is_ones(node.args[0])


def _bare(node: Node) -> Node:
    """Return a number without what only gives it axes."""
    return _bare(node.args[0]) if node.op == "reshape" and is_scalar(node.shape) else node


class _Latex:
    """Writes formulas; `taken` are the words that no index may be called."""

    def __init__(self, taken: frozenset[str]):
        self.taken = taken

    def __call__(self, node: Node, tightness: int = SUM) -> str:
        """Return a formula, in brackets if it holds together less tightly."""
        text, own = self.written(node)
        return text if own >= tightness else rf"\left({text}\right)"

    def written(self, node: Node) -> tuple[str, int]:
        """Return the LaTeX of a node and how tightly it holds together."""
        args = node.args
        first = args[0] if args else node
        match node.op:
            case "number":
                return _number(node.data)
            case "length" | "name":
                return name(node.data), ATOM
            case "add" if args[1].op == "negative":
                return f"{self(first)} - {self(args[1].args[0], SIGMA)}", SUM
            case "add":
                return f"{self(first)} + {self(args[1])}", SUM
            case "negative":
                return f"-{self(first, SIGMA)}", SUM
            case "times" if [arg.op for arg in args] == ["reshape", "reshape"] and first.shape != args[1].shape:
                return rf"{self(first.args[0], POWER)} \otimes {self(args[1].args[0], POWER)}", PRODUCT
            case "times":
                return self.times(first, args[1])
            case "over":
                return rf"\frac{{{self(first)}}}{{{self(args[1])}}}", POWER
            case "matmul":
                return self.matmul(first, args[1]), PRODUCT
            case "power":
                return self.power(node)
            case "transpose" if len(node.shape) < 2:  # as in numpy, nothing changes
                return self.written(first)
            case "row" | "reshape" if first.op == "components" and (first.data[0].islower() or _is_zero(first)):
                return self.written(first)
            case "reshape" if is_scalar(node.shape) or node.shape == first.shape:
                return self.written(first)
            case "reshape" if len(node.shape) == 1:
                return rf"\operatorname{{vec}}\left({self(first)}\right)", ATOM
            case "reshape" if len(first.shape) == 1 and node.shape[-1] == 1:
                return rf"\operatorname{{column}}\left({self(first)}\right)", ATOM
            case "transpose" | "row" | "reshape":
                return rf"{self(first, ATOM)}^\top", POWER
            case "entry":
                indices = ",".join(index for _, index in node.data)
                if first.op == "name" and first.data[-1].isdigit():  # W_{3,i,j}
                    return f"{name(first.data)[:-1]},{indices}}}", ATOM
                return f"{self(first, ATOM)}_{{{indices}}}", ATOM
            case "components" if _is_ones(node):
                return r"\mathbf{1}", ATOM
            case "components" if first.op == "entry" and node.data[0].islower() and first.data[-1][1] == "J":
                return self.written(first.args[0])  # x_i − μ, a row
            case "components":
                if node.data[0].islower() or first.op == "number":  # as it was written, for one component
                    return self.written(first)
                return rf"\left({self(first)}\right)_{{{','.join(node.data)}}}", ATOM
            case "bigsum":
                index, axis = node.data
                return rf"\sum_{{{index}=1}}^{{{name(axis)}}} {self(first, SIGMA)}", SIGMA
            case "total":
                return self.total(node)
            case "most":
                return rf"\max\left({self(first)}\right)", ATOM
            case "trace":
                return rf"\operatorname{{tr}}\left({self(first)}\right)", ATOM
            case "diag" if _is_eye(node):
                return r"\mathbf{I}", ATOM
            case "diag":
                return rf"\operatorname{{diag}}\left({self(first)}\right)", ATOM
        return self.function(node.data, first)

    def times(self, one: Node, other: Node) -> tuple[str, int]:
        if not (is_scalar(one.shape) or is_scalar(other.shape)):
            return rf"{self(one, POWER if one.op == 'matmul' else PRODUCT)} \odot {self(other, POWER)}", PRODUCT
        # It does not matter where a number stands among factors, but xᵀy before other factors has brackets.
        one, other = _bare(one), _bare(other)
        last = _bare(one.args[1]) if one.op == "times" else one
        left = self(one, POWER if last.op == "matmul" else PRODUCT)
        if other.op == "number":
            return rf"{left} \cdot {self(other, POWER)}", PRODUCT
        text, own = self.written(other)
        if one.op == "number" and one.data == 1:
            return rf"1 \cdot {self(other, POWER)}", PRODUCT
        if own == SIGMA and is_scalar(one.shape):
            return rf"{left} {text}", SIGMA
        plain = own == PRODUCT and other.op == "matmul" and is_scalar(one.shape)
        return rf"{left} \, {text if plain else self(other, POWER)}", PRODUCT

    def matmul(self, one: Node, other: Node) -> str:
        if one.op == "reshape" and other.shape[0] == 1 and len(one.args[0].shape) == 1:  # a column times a row: a bᵀ
            one = one.args[0]
        entrywise = one.op == "times" and not any(is_scalar(arg.shape) for arg in one.args)
        left = self(one, POWER if entrywise else PRODUCT)
        if len(one.shape) == 1 == len(other.shape):
            left = self.row(one)
        column = other.op == "matmul" and len(other.args[0].shape) == 2  # A B x, but xᵀ (y A)
        return rf"{left} \, {self(other, PRODUCT if column else POWER)}"

    def row(self, node: Node) -> str:
        """Return a vector as a row: xᵀ, xᵀA."""
        if node.op == "matmul" and len(node.args[0].shape) == 1:
            return rf"{self.row(node.args[0])} \, {self(node.args[1], POWER)}"
        return rf"{self(node, ATOM)}^\top"

    def power(self, node: Node) -> tuple[str, int]:
        (inner,), exponent = node.args, node.data
        if inner.op == "total" and exponent.denominator == 2 and (norm := self.norm(inner, 2 * exponent)):
            return norm
        if exponent == Fraction(1, 2):
            return rf"\sqrt{{{self(inner)}}}", ATOM
        mark = r"\odot " if not is_scalar(inner.shape) else ""
        return f"{self(inner, ATOM)}^{{{mark}{exponent}}}", POWER

    def function(self, which: str, inner: Node) -> tuple[str, int]:
        text = self(inner)
        match which:
            case "abs":
                return rf"\left\lvert {text} \right\rvert", ATOM
            case "exp" if len(text) < 12 and "e" not in self.taken:
                return f"e^{{{text}}}", POWER
            case "exp" | "log" | "tanh":
                return rf"\{which}\left({text}\right)", ATOM
            case "relu":
                return rf"\max\left(0, {text}\right)", ATOM
            case "sigmoid" if not self.taken & {"s", "sigma"}:
                return rf"\sigma\left({text}\right)", ATOM
        return rf"\operatorname{{{which}}}\left({text}\right)", ATOM

    # Sums over axes

    def norm(self, node: Node, power: Fraction) -> tuple[str, int] | None:
        """Return (Σ u²)^(power/2) over all entries as a power of a norm."""
        (inner,), (axes, _) = node.args, node.data
        if len(squeezed(inner.shape)) != len([k for k in axes if inner.shape[k] != 1]) or not is_scalar(node.shape):
            return None
        if inner.op == "function" and inner.data == "abs" and power == 2:
            return rf"\left\lVert {self(inner.args[0])} \right\rVert_1", ATOM
        if inner.op != "power" or inner.data != 2:
            return None
        frobenius = "_F" if len(squeezed(inner.shape)) == 2 else ""
        norm = rf"\left\lVert {self(inner.args[0])} \right\rVert{frobenius}"
        return (norm, ATOM) if power == 1 else (f"{norm}^{{{power}}}", POWER)

    def total(self, node: Node) -> tuple[str, int]:
        (inner,), (axes, kept) = node.args, node.data
        shape = inner.shape
        summed = [k for k in axes if shape[k] != 1]
        if not summed:
            return self.written(inner if kept or is_scalar(shape) else Node("reshape", (inner,), node.shape))
        if norm := self.norm(node, Fraction(2)):
            return norm
        if len(summed) == 1 and inner.op == "times" and _is_eye(inner.args[0]) and not kept:  # the diagonal of a matrix
            return rf"\operatorname{{diag}}\left({self(inner.args[1])}\right)", ATOM
        if axes == (0,) and kept and len(shape) == 2:
            return rf"\mathbf{{1}}^\top \, {self(inner, PRODUCT if inner.op == 'matmul' else POWER)}", PRODUCT
        letters = [c for c in INDICES if c not in self.taken][: len(summed)]
        if (kept and not is_scalar(node.shape)) or axes == (1,) or len(letters) < len(summed):
            # Which axis is summed stands below the sign: rows are added up along the first, columns along the second.
            which = "all" if len(axes) == len(shape) > 1 else "columns" if axes == (1,) else "rows"
            return rf"\sum_{{\text{{{which}{', kept' if kept else ''}}}}} {self(inner, SIGMA)}", SIGMA
        result = _slice(inner, dict(zip(summed, letters, strict=True)), shape)
        for k, letter in reversed([*zip(summed, letters, strict=True)]):
            result = Node("bigsum", (result,), result.shape, (letter, shape[k]))
        return _Latex(self.taken | {*letters}).written(result)


def _slice(node: Node, letters: Mapping[int, str], within: Shape) -> Node:
    """Return the entries of an array at indices of some axes, counted in the shape `within` that it broadcasts to."""
    ahead = len(within) - len(node.shape)
    pairs = {k - ahead: letter for k, letter in letters.items() if k >= ahead and node.shape[k - ahead] != 1}
    if not pairs:
        return node
    shape = tuple(axis for k, axis in enumerate(node.shape) if k not in pairs)
    shape = () if is_scalar(shape) else shape
    along_last = node.op == "function" and node.data == "softmax" and len(node.shape) - 1 in pairs
    if node.op in ENTRYWISE and not along_last:
        return replace(node, args=tuple(_slice(arg, letters, within) for arg in node.args), shape=shape)
    if node.op == "total" and node.data == ((1,), True) and 0 in pairs:  # Σ_j X_ij
        row = _slice(node.args[0], {0: pairs[0]}, node.args[0].shape)
        return Node("total", (row,), (), ((0,), False)) if row.shape else row
    if node.op == "matmul" and node.args[0].op == "diag" and 0 in pairs and len(node.args[0].args[0].shape) == 1:
        vector, matrix = node.args[0].args[0], node.args[1]  # row i of diag(w) X is w_i X_i
        parts = _slice(vector, {0: pairs[0]}, vector.shape), _slice(matrix, letters, within)
        return Node("times", parts, shape)
    return Node("entry", (node,), shape, tuple(sorted(pairs.items())))
