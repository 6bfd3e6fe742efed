"""The parts of an answer and the names that people give them: in a mapping, in a list, or in one text.

A name is understood by its words: "training batches per epoch" is train_batches, since it has more words of that part
than of any other, and the words left over say nothing else. "batches per epoch" may be either and is asked back.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from math import gcd

from scripts.verdicts.finding import Malformed
from scripts.verdicts.sides import is_symbol, sides
from scripts.verdicts.written import plain, shown

HARMLESS = {  # words beside any name that make it no other
    "a", "an", "the", "of", "in", "for", "on", "at", "with", "its", "is", "are", "was", "were", "be", "has", "have",
    "and", "num", "nr", "number", "numbers", "count", "set", "sets", "dataset", "data", "value", "values", "len", "it",
    "we", "there", "all", "as",
}  # fmt: skip


class Known(dict[str, list[list[str]]]):
    """part → the words of each of its names; and the words beside them that change nothing in this claim."""

    beside: frozenset[str] = frozenset()


DERIVATIVE = re.compile(
    r"(?:∇|\\nabla) ?_?(?=[{\w])|(?:∂|d|D) ?[a-zA-Z]?(?:\([^()]*\))? ?/ ?(?:∂|d|D) ?(?=\w)"
)  # ∂f/∂ before w_o
OPERATOR = re.compile(r"^[-+0-9]|[|≠<>!'′²³√^*+π∂∇]|\b1 ?/")  # f², −f and ∂f are other things than f
ARGUMENT = re.compile(r" ?(?:\([^()0-9]{0,20}\)|\[(?:0|0?, ?:?\d*|0?:\d*|:)\]){1,2}$")  # f(x), W1[0], but not f(3)
WORDS = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+\d*(?![a-z])|\d+|[^\W\d_]")
TOKEN = re.compile(r"[^\W\d_][\w{}∂]*(?:[-/^][\w{}∂]+)*")
SEPARATOR = re.compile(  # between parts that stand in one text
    r""" [ ]?;[ ]? | [ ]?,(?:[ ]|(?=[^\W\d]))(?:and[ ])? | [ ]and[ ]
    | [ ](?=without[ ])                             # 0.01 without momentum
    | (?<=[)\]])[ ](?=[(\[a-zA-Z])                  # [64, 1, 28, 28] [64]
    | (?<=[0-9])[.:][ ](?=[^\W\d])                  # image 9270: label 8
    | (?<=[a-zA-Z])[ ]/[ ](?=[0-9])                 # 60k train / 10k test
    | (?<=[0-9%])[ ](?=[^\W\d][^0-9=:,;]{0,30}[=:]) # train=60000 test=10000""",
    re.X,
)
LINES = re.compile(
    r"(?<=[^\s,;:=(\[{])[ \t]*\r?\n\s*(?=[^\W\d]|[∂∇\\$])"
)  # ends of lines after which another part may begin
LEAD = re.compile(r"((?:the )?[\w-]{1,30}) (?:has|have|uses?|with|are|is) |((?:plain )?SGD)[,:;] (?:with )?", re.I)
LABELLED = re.compile(r"([^=:≈<>!±]{0,60}?[\w)\]}']) ?(?:[=:] ?|(?=≈))(.+)")
TRAILING = re.compile(r"(.*[0-9.\])](?: ?(?:k|thousand|%)(?!\w))?) ?\b([^\W\d][^\d()]*?)((?: \([^()]*\))?)")
ROW = re.compile(r"(?:\b(?:after )?epoch |(?<=; )|^)(\d{1,3}) ?[:.|,] (?=[^\W\d])", re.I)
UNIT = re.compile(r"per ?cent|pct")
PERCENT = re.compile(r"\(([0-9.]+ ?%)\)$")
OUT_OF = re.compile(
    r"([0-9][0-9 .,'_\u00a0]*?)(?: [a-z]+)? ?(?:/| (?:out )?of (?:the |all )?) ?"
    r"([0-9][0-9 .,'_\u00a0]*)(?: [a-z]+| ?\(.*\)| ?=.*)*"
)


class InOrder(dict):
    """Parts without names, taken in the question's order: good enough to accept an answer, not to refute one."""


def stated_of(found: int, asked: int) -> str:
    """Say that so many values are stated where others are asked for."""
    stated = "1 value is stated" if found == 1 else f"{found} values are stated"
    return f"{stated}, {asked} {'is' if asked == 1 else 'are'} asked for"


def in_words(part: str) -> str:
    """Return the name of a part as words: train_batches are training batches; w_o is a letter with an index."""
    return re.sub(r"\btrain\b", "training", re.sub(r"(?<=\w\w)_|_(?=\w\w)", " ", part))


def parts(
    stated: object,
    names: list[str],
    also: Mapping[str, list[str]] | None = None,
    beside: Iterable[str] = (),
    unnamed: bool = False,
) -> dict:
    """Return the stated parts by the claim's own names; what is asked as one part may stand there without its name.

    also: further names of the parts; beside: words that may stand beside these names. With `unnamed`, several parts may
    come without names (InOrder). Malformed for a part that was not asked for, or that stands there twice; one that is
    left out is left out.
    """
    known = Known((name, [words(one) for one in (name, *(also or {}).get(name, []))]) for name in names)
    known.beside = frozenset(beside)
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


def complete(given: Mapping, names: Iterable[str]) -> None:
    """Raise Malformed if a part is left out."""
    if missing := [name for name in names if name not in given]:
        raise Malformed(f"{' and '.join(missing)} left out; the parts are {', '.join(names)}")


def _implied(given: dict) -> dict[str, str]:
    """Return what is said beside hits or an accuracy: "880 of 10000 (8.80 %)" tells all of three parts."""
    said = given.get("correct", given.get("accuracy", []))
    if isinstance(said, str):  # 8.80 % (880 of 10000)
        said = re.sub(r"^([0-9.]+ ?%) \((.+)\)$", r"\2 (\1)", said)
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


def by_rows(stated: object, rows: int) -> object:
    """Turn a table that is told row by row into its rows: "epoch 1: loss 0.96, …; epoch 2: …" into a list of texts."""
    if not isinstance(stated, str):
        return stated
    first, *others = ROW.split(plain(stated))
    if first or others[::2] != [str(row) for row in range(1, rows + 1)]:
        return stated
    return [row.strip(" ;,.|") for row in others[1::2]]


def words(name: str) -> list[str]:
    """Return the words of a name in small letters: "pre-activations", "preActivations" and "∂f/∂w_o" have two."""
    name = unicodedata.normalize("NFKC", name.strip()).replace("w.r.t.", "")
    name = re.sub(r"^(?:no\.|no|nr\.|#) of ", "", name)
    return [word.casefold() for word in WORDS.findall(DERIVATIVE.sub("", name))]


def find(name: str, known: Known) -> str | None:
    """Return the part that a name means, or None if that is not clear."""
    other = re.sub(r" or |w\.r\.t\.", "", DERIVATIVE.sub("", name))
    if OPERATOR.search(other) or ("gradient" not in known.beside and DERIVATIVE.search(name)):
        return None
    found = _find(words(name), known)
    return _find(words(ARGUMENT.sub("", name)), known) if found is None else found  # len(train)


def _find(given: list[str], known: Known) -> str | None:
    joined = "".join(given)
    exact = {part for part, ways in known.items() for way in ways if joined and _stem(joined) == _stem("".join(way))}
    if "gradient" in known.beside:  # dw_o
        exact = exact or {part for part, ways in known.items() if joined[1:] and joined == "d" + "".join(ways[0])}
    if exact:
        return exact.pop() if len(exact) == 1 else None
    per = next((i for i in range(len(given)) if " ".join(given[i : i + 2]) in known.beside), len(given))
    given = [word for word in given[:per] if word != "n"]  # n_train, batches per epoch
    if not given:
        return None
    # By part: which of the given words are in a name of it, and whether they are all of that name.
    matched = {part: max(map(lambda way: _matched(given, way), ways), key=_rank) for part, ways in known.items()}
    best = max(matched, key=lambda part: _rank(matched[part]))
    mine, complete = matched[best]
    rest = [word for i, word in enumerate(given) if i not in mine]
    if not mine or not harmless(rest, known.beside):
        return None
    for part, (others, also_complete) in matched.items():
        nearly = len(others) == len(mine) and (others != mine or also_complete or not complete)
        if part != best and nearly:
            return None
    return best


def _matched(given: list[str], way: list[str]) -> tuple[frozenset, bool]:
    found = frozenset(i for i, word in enumerate(given) if any(map(lambda w: _alike(word, w), way)))
    return found, all(any(map(lambda word: _alike(word, w), given)) for w in way)


def harmless(given: Iterable[str], beside: Iterable[str]) -> bool:
    """Tell whether these words, beside a name, make it no other name."""
    return all(word in HARMLESS or any(_alike(word, one) for one in beside) for word in given)


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
    lines = stated if isinstance(stated, list) else LINES.split(stated)
    text = "; ".join(map(plain, filter(None, lines)))
    if wrapped := re.fullmatch(
        r"(?:(?:\w+\.)*SGD|dict)?\((?:[\w.]+\(\), )?(\w+ ?=.*)\)|\{(.*)\}", text
    ):  # SGD(lr=0.01), a mapping in quotes
        text = wrapped[1] or wrapped[2]
    found: dict[str, str] = {}
    loose: list[tuple[str, str]] = []
    current = None
    lead = LEAD.match(text)
    if lead and harmless(words(lead[1] or lead[2]), known.beside):
        text = text[lead.end() :]
    for separator, piece in _pieces(text):
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
    if loose and len(loose) == len(missing):
        return InOrder(found | {name: piece for name, (_, piece) in zip(missing, loose, strict=True)})
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
    piece = re.sub(r"^(n[or])\. (?=[0-9])", r"\1 ", piece, flags=re.I)
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
    if not found or found[1][:1] not in "+-.0123456789([" or UNIT.fullmatch(found[2]):
        return None
    name = find(found[2], known)
    return None if name is None else (name, found[1] + found[3])


def _after_symbols(text: str, name: str, known: Known) -> str:
    """Leave out symbols and the part's names before equals signs: z̄ = relu(z) = (0, 3), L = 2.37, x ∈ [0, 255]."""
    first, *others = sides(text)
    while others and _names(first, name, known) and (len(others) == 1 or not re.search(r",(?![^(]*\))", others[0])):
        text = text[re.match(rf"{re.escape(first)}\s*[=∈]\s*", text).end() :]
        first, *others = others
    return text


def _names(text: str, name: str, known: Known) -> bool:
    """Is it a name of this part, or a symbol that reminds of no other part's name? (w is no name of b_o)"""
    letters = words(text)[:1]
    other = any(letters == way[:1] for part, ways in known.items() if part != name for way in ways)
    mine = any(letters == way[:1] for way in known[name])
    return find(text, known) == name or (is_symbol(text) and (mine or not other))


def _without_name(part: object, name: str, known: Known) -> object:
    """Leave out a part's name where its text begins or ends with it; Malformed if it does so with another's."""
    if isinstance(part, list) and len(part) == 1:
        part = part[0]
    if not isinstance(part, str):
        return part
    text = plain(part)
    text = _after_symbols(text, name, known)
    if not (found := begins(text, known) or _ends(text, known)):
        return text if text != plain(part) else part
    if found[0] != name:
        raise Malformed(f"{name} is said to be {found[0]}; keep one of the two")
    return found[1]
