"""Derive the answer to a question twice, as a formula in arrays and in index notation, and see that both are equal.

It is shown as a formula in arrays (scripts.formulas.gradient) where that is proved equal, for all sizes, to what
follows in index notation (scripts.formulas.for_all_sizes); else as that.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from scripts.formulas.for_all_sizes import CANNOT, Truth, compare, derive
from scripts.formulas.from_normal import components, tree
from scripts.formulas.gradient import folded, gradient
from scripts.formulas.question import Question, names_in, replaced
from scripts.formulas.tree import Node, negative, number
from scripts.shared.step import Failure

LONGEST = 300  # parts of an answer in index notation that is still worth showing
UNSEEN = "the two ways in which it is derived are not seen to be equal"


def answer(question: Question, allowed: Collection[str]) -> tuple[Node, str]:
    """Return the answer in the variable's shape and in names that are allowed in it, and why it is not proved, or "".

    Raises Failure where there is none: a minimiser that cannot be proved, an objective beyond what can be derived.
    """
    try:
        truth, why = derive(question), ""
    except CANNOT as error:
        truth, why = None, str(error)
    if question.asked == "expression":
        return question.objective, why
    found = None
    for found in _in_arrays(question, allowed):
        if truth is None:
            return found, why
        if _is_proved(question, found, truth):
            return found, ""
    if truth is None:
        raise Failure(f"the engine cannot derive this: {why}")
    parts = truth.entry, truth.at, question.shape, question.names
    node = components(*parts)
    if found and sum(1 for _ in node.walk()) > LONGEST:
        return found, UNSEEN
    forms = [form for form in (tree(*parts), node) if _is_proved(question, form, truth)]
    return (forms[0], "") if forms else (found or node, UNSEEN)


def _is_proved(question: Question, node: Node, truth: Truth) -> bool:
    """Tell whether a formula equals the truth for all sizes, wherever that is defined."""
    try:
        same = compare(question, node, truth)
    except CANNOT:
        return False
    return same.equal and same.defined


def _in_arrays(question: Question, allowed: Collection[str]) -> Iterator[Node]:
    """Yield the answer as formulas in arrays, in the order in which they are worth showing."""
    for objective in _chained(question, allowed):
        try:
            node = gradient(objective, question.wrt, question.sums_to_one, question.symmetric)
            node = _least(question, node) if question.asked == "minimiser" else node
            yield _in_names(question, allowed, node)
        except CANNOT:
            continue


def _chained(question: Question, allowed: Collection[str]) -> Iterator[Node]:
    """Yield numbers with the objective's derivative in the variable: Σ du ⊙ u, where all goes through a u whose
    derivative has a name; the objective itself."""
    through = {name: u for name, u in question.derivatives.items() if name in allowed and _only_through(question, u)}
    for name, u in through.items():
        if all(other == u or question.follows(other, u) for other in through.values()):  # the nearest one
            value = question.moving(question.forward[u], question.wrt)
            product = Node("times", (Node("name", (), value.shape, name), value), value.shape)
            yield _total(product)
    yield question.moving(question.objective, question.wrt)


def _only_through(question: Question, u: str) -> bool:
    """Tell whether the variable moves u, and the objective only through u."""
    around = replace(question, forward={name: node for name, node in question.forward.items() if name != u})
    return question.follows(u, question.wrt) and not any(
        name == question.wrt or around.follows(name, question.wrt) for name in names_in(question.objective)
    )


def _least(question: Question, node: Node) -> Node:
    """Return where a gradient c v + g vanishes: −g/c."""
    zero = Node("times", (number(0), Node("name", (), question.shape, question.wrt)), question.shape)
    rest = replaced(node, {question.wrt: zero})
    curvature = gradient(_total(node), question.wrt, question.sums_to_one, question.symmetric)
    return Node("over", (negative(rest), curvature), rest.shape)


def _in_names(question: Question, allowed: Collection[str], node: Node) -> Node:
    """Write an answer in the names that it may use."""
    if question.wrt not in question.shapes and question.wrt not in allowed:
        node = replaced(node, {question.wrt: question.definitions[question.wrt]})
    names = {name: definition for name, definition in question.forward.items() if name in allowed}
    return folded(node, names, question.symmetric)


def _total(node: Node) -> Node:
    return Node("total", (node,), (), (tuple(range(len(node.shape))), False))
