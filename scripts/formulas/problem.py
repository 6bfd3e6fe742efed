"""A claim about formulas as the engine sees it: what is asked, the answer that it derives, and their values at points.

An objective is written once and runs in four ways: in index notation, on numpy arrays of SymPy symbols (to show it in
components), on mpmath numbers (to difference), on PyTorch tensors (to let autograd differentiate).
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property

import numpy as np
import sympy

from scripts.formulas.answer import answer
from scripts.formulas.evaluate import Arithmetic, evaluate
from scripts.formulas.for_all_sizes import CANNOT, Truth, derive
from scripts.formulas.gradient import folded
from scripts.formulas.question import Question, circular, names_in, question, replaced
from scripts.formulas.read import read
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Node, Shape, Unreadable
from scripts.formulas.typeset import latex
from scripts.formulas.typeset import name as typeset_name
from scripts.shared.step import Failure

LOSSES = frozenset({"L", "l", "ell", "J", "E", "C", "loss", "Loss", "cost", "Cost"})
FUNCTIONS = frozenset({"f", "F", "g", "h", "D", "S", "SSE", "R", "phi"})  # other names that an objective tends to have
LAYOUTS = ("variable", "transposed", "either")


@dataclass(frozen=True, eq=False)
class Problem(Question):
    """A question with its answer.

    allowed: the names that an answer may use; others follow from the answer or would be circular.
    called: what the objective may be called on a left-hand side; by: other names of `wrt` there.
    layout: whether the answer has the variable's shape, the transposed one, or for a vector either.
    aliases: other spellings of names; doubtful: those that may as well stand for another name; applied: names that may
    carry arguments; lengths: axes by how their lengths are written besides; without: functions not to be used.
    note: what a reader has to be told about the notation or about exceptions; mistakes: known wrong formulas, and what
    is wrong with each.
    """

    allowed: tuple[str, ...] = ()
    called: frozenset[str] = frozenset()
    by: tuple[str, ...] = ()
    layout: str = "variable"
    aliases: Mapping[str, str] = field(default_factory=dict)
    doubtful: Mapping[str, str] = field(default_factory=dict)
    applied: frozenset[str] = frozenset()
    lengths: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    note: str = ""
    mistakes: Mapping[str, str] = field(default_factory=dict)
    written_objective: str = ""

    # What is asked

    @cached_property
    def answer_shape(self) -> Shape:
        """The shape that an answer has to have."""
        if self.layout != "transposed":
            return self.shape
        return (1, *self.shape) if len(self.shape) == 1 else self.shape[::-1]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What an answer may be written in."""
        only = f"use only {', '.join(self.allowed)}"
        follows = f"is what the question asks for, or follows from it; {only}"
        closed = {name: f"{name} {follows}" for name in self.names if name not in self.allowed}
        closed |= {name: f"{name} may not be used here; {only}" for name in self.without}
        by = {self.wrt, *self.by, *(word for word, name in self.aliases.items() if name == self.wrt)} - {""}
        return Vocabulary(
            {name: self.names[name] for name in self.allowed},
            self.axes,
            self.aliases,
            self.applied,
            closed,
            self.lengths,
            frozenset(by),
            self.called,
            self.answer_shape,
        )

    @cached_property
    def everything(self) -> Vocabulary:
        """What known mistakes may be written in."""
        return replace(self.vocabulary, names=self.names, withheld={})

    # What is derived

    @cached_property
    def trees(self) -> dict[str, Node]:
        """The objective, all that moves with the variable written out, and the answer, in the variable's shape."""
        if self.asked == "expression":
            return {"objective": self.objective, "answer": self.objective}
        return {"objective": self.moving(self.objective, self.wrt), "answer": self._derived[0]}

    @cached_property
    def shown(self) -> Node:
        """The answer in the layout that is asked for."""
        node = self.trees["answer"]
        if self.answer_shape == node.shape:
            return node
        turned = Node("row" if len(node.shape) == 1 else "transpose", (node,), self.answer_shape)
        return folded(turned, {}, self.symmetric)

    @cached_property
    def jumps(self) -> Node | None:
        """The answer with the definitions of names that have kinks in their places; None if it has none itself."""
        if self.asked == "expression":
            return None

        def out(node: Node) -> Node:
            formulas = {name: out(self.formula(name)) for name in names_in(node) - self.shapes.keys()}
            return replaced(node, {name: formula for name, formula in formulas.items() if _has_kinks(formula)})

        node = out(self.trees["answer"])
        return node if _has_kinks(node) else None

    def free_behind(self, *nodes: Node) -> frozenset[str]:
        """Return the free names on which formulas depend."""
        found: set[str] = set()
        waiting = {name for node in nodes for name in names_in(node)}
        while waiting - found:
            name = (waiting - found).pop()
            found.add(name)
            waiting |= names_in(self.formula(name)) if name not in self.shapes else set()
        return frozenset(found & self.shapes.keys())

    @cached_property
    def unproved(self) -> str:
        """Why the engine cannot prove its own answer for all sizes, or "". Raises Failure where it can derive none."""
        return self._derived[1]

    @cached_property
    def truth(self) -> Truth:
        """The answer in index notation; raises one of CANNOT where there is none."""
        return derive(self)

    @cached_property
    def is_partial(self) -> bool:
        """Tell whether the objective or the answer may be undefined for some entries."""
        try:
            return bool(self.truth.conditions)
        except CANNOT:
            return True

    @cached_property
    def _derived(self) -> tuple[Node, str]:
        return answer(self, self.allowed)

    # What is shown

    @cached_property
    def objective_latex(self) -> str:
        """What the question is about, in LaTeX: L = …, or the expression."""
        written = self.written_objective or latex(self.objective)
        inside = re.compile(r"\{[^{}]*\}")  # the = of Σ_{i=1} makes no left side
        outside = written
        while inside.search(outside):
            outside = inside.sub("", outside)
        if self.asked == "expression" or "=" in outside:
            return written
        return f"{next(c for c in 'LJfgDEhFRS' if c not in self.names and c not in self.axes)} = {written}"

    @cached_property
    def latex(self) -> str:
        """The answer in LaTeX, with its left-hand side."""
        if self.asked == "expression":
            return self.objective_latex
        return f"{self.left} = {latex(self.shown)}"

    @property
    def left(self) -> str:
        """The left-hand side of the answer, in LaTeX."""
        variable = typeset_name(self.wrt if self.wrt in self.allowed or not self.by else self.by[0])
        if self.asked == "minimiser":
            return f"{typeset_name(self.wrt)}^*"
        turned = r"^\top" if self.layout == "transposed" and self.shape else ""
        return rf"\frac{{\partial {self.letter}}}{{\partial {variable}{turned}}}"

    @property
    def letter(self) -> str:
        """What the objective is called, in LaTeX."""
        found = re.match(r"\s*(\\?[A-Za-z]+)\s*(?:\(|=)", self.objective_latex)
        return found[1] if found else "L"

    # Values

    def derived(self, name: str) -> "Problem":
        """Return the problem whose answer a derivative's name stands for."""
        of = f"{self.id}.{name}"
        inner = replace(self, id=of, asked="derivative", wrt=self.derivatives[name], layout="variable")
        return replace(inner, allowed=_allowed(inner))

    @cached_property
    def wrong(self) -> list[tuple[Node, str]]:
        """The known mistakes that can be read, each with what is wrong with it."""
        found = []
        for formula, why in self.mistakes.items():
            try:
                found.append((read(formula, self.everything)[0], why))
            except Unreadable:  # the author is told when the set is checked
                continue
        return found

    def arrays(
        self,
        dims: dict[str, int],
        make: Callable[[str, tuple[int, ...]], object],
        used: Iterable[str] | None = None,
    ) -> dict[str, np.ndarray]:
        """Return the free variables, or those `used`, as object arrays of what `make(name, index)` gives for each
        entry."""
        result = {}
        for name, axes in self.shapes.items():
            if used is not None and name not in used:
                continue
            result[name] = _made(name, tuple(dims.get(axis, axis) for axis in axes), make)
        return self.arranged(result)

    def arranged(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return arrays with what is known of them: a symmetric one is its upper triangle, mirrored."""
        result = dict(arrays)
        for name in self.symmetric & result.keys():
            result[name] = np.triu(result[name]) + np.triu(result[name], 1).T
        return result

    def complete(self, arrays: Mapping[str, object], dims: dict[str, int], arithmetic: Arithmetic) -> dict[str, object]:
        """Return `arrays` together with the names that follow from them."""
        names = self.on_demand(arrays, dims, arithmetic)
        return {name: names[name] for name in [*arrays, *self.definitions, *self.derivatives]}

    def on_demand(self, arrays: Mapping[str, object], dims: dict[str, int], arithmetic: Arithmetic) -> "OnDemand":
        """Return the same names, each worked out when it is first asked for."""
        names = OnDemand(arrays)
        names.missing = lambda name: np.asarray(evaluate(self.formula(name), names, dims, arithmetic), dtype=object)
        for name in self.sums_to_one & names.keys():
            # The last entry is one minus the others: one-hot labels and all other distributions.
            names[name] = y = names[name].copy()
            y[..., -1] = 1 - y[..., :-1].sum(axis=-1)
        return names

    @cache  # noqa: B019 - problems are kept anyway
    def formula(self, name: str) -> Node:
        """Return what a name stands for that is not free."""
        return self.derived(name).trees["answer"] if name in self.derivatives else self.definitions[name]

    def value(self, what: str, names: Mapping[str, object], dims: dict[str, int], arithmetic: Arithmetic):
        """Return the "objective", a number, or the "answer", in the variable's shape, from the names."""
        value = evaluate(self.trees[what], names, dims, arithmetic)
        number = what == "objective" and self.asked != "expression"
        return value.sum() if number and hasattr(value, "sum") else value


def _has_kinks(node: Node) -> bool:
    return any(part.op == "function" and part.data in ("sign", "relu", "step") for part in node.walk())


class OnDemand(dict):
    """Arrays by name; `missing` makes those that are not there yet."""

    missing: Callable[[str], object]

    def __missing__(self, name: str) -> object:
        self[name] = value = self.missing(name)
        return value


def symbol(name: str, index: tuple[int, ...]) -> sympy.Symbol:
    """Return the real scalar that stands for one entry of a variable: W at (0, 1) is W_0_1."""
    return sympy.Symbol("_".join([name, *map(str, index)]), real=True)


def symbols(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return an object array of `symbol`s."""
    return _made(name, shape, symbol)


def _made(name: str, shape: tuple[int, ...], make: Callable[[str, tuple[int, ...]], object]) -> np.ndarray:
    result = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        result[index] = make(name, index)
    return result


def problem(identity: str, spec: Mapping) -> Problem:
    """Return the problem that a claim's parameters describe; the same one for the same parameters.

    Raises Failure, one line with the parameter's name, where they are incomplete or contradict each other.
    """
    return _problem(identity, json.dumps(spec, default=str))


@cache
def _problem(identity: str, written: str) -> Problem:
    spec = json.loads(written)
    asked = question(identity, spec)
    known = {part.name: getattr(asked, part.name) for part in fields(Question)}
    result = Problem(
        **known,
        called=LOSSES | (frozenset(spec["called"]) if "called" in spec else FUNCTIONS - asked.names.keys()),
        by=tuple(spec.get("by", ())),
        layout=spec.get("layout", LAYOUTS[0]),
        aliases=spec.get("aliases", {}),
        doubtful=spec.get("doubtful", {}),
        applied=frozenset(spec.get("applied", ())),
        lengths=spec.get("lengths", {}),
        without=tuple(spec.get("without", ())),
        note=" ".join(filter(None, (spec.get("note", ""), _independent(asked)))),
        mistakes=spec.get("mistakes", {}),
        written_objective=spec.get("objective_latex", ""),
    )
    if result.layout not in LAYOUTS:
        raise Failure(f"layout: {result.layout!r} is none of {', '.join(LAYOUTS)}")
    for place, listed in {
        "given": spec.get("given", ()),
        "aliases": result.aliases.values(),
        "applied": result.applied,
        "doubtful": result.doubtful.values(),
    }.items():
        for name in listed:
            if name not in result.names and (place == "given" or name not in result.axes):
                raise Failure(f"{place}: {name!r} is not among the names: {', '.join(result.names)}")
    for word, axis in result.lengths.items():
        if axis not in result.axes:
            raise Failure(f"lengths: {word}: {axis!r} is no length: {', '.join(sorted(result.axes))}")
    if result.asked == "minimiser" and (known := result.traits(result.wrt)):
        told = ", ".join(sorted(known))
        raise Failure(f"{told}: {result.wrt} is the variable, and a minimiser is sought among all arrays of its shape")
    offered = spec.get("given") or _allowed(result)
    return replace(result, allowed=tuple(name for name in offered if name not in result.without))


def _independent(question: Question) -> str:
    """Say that entries of a variable count as independent of which something is known."""
    bound = question.wrt and question.asked == "derivative" and question.traits(question.wrt) - {"positive"}
    return f"Each entry of {question.wrt} moves alone, though its entries depend on each other." if bound else ""


def _allowed(problem: Problem) -> tuple[str, ...]:
    """Return the names that an answer may use where the author does not say: all but what follows from the answer."""
    return tuple(name for name in problem.names if name not in circular(problem))
