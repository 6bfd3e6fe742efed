"""Random answers to the derivations, of which the truth is known by other means: what would the judge let through?

Right formulas are edited at random, as mistakes and tricks would edit them, or rewritten by rules that keep their value
and put into another notation. An oracle of its own says which results are right: plain numpy in float64, at other
sizes, at random points and at zeros and one-hot labels. It shares nothing with the judge but the text.

    python -m scripts.verdicts.random_formulas --wrong 10000 --right 2000
"""

import argparse
import ast
import copy
import random
import re
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np

from scripts.formulas.problem import PROBLEMS, Problem
from scripts.formulas.read import read
from scripts.formulas.tree import Unreadable
from scripts.formulas.typeset import latex
from scripts.shared.step import run, write_json
from scripts.verdicts.finding import REFUTED, UNDECIDED, Malformed
from scripts.verdicts.kinds import formula as derivation
from scripts.verdicts.limits import TimeLimit, time_limit

SIZES = {"n": 7, "d": 11, "p": 9, "n0": 9, "n1": 7, "n2": 8, "n3": 11}
SECONDS = 2  # for one answer, as in judging
CLOSE = 1e-9  # relative; float64 sums of a few dozen terms agree to 1e-13


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


def softmax(u):
    e = np.exp(u - u.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


FUNCTIONS = {
    "sum": lambda x: np.sum(x, axis=0),
    "mean": lambda x: np.mean(x, axis=0),
    "abs": np.abs,
    "sign": np.sign,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sigmoid": sigmoid,
    "ds": lambda u: sigmoid(u) * (1 - sigmoid(u)),
    "softmax": softmax,
}
# The right answers, by hand; v holds arrays.
TRUTHS: dict[tuple[str, str], Callable] = {
    ("p1a", ""): lambda v: 2 * v.x,
    ("p1b-gradient", ""): lambda v: 2 * (len(v.x) * v.mu - v.x.sum(axis=0)),
    ("p1b-minimiser", ""): lambda v: v.x.mean(axis=0),
    ("p2b", ""): lambda v: np.einsum("nd,nk->dk", v.X, np.sign(v.X @ v.W - v.Y)),
    ("p2b", "objective"): lambda v: np.abs(v.X @ v.W - v.Y).sum(),
    ("p3b", ""): lambda v: np.einsum("n,np->p", 2 * (v.f - v.y), v.df),
    ("sigmoid", ""): lambda v: np.exp(-v.u) / (1 + np.exp(-v.u)) ** 2,
    ("m5-du3", ""): lambda v: v.yhat - v.y,
    ("m5-dw3", ""): lambda v: np.einsum("ij,ik->jk", v.z2, v.yhat - v.y),
    ("m5-db3", ""): lambda v: v.yhat - v.y,
    ("m5-du2", ""): lambda v: np.einsum("ik,jk->ij", v.yhat - v.y, v.W3) * v.z2 * (1 - v.z2),
    ("m5-dw2", ""): lambda v: np.einsum("ij,ik->jk", v.z1, v.du2),
    ("m5-du1", ""): lambda v: np.einsum("ik,jk->ij", v.du2, v.W2) * v.z1 * (1 - v.z1),
    ("m5-dw1", ""): lambda v: np.einsum("ij,ik->jk", v.a, v.du1),
}
# Right formulas to start from, besides each problem's own.
OTHERS = {
    ("p1a", ""): ["x + x"],
    ("p1b-gradient", ""): ["2*n*mu - 2*sum(x)", "2*n*(mu - mean(x))"],
    ("p1b-minimiser", ""): ["mean(x)"],
    ("p2b", ""): ["-X.T @ sign(Y - X @ W)"],
    ("p2b", "objective"): ["sum(abs(Y - yhat))"],
    ("p3b", ""): ["2*df.T @ (f - y)"],
    ("sigmoid", ""): ["s - s**2", "exp(-u)/(1 + exp(-u))**2", "sigmoid(u)*sigmoid(-u)"],
    ("m5-db3", ""): ["yhat - y"],
    ("m5-du2", ""): ["(du3 @ W3.T) * ds(u2)"],
    ("m5-du1", ""): ["(du2 @ W2.T) * ds(u1)"],
}


def points(problem: Problem, of: str, seed: int = 0) -> list[SimpleNamespace]:
    """Return random and special values of all names of a problem, worked out with numpy alone."""
    rng = np.random.default_rng(seed)
    dims = {axis: SIZES[axis] for axis in problem.axes}
    result = []
    for kind in ("random", "random", "one-hot", "zeros"):
        arrays = {}
        for name, axes in problem.shapes.items():
            shape = tuple(dims.get(axis, axis) for axis in axes)
            arrays[name] = rng.normal(size=shape) if kind != "zeros" else np.where(rng.random(shape) < 0.5, 0.0, 1.0)
        if problem.sums_to_one:
            y = np.eye(dims["n3"] if "n3" in dims else dims["k"])[[2]]
            arrays["y"] = y if kind == "one-hot" else (e := np.exp(arrays["y"])) / e.sum()
        v = SimpleNamespace(**arrays, **{axis: float(length) for axis, length in dims.items()})
        if "u3" in arrays:
            v.z1, v.z2, v.yhat = sigmoid(v.u1), sigmoid(v.u2), softmax(v.u3)
            v.du3 = v.yhat - v.y
            v.du2 = (v.du3 @ v.W3.T) * v.z2 * (1 - v.z2)
            v.du1 = (v.du2 @ v.W2.T) * v.z1 * (1 - v.z1)
        elif "X" in arrays:
            if kind == "zeros":  # the objective is defined where a residual is 0; there any subgradient is right
                v.Y = v.X @ v.W * (np.arange(len(v.Y))[:, None] % 2) if of else v.Y + 0.5
            v.yhat = v.X @ v.W
        elif "u" in arrays:
            v.s = sigmoid(v.u)
        result.append(v)
    return result


def is_right(text: str, problem: Problem, of: str, at: list[SimpleNamespace]) -> bool:
    """Tell by numpy whether a formula in its notation is right: defined and equal at all points, in the right shape."""
    code = compile(text, "formula", "eval")
    for v in at:
        with np.errstate(all="ignore"):
            right = np.asarray(TRUTHS[problem.id, of](v))
            try:
                value = np.asarray(eval(code, {"__builtins__": {}}, FUNCTIONS | vars(v)), dtype=float)
            except (ValueError, TypeError, ArithmeticError):
                return False
        if value.squeeze().shape != right.squeeze().shape:
            return False
        if value.ndim == right.ndim == 2 and value.shape != right.shape and not problem.row_or_column:
            return False
        gap = np.abs(value.squeeze() - right.squeeze())
        if not (gap <= CLOSE * (np.abs(right.squeeze()) + np.abs(right).max())).all():
            return False
    return True


# Edits


def name(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def call(function: str, argument: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(function), [argument], [])


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, op, right)


def constant(value: int) -> ast.expr:
    return ast.Constant(value)


def mistake(node: ast.expr, problem: Problem, draw: random.Random) -> ast.expr:
    """Return what a mistake or a trick would put in place of a part of a formula."""
    names, axes = list(problem.given), sorted(problem.axes) or ["2"]
    axis, other = draw.choice(axes), draw.choice(names)
    ways: list[Callable[[], ast.expr]] = [
        lambda: binary(constant(draw.choice([2, 3])), ast.Mult(), node),
        lambda: ast.UnaryOp(ast.USub(), node),
        lambda: binary(node, ast.Mult(), name(f"({axis} - {draw.randint(1, 4)})")),
        lambda: binary(node, ast.Add(), name(f"({axis} - 2)*({axis} - 3)*({axis} - 4)*({axis} - 5)*({axis} - 6)")),
        lambda: binary(node, ast.Div(), name(axis)),
        lambda: binary(node, ast.Mult(), name(f"{axis}/{draw.choice(axes)}")),
        lambda: binary(node, ast.Add(), name(f"(1 - {other}/{other})")),
        lambda: binary(node, ast.Mult(), name(f"(sum({other}/{other})/{draw.choice(axes)})")),
        lambda: binary(binary(node, ast.Pow(), constant(2)), ast.Div(), node),
        lambda: call("exp", call("log", node)),
        lambda: call(draw.choice(["abs", "sign", "exp", "sum", "mean", "sigmoid", "sqrt"]), node),
        lambda: binary(node, ast.Pow(), constant(draw.choice([2, 3]))),
        lambda: ast.Attribute(node, "T"),
        lambda: ast.Name(other),
        lambda: binary(node, draw.choice([ast.Add(), ast.Sub(), ast.Mult()]), ast.Name(other)),
        lambda: call("sqrt", binary(node, ast.Pow(), constant(2))),
    ]
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            swapped = draw.choice([ast.Add(), ast.Sub(), ast.Mult(), ast.Div(), ast.MatMult()])
            ways += [lambda: binary(right, op, left), lambda: binary(left, swapped, right)] * 3
            ways += [lambda: left, lambda: right] * 2
        case ast.Attribute(value=inner) | ast.UnaryOp(operand=inner) | ast.Call(args=[inner]):
            ways += [lambda: inner] * 4
        case ast.Constant(value=value):
            ways += [lambda: constant(value + draw.choice([-1, 1])), lambda: constant(value * 2)] * 4
    return draw.choice(ways)()


def rewriting(node: ast.expr, problem: Problem, draw: random.Random) -> ast.expr:
    """Return another form of a part of a formula, of the same value."""
    k = constant(draw.randint(2, 9))
    ways: list[Callable[[], ast.expr]] = [
        lambda: binary(binary(k, ast.Mult(), node), ast.Div(), k),
        lambda: binary(binary(constant(2), ast.Mult(), node), ast.Sub(), node),
        lambda: ast.UnaryOp(ast.USub(), ast.UnaryOp(ast.USub(), node)),
        lambda: binary(node, ast.Mult(), constant(1)),
        lambda: binary(binary(node, ast.Add(), k), ast.Sub(), k),
    ]
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult() as op, right=right):
            ways += [lambda: binary(right, op, left)] * 4
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            ways += [lambda: ast.UnaryOp(ast.USub(), binary(right, ast.Sub(), left))] * 3
            ways += [lambda: binary(ast.UnaryOp(ast.USub(), right), ast.Add(), left)] * 3
        case ast.BinOp(left=left, op=ast.MatMult(), right=right) if problem.id not in ("p3b",):
            turned = [ast.Attribute(part, "T") for part in (right, left)]
            ways += [lambda: ast.Attribute(binary(turned[0], ast.MatMult(), turned[1]), "T")] * 4
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2)):
            ways += [lambda: binary(left, ast.Mult(), left)] * 4
        case ast.Call(func=ast.Name(id="sign"), args=[inner]):
            ways += [lambda: call("sign", binary(k, ast.Mult(), inner))] * 3
            ways += [lambda: ast.UnaryOp(ast.USub(), call("sign", ast.UnaryOp(ast.USub(), inner)))] * 3
            ways += [lambda: binary(inner, ast.Div(), call("abs", inner))] * 3
            ways += [lambda: call("sign", binary(call("exp", inner), ast.Mult(), inner))]
        case ast.Call(func=ast.Name(id="abs"), args=[inner]):
            ways += [lambda: call("abs", ast.UnaryOp(ast.USub(), inner))] * 3
            ways += [lambda: binary(inner, ast.Mult(), call("sign", inner))] * 3
            ways += [lambda: call("sqrt", binary(inner, ast.Pow(), constant(2)))] * 3
        case ast.Call(func=ast.Name(id="sigmoid"), args=[inner]):
            e = call("exp", ast.UnaryOp(ast.USub(), inner))
            ways += [lambda: binary(constant(1), ast.Div(), binary(constant(1), ast.Add(), e))] * 4
        case ast.Call(func=ast.Name(id="ds"), args=[inner]):
            s = call("sigmoid", inner)
            ways += [lambda: binary(s, ast.Mult(), binary(constant(1), ast.Sub(), s))] * 4
        case ast.Call(func=ast.Name(id="sum"), args=[inner]) if "n" in problem.axes:
            ways += [lambda: binary(ast.Name("n"), ast.Mult(), call("mean", inner))] * 3
        case ast.Call(func=ast.Name(id="mean"), args=[inner]):
            ways += [lambda: binary(call("sum", inner), ast.Div(), ast.Name("n"))] * 3
        case ast.Name(id="z1" | "z2" | "s" as word):
            ways += [lambda: call("sigmoid", ast.Name({"z1": "u1", "z2": "u2", "s": "u"}[word]))] * 3
        case ast.Name(id="yhat") if "u3" in problem.shapes:
            ways += [lambda: call("softmax", ast.Name("u3"))] * 3
        case ast.Name(id="yhat") if "X" in problem.shapes:
            ways += [lambda: name("X @ W")] * 3
        case ast.Name(id="du3"):
            ways += [lambda: name("yhat - y")] * 3
    return draw.choice(ways)()


def edited(tree: ast.expr, change: Callable, problem: Problem, draw: random.Random) -> ast.expr:
    """Return the tree with one part of it, drawn at random, changed."""
    parts = [node for node in ast.walk(tree) if isinstance(node, ast.expr) and not _is_function(node, tree)]
    chosen = draw.choice(parts)
    new = change(copy.deepcopy(chosen), problem, draw)

    class Replace(ast.NodeTransformer):
        def visit(self, node):
            return new if node is chosen else self.generic_visit(node)

    return Replace().visit(tree)


def _is_function(node: ast.expr, tree: ast.expr) -> bool:
    return any(isinstance(call, ast.Call) and call.func is node for call in ast.walk(tree))


def starts() -> list[tuple[Problem, str, str]]:
    """Return (problem, of, right formula) to start from."""
    return [
        (problem, of, text)
        for problem_id, of in TRUTHS
        for problem in [PROBLEMS[problem_id]]
        for text in [problem.objective.replace("np.", "") if of else problem.formula, *OTHERS.get((problem_id, of), [])]
    ]


def candidates(change: Callable, seed: int, most: int = 3) -> Iterator[tuple[Problem, str, str, bool]]:
    """Yield (problem, of, formula, is it right) of formulas changed at random, each once."""
    draw, seen = random.Random(seed), set()
    at = {(problem.id, of): points(problem, of) for problem, of, _ in starts()}
    while True:
        problem, of, text = draw.choice(starts())
        tree = ast.parse(text, mode="eval").body
        for _ in range(draw.randint(1, most)):
            tree = edited(tree, change, problem, draw)
        text = ast.unparse(ast.fix_missing_locations(tree))
        if len(text) > 300 or (problem.id, of, text) in seen:
            continue
        seen.add((problem.id, of, text))
        try:
            right = is_right(text, problem, of, at[problem.id, of])
        except AttributeError:  # Python's numbers, unlike arrays, have no .T
            continue
        yield problem, of, text, right


def in_other_notation(text: str, problem: Problem, draw: random.Random) -> str:
    """Return a formula as numpy code, as LaTeX, or with Unicode's signs."""
    match draw.randrange(3):
        case 0:
            try:
                return latex(read(text, problem.vocabulary)[0])
            except Unreadable:
                return text
        case 1:
            signs = {".T": "ᵀ", "**2": "²", " @ -": " @ -", " @ ": " ", "-": "−", "mu": "μ", "yhat": "ŷ"}
            return re.sub("|".join(map(re.escape, signs)), lambda match: signs[match[0]], text)
    return text


def judged(problem: Problem, of: str, text: str) -> str:
    """Return the judge's verdict, "unreadable" for what it cannot read."""
    try:
        with time_limit(SECONDS):
            return derivation._check(text, problem.id, of, ()).verdict
    except Malformed:
        return "unreadable"
    except TimeLimit:
        return UNDECIDED


def measure(wrong: int, right: int, seed: int = 1) -> dict:
    """Judge so many wrong and right formulas; return the counts of verdicts and the formulas misjudged."""
    result = {}
    for truth, count, change in (("wrong", wrong, mistake), ("right", right, rewriting)):
        draw, verdicts, misjudged, tried = random.Random(seed), {}, [], 0
        for problem, of, text, holds in candidates(change, seed):
            if tried == count:
                break
            if holds != (truth == "right"):
                continue
            tried += 1
            text = text if truth == "wrong" else in_other_notation(text, problem, draw)
            verdict = judged(problem, of, text)
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
            positive = verdict not in (REFUTED, UNDECIDED, "unreadable")
            if positive if truth == "wrong" else verdict == REFUTED:
                misjudged.append({"problem": problem.id, "stated": text, "verdict": verdict})
        result[truth] = {"tried": tried, "verdicts": dict(sorted(verdicts.items())), "misjudged": misjudged}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", type=int, default=10_000, help="how many wrong formulas")
    parser.add_argument("--right", type=int, default=2_000, help="how many right ones")
    parser.add_argument("--seed", type=int, default=1, help="of the random edits")
    parser.add_argument("--output", help="JSON to write in place of failing over formulas that are misjudged")
    args = parser.parse_args()
    found = measure(args.wrong, args.right, args.seed)
    for truth, counts in found.items():
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts["verdicts"].items())
        print(f"{counts['tried']} {truth} formulas: {told}")
        for row in counts["misjudged"][:20]:
            print(f"  misjudged: {row['problem']}: {row['stated']}: {row['verdict']}")
    if args.output:
        write_json(args.output, found)
    elif any(counts["misjudged"] for counts in found.values()):
        sys.exit("error: wrong formulas were accepted or right ones refuted")


if __name__ == "__main__":
    run(main)
