"""Turn the grammar's tree into one of known operations, whose shapes fit for all sizes.

A product that is written by juxtaposition, a centred dot or a star is a matrix product, an elementwise one or a
multiple by what the shapes allow; where they allow two, it is asked back.
"""

import re
from fractions import Fraction
from functools import reduce
from itertools import count

from lark import Token, Tree

from scripts.formulas import ones
from scripts.formulas.ones import shown
from scripts.formulas.spelling import ONES
from scripts.formulas.tokens import FUNCTIONS, Vocabulary, unreadable
from scripts.formulas.tree import (
    Axis,
    Node,
    Shape,
    Unreadable,
    broadcast,
    is_scalar,
    negative,
    number,
    product,
    squeezed,
    transposed,
)

POWERS = range(-6, 7)
BINARY = {
    "matmul", "outer", "multiply", "max", "min", "add", "subtract", "over", "power", "inner", "linear", "crossprod",
}  # fmt: skip
SHAPING = {
    "same", "copy", "clone", "conj", "detach", "numpy", "squeeze", "flatten", "ravel", "unsqueeze", "atleast_2d",
    "permute", "ones", "eye", "ones_like", "tensordot", "l1_loss", "l1_loss_sum",
}  # fmt: skip
ELEMENTWISE = {"abs", "sign", "exp", "log", "sqrt", "sigmoid", "tanh", "relu"}


class Shapes:
    """Turns the grammar's tree into one of known operations, whose shapes fit for all sizes."""

    def __init__(self, text: str, vocabulary: Vocabulary, running: dict[str, str], matrix_powers: bool = False):
        self.text, self.vocabulary, self.matrix_powers = text, vocabulary, matrix_powers
        self.running = running  # index → axis, of the indices in use
        self.letters: set[str] = set()  # of all indices
        self.used: set[str] = set()  # names and lengths
        self.primed: dict[int, tuple[Node, Node, object]] = {}  # what has a prime: a transpose, or a derivative?
        self.unknown = (f"{ONES}{k}" for k in count())  # lengths that are not said, of vectors of ones and of I

    def refuse(self, why: str, tree: object = None) -> Unreadable:
        starts = [t.start_pos for t in tree.scan_values(lambda t: t is not None)] if isinstance(tree, Tree) else []
        return unreadable(self.text, min(starts), why) if starts else Unreadable(why)

    def node(self, tree: Tree | Token) -> Node:
        return getattr(self, f"_{tree.data}")(tree, *tree.children)

    def closed(self, node: Node, indices: tuple[str, ...] = ()) -> Node:
        """Give a formula that is written for one component, such as 2 x_j, or for one row, x_i − μ, the axes of its
        free indices; and what has no length yet the length that the answer needs.

        indices: those of the left-hand side, whose order counts.
        """
        for _, _, tree in self.primed.values():
            raise self.refuse("a prime may be a derivative or a transpose: write s′(u), or z^T", tree)
        node = ones.measured_by(node, self.vocabulary.shape)
        long = squeezed(self.vocabulary.shape or ())
        if node.op == "number" and node.data == 0 and long:  # a derivative that vanishes has the variable's shape
            return ones.filled(self.vocabulary.shape, 0)
        if any(ones.unmeasured(part) for part in node.walk()):
            raise Unreadable(f"how long is {ones.which(node)}? write 1_n or I_n, or a sum as Σ_i")
        free = node.indices
        if twice := sorted(self.letters & self.used | free.keys() & node.bound):
            raise Unreadable(f"{twice[0]} has two meanings: choose another letter for the index")
        if not free:
            return node
        row = squeezed(node.shape)
        if row and len(free) == 1 and self.vocabulary.shape == (*free.values(), *row):
            vector = node if len(node.shape) == 1 else Node("reshape", (node,), row)
            node = Node("entry", (vector,), (), ((0, "J"),))
            free = {**free, "J": row[0]}
            indices = (*indices, "J") if indices else tuple(free)
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
        if inner.data in ("ones", "eye"):
            if len(token.value) > 1 or token.value[0] not in self.vocabulary.axes:
                raise self.refuse("1 and I have their length below them, as in 1_n", tree)
            axis = token.value[0]
            return ones.vector(ONES + axis) if inner.data == "ones" else ones.identity(axis)
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
        return negative(self.node(children[-1]))

    def _add(self, tree, one, _, other):
        return self.elementwise("add", self.node(one), self.node(other), tree)

    def _subtract(self, tree, one, _, other):
        right = negative(self.node(other))
        return self.elementwise("add", self.node(one), right, tree)

    def _elementwise(self, tree, one, _, other):
        return self.elementwise("times", self.node(one), self.node(other), tree)

    def _starred(self, tree, one, _, other):
        """A star multiplies entries as in numpy; matrices as in Matlab where entries do not fit."""
        left, right = self.node(one), self.node(other)
        entries, matrix = broadcast(left.shape, right.shape), product(left.shape, right.shape)
        if is_scalar(left.shape) or is_scalar(right.shape) or not (matrix is not None or ones.unmeasured(left, right)):
            return self.elementwise("times", left, right, tree)
        numpy = re.search(r"\.T(?![A-Za-z])|(?:np|torch)\.|\*\*", self.text) or (
            "@" in self.text and "'" not in self.text
        )
        if entries is None and (len(left.shape) < 2 or numpy):
            raise self.refuse("a star may be a matrix or an elementwise product here: write @ or ⊙", tree)
        if entries is None or (self.primed.keys() & {id(left), id(right)}):
            return self.matmul(left, right, tree)
        differ = squeezed(entries) != squeezed(matrix or ())
        marked = re.search(r"[A-Za-z0-9)]['′’](?!\()", self.text) or len(left.shape) == len(right.shape) == 2
        if differ and not numpy and (marked or (left.op == "transpose" and len(right.shape) == 1)):
            raise self.refuse("a star may be a matrix or an elementwise product here: write @ or ⊙", tree)
        return self.elementwise("times", left, right, tree)

    def _over(self, tree, one, _, other):
        return self.elementwise("over", self.node(one), self.node(other), tree)

    def _fraction(self, tree, *children):
        top, bottom = (self.node(child) for child in children if isinstance(child, Tree))
        return self.elementwise("over", top, bottom, tree)

    def _matmul(self, tree, one, _, other):
        return self.matmul(self.node(one), self.node(other), tree)

    def _juxtaposed(self, tree, one, other):
        """Multiply what stands side by side. In y ⊙ X w it is the matrix product that comes first, in print."""
        if not (turned := _product_first(tree)):
            return self.side_by_side(tree, one, other)
        try:
            later = self.node(turned)
        except Unreadable:
            later = None
        primed = dict(self.primed)
        try:
            node = self.side_by_side(tree, one, other)
        except Unreadable:
            if later is None:
                raise
            self.primed = primed
            return later
        numbers = is_scalar(self.node(other).shape) or any(is_scalar(self.node(arg).shape) for arg in _hadamard(tree))
        if later is not None and not numbers:
            raise self.refuse("is it (a ⊙ b) c or a ⊙ (b c)? put brackets", tree)
        return node

    def side_by_side(self, tree, one, other):
        self._no_doubtful_slash(tree, one, other)
        if other.data == "number":
            raise self.refuse("a number behind what it multiplies: write a sign between them", tree)
        if _last(one).data == "applied":
            raise self.refuse("where does the argument end? put brackets around it", tree)
        left, right = self.node(one), self.node(other)
        if left.op == "number" and left.data == 1 and right.op in ("row", "transpose") and right.shape[0] == 1:
            raise self.refuse(r"is 1 a number or the vector of ones? write \mathbf{1}", tree)
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
        if ones.unmeasured(left, right):
            raise self.refuse("what does the vector of ones add up? write the sum as Σ_i", tree)
        matrix = product(left.shape, right.shape) is not None
        entrywise = left.shape == right.shape or (squeezed(left.shape) == squeezed(right.shape) and not matrix)
        if matrix and entrywise:
            raise self.refuse("a dot between these may be a matrix or an elementwise product: write @ or ⊙", tree)
        if entrywise and broadcast(left.shape, right.shape) not in (left.shape, right.shape):
            raise self.refuse("a dot between these may be x^T y or x ⊙ y: write which", tree)
        if entrywise:
            return self.elementwise("times", left, right, tree)
        return self.matmul(left, right, tree)

    def elementwise(self, op: str, left: Node, right: Node, tree) -> Node:
        for one, other in ((left, right), (right, left)):
            if id(one) in self.primed and is_scalar(other.shape) and op == "times":  # 2 z′ as well
                _, plain_one, where = self.primed.pop(id(one))
                node = Node(op, (left, right), broadcast(left.shape, right.shape))
                self.primed[id(node)] = (node, plain_one, where)
                return node
        for one, other in ((left, right), (right, left)):
            if op == "add" and not one.shape and {*one.indices.values()} & {*squeezed(other.shape)}:
                raise self.refuse("one term has an index, the other has none: write y_i - f_i", tree)
        if ones.unmeasured(left, right) and (op == "add" or not (is_scalar(left.shape) or is_scalar(right.shape))):
            left, right = ones.alike(left, right)
        shape = broadcast(left.shape, right.shape)
        if shape is None:
            matrix = op == "times" and product(left.shape, right.shape) is not None
            hint = ": write @ for a matrix product" if matrix else ""
            raise self.refuse(f"the shapes {shown(left.shape)} and {shown(right.shape)} do not fit{hint}", tree)
        return Node(op, (left, right), shape)

    def matmul(self, left: Node, right: Node, tree) -> Node:
        if len(left.shape) == 1 != left.shape[0] and len(right.shape) == 2 and right.shape[0] == 1:  # x yᵀ
            if id(right) in self.primed and product(left.shape, self.primed[id(right)][1].shape) is None:
                del self.primed[id(right)]
            lengths = {axis: axis[len(ONES) :] for axis in (left.shape[0], right.shape[1]) if ones.is_named(axis)}
            left, right = ones.lengthened(left, lengths), ones.lengthened(right, lengths)
            column = Node("reshape", (left,), (left.shape[0], 1))
            return Node("matmul", (column, right), (left.shape[0], right.shape[1]))
        pair = ones.measured(left, right)
        if pair is None:
            raise self.refuse("what does the vector of ones add up? write the sum as Σ_i", tree)
        left, right = pair
        for node in (left, right):
            if id(node) in self.primed:
                _, untransposed, _ = self.primed[id(node)]
                other = (untransposed.shape, right.shape) if node is left else (left.shape, untransposed.shape)
                if product(left.shape, right.shape) is not None and (
                    product(*other) is None or len(untransposed.shape) == 1
                ):
                    del self.primed[id(node)]
        shape = product(left.shape, right.shape)
        if shape is None:
            raise self.refuse(f"the shapes {shown(left.shape)} and {shown(right.shape)} do not fit", tree)
        return Node("matmul", (left, right), shape)

    def _ones(self, tree, _):
        return ones.vector(next(self.unknown))

    def _eye(self, tree, _):
        return ones.identity(next(self.unknown))

    def _positive(self, tree, inner, _):
        return _function("relu", self.node(inner))

    def _bigsum(self, tree, *children):
        index, upper = children[0].value
        node = self.node(children[-1])
        if len(children) == 3:
            node = negative(node)
        if index in ("rows", "columns", "all"):
            return self.total(node, {"rows": 0, "columns": 1, "all": None}[index], upper)
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
            return self.total(node, 0)
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
        bare = len(exponent) > 1 or not isinstance(exponent[-1], Tree)
        if bare and inner.data in ("applied", "euler", "power"):
            raise self.refuse("powers of powers and of functions without brackets: put brackets", tree)
        return self.power(self.node(inner), self._constant(exponent[-1]), tree)

    def power(self, node: Node, value: Fraction, tree) -> Node:
        if value not in POWERS and value not in (Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), Fraction(-3, 2)):
            raise self.refuse(f"powers are whole numbers from {POWERS[0]} to {POWERS[-1]} or halves", tree)
        if value.denominator == 1 and value < 0 and len(squeezed(node.shape)) == 2:
            raise self.refuse("a matrix to a negative power may be an inverse: write 1/A for the entries", tree)
        if len(set(squeezed(node.shape))) < len(squeezed(node.shape)):
            if self.matrix_powers and value.denominator == 1 and value > 0:
                return reduce(lambda one, _: self.matmul(one, node, tree), range(int(value) - 1), node)
            raise self.refuse("a power of a square matrix may be one of its entries: write A @ A or A ⊙ A", tree)
        return Node("power", (node,), node.shape, value)

    def _constant(self, part) -> Fraction:
        if isinstance(part, Token):
            return part.value
        return _value(self.node(part))

    def _euler(self, tree, _, caret, exponent):
        return _function("exp", self.node(exponent))

    def _root(self, tree, *children):
        return _function("sqrt", self.node(next(c for c in children if isinstance(c, Tree))))

    def _absolute(self, tree, _, inner, close):
        if close.value and close.value not in ("|", "\\rvert"):
            return self.norm(self.node(inner), close.value, tree)
        return _function("abs", self.node(inner))

    def _raised(self, tree, function, power, _, arguments, __):
        node = self.call(function.value, *self._arguments(arguments), tree)
        return Node("power", (node,), node.shape, power.value)

    def _norm(self, tree, _, inner, close):
        return self.norm(self.node(inner), close.value or "2", tree)

    def norm(self, node: Node, kind: str, tree) -> Node:
        if kind not in ("1", "2", "F") or (kind == "2" and len(squeezed(node.shape)) > 1):
            raise self.refuse("known norms are ‖·‖, ‖·‖_1, ‖·‖_2 of vectors and ‖·‖_F of matrices", tree)
        if kind == "1":
            return self.total(_function("abs", node), None)
        return _function("sqrt", self.total(Node("power", (node,), node.shape, Fraction(2)), None))

    # Transposition

    def _numpy_transpose(self, tree, inner, _):
        return transposed(self.node(inner))

    def _primed(self, tree, inner, _):
        """X' is a transpose; z' is one where it is a factor of a matrix product that fits that way only."""
        node, turned = self.node(inner), self._transpose(tree, inner)
        if not squeezed(node.shape):
            raise self.refuse("a prime may be a derivative or a transpose: write s′(u), or z^T", tree)
        named = inner.data == "name" and inner.children[0].value[0].isupper()
        matrix = inner.data == "group" and len(squeezed(node.shape)) == 2
        if not (named or (matrix and not any(part.op == "function" for part in node.walk()))):
            self.primed[id(turned)] = (turned, node, tree)
        return turned

    def _transpose(self, tree, inner, *_):
        is_one = inner.data == "number" and inner.children[0].value == 1
        node = ones.vector(next(self.unknown)) if is_one else self.node(inner)
        if node.op == "number":
            raise self.refuse("a number has no transpose", tree)
        if len(node.shape) == 1:  # in mathematics a vector is a column, and its transpose a row
            return Node("row", (node,), (1, *node.shape))
        return transposed(node)

    def _reshaped(self, tree, inner, token):
        return self.reshaped(self.node(inner), token.value, tree)

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

    def _applied(self, tree, function, *rest):
        node = self.call(function.value, [self.node(rest[-1])], {}, tree)
        return node if len(rest) == 1 else Node("power", (node,), node.shape, rest[0].value)

    def _method(self, tree, inner, method, _, arguments, __):
        node = self.node(inner)
        given, keywords = self._arguments(arguments) if arguments else ([], {})
        name = method.value
        name = f"all {name}" if name in ("sum", "mean", "max") else {"mm": "matmul", "mul": "multiply"}.get(name, name)
        name = FUNCTIONS.get(name, name)
        if name == "transpose" and len(given) == 2:  # X.transpose(0, 1)
            if len(node.shape) != 2 or {n.data for n in given} != {0, 1}:
                raise self.refuse("a transpose turns two axes", tree)
            given = []
        return self.call(name, [node, *given], keywords, tree)

    def _einsum(self, tree, token, arguments, _):
        """Read np.einsum("ij,jk->ik", A, B) as a component, with capitals for its letters, and its sums."""
        given, keywords = self._arguments(arguments)
        inputs, output = token.value
        axes: dict[str, Axis] = {}
        whole = None
        if len(given) != len(inputs) or keywords:
            raise self.refuse("einsum needs as many arrays as groups of letters", tree)
        for letters, node in zip(inputs, given, strict=True):
            if len(letters) == len(squeezed(node.shape)) < len(node.shape):  # a row taken for a vector
                node = Node("reshape", (node,), squeezed(node.shape))
            fits = len(letters) == len(node.shape) and len({*letters}) == len(letters) and not node.indices
            if not fits or any(axes.setdefault(c, axis) != axis for c, axis in zip(letters, node.shape, strict=True)):
                raise self.refuse(f"the letters {letters} do not fit the shape {shown(node.shape)}", tree)
            pairs = tuple((k, c.upper()) for k, c in enumerate(letters) if axes[c] != 1)
            factor = Node("entry", (node,), (), pairs) if pairs else node
            whole = factor if whole is None else self.elementwise("times", whole, factor, tree)
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
        if name in SHAPING:
            return self.shaped(name, given, keywords, tree)
        if name in BINARY and len(given) == 2 and not keywords:
            return self.binary(name, *given, tree)
        if name == "clip" and len(given) == 3 and not keywords:
            return self.larger(self.larger(given[0], given[1], tree), given[2], tree, -1)
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
        if name == "all softmax" and axis is None and len(squeezed(node.shape)) > 1:
            raise self.refuse("scipy's softmax runs over all entries: write axis=-1 for the rows", tree)
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
            return self.total(node, self.axis(axis, name, node.shape, tree), kept, total == "mean")
        if axis is not None and not (
            total == "softmax" and self.axis(axis, name, node.shape, tree) == len(node.shape) - 1
        ):
            raise self.refuse(f"{total} along this axis is not known here", tree)
        match total:
            case "transpose":
                return transposed(node)
            case "square":
                return Node("power", (node,), node.shape, Fraction(2))
            case "norm":
                kind = (order or ("F" if len(squeezed(node.shape)) > 1 else "2")).strip("'\"")
                if kind == "1" and len(node.shape) == 2 and node.shape[1] != 1:
                    raise self.refuse("of a matrix, numpy's norm 1 is its largest column sum: write sum(abs(A))", tree)
                return self.norm(node, "F" if kind == "fro" else kind, tree)
            case "length":
                axis = node.shape[0] if node.shape else 1
                return number(1) if axis == 1 else Node("length", (), (), axis)
            case "trace":
                if len(node.shape) != 2 or node.shape[0] != node.shape[1]:
                    raise self.refuse(f"a trace needs a square matrix, this has the shape {shown(node.shape)}", tree)
                return Node("trace", (node,), ())
            case "column" | "row":
                return self.reshaped(node, name, tree)
            case "diag" if len(set(node.shape)) == 1 == len(node.shape) - 1:  # the diagonal of a square matrix
                diagonal = self.elementwise("times", ones.identity(node.shape[0]), node, tree)
                return Node("total", (diagonal,), node.shape[:1], ((1,), False))
            case "diag":
                if len(axes := squeezed(node.shape)) != 1:
                    raise self.refuse("diag needs a vector or a square matrix", tree)
                return Node("diag", (node,), (axes[0], axes[0]))
            case "negative":
                return negative(node)
            case "sech":
                return self.elementwise("over", number(1), self.call("cosh", [node], {}, tree), tree)
            case "softplus":
                whole = self.elementwise("add", number(1), _function("exp", node), tree)
                return _function("log", whole)
            case "cosh" | "sinh":
                up, down = _function("exp", node), _function("exp", negative(node))
                down = down if name == "cosh" else negative(down)
                return Node("times", (number(Fraction(1, 2)), Node("add", (up, down), node.shape)), node.shape)
            case "softmax" if node.shape and (node.shape[-1] != 1 or is_scalar(node.shape)):
                return Node("function", (node,), node.shape, "softmax")
            case "ds":
                s = _function("sigmoid", node)
                rest = Node("add", (number(1), negative(s)), s.shape)
                return Node("times", (s, rest), s.shape)
            case _ if total in ELEMENTWISE:
                return _function(total, node)
        raise self.refuse(f"{total} cannot be used here", tree)

    def shaped(self, name: str, given: list[Node], keywords: dict[str, str], tree) -> Node:
        """Functions that make arrays or turn their axes."""
        numbers = [int(node.data) for node in given[1:] if node.op == "number"]
        numbers += [-1 for node in given[1:] if node.op == "negative"]
        keywords = {key: value.strip("'\"") for key, value in keywords.items()}
        node = given[0]
        match name:
            case "ones":
                axes = tuple(1 if node.op == "number" and node.data == 1 else node.data for node in given)
                if keywords or len(axes) > 2 or any(axis != 1 and axis not in self.vocabulary.axes for axis in axes):
                    raise self.refuse("ones needs the lengths of its axes", tree)
                return ones.filled(axes)
            case "eye":
                if keywords or len(given) != 1 or node.op != "length":
                    raise self.refuse("eye needs the length of an axis", tree)
                return ones.identity(node.data)
            case "ones_like" if len(given) == 1 and not keywords:
                return ones.filled(node.shape)
            case "tensordot" if len(given) == 2 and keywords == {"axes": "1"}:
                return self.matmul(*given, tree)
            case "l1_loss" | "l1_loss_sum" if len(given) == 2 and (name == "l1_loss_sum" or keywords):
                return self.norm(self.binary("subtract", *given, tree), "1", tree)
            case "same" | "copy" | "clone" | "conj" | "detach" | "numpy" if len(given) == 1 and not keywords:
                return node
            case "squeeze" if len(given) == 1 and not keywords:
                return Node("reshape", (node,), squeezed(node.shape)) if 1 in node.shape else node
            case "flatten" | "ravel" if len(given) == 1 and not keywords and len(squeezed(node.shape)) < 2:
                return Node("reshape", (node,), squeezed(node.shape)) if len(node.shape) > 1 else node
            case "atleast_2d" if len(given) == 1 and not keywords:
                return node if len(node.shape) > 1 else Node("row", (node,), (1, *node.shape))
            case "unsqueeze" if len(node.shape) == 1:
                numbers += [int(keywords[key]) for key in ("dim", "axis") if key in keywords]
                if numbers in ([0], [1], [-1]):
                    return self.reshaped(node, "row" if numbers == [0] else "column", tree)
            case "permute" if len(node.shape) == 2 and numbers == [1, 0] and not keywords:
                return transposed(node)
        raise self.refuse(f"{name} cannot be used in this way", tree)

    def binary(self, name: str, left: Node, right: Node, tree) -> Node:
        match name:
            case "add" | "over":
                return self.elementwise(name, left, right, tree)
            case "subtract":
                return self.elementwise("add", left, negative(right), tree)
            case "power":
                return self.power(left, _value(right), tree)
            case "linear":
                return self.matmul(left, transposed(right), tree)
            case "crossprod":
                return self.matmul(transposed(left), right, tree)
            case "inner":
                if left.shape[-1:] != right.shape[-1:] and len(squeezed(left.shape)) == len(squeezed(right.shape)) == 1:
                    # of a row and a column, which numpy refuses
                    left, right = (transposed(side) if side.shape[-1] == 1 else side for side in (left, right))
                return self.matmul(left, transposed(right) if len(right.shape) > 1 else right, tree)
            case "matmul" if is_scalar(left.shape) or is_scalar(right.shape):
                return self.elementwise("times", left, right, tree)
            case "matmul":
                return self.matmul(left, right, tree)
            case "multiply":
                return self.elementwise("times", left, right, tree)
            case "max" | "min":
                return self.larger(left, right, tree, -1 if name == "min" else 1)
        a, b = squeezed(left.shape), squeezed(right.shape)
        if len(a) != 1 or len(b) != 1:
            raise self.refuse("outer needs two vectors", tree)
        column = Node("reshape", (left,), (a[0], 1))
        return Node("times", (column, Node("reshape", (right,), (1, b[0]))), (a[0], b[0]))

    def larger(self, left: Node, right: Node, tree, sign: int = 1) -> Node:
        """Return max(a, b) = a + relu(b − a), entry by entry; min(a, b) = a − relu(a − b) for the sign −1."""
        if right.op == "number" and right.data == 0:
            left, right = right, left
        minus = [negative(node) for node in (left, right)]
        ends = (right, minus[0]) if sign > 0 else (left, minus[1])
        zero = left.op == "number" and left.data == 0
        inner = (right if sign > 0 else minus[1]) if zero else self.elementwise("add", *ends, tree)
        more = _function("relu", inner)
        more = more if sign > 0 else negative(more)
        return more if zero else self.elementwise("add", left, more, tree)

    def axis(self, axis: str | None, name: str, shape: Shape, tree) -> int | None:
        if axis in (None, "None"):
            return None if name.startswith("all ") else 0
        if not -len(shape) <= int(axis) < len(shape):
            raise self.refuse(f"there is no axis {axis}", tree)
        return int(axis) % len(shape)

    def total(self, node: Node, axis: int | None, kept: bool = False, mean: bool = False) -> Node:
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


def _function(name: str, node: Node) -> Node:
    if name == "sqrt":
        return Node("power", (node,), node.shape, Fraction(1, 2))
    return Node("function", (node,), node.shape, name)


def _product_first(tree: Tree) -> Tree | None:
    """Return (a ⊙ b) c … as a ⊙ (b c …); None for what is no such product."""
    behind = []
    while tree.data == "juxtaposed":
        behind.append(tree.children[1])
        tree = tree.children[0]
    if tree.data != "elementwise":
        return None
    one, sign, product = tree.children
    for factor in reversed(behind):
        product = Tree("juxtaposed", [product, factor])
    return Tree("elementwise", [one, sign, product])


def _hadamard(tree: Tree) -> tuple[Tree, Tree]:
    """Return a and b of (a ⊙ b) c …"""
    while tree.data == "juxtaposed":
        tree = tree.children[0]
    return tree.children[0], tree.children[2]


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
