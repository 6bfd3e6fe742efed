"""Read an answer as people write it: numpy, Matlab, LaTeX or Unicode mathematics, with or without its left-hand side.

One spelling for each sign, then the statements (the answer, steps on the way to it, definitions), then for each formula
its tokens, the grammar and the shapes. Whoever reads an answer here gets trees of known operations; nothing in the text
is executed.
"""

import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from lark import Lark, Tree
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer

from scripts.formulas.left import Left, left
from scripts.formulas.sentences import AGAINST, DOTS, component, comprehensions, sides, statements
from scripts.formulas.shapes import Shapes
from scripts.formulas.spelling import LOWERED, plain
from scripts.formulas.tokens import FUNCTIONS, LONGEST, SAME, Vocabulary, in_names, plain_name, tokens, unreadable
from scripts.formulas.tree import Node, Unreadable
from scripts.shared.step import read_text

NODES, DEEPEST = 200, 40  # of a tree
MEMBERS = 4  # of a chain of equalities
TOWER = 12  # how high powers within powers may go
MEAN = re.compile(
    r"(?:the\s+)?(?:(?:arithmetic|sample|empirical)\s+)?(?:mean|average|centroid)"
    r"(?:\s+of\s+(?:all\s+)?(?:the\s+)?(?:(?:data\s+)?points|samples|data|x(?:_i|ᵢ)?))?",
    re.IGNORECASE,
)


class _Tokens(Lexer):
    def __init__(self, _):
        pass

    def lex(self, data):
        yield from data


@cache
def _grammar() -> Lark:
    text = read_text(Path(__file__).with_name("grammar.lark"))
    names = sorted(set(re.findall(r"\b[A-Z]{2,}\b", re.sub("//.*", "", text))))
    return Lark(text + f"\n%declare {' '.join(names)}\n", parser="lalr", lexer=_Tokens)


def read(text: str, vocabulary: Vocabulary, asked: str = "derivative", wrt: str = "") -> list[Node]:
    """Return the trees of an answer, as `read_answer` does, where nothing else has to hold."""
    members, claims = read_answer(text, vocabulary, asked, wrt)
    if claims:
        raise Unreadable("write the formula alone")
    return members


def read_answer(
    text: str, vocabulary: Vocabulary, asked: str = "derivative", wrt: str = "", turned: bool = False
) -> tuple[list[Node], list[tuple[str | Node, Node]]]:
    """Return the tree of a formula, or of each member of a chain a = b, after a left-hand side such as ∇f; and what the
    answer says besides: (name or formula, what it says that this is), where "objective" is what is differentiated.

    asked: "derivative", "minimiser" or "objective", which says what may stand on the left; wrt: the variable that a
    derivative is by; turned: is the derivative's layout the variable's transposed? New names that an answer defines are
    replaced by their definitions. Raises Unreadable.
    """
    if len(text) > LONGEST:
        raise Unreadable(f"the formula is longer than {LONGEST} characters")
    found = statements(plain(text))
    answers, definitions, between = [], {}, []
    for k, statement in enumerate(found):
        members = sides(statement)
        if any(not member.strip() for member in members):
            raise Unreadable("there is nothing on one side of an equals sign")
        defined = _defined(members, vocabulary) if len(found) > 1 else None
        others = [other for other in found if other is not statement]
        if defined and (
            (asked == "objective" and any(_holds_word(other, defined[0]) for other in others))
            or defined[0] in vocabulary.names
            or not _left(members[0], vocabulary, asked, wrt, last=False)
        ):
            if defined[0] in {name for name, _ in definitions}:
                raise Unreadable(f"{defined[0]} is defined twice")
            definitions[defined] = members[1]
        elif len(members) == 1 or _left(members[0], vocabulary, asked, wrt, last=len(found) == 1):
            answers.append((k, members))
        else:
            between.append((k, members))
    if not answers and between:
        answers = [between.pop()]
    if not answers:
        raise Unreadable("there is no formula")
    if len([members for _, members in answers if len(members) == 1]) > 1 or len(answers[-1][1]) > MEMBERS + 1:
        raise Unreadable("there are several formulas: write one alone")
    words, claims, meanings = _definitions(definitions, vocabulary)
    for k, members in between:
        if k > answers[-1][0] and len(members) == 2:  # x̄ = (1/n) Σ x_i
            claims.append(tuple(_read(member, words) for member in members))
        else:
            _harmless(members, vocabulary, k < answers[-1][0])
    trees = []
    for _, members in answers:
        more, said = _chain(members, words, asked, wrt, turned)
        trees, claims = trees + more, claims + said
    trees = [_replaced(tree, meanings) for tree in trees]
    claims = [tuple(_replaced(side, meanings) for side in claim) for claim in claims]
    if any(sum(1 for _ in tree.walk()) > NODES for tree in trees):
        raise Unreadable("the formula is too long")
    for part in (part for tree in trees for part in tree.walk()):
        if part.op == "function" and vocabulary.refusal(part.data):  # exp in e^x, abs in |x|
            raise Unreadable(vocabulary.refusal(part.data))
    return trees, claims


def _holds_word(text: str, word: str) -> bool:
    return bool(re.search(rf"(?<![A-Za-z]){word}(?![A-Za-z])", text))


def _left(text: str, vocabulary: Vocabulary, asked: str, wrt: str, last: bool = True) -> Left | None:
    """Read what stands before the first equals sign; refuse what names something else than what is asked for."""
    if name := left(_spelled(text, vocabulary), asked):
        if name.by not in vocabulary.by and (by := SAME.get(name.by)) in vocabulary.by:  # λ, where lam is given
            name = replace(name, by=by)
        if _is_formula(name, vocabulary):
            return None  # ∂ tr(AX) / ∂X
        if asked == "minimiser" and name.by and name.by not in vocabulary.by:
            return None
        other = vocabulary.aliases.get(name.by, name.by)
        if wrt and other != wrt and (other in vocabulary.names or other in vocabulary.withheld):
            if not last:
                return None  # a definition
            raise Unreadable(f"the left side is a derivative by {other}, what is asked for is the one by {wrt}")
        if vocabulary.called and (why := _other(name, vocabulary, asked, wrt)):
            raise Unreadable(f"{why} on the left side is not what is asked for; write the formula alone")
    return name


def _is_formula(name: Left, vocabulary: Vocabulary) -> bool:
    """Tell whether what looks like the name of a function in a left side begins with a known one: tr(AX), tr X."""
    words = [word for word in FUNCTIONS if len(word) > 1]
    begins = [name.value[: len(word)] == word for word in words]
    behind = [name.by == variable + word for variable in vocabulary.by for word in words]  # d/dX tr(AX)
    return (any(begins) and name.value not in vocabulary.called) or any(behind)


def _other(name: Left, vocabulary: Vocabulary, asked: str, wrt: str) -> str:
    """Return what in a left side names another function, variable or layer than the question does."""
    variables = {*vocabulary.by, wrt.rstrip("0123456789")}
    by = "".join(plain_name(c) for c in name.by)
    if name.indices and vocabulary.has_rows(by, len(name.indices) == 2):  # ∂L/∂x_i, a row of ∂L/∂X
        by = by.capitalize()
    joined = any(by == variable + value for variable in variables for value in vocabulary.called)  # d/dx f(x)
    if by and by not in variables and not joined and name.of not in vocabulary.called:
        return name.by
    if name.value and name.value not in (variables if joined else vocabulary.called):
        return name.value
    known = {word for word in name.arguments if word in variables or (not wrt and vocabulary.find(word))}
    if name.arguments and ((asked == "objective" and not name.value) or not known):
        return ", ".join(name.arguments)
    other = name.layer and vocabulary.aliases.get(f"delta{name.layer}") != f"d{wrt}"
    return f"layer {name.layer}" if other else ""


DERIVED = re.compile(r"\\?\barg\s*\\?min|∇|\\nabla|∂|\\partial|\\frac\s*\{\s*d|(?<![A-Za-z])d(?:\s.*)?/\s*d")
BY = r"\\?(?P<by>[A-Za-z]+|[α-ωΓ-Ω])_?\{?(?P<number>[0-9]?)\}?"
D = r"(?:d|∂|\\partial)(?![A-Za-z])"
OPERATORS = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf"\s*\\?arg\s*\\?min\s*_\s*\{{?\s*{BY}\s*\}}?(?P<of>.+)",
        rf"\s*(?:∇|\\nabla(?![A-Za-z]))\s*(?:_\s*(?:\{{\s*{BY}\s*\}}|(?P<by2>\\[A-Za-z]+|[A-Za-zα-ωΓ-Ω])))?(?P<of>.+)",
        rf"\s*\\[dtc]?frac\s*\{{\s*{D}\s*\}}\s*\{{\s*(?:{D}\s*|d){BY}[^{{}}]*\}}(?P<of>.+)",
        r"\s*\(?(?:d|∂)\s*/\s*(?:d|∂)\s*(?P<by>[A-Za-zα-ωΓ-Ω]+?)(?P<number>[0-9]?)(?:_[a-z]|[ᵢⱼₖ])?\)?(?=[\s(\[‖|Σ∑])(?P<of>.+)",
        rf"\s*\\[dtc]?frac\s*\{{\s*{D}(?P<of>.+)\}}\s*\{{\s*{D}\s*{BY}[^{{}}]*\}}\s*",
        rf"\s*\(?(?:d|∂)(?![A-Za-z])(?P<of>.+)/\s*(?:d|∂)\s*{BY}\)?\s*",
    )
]  # fmt: skip


def _chain(members: list[str], vocabulary: Vocabulary, asked: str, wrt: str, turned: bool):
    """Read the members of a chain; those on the way that still hold a derivative need not be read."""
    claims: list[tuple[str, Node]] = []
    indices: tuple[str, ...] = ()
    started = False
    if len(members) > 1 and (name := _left(members[0], vocabulary, asked, wrt)):
        members, indices, started = members[1:], name.indices, True
        indices = indices[::-1] if turned and name.at_variable else indices
    if len(members) > MEMBERS:
        raise Unreadable(f"there are more than {MEMBERS} equals signs; write the formula alone")
    trees = []
    for k, member in enumerate(members):
        try:
            trees.append(_read(member, vocabulary, indices))
        except Unreadable:
            if k + 1 == len(members) or not DERIVED.search(member):
                raise
            try:
                claims.append(("objective", _differentiated(member, vocabulary, wrt)))
            except Unreadable:
                if not started:
                    raise
            started = True
    return trees, claims


def _differentiated(text: str, vocabulary: Vocabulary, wrt: str) -> Node:
    """Return what is differentiated in a left side such as ∂/∂x (x^T x)."""
    for operator in OPERATORS:
        if match := operator.fullmatch(text):
            groups = match.groupdict()
            by = (groups["by"] or groups.get("by2") or wrt).lstrip("\\") + (groups.get("number") or "")
            if {plain_name(by), SAME.get(by)} & {wrt, *vocabulary.by}:
                return _read(groups["of"], vocabulary, matrix_powers=True)
    raise unreadable(text.strip(), 0, "this left side cannot be read; write the formula alone")


def _harmless(members: list[str], vocabulary: Vocabulary, before: bool) -> None:
    """Refuse an equation beside the answer unless it is a step on the way: signs and known words only."""
    text = " = ".join(members)
    plain_words = re.findall("[A-Za-z]{3,}", re.sub(r"\\[A-Za-z]+", " ", text))
    known = {*FUNCTIONS, "d", "L", "f", "D", "J", "argmin", "min", "arg", "loss"}
    words = [w for w in plain_words if w not in known and not in_names(w, vocabulary, "")]
    words = [w for w in words if w not in vocabulary.withheld]
    if not before or AGAINST.search(text) or words or re.search(r"\b(?:no|No)\b", text):
        raise unreadable(text, 0, "what is this equation for? write the answer alone")


def _defined(members: list[str], vocabulary: Vocabulary) -> tuple[str, str] | None:
    """Return the name that an equation such as r_i = y_i − f(x_i) defines, and its indices."""
    if len(members) != 2:
        return None
    text = members[0].strip()
    try:
        found = tokens(text, vocabulary)
    except Unreadable:
        found = []
    if found and found[0].type == "NAME" and [t.type for t in found[1:]] in ([], ["SUBSCRIPT"]):
        return found[0].value, "".join(found[1].value) if len(found) > 1 else ""
    sigmoid = found and found[0].type == "FUNCTION" and found[0].value == "sigmoid"
    if sigmoid and (name := re.match(r"\\?(\w+|σ)", text)):
        name = vocabulary.find(name[1]) or ""  # σ(u) = …
        return (name, "") if name in vocabulary.names else None
    new = re.fullmatch(r"\\?([A-Za-z]+(?:_?\{?[0-9]\}?)?)(?:_\{?([i-m]{1,2})\}?|([ᵢⱼₖ]))?", text)
    if not new or len(new[1]) > 12:
        return None
    return re.sub("[_{}]", "", new[1]), "".join(LOWERED.get(c, c) for c in new[2] or new[3] or "")


def _definitions(definitions: dict[tuple[str, str], str], vocabulary: Vocabulary):
    """Read the definitions of an answer: the vocabulary with the new names, what is said of those given, and what the
    new ones mean."""
    claims: list[tuple[str, Node]] = []
    meanings: dict[str, Node] = {}
    if len(definitions) > MEMBERS:
        raise Unreadable(f"there are more than {MEMBERS} definitions")
    waiting = dict(definitions)
    while waiting:
        for key, text in waiting.items():
            try:
                node = _read(text, vocabulary, tuple(key[1]))
                break
            except Unreadable as error:
                why = error
        else:
            key = next(iter(waiting))
            if vocabulary.find(key[0]):
                raise why
            _harmless([key[0], waiting.pop(key)], vocabulary, True)  # of no use, if the answer can be read
            continue
        del waiting[key]
        name, indices = key
        if bool(indices) != (node.op == "components" and node.data[0].islower()):
            raise Unreadable(f"the definition of {name} has other indices than {name} itself")
        if node.op == "components" and indices:
            inner = _relettered(node.args[0], {c: c.upper() for c in node.data})
            node = replace(node, args=(inner,), data=tuple(c.upper() for c in node.data))
        node = _replaced(node, meanings)
        if given := vocabulary.find(name):
            if given not in vocabulary.names:
                raise Unreadable(f"{name} is a length, and the formula is asked for all of them")
            claims.append((given, node))
            continue
        if vocabulary.refusal(name):
            raise Unreadable(vocabulary.refusal(name))
        meanings[name] = node
        vocabulary = replace(vocabulary, names={**vocabulary.names, name: node.shape})
    return vocabulary, claims, meanings


def _relettered(node: Node, letters: dict[str, str]) -> Node:
    """Write other letters for indices that are free in a formula."""
    args = tuple(_relettered(arg, letters) for arg in node.args)
    data = node.data
    if node.op == "entry":
        data = tuple((place, letters.get(index, index)) for place, index in data)
    return replace(node, args=args, data=data)


def _replaced(node: Node | str, meanings: dict[str, Node]) -> Node | str:
    """Put definitions in the place of the names that they define."""
    if not meanings or isinstance(node, str):
        return node
    if node.op == "name" and node.data in meanings:
        return meanings[node.data]
    node = replace(node, args=tuple(_replaced(arg, meanings) for arg in node.args))
    if node.op == "entry" and (inner := node.args[0]).op == "components" and len(node.data) == len(inner.data):
        letters = {inner.data[place]: index for place, index in node.data}
        if not inner.args[0].bound & {*letters.values()}:
            return _relettered(inner.args[0], letters)  # r_i, where r_j = y_j - f_j
    return node


def _spelled(text: str, vocabulary: Vocabulary) -> str:
    """Bring spellings that depend on the names given to one: d u_3 is du3, W^{(3)} is W_3."""

    def known(name: str) -> bool:
        return bool(vocabulary.find(name) or vocabulary.refusal(name))

    def layer(match: re.Match) -> str:
        letters, number = match[1], match[2] or match[3]
        if not any(known(letters[k:] + number) for k in range(len(letters))):
            return match[0]
        if match[3] and known(letters):
            raise Unreadable(f"{letters}^{number} may be a power or a layer: write {letters}_{number}")
        return f"{letters}_{{{number}}}"

    def differential(match: re.Match) -> str:
        together = "d" + match[1] + match[2].translate(str.maketrans(LOWERED))
        return "d" if known(together) and not vocabulary.find("d") else match[0]

    text = re.sub(r"([A-Za-z]+)\s*\^\s*(?:\{\s*[(\[]\s*([0-9])\s*[)\]]\s*\}|\{?([1-9])\}?(?![0-9}]))", layer, text)
    return re.sub(r"(?<![A-Za-z\\])d(?:\s+|_)(?=([A-Za-z]+)_?\s*\{?([0-9₀-₉]))", differential, text)


def _component(text: str, vocabulary: Vocabulary) -> tuple[str, dict[str, str]]:
    """Turn a list of components (2x_1, 2x_2, …, 2x_d) into one of them, (2x_j), and say over which axis j runs."""
    text = comprehensions(text)
    if re.search(DOTS, text):
        text = re.sub(f"[{''.join(LOWERED)}]+", lambda c: "_{" + c[0].translate(str.maketrans(LOWERED)) + "}", text)
        try:
            return component(text, vocabulary.ends)
        except ValueError:
            why = "terms with dots between them have to follow one pattern, as in (2x_1, …, 2x_d) or x_1 + … + x_n"
            raise Unreadable(why) from None
    if len(vocabulary.names) == 1 and MEAN.fullmatch(text.strip()):
        return f"mean({next(iter(vocabulary.names))})", {}
    return text, {}


def _read(text: str, vocabulary: Vocabulary, indices: tuple[str, ...] = (), matrix_powers: bool = False) -> Node:
    text, running = _component(_spelled(text, vocabulary), vocabulary)
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
    reader = Shapes(text, vocabulary, running, matrix_powers)
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
