"""Write a formula's tree as LaTeX, the way it was read."""

from decimal import Decimal
from fractions import Fraction

from scripts.formulas.tree import Node, is_scalar, squeezed

# How tightly an expression holds together; a sum sign takes in all factors to its right.
SUM, SIGMA, PRODUCT, POWER, ATOM = range(5)
LETTERS = {"mu": r"\mu", "yhat": r"\hat y", "theta": r"\theta", "delta": r"\delta", "df": r"\nabla f"}


def latex(node: Node) -> str:
    return _written(node)[0]


def name(word: str) -> str:
    """Return the LaTeX of a name: W3 is W_{3}, yhat is ŷ, du3 is du_{3}."""
    letters = word.rstrip("0123456789")
    number = word[len(letters) :]
    shown = LETTERS.get(letters, letters)
    return f"{shown}_{{{number}}}" if number else shown


def _number(value: Fraction) -> tuple[str, int]:
    if value.denominator == 1 and abs(value) < 10**20:
        return str(value), ATOM if value >= 0 else SUM
    if max(abs(value.numerator), value.denominator) >= 10**6:
        return f"{Decimal(value.numerator) / value.denominator:.30g}".replace("e", r"\mathrm{e}"), ATOM
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}", ATOM


def _bracketed(node: Node, tightness: int) -> str:
    text, own = _written(node)
    return text if own >= tightness else rf"\left({text}\right)"


def _written(node: Node) -> tuple[str, int]:
    """Return the LaTeX of a node and how tightly it holds together."""

    def inside(k: int, tightness: int) -> str:
        return _bracketed(node.args[k], tightness)

    match node.op:
        case "number":
            return _number(node.data)
        case "length":
            return name(node.data), ATOM
        case "name":
            return name(node.data), ATOM
        case "add":
            if node.args[1].op == "negative":
                return f"{inside(0, SUM)} - {_bracketed(node.args[1].args[0], SIGMA)}", SUM
            return f"{inside(0, SUM)} + {inside(1, SUM)}", SUM
        case "negative":
            return f"-{inside(0, SIGMA)}", SUM
        case "times" if [arg.op for arg in node.args] == ["reshape", "reshape"]:
            left, right = (_bracketed(arg.args[0], POWER) for arg in node.args)
            return rf"{left} \otimes {right}", PRODUCT
        case "times":
            one, other = node.args
            if not (is_scalar(one.shape) or is_scalar(other.shape)):
                return rf"{inside(0, PRODUCT)} \odot {inside(1, POWER)}", PRODUCT
            # A number's place among factors does not matter, but where xᵀy stands before others it has brackets.
            left = inside(0, POWER if one.op == "matmul" else PRODUCT)
            right = inside(1, PRODUCT if other.op == "matmul" and is_scalar(one.shape) else POWER)
            sign = r"\cdot" if other.op == "number" else r"\,"
            return f"{left} {sign} {right}", PRODUCT
        case "over":
            return rf"\frac{{{_written(node.args[0])[0]}}}{{{_written(node.args[1])[0]}}}", POWER
        case "matmul":
            one, other = node.args
            if one.op == "reshape" and other.shape[0] == 1:  # a column times a row: a bᵀ
                one = one.args[0]
            left = _bracketed(one, POWER if one.op == "times" else PRODUCT)
            left = rf"{_bracketed(one, ATOM)}^\top" if len(one.shape) == 1 == len(other.shape) else left
            return rf"{left} \, {inside(1, PRODUCT if other.op == 'matmul' else POWER)}", PRODUCT
        case "power":
            if norm := _norm(node):
                return norm
            if node.data == Fraction(1, 2):
                return rf"\sqrt{{{_written(node.args[0])[0]}}}", ATOM
            mark = r"\odot " if not is_scalar(node.args[0].shape) else ""
            return f"{inside(0, ATOM)}^{{{mark}{node.data}}}", POWER
        case "transpose" if len(node.shape) < 2:  # as in numpy, nothing changes
            return _written(node.args[0])
        case "transpose" | "row":
            return rf"{inside(0, ATOM)}^\top", POWER
        case "reshape":
            into = "column" if node.shape[-1:] == (1,) else "row"
            return rf"\operatorname{{{into}}}\left({_written(node.args[0])[0]}\right)", ATOM
        case "entry":
            indices = ",".join(index for _, index in node.data)
            if node.args[0].op == "name" and (numbered := name(node.args[0].data)).endswith("}"):  # W_{3,i,j}
                return f"{numbered[:-1]},{indices}}}", ATOM
            return f"{inside(0, ATOM)}_{{{indices}}}", ATOM
        case "components" if node.args[0].op == "number" and node.args[0].data == 1:
            return r"\mathbf{1}", ATOM
        case "components":
            if node.data[0].islower():  # as it was written, for one component
                return _written(node.args[0])
            return rf"\left({_written(node.args[0])[0]}\right)_{{{','.join(node.data)}}}", ATOM
        case "bigsum":
            index, axis = node.data
            return rf"\sum_{{{index}=1}}^{{{name(axis)}}} {inside(0, SIGMA)}", SIGMA
        case "total":
            return _total(node, inside(0, SIGMA)), SIGMA
        case "most":
            return rf"\max\left({_written(node.args[0])[0]}\right)", ATOM
        case "trace":
            return rf"\operatorname{{tr}}\left({_written(node.args[0])[0]}\right)", ATOM
        case "diag":
            return rf"\operatorname{{diag}}\left({_written(node.args[0])[0]}\right)", ATOM
    inner = _written(node.args[0])[0]
    match node.data:
        case "abs":
            return rf"\left\lvert {inner} \right\rvert", ATOM
        case "exp" if len(inner) < 12:
            return f"e^{{{inner}}}", POWER
        case "sigmoid" if not any(part.data == "s" for part in node.args[0].walk()):  # s(1 - s) is a product
            return rf"s\left({inner}\right)", ATOM
    return rf"\operatorname{{{node.data}}}\left({inner}\right)", ATOM


def _norm(node: Node) -> tuple[str, int] | None:
    """Return (Σ u²)^(p/2) as a power of a norm."""
    (inner,), power = node.args, 2 * node.data
    whole = inner.op == "total" and len(inner.data[0]) == len(inner.args[0].shape) and is_scalar(inner.shape)
    if not whole or inner.args[0].op != "power" or inner.args[0].data != 2 or power % 2 == 0:
        return None
    (square,) = inner.args
    kind = "_F" if len(squeezed(square.shape)) == 2 else ""
    norm = rf"\left\lVert {_written(square.args[0])[0]} \right\rVert{kind}"
    return (norm, ATOM) if power == 1 else (f"{norm}^{{{power}}}", POWER)


def _total(node: Node, inner: str) -> str:
    axes, kept = node.data
    lengths = node.args[0].shape
    summed = [axis for k, axis in enumerate(lengths) if k in axes and axis != 1]
    if not summed:
        return inner
    # Which axis is summed stands below the sign: rows are added up along the first, columns along the second.
    which = "all" if len(axes) == len(lengths) > 1 else "columns" if axes == (1,) else "rows"
    return rf"\sum_{{\text{{{which}{', kept' if kept else ''}}}}} {inner}"
