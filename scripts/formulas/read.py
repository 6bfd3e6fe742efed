"""Read a formula as people write it: numpy, LaTeX or Unicode mathematics, with or without its left-hand side.

Tokens, then the grammar, then the shapes: a product that is written by juxtaposition or a centred dot is a matrix
product, an elementwise one or a multiple by what the shapes allow; where they allow two, it is asked back. Whoever
reads a formula here gets a tree of known operations; nothing in the text is executed.
"""

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer

from scripts.formulas.tokens import Vocabulary, tokens, unreadable
from scripts.formulas.tree import Node, Shape, Unreadable, broadcast, is_scalar, product, squeezed

NODES, DEEPEST = 200, 40  # of a tree
MEMBERS = 4  # of a chain of equalities
POWERS = range(-6, 7)
TOWER = 12  # how high powers within powers may go
ELEMENTWISE = {"abs", "sign", "exp", "log", "sqrt", "sigmoid", "tanh", "relu"}

# What may stand before an equals sign, by what is asked.
_ARG = r"(?:\((?:\\?[A-Za-zμθ]+(?:_\{?[a-z0-9]\}?)?[,;]?)*\))?"
_NAME = rf"\\?(?:mathcal\{{?)?[A-Za-zμθ]+\}}?(?:_?\{{?[0-9₀-₉a-z]\}}?)*{_ARG}"
_D = r"(?:\\mathrm\{d\}|\\partial|∂|d)"
LEFT = {
    "derivative": rf"(?:\\nabla|∇|grad)(?:_\{{?\\?[A-Za-zμθ]+\}}?)?{_NAME}|{_D}{_NAME}(?:/\(?{_D}{_NAME}\)?)?"
    rf"|\\[td]?frac\{{{_D}{_NAME}\}}\{{{_D}{_NAME}\}}|(?:s|f|σ|\\sigma|D|L)(?:'|′|\^\\prime|\^\{{\\prime\}}){_ARG}",
    "minimiser": r"(?:\\hat\{?)?\\?(?:mu|μ)\}?"
    r"(?:\^\{?(?:\\ast|\\star|\*|⋆)\}?|\*|_?(?:opt|min|hat|star|\{\\min\}|\{\\text\{opt\}\}))?|(?:\\?arg\\?min.*)",
    "objective": rf"{_NAME}",
}


class _Tokens(Lexer):
    def __init__(self, _):
        pass

    def lex(self, data):
        yield from data


@cache
def _grammar() -> Lark:
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    names = sorted(set(re.findall(r"\b[A-Z]{2,}\b", re.sub("//.*", "", text))))
    return Lark(text + f"\n%declare {' '.join(names)}\n", parser="lalr", lexer=_Tokens)


def read(text: str, vocabulary: Vocabulary, asked: str = "derivative") -> list[Node]:
    """Return the tree of a formula, or of each member of a chain a = b, after a left-hand side such as ∇f.

    asked: "derivative", "minimiser" or "objective", which says what may stand on the left. Raises Unreadable.
    """
    if len(text) > 500:
        raise Unreadable("the formula is longer than 500 characters")
    members = _members(text)
    if len(members) > 1 and re.fullmatch(LEFT[asked], re.sub(r"\s|\\left|\\right|\\,", "", members[0])):
        members = members[1:]
    if len(members) > MEMBERS:
        raise Unreadable(f"there are more than {MEMBERS} equals signs; write the formula alone")
    return [_read(member, vocabulary) for member in members]


def _members(text: str) -> list[str]:
    text = text.strip()
    for start, end in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if text.startswith(start) and text.endswith(end) and len(text) >= len(start) + len(end):
            text = text[len(start) : -len(end)].strip()
            break
    text = re.sub(r"[.;]$", "", text) if not re.search(r"\d\.$", text) else text
    parts, depth, last = [], 0, 0
    for place, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "=" and not depth and not re.match(r".*[_^]\s*[a-z]?\s*$", text[last:place]):
            parts.append(text[last:place].removesuffix(":"))
            last = place + 1
    parts.append(text[last:])
    if any(not part.strip() for part in parts):
        raise Unreadable("there is nothing on one side of an equals sign" if len(parts) > 1 else "there is no formula")
    return parts


def _read(text: str, vocabulary: Vocabulary) -> Node:
    found = tokens(text, vocabulary)
    try:
        tree = _grammar().parse(found)
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        if token is None or token.type == "$END":
            raise Unreadable(f"{text.strip()[:60]!r} breaks off: something is missing at its end") from None
        raise unreadable(text, token.start_pos or 0, "this cannot follow what stands before it") from None
    if _depth(tree) > DEEPEST:
        raise Unreadable("the formula is nested too deeply")
    reader = _Shapes(text, vocabulary)
    node = reader.closed(reader.node(tree))
    if sum(1 for _ in node.walk()) > NODES:
        raise Unreadable("the formula is too long")
    _bounded(node, 1)
    return node


def _depth(tree: Tree) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in getattr(node, "children", ())]
    return deepest


def _bounded(node: Node, power: Fraction) -> None:
    if node.op == "power":
        power = power * max(abs(node.data), 1)
        if power > TOWER:
            raise Unreadable(f"powers within powers go beyond {TOWER}")
    for arg in node.args:
        _bounded(arg, power)


def number(value: Fraction | int) -> Node:
    return Node("number", (), (), Fraction(value))


class _Shapes:
    """Turns the grammar's tree into one of known operations, whose shapes fit for all sizes."""

    def __init__(self, text: str, vocabulary: Vocabulary):
        self.text, self.vocabulary = text, vocabulary
        self.running: dict[str, str | None] = {}  # index → axis, of the indices in use
        self.bound: list[str] = []

    def refuse(self, why: str, tree: object = None) -> Unreadable:
        starts = [t.start_pos for t in tree.scan_values(lambda t: True)] if isinstance(tree, Tree) else []
        return unreadable(self.text, min(starts), why) if starts else Unreadable(why)

    def node(self, tree: Tree | Token) -> Node:
        return getattr(self, f"_{tree.data}")(tree, *tree.children)

    def closed(self, node: Node) -> Node:
        """Give a formula that is written for one component, such as 2 x_j, the axes of its free indices."""
        free = list(self.running)
        if not free:
            return node
        if len(free) > 1 or not is_scalar(node.shape):
            raise Unreadable(f"the indices {', '.join(free)} are bound by no sum; write the formula for all components")
        return Node("components", (node,), (self.running[free[0]],), free[0])

    # Names and numbers

    def _number(self, tree, token):
        return number(token.value)

    def _name(self, tree, token):
        name = token.value
        if name in self.vocabulary.axes and name not in self.vocabulary.names:
            return Node("length", (), (), name)
        return Node("name", (), self.vocabulary.names[name], name)

    def _entry(self, tree, inner, token):
        node = self.node(inner)
        places = [k for k, axis in enumerate(node.shape) if axis != 1]
        if len(token.value) > len(places):
            raise self.refuse(f"there are too many indices ({', '.join(token.value)})", tree)
        pairs = tuple(zip(places, token.value, strict=False))
        for place, index in pairs:
            axis = node.shape[place]
            if self.running.setdefault(index, axis) is None:
                self.running[index] = axis
            if self.running[index] != axis:
                raise self.refuse(f"the index {index} runs over {self.running[index]} and over {axis}", tree)
        kept = tuple(axis for k, axis in enumerate(node.shape) if k not in {place for place, _ in pairs})
        if is_scalar(kept):
            kept = ()
        return Node("entry", (node,), kept, pairs)

    # Sums and products

    def _same(self, tree, *children):
        return self.node(children[-1])

    def _group(self, tree, _, inner, __):
        return self.node(inner)

    def _negative(self, tree, *children):
        node = self.node(children[-1])
        return Node("negative", (node,), node.shape)

    def _add(self, tree, one, _, other):
        return self.elementwise("add", self.node(one), self.node(other), tree)

    def _subtract(self, tree, one, _, other):
        node = self.node(other)
        return self.elementwise("add", self.node(one), Node("negative", (node,), node.shape), tree)

    def _elementwise(self, tree, one, _, other):
        return self.elementwise("times", self.node(one), self.node(other), tree)

    def _over(self, tree, one, _, other):
        return self.elementwise("over", self.node(one), self.node(other), tree)

    def _fraction(self, tree, *children):
        top, bottom = (self.node(child) for child in children if isinstance(child, Tree))
        return self.elementwise("over", top, bottom, tree)

    def _matmul(self, tree, one, _, other):
        return self.matmul(self.node(one), self.node(other), tree)

    def _juxtaposed(self, tree, one, other):
        self._no_doubtful_slash(tree, one, other)
        left, right = self.node(one), self.node(other)
        if is_scalar(left.shape) or is_scalar(right.shape):
            return self.elementwise("times", left, right, tree)
        if len(left.shape) == len(right.shape) == 1:
            raise self.refuse("a product of two vectors may be x^T y, x y^T or x ⊙ y: write which", tree)
        return self.matmul(left, right, tree)

    def _no_doubtful_slash(self, tree, one, other):
        """Ask back 1/2x: is the x below the line?"""
        if one.data == "over" and isinstance(other, Tree) and other.data in ("name", "number", "entry"):
            ends = [t.end_pos for t in one.scan_values(lambda t: True)]
            starts = [t.start_pos for t in other.scan_values(lambda t: True)]
            if not self.text[max(ends) : min(starts)].strip(" ") and " " not in self.text[max(ends) : min(starts)]:
                raise self.refuse("what is below the line in a/b c? put brackets", tree)

    def _centred(self, tree, one, _, other):
        left, right = self.node(one), self.node(other)
        if is_scalar(left.shape) or is_scalar(right.shape):
            return self.elementwise("times", left, right, tree)
        matrix = product(left.shape, right.shape) is not None
        entrywise = left.shape == right.shape or (squeezed(left.shape) == squeezed(right.shape) and not matrix)
        if matrix and entrywise:
            raise self.refuse("a dot between these may be a matrix or an elementwise product: write @ or ⊙", tree)
        if entrywise:
            return self.elementwise("times", left, right, tree)
        return self.matmul(left, right, tree)

    def elementwise(self, op: str, left: Node, right: Node, tree) -> Node:
        shape = broadcast(left.shape, right.shape)
        if shape is None:
            raise self.refuse(f"the shapes {_shown(left.shape)} and {_shown(right.shape)} do not fit", tree)
        return Node(op, (left, right), shape)

    def matmul(self, left: Node, right: Node, tree) -> Node:
        shape = product(left.shape, right.shape)
        if shape is None:
            raise self.refuse(f"the shapes {_shown(left.shape)} and {_shown(right.shape)} do not fit", tree)
        return Node("matmul", (left, right), shape)

    def _bigsum(self, tree, *children):
        index, upper = children[0].value
        before = dict(self.running)
        if index in before:
            raise self.refuse(f"the index {index} has two meanings", tree)
        node = self.node(children[-1])
        new = [i for i in self.running if i not in before]
        if index is None and len(new) == 1:
            index = new[0]
        if len(children) == 3:
            node = Node("negative", (node,), node.shape)
        if index is None:
            if new:
                raise self.refuse("write which index the sum runs over, as in Σ_i", tree)
            return self.total(node, 0, tree)
        axis = self.running.pop(index, None) or upper
        if axis is None:
            raise self.refuse(f"nothing after the sum has the index {index}", tree)
        if upper and upper != axis:
            raise self.refuse(f"the index {index} runs to {axis}, not to {upper}", tree)
        return Node("bigsum", (node,), node.shape, (index, axis))

    # Powers

    def _power(self, tree, inner, *exponent):
        node, value = self.node(inner), self._constant(exponent[-1])
        if value not in POWERS and value not in (Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), Fraction(-3, 2)):
            raise self.refuse(f"powers are whole numbers from {POWERS[0]} to {POWERS[-1]} or halves", tree)
        if value.denominator == 1 and value < 0 and len(squeezed(node.shape)) == 2:
            raise self.refuse("a matrix to a negative power may be an inverse: write 1/A for the entries", tree)
        return Node("power", (node,), node.shape, value)

    def _constant(self, part) -> Fraction:
        if isinstance(part, Token):
            return part.value
        node = self.node(part)
        return _value(node)

    def _euler(self, tree, _, caret, exponent):
        return self.function("exp", self.node(exponent), tree)

    def _root(self, tree, *children):
        return self.function("sqrt", self.node(next(c for c in children if isinstance(c, Tree))), tree)

    def _absolute(self, tree, _, inner, __):
        return self.function("abs", self.node(inner), tree)

    def _norm(self, tree, _, inner, close):
        return self.norm(self.node(inner), close.value or "2", tree)

    def norm(self, node: Node, kind: str, tree) -> Node:
        if kind not in ("1", "2", "F") or (kind == "2" and len(squeezed(node.shape)) > 1):
            raise self.refuse("known norms are ‖·‖, ‖·‖_1, ‖·‖_2 of vectors and ‖·‖_F of matrices", tree)
        if kind == "1":
            return self.total(self.function("abs", node, tree), None, tree)
        return self.function("sqrt", self.total(Node("power", (node,), node.shape, Fraction(2)), None, tree), tree)

    # Transposition

    def _numpy_transpose(self, tree, inner, _):
        node = self.node(inner)
        return Node("transpose", (node,), node.shape[::-1])

    def _transpose(self, tree, inner, *_):
        node = self.node(inner)
        if len(node.shape) == 1:  # in mathematics a vector is a column, and its transpose a row
            return Node("row", (node,), (1, *node.shape))
        return Node("transpose", (node,), node.shape[::-1])

    # Functions

    def _call(self, tree, function, _, arguments, __):
        return self.call(function.value, *self._arguments(arguments), tree)

    def _applied(self, tree, function, inner):
        return self.call(function.value, [self.node(inner)], {}, tree)

    def _method(self, tree, inner, method, _, arguments, __):
        given, keywords = self._arguments(arguments) if arguments else ([], {})
        name = {"sum": "all sum", "mean": "all mean", "dot": "matmul", "t": "transpose"}.get(method.value, method.value)
        return self.call(name, [self.node(inner), *given], keywords, tree)

    def _length(self, tree, inner, token):
        shape = self.node(inner).shape
        if token.value >= len(shape):
            raise self.refuse(f"there is no axis {token.value}", tree)
        axis = shape[token.value]
        return number(1) if axis == 1 else Node("length", (), (), axis)

    def _arguments(self, tree) -> tuple[list[Node], dict[str, str]]:
        given = [self.node(child) for child in tree.children if isinstance(child, Tree)]
        keywords = dict(t.value for t in tree.children if isinstance(t, Token) and t.type == "KEYWORD")
        return given, keywords

    def call(self, name: str, given: list[Node], keywords: dict[str, str], tree) -> Node:
        if name in ("matmul", "outer", "multiply", "max") and len(given) == 2:
            return self.binary(name, *given, tree)
        total = name.removeprefix("all ")
        if total in ("sum", "mean"):
            axis = keywords.get("axis", keywords.get("dim"))
            if len(given) == 2 and given[1].op in ("number", "negative"):
                axis = str(_value(given.pop()))
            kept = keywords.get("keepdims", keywords.get("keepdim")) == "True"
            if len(given) == 1 and not given[0].shape and not name.startswith("all "):
                raise self.refuse(f"{name} needs an array, this is a number", tree)
            if len(given) == 1:
                return self.total(given[0], self.axis(axis, name, given[0].shape, tree), tree, kept, total == "mean")
        if len(given) != 1 or (keywords and name not in ("norm", "softmax")):
            raise self.refuse(f"{name} has another number of arguments", tree)
        (node,) = given
        match name:
            case "transpose":
                return Node("transpose", (node,), node.shape[::-1])
            case "square":
                return Node("power", (node,), node.shape, Fraction(2))
            case "norm":
                kind = keywords.get("ord", "F" if len(squeezed(node.shape)) > 1 else "2").strip("'\"")
                return self.norm(node, "F" if kind == "fro" else kind, tree)
            case "length":
                axis = node.shape[0] if node.shape else 1
                return number(1) if axis == 1 else Node("length", (), (), axis)
            case "trace":
                if len(node.shape) != 2 or node.shape[0] != node.shape[1]:
                    raise self.refuse(f"a trace needs a square matrix, this has the shape {_shown(node.shape)}", tree)
                return Node("trace", (node,), ())
            case "diag":
                if len(axes := squeezed(node.shape)) != 1:
                    raise self.refuse("diag needs a vector", tree)
                return Node("diag", (node,), (axes[0], axes[0]))
            case "softmax" if node.shape:
                return Node("function", (node,), node.shape, "softmax")
            case "ds":
                s = self.function("sigmoid", node, tree)
                rest = Node("add", (number(1), Node("negative", (s,), s.shape)), s.shape)
                return Node("times", (s, rest), s.shape)
            case _ if name in ELEMENTWISE:
                return self.function(name, node, tree)
        raise self.refuse(f"{name} cannot be used here", tree)

    def binary(self, name: str, left: Node, right: Node, tree) -> Node:
        match name:
            case "matmul":
                return self.matmul(left, right, tree)
            case "multiply":
                return self.elementwise("times", left, right, tree)
            case "max":
                for zero, node in ((left, right), (right, left)):
                    if zero.op == "number" and zero.data == 0:
                        return self.function("relu", node, tree)
                raise self.refuse("max is known as max(0, u) only", tree)
        a, b = squeezed(left.shape), squeezed(right.shape)
        if len(a) != 1 or len(b) != 1:
            raise self.refuse("outer needs two vectors", tree)
        column = Node("reshape", (left,), (a[0], 1))
        return Node("times", (column, Node("reshape", (right,), (1, b[0]))), (a[0], b[0]))

    def axis(self, axis: str | None, name: str, shape: Shape, tree) -> int | None:
        if axis in (None, "None"):
            return None if name.startswith("all ") else 0
        if not -len(shape) <= int(axis) < len(shape):
            raise self.refuse(f"there is no axis {axis}", tree)
        return int(axis) % len(shape)

    def total(self, node: Node, axis: int | None, tree, kept: bool = False, mean: bool = False) -> Node:
        """Sum over one axis (all if None); the sum of a number is itself."""
        axes = tuple(range(len(node.shape))) if axis is None else (axis,) if node.shape else ()
        shape = tuple(1 if k in axes else length for k, length in enumerate(node.shape) if k not in axes or kept)
        result = Node("total", (node,), shape, (axes, kept))
        if not mean:
            return result
        for k in axes:
            if node.shape[k] != 1:
                result = Node("over", (result, Node("length", (), (), node.shape[k])), shape)
        return result

    def function(self, name: str, node: Node, tree) -> Node:
        if name == "sqrt":
            return Node("power", (node,), node.shape, Fraction(1, 2))
        return Node("function", (node,), node.shape, name)


def _value(node: Node) -> Fraction:
    match node.op:
        case "number":
            return node.data
        case "negative":
            return -_value(node.args[0])
        case "add" | "times":
            one, other = map(_value, node.args)
            return one + other if node.op == "add" else one * other
        case "over" if bottom := _value(node.args[1]):
            return _value(node.args[0]) / bottom
    raise Unreadable("an exponent or an axis has to be a number")


def _shown(shape: Shape) -> str:
    return "×".join(map(str, shape)) if shape else "of a number"
