"""Write a formula's tree as numpy source, which plain numpy evaluates and `read` reads back.

Besides np it uses sum and mean over the first axis, exp, log, sqrt, abs, sign, sigmoid, softmax (over the last axis),
tanh, relu, trace, diag; names and the lengths of axes stand for themselves.
"""

from fractions import Fraction

from scripts.formulas.indices import TooHard
from scripts.formulas.tree import Node, Shape, is_scalar

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly an expression holds together


def numpy_text(node: Node) -> str:
    """Return numpy source for a formula; raises TooHard for some with three indices at a time."""
    return _Code(())(node)


class _Code:
    """Writes formulas. Within Σ_i or a component an array has an axis of its own for each letter in use, before its
    others; there are at most two in all."""

    def __init__(self, letters: tuple[str, ...]):
        self.letters = letters

    def __call__(self, node: Node, tightness: int = SUM, rank: int | None = None) -> str:
        """Return the source of a formula, in brackets if it holds together less tightly; rank: how many axes it is to
        have besides those of the letters."""
        text, own = self.written(node, rank if self.letters and rank is not None else len(node.shape))
        return text if own >= tightness else f"({text})"

    def written(self, node: Node, rank: int) -> tuple[str, int]:
        args = node.args
        match node.op:
            case "number":
                return _number(node.data)
            case "length" | "name":
                return node.data, ATOM
            case "add" if args[1].op == "negative":
                return f"{self(args[0], SUM, rank)} - {self(args[1].args[0], PRODUCT, rank)}", SUM
            case "add":
                return f"{self(args[0], SUM, rank)} + {self(args[1], SUM, rank)}", SUM
            case "negative":
                return f"-{self(args[0], PRODUCT, rank)}", SUM
            case "times" | "over":
                sign = "*" if node.op == "times" else "/"
                return f"{self(args[0], PRODUCT, rank)}{sign}{self(args[1], SIGN, rank)}", PRODUCT
            case "power" if node.data == Fraction(1, 2):
                return f"sqrt({self(args[0], SUM, rank)})", ATOM
            case "power":
                exponent = str(node.data) if node.data.denominator == 1 and node.data >= 0 else f"({node.data})"
                return f"{self(args[0], ATOM, rank)}**{exponent}", POWER
            case "function" if node.data != "softmax" or not self.letters or not node.indices:
                return f"{node.data}({self(args[0], SUM, rank)})", ATOM
            case "bigsum":
                return self.bigsum(node, rank)
            case "entry":
                return self.entry(node, rank)
            case "matmul" if node.indices:
                return self.rows(*args, rank)
        if node.indices:
            raise TooHard(f"{node.op} with indices cannot be written in numpy")
        return _Code(()).whole(node)

    def whole(self, node: Node) -> tuple[str, int]:
        """Write what has no letters in it."""
        args = node.args
        match node.op:
            case "matmul":
                return f"{self(args[0], PRODUCT)} @ {self(args[1], SIGN)}", PRODUCT
            case "transpose":
                return f"{self(args[0], ATOM)}.T", ATOM
            case "row":
                return f"{self(args[0], ATOM)}[None, :]", ATOM
            case "reshape":
                return self.reshaped(args[0], node.shape)
            case "trace":
                return f"trace({self(args[0])})", ATOM
            case "diag":
                vector = self(args[0])
                return f"diag({vector if len(args[0].shape) == 1 else f'np.ravel({vector})'})", ATOM
            case "total" | "most":
                return self.total(node)
            case "components" if args[0].indices:
                return _Code(node.data).written(args[0], 0)
            case "components":
                ones = f"np.ones({node.shape[0] if len(node.shape) == 1 else _tuple(node.shape)})"
                one = args[0].op == "number" and args[0].data == 1
                return (ones, ATOM) if one else (f"{self(args[0], PRODUCT)}*{ones}", PRODUCT)
        raise ValueError(node.op)

    def reshaped(self, node: Node, shape: Shape) -> tuple[str, int]:
        text = self(node, ATOM)
        match len(node.shape), len(shape):
            case _, 0:
                return f"np.sum({self(node)})", ATOM
            case _ if is_scalar(shape):
                return f"{self(node, PRODUCT)}*np.ones({_tuple(shape) if len(shape) > 1 else 1})", PRODUCT
            case 1, 2:
                return (f"{text}[:, None]" if shape[1] == 1 else f"{text}[None, :]"), ATOM
            case 2, 1:
                return f"np.ravel({self(node)})", ATOM
        return (text if node.shape == shape else f"{text}.T"), ATOM

    def total(self, node: Node) -> tuple[str, int]:
        (axes, kept), (inner,) = node.data, node.args
        if not axes:
            return self.written(inner, len(inner.shape))
        if node.op == "total" and axes == (0,) and not kept and len(inner.shape) == 2 and inner.shape[0] != 1:
            return f"sum({self(inner)})", ATOM
        axis = "" if len(axes) == len(inner.shape) else f", axis={axes[0]}"
        return f"np.{'sum' if node.op == 'total' else 'max'}({self(inner)}{axis}{', keepdims=True' * kept})", ATOM

    # With letters

    def entry(self, node: Node, rank: int) -> tuple[str, int]:
        """Write x_i as an array with an axis for each letter, of length 1 where it does not depend on that letter."""
        (base,), chosen = node.args, dict(node.data)
        if base.indices or len(self.letters) + rank > 2:
            raise TooHard("more than two indices at a time cannot be written in numpy")
        own = [chosen.get(k) for k, axis in enumerate(base.shape) if axis != 1]  # None: an axis that is no letter's
        places = [self.letters.index(letter) if letter else len(self.letters) for letter in own]
        if len(places) == 2 and places[0] == places[1]:
            text = f"diag({_Code(())(base)})"
            return (text if places[0] == len(self.letters) + rank - 1 else f"{text}[:, None]"), ATOM
        text = _Code(())(base, ATOM)
        if len(own) == 2:
            return (text if places == [0, 1] else f"{text}.T"), ATOM
        if len(self.letters) + rank == 1 or (places == [1] and len(base.shape) == 1):
            return (text if len(base.shape) == 1 else f"np.ravel({text})"), ATOM
        (long,) = (axis for axis in base.shape if axis != 1)
        return _Code(()).reshaped(base, (long, 1) if places == [0] else (1, long))

    def rows(self, left: Node, right: Node, rank: int) -> tuple[str, int]:
        """Write X_iᵀ w, which is X w."""
        left, right = (side.args[0] if side.op == "row" else side for side in (left, right))
        if not left.indices and len(left.shape) == len(right.shape) == 1:
            left, right = right, left
        if right.indices or len(left.shape) != 1 or len(self.letters) != 1:
            raise TooHard("this product with indices cannot be written in numpy")
        text = f"{self(left, PRODUCT, 1)} @ {_Code(())(right, SIGN)}"
        return (f"({text})[:, None]", ATOM) if len(right.shape) < rank + 1 else (text, PRODUCT)

    def bigsum(self, node: Node, rank: int) -> tuple[str, int]:
        (inner,), (letter, axis) = node.args, node.data
        if letter not in inner.indices:
            return f"{axis}*{self(inner, SIGN, rank)}", PRODUCT
        used = tuple(other for other in self.letters if other in inner.indices)
        try:
            text = _Code((*used, letter))(inner, SUM, rank)
        except TooHard:
            if used != self.letters or rank:
                raise
            return self.einsum(node)
        text = f"np.sum({text}{f', axis={len(used)}' if used or rank else ''})"
        return f"{text}[:, None]" if used == self.letters[:1] != self.letters else text, ATOM

    def einsum(self, node: Node) -> tuple[str, int]:
        """Write sums of a product of entries."""
        sums, factors, numbers, arrays = [], [], [], []
        while node.op == "bigsum":
            sums.append(node.data[0])
            (node,) = node.args
        waiting = [node]
        while waiting:
            part = waiting.pop()
            if part.op == "times":
                waiting += reversed(part.args)
            elif part.indices.keys() & {*sums} or part.op == "entry":
                factors.append(part)
            else:
                numbers.append(self(part, SIGN, 0))
        for part in factors:
            if part.op != "entry" or part.args[0].indices or part.shape or len({*part.indices}) < len(part.data):
                raise TooHard("this sum over three indices cannot be written in numpy")
            arrays.append(_Code(())(part.args[0]))
        inputs = ",".join("".join(letter for _, letter in part.data) for part in factors)
        call = f"np.einsum('{inputs}->{''.join(self.letters)}', {', '.join(arrays)})"
        return ("*".join([*numbers, call]), PRODUCT) if numbers else (call, ATOM)


def _tuple(shape: Shape) -> str:
    return f"({', '.join(map(str, shape))})"


def _number(value: Fraction) -> tuple[str, int]:
    if value.denominator == 1:
        return str(value), ATOM if value >= 0 else SUM
    return str(value), PRODUCT if value >= 0 else SUM
