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

from scripts.formulas.left import left
from scripts.formulas.tokens import LONGEST, Vocabulary, tokens, unreadable
from scripts.formulas.tree import Axis, Node, Shape, Unreadable, broadcast, is_scalar, product, squeezed

NODES, DEEPEST = 200, 40  # of a tree
MEMBERS = 4  # of a chain of equalities
POWERS = range(-6, 7)
TOWER = 12  # how high powers within powers may go
ELEMENTWISE = {"abs", "sign", "exp", "log", "sqrt", "sigmoid", "tanh", "relu"}


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


def read(text: str, vocabulary: Vocabulary, asked: str = "derivative", wrt: str = "") -> list[Node]:
    """Return the tree of a formula, or of each member of a chain a = b, after a left-hand side such as ∇f.

    asked: "derivative", "minimiser" or "objective", which says what may stand on the left; wrt: the variable that a
    derivative is by. Raises Unreadable.
    """
    if len(text) > LONGEST:
        raise Unreadable(f"the formula is longer than {LONGEST} characters")
    members, indices = _members(text), ()
    if len(members) > 1 and (name := left(members[0], asked)):
        members, indices = members[1:], name.indices
        other = vocabulary.aliases.get(name.by, name.by)
        if wrt and other != wrt and (other in vocabulary.names or other in vocabulary.withheld):
            raise Unreadable(f"the left side is a derivative by {other}, what is asked for is the one by {wrt}")
    if len(members) > MEMBERS:
        raise Unreadable(f"there are more than {MEMBERS} equals signs; write the formula alone")
    return [_read(member, vocabulary, indices) for member in members]


def _members(text: str) -> list[str]:
    """Cut a text at its equals signs, those within Σ_i=1 apart."""
    text = text.strip()
    for start, end in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if text.startswith(start) and text.endswith(end) and len(text) >= len(start) + len(end):
            text = text[len(start) : -len(end)].strip()
            break
    text = text if re.search(r"[0-9]\.$", text) else re.sub(r"[.;,]$", "", text)
    parts, depth, last = [], 0, 0
    for place, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c in "=≡" and not depth and not re.search(r"(?:sum|Σ|∑)(?:\\limits)?\s*_\s*[a-z]\s*$", text[last:place]):
            parts.append(text[last:place].removesuffix(":"))
            last = place + 1
    parts.append(text[last:])
    if len(parts) > 1 and not parts[0].strip():
        parts = parts[1:]
    if any(not part.strip() for part in parts):
        raise Unreadable("there is nothing on one side of an equals sign" if len(parts) > 1 else "there is no formula")
    return parts


def _component(text: str, vocabulary: Vocabulary) -> tuple[str, dict[str, str]]:
    """Turn a list of components (2x_1, 2x_2, …, 2x_d) into one of them, (2x_j), and say over which axis j runs."""
    dots, lowered = r"\\[lcvd]?dots|\.\.\.|…|⋯|⋮", dict(zip("₁₂₃", "123", strict=True))
    if re.search(dots, text):
        text = re.sub(r"(?<!\\)\\(?:[,;:! ]|(?:left|right)(?![A-Za-z]))", " ", text)
        text = re.sub("[₁₂₃]", lambda c: "_" + lowered[c[0]], text)
    first, more = r"(\\?[A-Za-z]+)\s*_\s*\{?1\}?\s*\+\s*", r"(?:\1\s*_\s*\{?%d\}?\s*\+\s*)?"
    added = rf"{first}{more % 2}{more % 3}(?:{dots})\s*\+\s*\1\s*_\s*(?:\{{([a-z])\}}|([a-z]))"
    text = re.sub(added, r"{\\sum_{i=1}^{\2\3} \1_i}", text)
    matrix = re.search(r"\\begin\{([pb]?)matrix\}(.*?)\\end\{\1matrix\}", text)
    round_ = re.search(rf"[(\[]([^()\[\]]*(?:{dots})[^()\[\]]*)[)\]]", text)
    found, inner = (matrix, matrix[2]) if matrix else (round_, round_[1]) if round_ else (None, "")
    if not found:
        return text, {}
    parts = [part.strip() for part in re.split(r"\\\\|&|,(?![a-z0-9]*\})", inner)]
    kept = [part for part in parts if not re.fullmatch(dots, part)]
    if len(kept) == len(parts) or len(kept) < 2:
        return text, {}
    last = re.search(r"_\s*\{?([a-z])\}?", kept[-1])
    axis, letter = last[1] if last else "", next(letter for letter in "jikl" if f"_{letter}" not in text)
    places = [*map(str, range(1, len(kept))), axis]
    forms = {
        re.sub(rf"_\s*\{{?{place}\}}?(?![0-9])", f"_{letter}", part) for part, place in zip(kept, places, strict=True)
    }
    if len(forms) > 1 or axis not in vocabulary.axes:
        raise Unreadable("the components of a list have to follow one pattern, as in (2x_1, …, 2x_d)")
    return f"{text[: found.start()]}({forms.pop()}){text[found.end() :]}", {letter: axis}


def _read(text: str, vocabulary: Vocabulary, indices: tuple[str, ...] = ()) -> Node:
    text, running = _component(text, vocabulary)
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
    reader = _Shapes(text, vocabulary, running)
    node = reader.closed(reader.node(tree), indices)
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

    def __init__(self, text: str, vocabulary: Vocabulary, running: dict[str, str]):
        self.text, self.vocabulary = text, vocabulary
        self.running = running  # index → axis, of the indices in use
        self.letters: set[str] = set()  # of all indices
        self.used: set[str] = set()  # names and lengths

    def refuse(self, why: str, tree: object = None) -> Unreadable:
        starts = [t.start_pos for t in tree.scan_values(lambda t: True)] if isinstance(tree, Tree) else []
        return unreadable(self.text, min(starts), why) if starts else Unreadable(why)

    def node(self, tree: Tree | Token) -> Node:
        return getattr(self, f"_{tree.data}")(tree, *tree.children)

    def closed(self, node: Node, indices: tuple[str, ...] = ()) -> Node:
        """Give a formula that is written for one component, such as 2 x_j, the axes of its free indices.

        indices: those of the left-hand side, whose order counts.
        """
        free = node.indices
        if twice := sorted(self.letters & self.used | free.keys() & node.bound):
            raise Unreadable(f"{twice[0]} has two meanings: choose another letter for the index")
        if not free:
            return node
        if len(free) > 2 or not is_scalar(node.shape):
            raise Unreadable(f"the indices {', '.join(free)} are bound by no sum; write the formula for all components")
        if indices and {*indices} != {*free}:
            raise Unreadable(f"the left side has the indices {', '.join(indices)}, the right side {', '.join(free)}")
        letters = indices or tuple(sorted(free))
        return Node("components", (node,), tuple(free[letter] for letter in letters), letters)

    # Names and numbers

    def _number(self, tree, token):
        return number(token.value)

    def _name(self, tree, token):
        name = token.value
        self.used.add(name)
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
            self.letters.add(index)
            if self.running.setdefault(index, axis) != axis:
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
        if other.data == "number":
            raise self.refuse("a number behind what it multiplies: write a sign between them", tree)
        if _last(one).data == "applied":
            raise self.refuse("where does the argument end? put brackets around it", tree)
        left, right = self.node(one), self.node(other)
        if is_scalar(left.shape) or is_scalar(right.shape):
            return self.elementwise("times", left, right, tree)
        if left.shape == right.shape and len(left.shape) == 2 and product(left.shape, right.shape) is None:
            return self.elementwise("times", left, right, tree)
        if len(left.shape) == len(right.shape) == 1:
            raise self.refuse("a product of two vectors may be x^T y, x y^T or x ⊙ y: write which", tree)
        return self.matmul(left, right, tree)

    def _no_doubtful_slash(self, tree, one, other):
        """Ask back 1/2x: is the x below the line?"""
        if one.data == "over" and other.data == "group" and one.children[-1].data in ("group", "call", "applied"):
            raise self.refuse("what is below the line in a/(b)(c)? put brackets", tree)
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
            matrix = op == "times" and product(left.shape, right.shape) is not None
            hint = ": write @ for a matrix product" if matrix else ""
            raise self.refuse(f"the shapes {_shown(left.shape)} and {_shown(right.shape)} do not fit{hint}", tree)
        return Node(op, (left, right), shape)

    def matmul(self, left: Node, right: Node, tree) -> Node:
        shape = product(left.shape, right.shape)
        if shape is None:
            raise self.refuse(f"the shapes {_shown(left.shape)} and {_shown(right.shape)} do not fit", tree)
        return Node("matmul", (left, right), shape)

    def _bigsum(self, tree, *children):
        index, upper = children[0].value
        node = self.node(children[-1])
        if len(children) == 3:
            node = Node("negative", (node,), node.shape)
        if index in ("rows", "columns", "all"):
            return self.total(node, {"rows": 0, "columns": 1, "all": None}[index], tree, upper)
        free = node.indices
        if index is None and len(free) == 1:
            (index,) = free
        if index is None:
            if free:
                raise self.refuse("write which index the sum runs over, as in Σ_i", tree)
            contracted = any(part.op == "matmul" and part.args[0].shape[-1] != 1 for part in node.walk())
            leads = {part.shape[0] for part in node.walk() if part.op == "name" and part.shape}
            if contracted and node.shape and node.shape[0] not in leads - {1}:
                raise self.refuse("write which index the sum runs over, as in Σ_i", tree)
            if upper and node.shape[:1] != (upper,):
                raise self.refuse(f"the sum runs to {upper}, what it adds up does not", tree)
            self._no_single_row("the sum", node, tree)
            return self.total(node, 0, tree)
        return self.over_index(node, index, upper, tree)

    def _no_single_row(self, what: str, node: Node, tree) -> None:
        """Ask back a sum over the first axis that has length 1, as in sum(exp(u)) for a row u."""
        if len(node.shape) == 2 and node.shape[0] == 1 != node.shape[1]:
            raise self.refuse(f"does {what} run over rows or entries? write np.sum(…), with axis=… for one axis", tree)

    def over_index(self, node: Node, index: str, upper: str | None, tree) -> Node:
        """Sum over an index of the formula; over one that it lacks, its axis being given."""
        self.letters.add(index)
        axis = node.indices.get(index) or upper
        self.running.pop(index, None)
        if axis is None:
            raise self.refuse(f"nothing after the sum has the index {index}", tree)
        if upper and upper != axis:
            raise self.refuse(f"the index {index} runs to {axis}, not to {upper}", tree)
        if index in node.bound:
            raise self.refuse(f"the index {index} has two meanings", tree)
        return Node("bigsum", (node,), node.shape, (index, axis))

    # Powers

    def _power(self, tree, inner, *exponent):
        if (inner.data in ("applied", "euler", "power") and not isinstance(exponent[-1], Tree)) or (
            inner.data in ("applied", "euler", "power") and len(exponent) > 1
        ):
            raise self.refuse("powers of powers and of functions without brackets: put brackets", tree)
        node, value = self.node(inner), self._constant(exponent[-1])
        if value not in POWERS and value not in (Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), Fraction(-3, 2)):
            raise self.refuse(f"powers are whole numbers from {POWERS[0]} to {POWERS[-1]} or halves", tree)
        if value.denominator == 1 and value < 0 and len(squeezed(node.shape)) == 2:
            raise self.refuse("a matrix to a negative power may be an inverse: write 1/A for the entries", tree)
        if len(set(squeezed(node.shape))) < len(squeezed(node.shape)):
            raise self.refuse("a power of a square matrix may be one of its entries: write A @ A or A ⊙ A", tree)
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

    def _absolute(self, tree, _, inner, close):
        if close.value and close.value not in ("|", "\\rvert"):
            return self.norm(self.node(inner), close.value, tree)
        return self.function("abs", self.node(inner), tree)

    def _raised(self, tree, function, power, _, arguments, __):
        node = self.call(function.value, *self._arguments(arguments), tree)
        return Node("power", (node,), node.shape, power.value)

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

    def _reshaped(self, tree, inner, token):
        node = self.node(inner)
        if self.text[token.start_pos] == "[" and len(node.shape) != 1:
            raise self.refuse("only a vector can be made a row or a column", tree)
        return self.reshaped(node, token.value, tree)

    def reshaped(self, node: Node, into: str, tree) -> Node:
        """Make a vector a column or a row."""
        if len(axes := squeezed(node.shape)) != 1:
            raise self.refuse("only a vector can be made a row or a column", tree)
        return Node("reshape", (node,), (axes[0], 1) if into == "column" else (1, axes[0]))

    def _outer(self, tree, one, _, other):
        return self.binary("outer", self.node(one), self.node(other), tree)

    # Functions

    def _call(self, tree, function, _, arguments, __):
        return self.call(function.value, *self._arguments(arguments), tree)

    def _applied(self, tree, function, inner):
        return self.call(function.value, [self.node(inner)], {}, tree)

    def _method(self, tree, inner, method, _, arguments, __):
        given, keywords = self._arguments(arguments) if arguments else ([], {})
        name = method.value
        name = f"all {name}" if name in ("sum", "mean", "max") else {"mm": "matmul", "mul": "multiply"}.get(name, name)
        name = {"dot": "matmul", "t": "transpose"}.get(name, name)
        return self.call(name, [self.node(inner), *given], keywords, tree)

    def _einsum(self, tree, token, arguments, _):
        """Read np.einsum("ij,jk->ik", A, B) as a component, with capitals for its letters, and its sums."""
        given, keywords = self._arguments(arguments)
        inputs, output = token.value
        axes: dict[str, Axis] = {}
        whole = number(1)
        if len(given) != len(inputs) or keywords:
            raise self.refuse("einsum needs as many arrays as groups of letters", tree)
        for letters, node in zip(inputs, given, strict=True):
            fits = len(letters) == len(node.shape) and len({*letters}) == len(letters) and not node.indices
            if not fits or any(axes.setdefault(c, axis) != axis for c, axis in zip(letters, node.shape, strict=True)):
                raise self.refuse(f"the letters {letters} do not fit the shape {_shown(node.shape)}", tree)
            pairs = tuple((k, c.upper()) for k, c in enumerate(letters) if axes[c] != 1)
            whole = self.elementwise("times", whole, Node("entry", (node,), (), pairs) if pairs else node, tree)
        if not axes.keys() >= {*output} or len({*output}) < len(output):
            raise self.refuse("the letters behind -> have to stand before it, once each", tree)
        for c in axes.keys() - {*output}:
            whole = Node("bigsum", (whole,), whole.shape, (c.upper(), axes[c])) if axes[c] != 1 else whole
        long = [c for c in output if axes[c] != 1]
        if long:
            whole = Node("components", (whole,), tuple(axes[c] for c in long), tuple(c.upper() for c in long))
        shape = tuple(axes[c] for c in output)
        return whole if whole.shape == shape else Node("reshape", (whole,), shape)

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
        along_axis = name == "max" and given[-1].op in ("number", "negative") and given[0].shape  # x.max(1)
        if name in ("matmul", "outer", "multiply", "max") and len(given) == 2 and not keywords and not along_axis:
            return self.binary(name, *given, tree)
        total = name.removeprefix("all ")
        axis = keywords.pop("axis", keywords.pop("dim", None))
        if len(given) == 2 and axis is None and total in ("sum", "mean", "max", "softmax", "norm"):
            key = str(_value(given.pop()))
            axis, keywords = (axis, keywords | {"ord": key}) if total == "norm" else (key, keywords)
        kept = keywords.pop("keepdims", keywords.pop("keepdim", "False")) == "True"
        order = keywords.pop("ord", keywords.pop("p", None))
        if len(given) != 1 or keywords or (order and total != "norm") or (kept and total not in ("sum", "mean", "max")):
            raise self.refuse(f"{total} has other arguments", tree)
        (node,) = given
        if total in ("sum", "mean", "max"):
            free = [] if axis else [*node.indices]
            if free and (name != total or total == "max" or len(free) > 1 or kept):
                raise self.refuse(f"over what does {total} run? write Σ_i, or the formula without indices", tree)
            if free:  # sum(x_i) is Σ_i x_i
                result = self.over_index(node, free[0], None, tree)
                length = Node("length", (), (), result.data[1])
                return Node("over", (result, length), result.shape) if total == "mean" else result
            if not node.shape and name == total:
                raise self.refuse(f"{name} needs an array, this is a number", tree)
            if name == total and name != "max" and axis is None:
                self._no_single_row(total, node, tree)
            if total == "max":
                return self.maximum(node, None if axis is None else self.axis(axis, name, node.shape, tree), kept, tree)
            return self.total(node, self.axis(axis, name, node.shape, tree), tree, kept, total == "mean")
        if axis is not None and not (
            total == "softmax" and self.axis(axis, name, node.shape, tree) == len(node.shape) - 1
        ):
            raise self.refuse(f"{total} along this axis is not known here", tree)
        match name:
            case "transpose":
                return Node("transpose", (node,), node.shape[::-1])
            case "square":
                return Node("power", (node,), node.shape, Fraction(2))
            case "norm":
                kind = (order or ("F" if len(squeezed(node.shape)) > 1 else "2")).strip("'\"")
                return self.norm(node, "F" if kind == "fro" else kind, tree)
            case "length":
                axis = node.shape[0] if node.shape else 1
                return number(1) if axis == 1 else Node("length", (), (), axis)
            case "trace":
                if len(node.shape) != 2 or node.shape[0] != node.shape[1]:
                    raise self.refuse(f"a trace needs a square matrix, this has the shape {_shown(node.shape)}", tree)
                return Node("trace", (node,), ())
            case "column" | "row":
                return self.reshaped(node, name, tree)
            case "diag":
                if len(axes := squeezed(node.shape)) != 1:
                    raise self.refuse("diag needs a vector", tree)
                return Node("diag", (node,), (axes[0], axes[0]))
            case "cosh" | "sinh":
                up, down = (
                    self.function("exp", node, tree),
                    self.function("exp", Node("negative", (node,), node.shape), tree),
                )
                down = down if name == "cosh" else Node("negative", (down,), node.shape)
                return Node("times", (number(Fraction(1, 2)), Node("add", (up, down), node.shape)), node.shape)
            case "softmax" if node.shape and (node.shape[-1] != 1 or is_scalar(node.shape)):
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

    def maximum(self, node: Node, axis: int | None, kept: bool, tree) -> Node:
        """Take the largest entry, over one axis that is not of length 1."""
        axes = tuple(range(len(node.shape))) if axis is None else (axis,)
        if len([k for k in axes if node.shape[k] != 1]) != 1:
            raise self.refuse("a maximum is known over one axis, and as max(0, u)", tree)
        shape = tuple(1 if k in axes else length for k, length in enumerate(node.shape) if k not in axes or kept)
        return Node("most", (node,), shape, (axes, kept))

    def function(self, name: str, node: Node, tree) -> Node:
        if name == "sqrt":
            return Node("power", (node,), node.shape, Fraction(1, 2))
        return Node("function", (node,), node.shape, name)


def _last(tree: Tree) -> Tree:
    """Return the last factor of a product."""
    while tree.data in ("juxtaposed", "centred", "elementwise", "matmul", "over", "outer", "negative"):
        tree = tree.children[-1]
    return tree


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
