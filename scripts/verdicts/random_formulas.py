"""Random answers to the formulas of a problem set, of which the truth is known: what would the judge let through?

Right formulas, the engine's own and those that the set lists as right, are edited at random, as mistakes and tricks
would edit them, or rewritten by rules that keep their value and put into another notation. An oracle that shares
nothing with the judge (scripts.verdicts.oracle) says which of the results are right.

    python -m scripts.verdicts.random_formulas --wrong 10000 --right 2000
"""

import argparse
import ast
import copy
import random
import re
import sys
from ast import BinOp, Constant
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice

from scripts.formulas.code import numpy_text
from scripts.formulas.indices import TooHard
from scripts.formulas.problem import Problem, problem
from scripts.formulas.question import names_in
from scripts.formulas.read import read
from scripts.formulas.tokens import GREEK, HATS
from scripts.formulas.tree import Unreadable
from scripts.formulas.typeset import latex
from scripts.problem_set.read import ProblemSet, read_set
from scripts.shared.schema import default_set
from scripts.shared.step import at_least, run, write_json
from scripts.verdicts.attempt import UNREAD, attempt
from scripts.verdicts.kinds import formula
from scripts.verdicts.oracle import Oracle, as_written, python, value
from scripts.verdicts.tally import report, summed

LONGEST = 300  # characters of a formula
EDITS = 3  # of one formula, at most
TRIES = 20  # for each formula that is asked for, at most
SIGNS = {".T": "ᵀ", "**2": "²", "-": "−", " @ ": " "} | {word: sign for sign, word in (GREEK | HATS).items()}


@dataclass(frozen=True)
class Subject:
    """A claim whose answer is a formula: the problem, what it may be written with, and right formulas to start from."""

    spec: dict
    problem: Problem
    oracle: Oracle
    starts: list[str]

    @cached_property
    def names(self) -> list[str]:
        """The names of arrays that an answer may use."""
        return [*map(python, self.problem.vocabulary.names)]

    @cached_property
    def definitions(self) -> dict[str, str]:
        """What stands for each name that is defined by names of an answer."""
        known = self.problem.vocabulary.names.keys()
        defined = {name: node for name, node in self.problem.forward.items() if name in known}
        return {
            python(name): self.oracle.forward[python(name)] for name, node in defined.items() if names_in(node) <= known
        }

    def shape(self, node: ast.expr) -> tuple[int, ...] | None:
        """Return the shape of a part of a formula at the sizes tried; None if it has none."""
        try:
            return value(ast.unparse(ast.fix_missing_locations(node)), self.oracle.points[0][0]).shape
        except Exception:  # whatever Python makes of a part that was edited
            return None

    def are_matrices(self, *nodes: ast.expr) -> bool:
        """Tell whether all of these parts have two axes."""
        return all(len(self.shape(node) or ()) == 2 for node in nodes)

    def axis(self, node: ast.expr) -> str | None:
        """Return the name of the axis that sum and mean go along."""
        shape = self.shape(node)
        return next((axis for axis, length in self.oracle.dims.items() if shape and length == shape[0]), None)


def subjects(problem_set: ProblemSet) -> list[Subject]:
    """Return the claims that ask for a formula, as far as the oracle can tell and Python can say what is right."""
    found = []
    for name, spec in problem_set.claims.items():
        if name not in problem_set.formulas:
            continue
        asked = problem(name, spec)
        try:
            oracle = Oracle(asked, python(numpy_text(asked.trees["answer"])))
            own = python(numpy_text(asked.shown))
        except TooHard:
            continue
        graded = [entry for entry in problem_set.graded if (entry["claim"], entry["truth"]) == (name, "right")]
        listed = [python(entry["stated"]) for entry in graded if isinstance(entry["stated"], str)]
        starts = [own, *filter(oracle.holds, listed)]
        if starts := [text for text in starts if len(text) <= LONGEST and oracle.points]:
            found.append(Subject(spec, asked, oracle, starts))
    return found


# Edits


def name(text: str) -> ast.expr:
    """Parse a formula."""
    return ast.parse(text, mode="eval").body


def call(function: str, argument: ast.expr) -> ast.expr:
    """Apply a function to a formula."""
    return ast.Call(ast.Name(function), [argument], [])


def mistake(node: ast.expr, subject: Subject, draw: random.Random) -> ast.expr:
    """Return what a mistake or a trick would put in place of a part of a formula."""
    axes = sorted(subject.problem.axes) or ["2"]
    axis, other = draw.choice(axes), draw.choice(subject.names)
    ways: list[Callable[[], ast.expr]] = [
        lambda: BinOp(Constant(draw.choice([2, 3])), ast.Mult(), node),
        lambda: ast.UnaryOp(ast.USub(), node),
        lambda: BinOp(node, ast.Mult(), name(f"({axis} - {draw.randint(1, 4)})")),
        lambda: BinOp(node, ast.Add(), name(f"({axis} - 2)*({axis} - 3)*({axis} - 4)*({axis} - 5)*({axis} - 6)")),
        lambda: BinOp(node, ast.Div(), name(axis)),
        lambda: BinOp(node, ast.Mult(), name(f"{axis}/{draw.choice(axes)}")),
        lambda: BinOp(node, ast.Add(), name(f"(1 - {other}/{other})")),
        lambda: BinOp(node, ast.Mult(), name(f"(sum({other}/{other})/{draw.choice(axes)})")),
        lambda: BinOp(BinOp(node, ast.Pow(), Constant(2)), ast.Div(), node),
        lambda: call("exp", call("log", node)),
        lambda: call(draw.choice(["abs", "sign", "exp", "sum", "mean", "sigmoid", "sqrt"]), node),
        lambda: BinOp(node, ast.Pow(), Constant(draw.choice([2, 3]))),
        lambda: ast.Attribute(node, "T"),
        lambda: ast.Name(other),
        lambda: BinOp(node, draw.choice([ast.Add(), ast.Sub(), ast.Mult()]), ast.Name(other)),
        lambda: call("sqrt", BinOp(node, ast.Pow(), Constant(2))),
    ]
    match node:
        case BinOp(left=left, op=op, right=right):
            swapped = draw.choice([ast.Add(), ast.Sub(), ast.Mult(), ast.Div(), ast.MatMult()])
            ways += [lambda: BinOp(right, op, left), lambda: BinOp(left, swapped, right)] * 3
            ways += [lambda: left, lambda: right] * 2
        case ast.Attribute(value=inner) | ast.UnaryOp(operand=inner) | ast.Call(args=[inner]):
            ways += [lambda: inner] * 4
        case Constant(value=value):
            ways += [lambda: Constant(value + draw.choice([-1, 1])), lambda: Constant(value * 2)] * 4
    return draw.choice(ways)()


def rewriting(node: ast.expr, subject: Subject, draw: random.Random) -> ast.expr:
    """Return another form of a part of a formula, of the same value."""
    k = Constant(draw.randint(2, 9))
    ways: list[Callable[[], ast.expr]] = [
        lambda: BinOp(BinOp(k, ast.Mult(), node), ast.Div(), k),
        lambda: BinOp(BinOp(Constant(2), ast.Mult(), node), ast.Sub(), node),
        lambda: ast.UnaryOp(ast.USub(), ast.UnaryOp(ast.USub(), node)),
        lambda: BinOp(node, ast.Mult(), Constant(1)),
        lambda: BinOp(BinOp(node, ast.Add(), k), ast.Sub(), k),
    ]
    match node:
        case BinOp(left=left, op=ast.Add() | ast.Mult() as op, right=right):
            ways += [lambda: BinOp(right, op, left)] * 4
        case BinOp(left=left, op=ast.Sub(), right=right):
            ways += [lambda: ast.UnaryOp(ast.USub(), BinOp(right, ast.Sub(), left))] * 3
            ways += [lambda: BinOp(ast.UnaryOp(ast.USub(), right), ast.Add(), left)] * 3
        case BinOp(left=left, op=ast.MatMult(), right=right) if subject.are_matrices(left, right):
            turned = [ast.Attribute(part, "T") for part in (right, left)]
            ways += [lambda: ast.Attribute(BinOp(turned[0], ast.MatMult(), turned[1]), "T")] * 4
        case BinOp(left=left, op=ast.Pow(), right=Constant(value=2)):
            ways += [lambda: BinOp(left, ast.Mult(), left)] * 4
        case ast.Call(func=ast.Name(id="sign"), args=[inner]):
            ways += [lambda: call("sign", BinOp(k, ast.Mult(), inner))] * 3
            ways += [lambda: ast.UnaryOp(ast.USub(), call("sign", ast.UnaryOp(ast.USub(), inner)))] * 3
            ways += [lambda: BinOp(inner, ast.Div(), call("abs", inner))] * 3
            ways += [lambda: call("sign", BinOp(call("exp", inner), ast.Mult(), inner))]
        case ast.Call(func=ast.Name(id="abs"), args=[inner]):
            ways += [lambda: call("abs", ast.UnaryOp(ast.USub(), inner))] * 3
            ways += [lambda: BinOp(inner, ast.Mult(), call("sign", inner))] * 3
            ways += [lambda: call("sqrt", BinOp(inner, ast.Pow(), Constant(2)))] * 3
        case ast.Call(func=ast.Name(id="sigmoid"), args=[inner]):
            e = call("exp", ast.UnaryOp(ast.USub(), inner))
            ways += [lambda: BinOp(Constant(1), ast.Div(), BinOp(Constant(1), ast.Add(), e))] * 4
        case ast.Call(func=ast.Name(id="ds"), args=[inner]):
            s = call("sigmoid", inner)
            ways += [lambda: BinOp(s, ast.Mult(), BinOp(Constant(1), ast.Sub(), s))] * 4
        case ast.Call(func=ast.Name(id="sum"), args=[inner]) if axis := subject.axis(inner):
            ways += [lambda: BinOp(ast.Name(axis), ast.Mult(), call("mean", inner))] * 3
        case ast.Call(func=ast.Name(id="mean"), args=[inner]) if axis := subject.axis(inner):
            ways += [lambda: BinOp(call("sum", inner), ast.Div(), ast.Name(axis))] * 3
        case ast.Name(id=word) if word in subject.definitions:
            ways += [lambda: name(subject.definitions[word])] * 3
    return draw.choice(ways)()


def edited(tree: ast.expr, change: Callable, subject: Subject, draw: random.Random) -> ast.expr:
    """Return the tree with one part of it, drawn at random, changed."""
    functions = _functions(tree)
    parts = [node for node in ast.walk(tree) if isinstance(node, ast.expr) and node not in functions]
    chosen = draw.choice(parts)
    new = change(copy.deepcopy(chosen), subject, draw)

    class Replace(ast.NodeTransformer):
        def visit(self, node):
            return new if node is chosen else self.generic_visit(node)

    return Replace().visit(tree)


def _functions(tree: ast.AST) -> set[ast.AST]:
    """Return the parts that say how to compute: names of functions, and by which axis."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            method = isinstance(node.func, ast.Attribute) and not (
                isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
            )
            found |= {node.func} if method else set(ast.walk(node.func))
            found |= {part for keyword in node.keywords for part in ast.walk(keyword.value)}
        elif isinstance(node, ast.Subscript):
            found |= set(ast.walk(node.slice))
    return found


def candidates(found: list[Subject], change: Callable, seed: int, tries: int) -> Iterator[tuple[Subject, str, bool]]:
    """Yield (subject, formula, is it right): those to start from, and in so many tries others, changed at random."""
    draw, seen = random.Random(seed), set()
    for subject in found:
        for text in subject.starts:
            seen.add((subject.spec["id"], text))
            yield subject, text, subject.oracle.holds(text)
    for _ in range(tries if found else 0):
        subject = draw.choice(found)
        tree = name(draw.choice(subject.starts))
        for _ in range(draw.randint(1, EDITS)):
            tree = edited(tree, change, subject, draw)
        text = ast.unparse(ast.fix_missing_locations(tree))
        if len(text) > LONGEST or (subject.spec["id"], text) in seen:
            continue
        seen.add((subject.spec["id"], text))
        try:
            yield subject, text, subject.oracle.holds(text)
        except AttributeError:  # Python's numbers, unlike arrays, have no .T
            continue


def in_other_notation(text: str, subject: Subject, draw: random.Random) -> str:
    """Return a formula as numpy code, as LaTeX, or with Unicode's signs."""
    match draw.randrange(3):
        case 0:
            try:
                return latex(read(text, subject.problem.vocabulary)[0])
            except Unreadable:
                return text
        case 1:
            words = rf"\b(?:{'|'.join(map(re.escape, (GREEK | HATS).values()))})\b"
            return re.sub(rf"{words}|\.T|\*\*2| @ (?!-)|-", lambda match: SIGNS[match[0]], text)
    return text


def judged(subject: Subject, text: str) -> str:
    """Return the judge's verdict, "unreadable" for what it cannot read."""
    found = attempt(subject.spec["kind"], partial(formula.judged, text, subject.spec))
    return "unreadable" if found.reason.startswith(UNREAD) else found.verdict


def measure(problem_set: ProblemSet, wrong: int, right: int, seed: int = 1) -> dict:
    """Judge so many wrong and right formulas; return the counts of verdicts and the formulas misjudged."""
    result, found = {}, subjects(problem_set)
    for truth, count, change in (("wrong", wrong, mistake), ("right", right, rewriting)):
        tried, draw = candidates(found, change, seed, TRIES * count), random.Random(seed)
        fitting = ((subject, as_written(text)) for subject, text, holds in tried if holds == (truth == "right"))
        rows = []
        for subject, text in islice(fitting, count):
            text = in_other_notation(text, subject, draw) if truth == "right" else text
            rows.append({"problem": subject.spec["id"], "stated": text, "verdict": judged(subject, text)})
        result[truth] = summed(rows, truth)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem-set", help="folder of the problem set (default: the one of config.yaml)")
    parser.add_argument("--wrong", type=at_least(0), default=10_000, help="how many wrong formulas")
    parser.add_argument("--right", type=at_least(0), default=2_000, help="how many right ones")
    parser.add_argument("--seed", type=at_least(0), default=1, help="of the random edits")
    parser.add_argument("--output", help="JSON to write in place of failing over formulas that are misjudged")
    args = parser.parse_args()
    found = measure(read_set(args.problem_set or default_set()), args.wrong, args.right, args.seed)
    print(report(found, "formulas"))
    if args.output:
        write_json(args.output, found)
    elif any(counts["misjudged"] for counts in found.values()):
        sys.exit("error: wrong formulas were accepted or right ones refuted")


if __name__ == "__main__":
    run(main)
