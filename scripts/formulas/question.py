"""Read what a claim asks of formulas: the names with their shapes, what is defined by what, and the objective.

Definitions stand as people write a network down: u1 = a W1 + b1, z1 = σ(u1), …, in any order. What moves with the
variable of a derivative is put in place of its name (`moving`); everything else is held.

Where u = expr + b goes into a function and b into nothing else, u counts as free and b follows from it, b = u − expr:
any values of one are values of the other, and no exponential is nested in another.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property

from scripts.formulas.read import read
from scripts.formulas.tokens import Vocabulary, tokens
from scripts.formulas.tree import Node, Shape, Unreadable, is_scalar, negative
from scripts.shared.step import Failure

ASKED = {"derivative": "derivative", "minimiser": "minimiser", "identity": "expression"}
NAME = re.compile(r"[A-Za-z]+[0-9]*")
TRAITS = ("positive", "symmetric", "sums_to_one")


@dataclass(frozen=True, eq=False)
class Question:
    """An objective and the variable that it is differentiated in, or an expression.

    asked: "derivative" or "minimiser" of the objective in `wrt`, or "expression", which is the objective itself, of any
    shape. given: the shapes of the names that the author gives; forward: the definitions, each after those it uses;
    derivatives: names for the objective's derivative in a variable. positive, symmetric, sums_to_one: given names with
    entries > 0, with A = Aᵀ, and those whose last axis sums to 1.
    """

    id: str
    asked: str
    given: Mapping[str, Shape]
    forward: Mapping[str, Node]
    objective: Node
    wrt: str = ""
    derivatives: Mapping[str, str] = field(default_factory=dict)
    positive: frozenset[str] = frozenset()
    symmetric: frozenset[str] = frozenset()
    sums_to_one: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> dict[str, Shape]:
        """Every name with its shape."""
        shapes = {**self.given, **{name: node.shape for name, node in self.forward.items()}}
        return shapes | {name: shapes[variable] for name, variable in self.derivatives.items()}

    @cached_property
    def axes(self) -> frozenset[str]:
        return frozenset(axis for shape in self.given.values() for axis in shape if axis != 1)

    @cached_property
    def shape(self) -> Shape:
        """The shape of the variable, or of the expression."""
        return self.names[self.wrt] if self.wrt else self.objective.shape

    def traits(self, name: str) -> frozenset[str]:
        """Return what is known of a name's entries, as `indices` calls it."""
        return frozenset(trait for trait in TRAITS if name in getattr(self, trait))

    @cached_property
    def _solved(self) -> dict[str, str]:
        """The names b that follow from u = expr + b, with their u."""
        if self.asked != "derivative":
            return {}
        inside = {n for tree in (*self.forward.values(), self.objective) for n in _under_functions(tree)}
        inside |= {n for name in inside & self.forward.keys() for n in self.behind[name]}
        found = {}
        for u, node in self.forward.items():
            others = [name for name, other in self.forward.items() if name != u and other is not node]
            used = {n for name in others for n in names_in(self.forward[name])}
            for one, b in (node.args, node.args[::-1]) if node.op == "add" else ():
                free = b.op == "name" and b.data in self.given and not self.traits(b.data) and b.shape == node.shape
                if u in inside and free and b.data not in used | names_in(one) | found.keys():
                    found[b.data] = u
                    break
        return found

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The free variables with their shapes."""
        solved = self._solved
        given = {name: shape for name, shape in self.given.items() if name not in solved}
        return given | {u: self.names[u] for u in solved.values()}

    @cached_property
    def definitions(self) -> dict[str, Node]:
        """All names that are not free, by others; no two go in circles."""
        result = {name: node for name, node in self.forward.items() if name not in self.shapes}
        for b, u in self._solved.items():
            left, right = self.forward[u].args
            rest = left if right.op == "name" and right.data == b else right
            u_node = Node("name", (), self.names[u], u)
            result[b] = Node("add", (u_node, negative(rest)), self.names[b])
        return result

    @cached_property
    def behind(self) -> dict[str, set[str]]:
        """The names that each definition uses, and those that their definitions use, and so on."""
        result: dict[str, set[str]] = {}
        for name, node in self.forward.items():
            direct = names_in(node)
            result[name] = direct.union(*(result.get(other, ()) for other in direct))
        return result

    def follows(self, name: str, variable: str) -> bool:
        """Tell whether a name's definition uses the variable."""
        return variable in self.behind.get(name, ())

    def moving(self, node: Node, variable: str) -> Node:
        """Return a tree with the definitions of all names that follow from the variable in their places."""
        names = [name for name in names_in(node) if self.follows(name, variable)]
        return replaced(node, {name: self.moving(self.forward[name], variable) for name in names})


def names_in(node: Node) -> set[str]:
    """Return the names that stand in a tree."""
    return {part.data for part in node.walk() if part.op == "name"}


def replaced(node: Node, places: Mapping[str, Node]) -> Node:
    """Return a tree with other trees in the places of names."""
    if node.op == "name":
        return places.get(node.data, node)
    if not places or not node.args:
        return node
    return replace(node, args=tuple(replaced(arg, places) for arg in node.args))


def _under_functions(node: Node) -> Iterator[str]:
    for part in node.walk():
        if part.op == "function":
            yield from names_in(part)


def _known(question: Question) -> None:
    """Refuse what cannot be known of names of their shapes."""
    for name in question.symmetric:
        if len(question.given[name]) != 2 or question.given[name][0] != question.given[name][1]:
            raise _wrong(f"symmetric: {name}", "a symmetric matrix has the shape n × n")
    for name in question.sums_to_one:
        if question.given[name][-1:] in ((), (1,)):
            told = "entries add up along the last axis, which has one at most here: give it as k, 1 × k or n × k"
            raise _wrong(f"sums_to_one: {name}", told)


def circular(question: Question) -> set[str]:
    """Return the names that are the answer or follow from it, which no answer may use.

    Of derivatives, an answer may use those in what the variable moves: backpropagation goes from them to it.
    """
    if question.asked == "minimiser":
        moved = {name for name in question.names if question.follows(name, question.wrt)}
        return moved | {question.wrt} | question.derivatives.keys()
    return {name for name, by in question.derivatives.items() if not question.follows(by, question.wrt)}


def _taken_for(word: str, words: Vocabulary, sigma: bool = True) -> str:
    """Say what a word stands for in formulas already; nothing for a new one.

    Names of one or two letters and Σ may be functions as well, and σ where it is the name of a sigmoid's value.
    """
    try:
        parts = tokens(word, words)
    except Unreadable:
        return ""
    if any(part.type != "NAME" for part in parts):
        both = len(word) <= 2 or word == "Sigma" or (word == "sigma" and sigma)
        return "" if both and parts[0].type == "OPERATOR" else "a function or a sign"
    if len(parts) == 1:
        return parts[0].value
    found = [part.value for part in parts]
    return "" if not found or words.axes.intersection(found) else f"the product of {' and '.join(found)}"


def question(identity: str, spec: Mapping) -> Question:
    """Read a claim's parameters. Raises Failure, one line with the parameter's name, for what is wrong."""
    return _Reading(identity, spec).question()


def _wrong(place: str, why: object) -> Failure:
    return Failure(f"{place}: {why}")


class _Reading:
    def __init__(self, identity: str, spec: Mapping):
        self.identity, self.spec = identity, spec

    def question(self) -> Question:
        spec = self.spec
        asked = ASKED[spec["kind"]]
        given = {str(name): self.shape(str(name), str(text)) for name, text in spec.get("shapes", {}).items()}
        listed = spec.get("derivatives", {}) if asked != "expression" else {}  # an expression has none
        derivatives = {str(name): str(by) for name, by in listed.items()}
        self.distinct(given, derivatives)
        forward = self.definitions(given)
        names = {**given, **{name: node.shape for name, node in forward.items()}}
        of = "expression" if asked == "expression" else "objective"
        objective = self.read(of, spec.get(of), names)
        variable = "" if asked == "expression" else str(spec.get("variable"))
        if asked != "expression":
            if not is_scalar(objective.shape):
                shown = " × ".join(map(str, objective.shape))
                raise _wrong(
                    "objective", f"it has the shape {shown} and has to be a number; np.sum(…) adds up all entries"
                )
            if variable not in names:
                raise _wrong("variable", f"{variable!r} is not among the names: {', '.join(names)}")
        for name, by in derivatives.items():
            if by not in names:
                raise _wrong(f"derivatives: {name}", f"{by!r} is not among the names: {', '.join(names)}")
        result = Question(
            id=self.identity,
            asked=asked,
            given=given,
            forward=forward,
            objective=objective,
            wrt=variable,
            derivatives=derivatives,
            **{trait: frozenset(self.listed(trait, given)) for trait in TRAITS},
        )
        moved = {"variable": variable} | {f"derivatives: {name}": by for name, by in derivatives.items()}
        for place, name in moved.items() if variable else ():
            if not any(word == name or result.follows(word, name) for word in names_in(objective)):
                raise _wrong(place, f"the objective does not depend on {name}")
        _known(result)
        for name in self.listed("given", result.names):
            if name in circular(result):
                raise _wrong("given", f"{name} is the answer or follows from it; take it out")
        return result

    def distinct(self, given: Mapping[str, Shape], derivatives: Mapping[str, str]) -> None:
        """Refuse names and other spellings that formulas could take for something else."""
        places = {"shapes": list(given), "where": self.spec.get("where", {}), "derivatives": derivatives}
        shapes: dict[str, Shape] = {}
        for place, new in places.items():
            for name in new:
                if name in shapes or not NAME.fullmatch(name):
                    told = "a new name is needed, Latin letters and then perhaps a number (mu for μ)"
                    raise _wrong(f"{place}: {name}", told)
                shapes[name] = given.get(name, ())
        axes = frozenset(axis for shape in given.values() for axis in shape if axis != 1)
        for place, new in places.items():
            for name in new:
                others = Vocabulary({other: shape for other, shape in shapes.items() if other != name}, axes)
                if other := _taken_for(name, others, sigma=place != "shapes"):
                    told = f"the length {other}" if other in axes else other
                    raise _wrong(f"{place}: {name}", f"formulas take it for {told}: choose another name")
        for axis in sorted(axes):
            if other := _taken_for(axis, Vocabulary({}, frozenset()), sigma=False):
                raise _wrong("shapes", f"formulas take the length {axis} for {other}: choose another letter")
        aliases = self.spec.get("aliases", {})
        same = {"aliases": aliases, "by": dict.fromkeys(self.spec.get("by", ()), self.spec.get("variable"))}
        same["lengths"] = {word: axis for word, axis in self.spec.get("lengths", {}).items() if not word.isdigit()}
        for place, spellings in same.items():
            for word, name in spellings.items():
                if (other := _taken_for(word, Vocabulary(shapes, axes))) not in ("", name):
                    raise _wrong(f"{place}: {word}", f"formulas take it for {other} already; take it out")
        for word, name in aliases.items():
            if name in {*shapes, *axes} and _taken_for(word, Vocabulary(shapes, axes, aliases)) != name:
                raise _wrong(f"aliases: {word}", "no formula can hold it: take Latin letters, mu for μ and \\mu")

    def shape(self, name: str, text: str) -> Shape:
        """Read "n × d", "1 × n", "n" or "scalar"."""
        if text.strip() in ("scalar", ""):
            return ()
        axes = re.split(r"\s*[×*,]\s*|\s+x\s+", text.strip())
        if len(axes) > 2 or not all(axis == "1" or NAME.fullmatch(axis) for axis in axes):
            raise _wrong(f"shapes: {name}", f"{text!r} is no shape: write n × d, 1 × n, n or scalar")
        if get_close_matches(axes[0], ["scalar", "number", "vector", "matrix"], cutoff=0.8):
            raise _wrong(f"shapes: {name}", f"{text!r} would be a length: write scalar, n, 1 × n or n × d")
        return tuple(1 if axis == "1" else axis for axis in axes)

    def listed(self, place: str, names: Mapping[str, object]) -> list[str]:
        """Return the names that a parameter lists, which have to be among `names`."""
        listed = self.spec.get(place, [])
        listed = [listed] if isinstance(listed, str) else listed
        for name in listed:
            if name not in names:
                raise _wrong(place, f"{name!r} is not among the names: {', '.join(names)}")
        return listed

    def read(self, place: str, text: object, names: Mapping[str, Shape]) -> Node:
        axes = frozenset(axis for shape in names.values() for axis in shape if axis != 1)
        lengths = {str(word): str(axis) for word, axis in self.spec.get("lengths", {}).items()}
        if text is None:
            raise _wrong(place, "it is missing")
        try:
            members = read(str(text), Vocabulary(names, axes, lengths=lengths))
        except Unreadable as error:
            raise _wrong(place, f"{error} (in {str(text)[:80]!r})") from None
        if len(members) > 1:
            raise _wrong(place, "one formula is needed, without an equals sign")
        return members[0]

    def definitions(self, given: Mapping[str, Shape]) -> dict[str, Node]:
        """Read `where`, each definition after those that it uses."""
        waiting = {str(name): str(text) for name, text in self.spec.get("where", {}).items()}
        uses = {name: set(NAME.findall(text)) & waiting.keys() for name, text in waiting.items()}
        found: dict[str, Node] = {}
        while waiting:
            ready = [name for name in waiting if uses[name] <= found.keys()]
            if not ready:
                raise _wrong("where", f"{', '.join(waiting)} are defined by each other")
            why: Failure | None = None
            for name in ready:
                try:
                    names = {**given, **{other: node.shape for other, node in found.items()}}
                    found[name] = self.read(f"where: {name}", waiting[name], names)
                    del waiting[name]
                    break
                except Failure as failure:  # XW may be a product of names of which one is defined later
                    why = why or failure
            else:
                raise why
        for name, node in found.items():
            if node.op == "name":
                raise _wrong(f"where: {name}", f"it is another name of {node.data}: put it into aliases")
        return found
