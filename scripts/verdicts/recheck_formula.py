"""The program that re-checks a refuted formula: the objective differenced numerically, in 120-digit decimals.

Both formulas are written out over lists of rows (a vector is one row), with all numbers of the counterexample.
"""

from fractions import Fraction

import mpmath
import numpy as np

from scripts.formulas.problem import Problem
from scripts.formulas.question import names_in
from scripts.formulas.tree import Node
from scripts.verdicts.recheck import program

DIGITS = 60  # of the numbers in the program

START = """
from decimal import Decimal as D, getcontext
getcontext().prec = 120
def each(f, *a):  # entry by entry; an axis of length 1 fits any other
    rows, columns = max(map(len, a)), max(len(m[0]) for m in a)
    at = lambda m, i, j: m[i if len(m) > 1 else 0][j if len(m[0]) > 1 else 0]
    return [[f(*(at(m, i, j) for m in a)) for j in range(columns)] for i in range(rows)]
add, mul, div = lambda *a: each(lambda *u: sum(u), *a), lambda a, b: each(D.__mul__, a, b), lambda a, b: each(D.__truediv__, a, b)
T, mm = (lambda a: [[*c] for c in zip(*a)]), (lambda a, b: [[sum(map(D.__mul__, r, c)) for c in zip(*b)] for r in a])
neg, absolute, exp = lambda a: each(D.__neg__, a), lambda a: each(abs, a), lambda a: each(D.exp, a)
log, sign = (lambda a: each(lambda u: u.ln() if u > 0 else 1 / D(0), a)), (lambda a: each(lambda u: D((u > 0) - (u < 0)), a))
power = lambda a, p: each(lambda u: (u ** p if p >= 0 else 1 / u ** -p) if p == int(p) else (u.sqrt() ** int(2 * p) if p > 0 else 1 / u.sqrt() ** int(-2 * p)), a)
rows, columns = (lambda a, f=sum: [[f(c) for c in zip(*a)]]), (lambda a, f=sum: [[f(r)] for r in a])
"""  # noqa: E501
CALLED = {"add": "add", "negative": "neg", "times": "mul", "over": "div"}
FUNCTIONS = {
    "abs": "absolute({x})",
    "exp": "exp({x})",
    "log": "log({x})",
    "sign": "sign({x})",
    "sigmoid": "div([[D(1)]], add([[D(1)]], exp(neg({x}))))",
    "tanh": "add([[D(1)]], neg(div([[D(2)]], add([[D(1)]], exp(add({x}, {x}))))))",
    "relu": "each(lambda u: max(u, D(0)), {x})",
    "softmax": "div(exp({x}), columns(exp({x})))",
}


def formula(problem: Problem, node: Node, gap) -> str:
    """Return the program for a stated formula that has another value than the right one at a point.

    node: the formula in the variable's layout; gap: kinds.formula.Gap.
    """
    point, wrt = gap.point, _called(problem.wrt)
    code = _Code(point.dims)
    objective, answer = problem.trees["objective"], problem.trees["answer"]
    stated = code.written(node)
    used = names_in(node) | names_in(objective) | {problem.wrt} - {""}
    if problem.asked == "minimiser":
        used |= names_in(answer)
    data = "\n".join(f"{_called(name)} = {_rows(point.names[name])}" for name in sorted(used))
    shape = tuple(point.dims.get(axis, axis) for axis in problem.shape)
    rows, columns = (1, *shape)[-2:] if shape else (1, 1)
    if problem.asked == "expression":
        check = f"""
right = {code.written(answer)}
shape, wanted = (len(stated), len(stated[0])), ({rows}, {columns})
pairs = [(a, b) for one, other in zip(stated, right) for a, b in zip(one, other)]
refuted = shape != wanted or any(abs(a - b) > D("1e-25") * (1 + abs(b)) for a, b in pairs)
shown = f"stated, right: {{[(float(a), float(b)) for a, b in pairs]}}" if shape == wanted else f"a shape of {{shape}}"
"""
    elif problem.asked == "minimiser":
        check = f"""
objective = lambda {wrt}: ({code.written(objective)})[0][0]
best = {code.written(answer)}
refuted = (len(stated), len(stated[0])) != (len(best), len(best[0])) or objective(stated) > objective(best)
shown = f"stated: {{[[float(u) for u in row] for row in stated]}}, best: {{[[float(u) for u in row] for row in best]}}"
"""
    else:
        i, j = _place(gap, shape)
        check = f"""
objective = lambda {wrt}: ({code.written(objective)})[0][0]
h = D("1e-30")
moved = lambda s: [[u + s * ((i, j) == ({i}, {j})) for j, u in enumerate(row)] for i, row in enumerate({wrt})]
low, high = sorted([(objective(moved(h)) - objective({wrt})) / h, (objective({wrt}) - objective(moved(-h))) / h])
shape, off = (len(stated), len(stated[0])), D("1e-25") * (1 + abs(low))
found = stated[{i}][{j}] if shape == ({rows}, {columns}) else f"a shape of {{shape}}, not ({rows}, {columns})"
refuted = isinstance(found, str) or not low - off <= found <= high + off
shown = f"stated: {{found:.17}}, derivative: {{low:.17}}" if isinstance(found, D) else found
"""
    body = check.strip("\n").replace("\n", "\n    ")
    return program(
        "a stated formula at the counterexample, against differences of the objective.",
        f"""{START.rstrip()}
{data}
try:
    stated = {stated}
    {body}
except ArithmeticError:
    shown, refuted = "the stated formula is undefined here", True
""",
    )


def _called(name: str) -> str:
    """Return what a name is called in the program: no word of Python, and none of the program's own functions."""
    return f"v_{name}"


def _place(gap, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return row and column of the entry that differs most."""
    if gap.answer is None or np.size(gap.answer) != np.size(gap.right):
        return 0, 0
    pairs = zip(np.ravel(gap.answer), np.ravel(gap.right), strict=True)
    k = max(enumerate(abs(a - b) / (1 + abs(b)) for a, b in pairs), key=lambda pair: pair[1])[0]
    return divmod(k, shape[-1]) if shape else (0, 0)


def _rows(array) -> str:
    array = np.asarray(array, dtype=object)
    array = array.reshape((1, *array.shape)[-2:] if array.ndim else (1, 1))
    rows = (", ".join(f'D("{mpmath.nstr(value, DIGITS)}")' for value in row) for row in array)
    return "[" + ", ".join(f"[{row}]" for row in rows) + "]"


class _Code:
    """Writes formulas as calls of the program's functions; every array is a list of rows."""

    def __init__(self, dims: dict[str, int]):
        self.dims = dims

    def written(self, node: Node) -> str:
        args = [self.written(arg) for arg in node.args]
        shapes = [arg.shape for arg in node.args]
        match node.op:
            case "number":
                return _constant(node.data)
            case "length":
                return f"[[D({self.dims[node.data]})]]"
            case "name":
                return _called(node.data)
            case "add" | "negative" | "times" | "over":
                return f"{CALLED[node.op]}({', '.join(args)})"
            case "power":
                return f"power({args[0]}, {_exponent(node.data)})"
            case "matmul":
                left, right = args
                if len(shapes[1]) == 1:
                    result = f"mm({left}, T({right}))"
                    return f"T({result})" if len(shapes[0]) == 2 else result
                return f"mm({left}, {right})"
            case "transpose":
                return f"T({args[0]})" if len(shapes[0]) == 2 else args[0]
            case "row":
                return args[0]
            case "reshape":
                return f"[[u] for row in {args[0]} for u in row]" if node.shape[-1:] == (1,) else _flat(args[0])
            case "entry":
                return _entry(args[0], shapes[0], node)
            case "bigsum":
                index, axis = node.data
                return f"add(*[{args[0]} for {index}_ in range({self.dims[axis]})])"
            case "components":
                entry = f"({args[0]})[0][0]"
                for letter, axis in reversed([*zip(node.data, node.shape, strict=True)]):
                    entry = f"[{entry} for {letter}_ in range({self.dims[axis]})]"
                return f"[{entry}]" if len(node.shape) == 1 else entry
            case "total" | "most":
                return _total(args[0], shapes[0], *node.data, "" if node.op == "total" else ", max")
            case "trace":
                return f"[[sum(row[k] for k, row in enumerate({args[0]}))]]"
            case "diag":
                flat = f"{_flat(args[0])}[0]"
                return f"[[u * (i == j) for j, _ in enumerate({flat})] for i, u in enumerate({flat})]"
        return FUNCTIONS[node.data].format(x=args[0])


def _flat(code: str) -> str:
    return f"[[u for row in {code} for u in row]]"


def _entry(code: str, shape, node: Node) -> str:
    places = dict(node.data)
    if len(shape) == 1:
        return f"[[({code})[0][{places[0]}_]]]"
    row, column = (f"{places[k]}_" if k in places else None for k in (0, 1))
    if row and column:
        return f"[[({code})[{row}][{column}]]]"
    if row:
        return f"[({code})[{row}]]"
    return f"T([[r[{column}]] for r in {code}])"


def _total(code: str, shape, axes: tuple[int, ...], kept: bool, how: str) -> str:
    if not shape or not axes:
        return code
    if len(axes) == len(shape):
        return f"rows(columns({code}{how}){how})"
    if axes == (0,):
        return f"rows({code}{how})"
    return f"columns({code}{how})" if kept else f"T(columns({code}{how}))"


def _constant(value: Fraction) -> str:
    top = f"D({value.numerator})"
    return f"[[{top}]]" if value.denominator == 1 else f"[[{top} / {value.denominator}]]"


def _exponent(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(float(value))
