"""Check a problem set before anything runs: what is wrong with it, and how strongly each claim can be decided.

`scripts.problem_set.read` finds what is wrong with files and names; here pointers are held against what steps make,
formulas are read (each has to fit its shapes, an objective has to be a number), and so are points, networks and stated
answers. A fault takes one line.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from scripts.datasets.files import table
from scripts.problem_set.needs import patterns, pointers
from scripts.problem_set.pointers import answer_parts, pointer_faults
from scripts.problem_set.read import FORMULA_KINDS, ProblemSet, refuse
from scripts.shared.schema import printable, read_texts, visible
from scripts.shared.step import Failure, read_text, told, write_text

SECONDS = 10  # of processor time to derive one claim

# What decides a claim that needs no formula, and at which rung at best.
DECIDED = {
    "fit": "exact fractions: proved on all of R, or exact at the points",
    "pass": "exact fractions",
    "value": "the computed value: exact, or to the printed digits",
    "distribution": "replicas: in distribution",
    "sample": "the true label, exact, and replicas: in distribution",
    "agreement": "the figures themselves: exact, or to the printed digits",
}


def check_formulas(problem_set: ProblemSet) -> None:
    """Raise Failure for the first fault in pointers, formulas and data files, and say how many more there are."""
    refuse(problem_set.folder, content_faults(problem_set))


def content_faults(problem_set: ProblemSet) -> list[str]:
    """Return a line for each pointer to nothing, and each formula, file of data or prose that cannot be read."""
    from scripts.relu.network import read_network, read_points

    faults = pointer_faults(problem_set)
    for spec in problem_set.formulas.values():
        if fault := _unread(spec):
            faults.append(f"{_where(problem_set, spec)}.{fault}")
    readers = {"points": read_points, "network": read_network}
    files = {(key, spec[key]): readers[key] for spec in problem_set.claims.values() for key in readers if key in spec}
    if "l1_regression" in problem_set.experiments:
        from scripts.l1_regression.example import read_example

        files["example", problem_set.experiments["l1_regression"]["example"]] = read_example
    opened = [(problem_set.folder / file, read) for (_, file), read in files.items()]
    for path, read in [*opened, *((path, read_text) for path in problem_set.prose)]:
        try:
            read(path)
        except (Failure, OSError) as error:
            faults.append(told(error))
    return faults


def _unread(spec: dict) -> str:
    """Say what in a claim's formulas, its known mistakes included, cannot be read, and in which parameter."""
    from scripts.formulas.problem import problem
    from scripts.formulas.read import read
    from scripts.formulas.tree import Unreadable

    try:
        words = problem(spec["id"], spec).everything
    except Failure as failure:
        text = spec.get(str(failure).partition(":")[0], "")
        texts = text.values() if isinstance(text, dict) else [text]
        equation = any(re.search(r"(?<![<>=!])=(?!=)", text) for text in texts if isinstance(text, str))
        return f"{failure}; write the right side alone" if equation else str(failure)
    except Exception as error:  # one claim never stops the others
        place = "expression" if spec["kind"] == "identity" else "objective"
        return f"{place}: the engine fails on it ({type(error).__name__}); write it in another way"
    for mistake in spec.get("mistakes", {}):
        try:
            read(mistake, words)
        except Unreadable as error:
            return f"mistakes: {printable(mistake)}: {error}"
    return ""


def _where(problem_set: ProblemSet, spec: dict) -> str:
    part = "claims" if spec["id"] in problem_set.claims else "shown"
    return f"{problem_set.folder}/items/{spec['item']}.yaml, {part}.{spec['id']}"


def answer_faults(problem_set: ProblemSet) -> list[str]:
    """Return a line for each file in the set's answers/ that cannot be read, or that answers what is not asked."""
    from scripts.verdicts.answers import answer_files, read_answers

    if unanswered(problem_set):  # the questions may come first
        return []
    try:
        files, refused = answer_files(str(problem_set.folder / "answers"))
    except Failure as failure:
        return [str(failure)]
    faults = [f"{problem_set.folder}/answers/{why}" for why in refused.values()]
    for file in files.values():
        try:
            read_answers(file, problem_set.claims)
        except Failure as failure:
            faults.append(str(failure))
    return faults


def unanswered(problem_set: ProblemSet) -> bool:
    """Tell whether the set has no file of answers yet."""
    from scripts.verdicts.answers import SUFFIXES

    folder = problem_set.folder / "answers"
    return not folder.exists() or (folder.is_dir() and not any(file.suffix in SUFFIXES for file in folder.iterdir()))


def derive(problem_set: ProblemSet) -> dict[str, tuple[str, str]]:
    """Derive each formula that is asked for or shown: id → (the answer in plain text, why it is not proved).

    The answer is empty where the engine finds none, and the reason where the answer is proved.
    """
    return {name: _derived(spec) for name, spec in problem_set.formulas.items()}


def _derived(spec: dict) -> tuple[str, str]:
    from scripts.formulas.code import numpy_text
    from scripts.formulas.indices import TooHard
    from scripts.formulas.problem import problem
    from scripts.verdicts.limits import TimeLimit, time_limit

    try:
        with time_limit(SECONDS):
            asked = problem(spec["id"], spec)
            answer, unproved = asked.trees["answer"], asked.unproved
        try:
            return numpy_text(answer), unproved
        except TooHard:  # no plain text for it
            return asked.latex, unproved
    except Failure as failure:
        return "", str(failure)
    except TimeLimit:
        return "", f"the engine does not derive it within {SECONDS} seconds"
    except Exception as error:  # one claim never stops the others
        return "", f"the engine fails on it ({type(error).__name__})"


def listing(problem_set: ProblemSet, derived: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Yield a line per claim: its name, its kind, what it can be decided by and how strongly."""
    width = max(map(len, problem_set.claims))
    for name, spec in problem_set.claims.items():
        if name in derived:
            answer, why = derived[name]
            how = f"not proved: {answer or why}" if why else f"proved for all sizes: {answer}"
        else:
            how = _decided(spec)
        yield f"{name:{width}}  {spec['kind']:12}  {how}"


def _decided(spec: dict) -> str:
    files = [PurePosixPath(pattern) for pattern in patterns(spec)]
    named = [f"the dataset {file.stem}" if file.parts[0] == "datasets" else file.parts[0] for file in files]
    needed = [name for name in dict.fromkeys(named) if name not in ("derivations", "relu", "l1_regression")]
    by = f"tests of computed values: {spec['verdict']}" if spec["kind"] == "statement" else DECIDED[spec["kind"]]
    return by + (f"; needs {' and '.join(needed)}" if needed else "")


def warnings(problem_set: ProblemSet, derived: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Yield a line for each thing that is allowed and yet hardly meant."""
    from scripts.formulas.problem import problem
    from scripts.formulas.question import names_in
    from scripts.verdicts.kinds.formula import mistakes_faults

    for name, spec in problem_set.formulas.items():
        answer, why = derived[name]
        where = _where(problem_set, spec)
        if why:
            left = "right answers stay undecided" if answer else "no answer can be decided"
            yield f"{where}: {left}: {why}"
        if answer:
            asked = problem(name, spec)
            yield from (f"{where}.{fault}" for fault in mistakes_faults(asked))
            if hidden := sorted(names_in(asked.trees["answer"]) - set(asked.allowed)):
                yield f"{where}: what the engine derives has {', '.join(hidden)} in it, which no answer may use"
    for item in problem_set.items.values():
        if not item["asks"]:
            yield f"{problem_set.folder}/items/{item['id']}.yaml: 'asks' is missing, the question in a sentence"
    templates = {path.name.removesuffix(".html.j2") for path in (problem_set.folder / "chapters").glob("*.html.j2")}
    for name in sorted(templates - {chapter["id"] for chapter in problem_set.chapters} - {"findings"}):
        yield f"{problem_set.folder}/chapters/{name}.html.j2: set.yaml has no chapter {name}, so nothing renders this"
    for name in _unused(problem_set):
        cost = "download and train" if name.replace("_", "-") in table() else "be worked out"
        yield f"{problem_set.folder}/set.yaml, experiments: {name} is declared and nothing uses it; it will {cost}"
    if unanswered(problem_set):
        yield f"{problem_set.folder}/answers holds no *.yaml file yet; a report needs one, such as blank.yaml filled in"


def _unused(problem_set: ProblemSet) -> list[str]:
    """Return the experiments of which no claim's pointer and no template that is rendered names a result."""
    texts = [file for spec in problem_set.claims.values() for _, file, _ in pointers(spec)]
    templates = [problem_set.template(name) for name in (*(part["id"] for part in problem_set.chapters), "findings")]
    texts += [path.read_text(encoding="utf-8", errors="replace") for path in templates if path]
    # datasets are called by dashes; mnist is no part of fashion_mnist
    names = {name: rf"(?<![\w-]){name.replace('_', '[_-]')}(?![\w-])" for name in problem_set.experiments}
    return [name for name, pattern in names.items() if not any(re.search(pattern, text) for text in texts)]


def blank(problem_set: ProblemSet) -> str:
    """Return an answers file with nothing stated: every claim with its question, and the parts that it asks for."""
    lines = [
        f"# {_line(problem_set.title)}",
        "# Write answers behind the colons, as on paper, in quotes or without; leave blank what you do not answer.",
        "name: Your name",
        "claims:",
    ]
    for item in problem_set.items.values():
        asks = f": {_line(item['asks'])}" if item["asks"] else ""
        lines += ["", f"  # {_line(item['question'])}  {_line(item['title'])}{asks}"]
        for name in item["claims"]:
            lines += _blank(problem_set.claims[name])
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    """Return text for a comment, which ends with its line."""
    return visible(" ".join(text.split()))


def _blank(spec: dict) -> list[str]:
    lines = [f"  - id: {spec['id']}  # {_line(spec['about'])}"]
    if spec["kind"] in FORMULA_KINDS:
        from scripts.formulas.problem import problem

        names = problem(spec["id"], spec).allowed
        return [*lines, f"    stated:  # a formula in {', '.join(names)}"]
    if spec["kind"] == "statement":
        return [*lines, "    stated:  # yes or no, and perhaps why"]
    if (parts := spec.get("asked") or answer_parts(spec)) == [""]:
        return [*lines, "    stated:"]
    return [*lines, "    stated:", *(f"      {_key(part)}:" for part in parts)]


def _key(part: str) -> str:
    return part if re.fullmatch(r"[A-Za-z_]\w*", part) else json.dumps(part, ensure_ascii=False)


def all_faults(problem_set: ProblemSet) -> list[str]:
    """Return a line for each fault in the content of a set whose files could be read."""
    return [*content_faults(problem_set), *answer_faults(problem_set)]


def write_blank(problem_set: ProblemSet) -> str:
    """Write FOLDER/blank.yaml, unless somebody's answers are there; return why it could not be written, or nothing."""
    path = problem_set.folder / "blank.yaml"
    if path.is_symlink() or (path.exists() and not _is_blank(path)):
        return f"{path} is left as it is, for it may hold answers; move it to answers/ or away to get a blank one"
    try:
        write_text(path, blank(problem_set))
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"
    return ""


def _is_blank(path: Path) -> bool:
    """Tell whether a file is one of answers, none of which is stated."""
    try:
        content = read_texts(path.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError, Failure):
        return False
    claims = content.get("claims") if isinstance(content, dict) else None
    listed = isinstance(claims, list) and all(isinstance(claim, dict) for claim in claims)
    return listed and not any(_says(part) for claim in claims for key, part in claim.items() if key != "id")


def _says(part: object) -> bool:
    """Tell whether some text stands in a tree of lists and mappings."""
    if isinstance(part, dict | list):
        return any(map(_says, part.values() if isinstance(part, dict) else part))
    return bool(part and part.strip())
