"""Read what a claim asks of formulas: the names with their shapes, what is defined by what, and the objective.

Definitions stand as people write a network down: u1 = a W1 + b1, z1 = σ(u1), …, in any order. What moves with the
variable of a derivative is put in place of its name (`moving`); everything else is held.

Where u = expr + b goes into a function and b into nothing else, u counts as free and b follows from it, b = u − expr:
any values of one are values of the other, and no exponential is nested in another.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from scripts.formulas.read import read
from scripts.formulas.tokens import FUNCTIONS, Vocabulary
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


def question(identity: str, spec: Mapping) -> Question:
    """Read a claim's parameters. Raises Failure, one line with the parameter's name, for what is wrong."""
    return _Reading(identity, spec).question()


class _Reading:
    def __init__(self, identity: str, spec: Mapping):
        self.identity, self.spec = identity, spec

    def wrong(self, place: str, why: object) -> Failure:
        return Failure(f"{place}: {why}")

    def question(self) -> Question:
        spec = self.spec
        asked = ASKED[spec["kind"]]
        given = {str(name): self.shape(str(name), str(text)) for name, text in spec.get("shapes", {}).items()}
        if taken := given.keys() & {axis for shape in given.values() for axis in shape}:
            raise self.wrong(f"shapes: {min(taken)}", "it is a name and a length: choose another letter for one")
        forward = self.definitions(given)
        names = {**given, **{name: node.shape for name, node in forward.items()}}
        of = "expression" if asked == "expression" else "objective"
        objective = self.read(of, spec.get(of), names)
        variable = "" if asked == "expression" else str(spec.get("variable"))
        if asked != "expression":
            if not is_scalar(objective.shape):
                shown = " × ".join(map(str, objective.shape))
                raise self.wrong(
                    "objective", f"it has the shape {shown} and has to be a number; np.sum(…) adds up all entries"
                )
            if variable not in names:
                raise self.wrong("variable", f"{variable!r} is not among the names: {', '.join(names)}")
        listed = spec.get("derivatives", {}) if variable else {}  # an expression has none
        derivatives = {str(name): str(by) for name, by in listed.items()}
        for name, by in derivatives.items():
            if name in names or not NAME.fullmatch(name):
                raise self.wrong(f"derivatives: {name}", "a new name is needed, letters and then perhaps a number")
            if by not in names:
                raise self.wrong(f"derivatives: {name}", f"{by!r} is not among the names: {', '.join(names)}")
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
                raise self.wrong(place, f"the objective does not depend on {name}")
        for name in result.symmetric:
            if len(given[name]) != 2 or given[name][0] != given[name][1]:
                raise self.wrong(f"symmetric: {name}", "a symmetric matrix has the shape n × n")
        return result

    def shape(self, name: str, text: str) -> Shape:
        """Read "n × d", "1 × n", "n" or "scalar"."""
        if not NAME.fullmatch(name) or (name in FUNCTIONS and len(name) > 2):
            raise self.wrong(f"shapes: {name}", "a name has letters and then perhaps a number, and is no function")
        if text.strip() in ("scalar", ""):
            return ()
        axes = re.split(r"\s*[×*,]\s*|\s+x\s+", text.strip())
        if len(axes) > 2 or not all(axis == "1" or NAME.fullmatch(axis) for axis in axes):
            raise self.wrong(f"shapes: {name}", f"{text!r} is no shape: write n × d, 1 × n, n or scalar")
        return tuple(1 if axis == "1" else axis for axis in axes)

    def listed(self, place: str, names: Mapping[str, object]) -> list[str]:
        """Return the names that a parameter lists, which have to be among `names`."""
        listed = self.spec.get(place, [])
        listed = [listed] if isinstance(listed, str) else listed
        for name in listed:
            if name not in names:
                raise self.wrong(place, f"{name!r} is not among the names: {', '.join(names)}")
        return listed

    def read(self, place: str, text: object, names: Mapping[str, Shape]) -> Node:
        axes = frozenset(axis for shape in names.values() for axis in shape if axis != 1)
        lengths = {str(word): str(axis) for word, axis in self.spec.get("lengths", {}).items()}
        if text is None:
            raise self.wrong(place, "it is missing")
        try:
            members = read(str(text), Vocabulary(names, axes, lengths=lengths))
        except Unreadable as error:
            raise self.wrong(place, f"{error} (in {str(text)[:80]!r})") from None
        if len(members) > 1:
            raise self.wrong(place, "one formula is needed, without an equals sign")
        return members[0]

    def definitions(self, given: Mapping[str, Shape]) -> dict[str, Node]:
        """Read `where`, each definition after those that it uses."""
        waiting = {str(name): str(text) for name, text in self.spec.get("where", {}).items()}
        for name in waiting:
            if name in given or not NAME.fullmatch(name):
                raise self.wrong(f"where: {name}", "a new name is needed, letters and then perhaps a number")
        uses = {name: set(NAME.findall(text)) & waiting.keys() for name, text in waiting.items()}
        found: dict[str, Node] = {}
        while waiting:
            ready = [name for name in waiting if uses[name] <= found.keys()]
            if not ready:
                raise self.wrong("where", f"{', '.join(waiting)} are defined by each other")
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
        return found
