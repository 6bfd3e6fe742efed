"""The parts of an answer and the names that people give them: in a mapping, in a list, or in one text.

A name is understood by its words: "training batches per epoch" is train_batches, since it has more words of that part
than of any other, and the words left over say nothing else. "batches per epoch" may be either and is asked back.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from math import gcd

from scripts.verdicts.finding import Malformed
from scripts.verdicts.written import plain, shown

Known = dict[str, list[list[str]]]  # part → the words of each of its names

HARMLESS = {  # words beside a name that make it no other
    "a", "an", "the", "of", "in", "for", "on", "at", "per", "with", "its", "is", "are", "was", "were", "be", "has",
    "have", "and", "n", "no", "num", "nr", "number", "numbers", "total", "size", "shape", "set", "sets", "dataset",
    "data", "image", "images", "picture", "pictures", "sample", "samples", "example", "examples", "test",
    "average", "avg", "mean", "value", "values", "first", "row", "rows", "model", "loss", "losses", "sum", "sums",
    "true", "class", "label", "gradient", "grad", "epoch", "epochs", "batch", "batches", "each", "after",
    "layer", "len", "loader", "img", "tensor", "weight", "weights", "begin", "begins", "count", "predictions",
}  # fmt: skip
DERIVATIVE = re.compile(r"(?:∂|d|D) ?[a-zA-Z]?(?:\([^()]*\))? ?/ ?(?:∂|d|D) ?(?=\w)")  # ∂f/∂ before w_o
ARGUMENT = re.compile(r" ?(?:\([^()0-9]{0,20}\)|\[[^\[\]]{0,20}\])$")  # f(x), W1[0], but not f(3)
WORDS = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+\d*(?![a-z])|\d+|[^\W\d_]")
TOKEN = re.compile(r"[^\W\d_]\w*(?:[-/^_]?[\w{}∂]+)*")
SEPARATOR = re.compile(  # between parts that stand in one text
    r""" [ ]?;[ ]? | [ ]?,(?:[ ]|(?=[^\W\d]))(?:and[ ])? | [ ]and[ ]
    | [ ](?=without[ ])                             # 0.01 without momentum
    | (?<=[)\]])[ ](?=[(\[a-zA-Z])                  # [64, 1, 28, 28] [64]
    | (?<=[0-9])[.:][ ](?=[^\W\d])                  # image 9270: label 8
    | (?<=[a-zA-Z])[ ]/[ ](?=[0-9])                 # 60k train / 10k test
    | (?<=[0-9%])[ ](?=[^\W\d][^0-9=:,;]{0,30}[=:]) # train=60000 test=10000""",
    re.X,
)
LEAD = re.compile(r"(?:there (?:are|is)|(?!no|never|neither)[\w-]+ (?:has|have|uses?|with)) ", re.I)
LABELLED = re.compile(r"([^=:≈<>!±]{0,60}?[\w)\]}']) ?(?:[=:] ?|(?=≈))(.+)")
TRAILING = re.compile(r"(.*[0-9.\])](?: ?(?:k|thousand|%)(?!\w))?) ?\b([^\W\d][^\d()]*?)((?: \([^()]*\))?)")
PERCENT = re.compile(r"\(([0-9.]+ ?%)\)$")
OUT_OF = re.compile(
    r"([0-9][0-9 .,'_\u00a0]*?)(?: [a-z]+)? ?(?:/| (?:out )?of (?:the |all )?) ?"
    r"([0-9][0-9 .,'_\u00a0]*)(?: [a-z]+| ?\(.*\)| ?=.*)*"
)


class InOrder(dict):
    """Parts without names, taken in the question's order: good enough to accept an answer, not to refute one."""


def parts(stated: object, names: list[str], also: Mapping[str, list[str]] | None = None, unnamed: bool = False) -> dict:
    """Return the stated parts by the claim's own names; what is asked as one part may stand there without its name.

    also: further names of the parts. With `unnamed`, several parts may come without names (InOrder). Malformed for a
    part that was not asked for, or that stands there twice; one that is left out is left out.
    """
    known = {name: [words(one) for one in (name, *(also or {}).get(name, []))] for name in names}
    if isinstance(stated, dict):
        given = _from_mapping(stated, names, known)
    elif len(names) == 1:
        given = {names[0]: stated}
    else:
        given = _from_text(stated, names, known)
        if isinstance(given, InOrder) and not unnamed:
            raise Malformed(f"the parts {', '.join(names)} are asked for, each under its name")
    given = type(given)((name, _without_name(part, name, known)) for name, part in given.items())
    for name, part in _implied(given).items():
        if name in names:
            given.setdefault(name, part)
    return given


def _implied(given: dict) -> dict[str, str]:
    """Return what is said beside hits or an accuracy: "880 of 10000 (8.80 %)" tells all of three parts."""
    said = given.get("correct", given.get("accuracy", []))
    found = [OUT_OF.fullmatch(text) for text in (said if isinstance(said, list) else [said])]
    if None in found or len({one[2] for one in found}) != 1 or _is_share(found[0]):
        return {}
    implied = {"count": found[0][2].strip()}
    if isinstance(said, str):
        implied |= {"correct": found[0][1]}
        implied |= {"accuracy": percent[1]} if (percent := PERCENT.search(said)) else {}
    return implied


def _is_share(found: re.Match) -> bool:
    """Is it a fraction in lowest terms, which may be that of another total? (7/8 of 32)"""
    return "/" in found[0] and gcd(*(int(re.sub(r"\D", "", part)) for part in found.groups())) == 1


def words(name: str) -> list[str]:
    """Return the words of a name in small letters: "pre-activations", "preActivations" and "∂f/∂w_o" have two."""
    name = unicodedata.normalize("NFKC", name.strip()).replace("w.r.t.", "")
    return [word.casefold() for word in WORDS.findall(DERIVATIVE.sub("", name))]


def find(name: str, known: Known) -> str | None:
    """Return the part that a name means, or None if that is not clear."""
    found = _find(words(name), known)
    return _find(words(ARGUMENT.sub("", name)), known) if found is None else found  # len(train)


def _find(given: list[str], known: Known) -> str | None:
    joined = "".join(given)
    exact = {part for part, ways in known.items() for way in ways if joined and _stem(joined) == _stem("".join(way))}
    exact = exact or {part for part, ways in known.items() if joined[1:] and joined == "d" + "".join(ways[0])}  # dw_o
    if exact:
        return exact.pop() if len(exact) == 1 else None
    per = given.index("per") if "per" in given else len(given)
    given = [word for word in given[:per] if word != "n"]  # n_train, batches per epoch
    if not given:
        return None
    # By part: which of the given words are in a name of it, and whether they are all of that name.
    matched = {part: max(map(lambda way: _matched(given, way), ways), key=_rank) for part, ways in known.items()}
    best = max(matched, key=lambda part: _rank(matched[part]))
    mine, complete = matched[best]
    rest = [word for i, word in enumerate(given) if i not in mine]
    if not mine or not set(rest) <= HARMLESS:
        return None
    for part, (others, also_complete) in matched.items():
        nearly = len(others) == len(mine) and (others != mine or also_complete or not complete)
        if part != best and nearly:
            return None
    return best


def _matched(given: list[str], way: list[str]) -> tuple[frozenset, bool]:
    found = frozenset(i for i, word in enumerate(given) if any(map(lambda w: _alike(word, w), way)))
    return found, all(any(map(lambda word: _alike(word, w), given)) for w in way)


def _rank(matched: tuple[frozenset, bool]) -> tuple[int, bool]:
    return len(matched[0]), matched[1]


def _stem(word: str) -> str:
    return re.sub(r"(?<=..)(?:ies|es|s|y)$", "", word)


def _alike(one: str, other: str) -> bool:
    """Are two words the same, or one of them the other's beginning, of three letters at least?"""
    one, other = _stem(one), _stem(other)
    return one == other or (min(len(one), len(other)) > 2 and (one.startswith(other) or other.startswith(one)))


def _from_mapping(stated: dict, names: list[str], known: Known) -> dict:
    found: dict[str, object] = {}
    for given, part in stated.items():
        name = find(plain(given), known)
        if name is None:
            asked = f"the parts are {', '.join(names)}" if any(names) else "the answer needs no name"
            raise Malformed(f"no part {shown(given)} is asked for; {asked}")
        if name in found:
            raise Malformed(f"{name or 'the answer'} stands there twice; keep one")
        found[name] = part
    if not found:
        raise Malformed(f"the parts are {', '.join(names)}")
    return found


def _from_text(stated: object, names: list[str], known: Known) -> dict:
    """Take a text, or a list of them, apart into named parts: "train: 60000; test: 10000", "25 epochs and …"."""
    text = "; ".join(map(plain, stated)) if isinstance(stated, list) else plain(stated)
    if wrapped := re.fullmatch(r"\w*\((\w+ ?=.*)\)|\{(.*)\}", text):  # SGD(lr=0.01), a mapping in quotes
        text = wrapped[1] or wrapped[2]
    found: dict[str, str] = {}
    loose: list[tuple[str, str]] = []
    current = None
    for separator, piece in _pieces(LEAD.sub("", text, count=1) if LEAD.match(text) else text):
        name, rest = begins(piece, known) or _ends(piece, known) or (None, piece)
        if name is not None:
            if name in found:
                raise Malformed(f"{name} stands there twice; keep one")
            found[name], current = rest, name
        elif current is not None:
            found[current] += separator + piece
        else:
            loose.append((separator, piece))
    missing = [name for name in names if name not in found]
    if loose and found and len(missing) == 1:
        return {missing[0]: "".join(map("".join, loose))} | found
    if len(loose) == len(names):
        return InOrder((name, piece) for name, (_, piece) in zip(names, loose, strict=True))
    if loose or not found:
        raise Malformed(f"the parts {', '.join(names)} are asked for, each under its name")
    return found


def _pieces(text: str) -> Iterable[tuple[str, str]]:
    """Cut a text where semicolons, commas with a space, "and" or the end of a list stand outside of brackets."""
    start, depth, before = 0, 0, ""
    for i, character in enumerate(text):
        depth = max(0, depth + (character in "([{") - (character in ")]}"))
        if not depth and i >= start and (found := SEPARATOR.match(text, i)):
            yield before, text[start:i]
            start, before = found.end(), found[0]
    yield before, text[start:]


def begins(piece: str, known: Known) -> tuple[str, str] | None:
    """Return the part with whose name a text begins, and what follows: "learning rate = 0.01", "no momentum"."""
    if (found := re.fullmatch(r"(?:[nN]o|without) (.+)", piece)) and (name := find(found[1], known)) is not None:
        return name, "no"
    if (found := LABELLED.fullmatch(piece)) and (name := find(found[1], known)) is not None:
        return name, found[2]
    tokens = piece.split(" ")
    most = next((i for i, token in enumerate(tokens) if not TOKEN.fullmatch(token)), len(tokens))
    for count in range(min(most, len(tokens) - 1, 5), 0, -1):
        if tokens[count] != "-" and (name := find(" ".join(tokens[:count]), known)) is not None:
            return name, " ".join(tokens[count:])
    return None


def _ends(piece: str, known: Known) -> tuple[str, str] | None:
    """Return the part with whose name a text ends, and what stands before: "10 000 test images"."""
    found = TRAILING.fullmatch(piece)
    if found and found[1][:1] in "+-.0123456789([" and (name := find(found[2], known)) is not None:
        return name, found[1] + found[3]
    return None


def _without_name(part: object, name: str, known: Known) -> object:
    """Leave out a part's name where its text begins or ends with it; Malformed if it does so with another's."""
    if isinstance(part, list) and len(part) == 1:
        part = part[0]
    if not isinstance(part, str):
        return part
    text = plain(part)
    if not (found := begins(text, known) or _ends(text, known)):  # L = 2.37 under loss
        symbol = re.fullmatch(r"[^\W\d] ?= ?(.+)", text)
        return symbol[1] if symbol else part
    if found[0] != name:
        raise Malformed(f"{name} is said to be {found[0]}; keep one of the two")
    return found[1]
