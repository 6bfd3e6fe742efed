"""Read files of stated answers, which anybody may have written: bounded, held to the schema, and run by nothing.

Every scalar of the YAML is taken as the text it is, so that numbers keep their printed digits with or without quotes.
"""

import contextlib
import errno
import hashlib
import os
import re
import stat
from pathlib import Path

import yaml

from scripts.shared.schema import checked, near, printable, read_texts
from scripts.shared.step import Failure

LARGEST = 200_000  # bytes of a file
DEEPEST = 8  # levels of lists and mappings
MOST = 20_000  # YAML events, about one per scalar
SUFFIXES = (".yaml", ".yml")
STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
FAULTS = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ELOOP, errno.ENXIO)  # of a file, where it cannot be read
TAKEN = "overview"  # what results/verdicts/overview.json is called


def answer_files(given: str | list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return set name → file, and set name → why it is refused, for one file, several, or a folder of them.

    A set is called as its file, as far as that makes a name. What is no regular file is refused unopened: it might
    point elsewhere, or never end. Raises Failure if nothing is left, or if what was named is not there.
    """
    files: dict[str, str] = {}
    refused: dict[str, str] = {}
    for named in [given] if isinstance(given, str) else given:
        path = Path(named)
        found = [path]
        if os.path.isdir(path):  # False, too, of a name that is too long
            found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
            if not found:
                raise Failure(f"{named} holds no *.yaml file; put answers there, or name another folder in 'answers'")
        elif not os.path.lexists(path):
            raise Failure(f"{printable(named)}: there is no such file; correct the name of the answers")
        for file in found:
            name = _set_name(file, {*files, *refused})
            if problem := _problem(file):
                refused[name] = f"{printable(file.name)} {problem}"
            else:
                files[name] = file.as_posix()
    if not files:
        raise Failure(next(iter(refused.values())))
    return files, refused


def _set_name(file: Path, taken: set[str]) -> str:
    # Not every file system tells A from a.
    if STEM.fullmatch(file.stem) and file.stem.lower() not in {TAKEN, *map(str.lower, taken)}:
        return file.stem
    spelled = re.sub(r"[^A-Za-z0-9]+", "-", file.stem).strip("-")[:60] or "set"
    # By no more of the path than it takes: results do not depend on where the answers lie.
    tails = (os.path.join(*file.parts[-count:]) for count in range(1, len(file.parts) + 1))
    names = [f"{spelled}-{hashlib.sha256(os.fsencode(tail)).hexdigest()[:8]}" for tail in tails]
    return next((name for name in names if name not in taken), names[-1])


def _problem(file: Path) -> str:
    if not file.name.isprintable():
        return "has a name that cannot be shown; rename it"
    if set("{}<>") & set(file.name):  # to Snakemake these are wildcards and path variables
        return "has a brace, < or > in its name; rename it"
    if file.is_symlink():
        return "is a link; give the file itself"
    return "" if file.is_file() else "is no regular file; give a text file"


def read_all(files: dict[str, str], known: dict[str, dict]) -> tuple[dict[str, dict], dict[str, str]]:
    """Return set name → answers, and set name → why they cannot be read; raise Failure if no set can."""
    sets, refused, failures = {}, {}, []
    for name, file in files.items():
        try:
            sets[name] = read_answers(file, known)
        except Failure as failure:
            failures.append(str(failure))
            refused[name] = failures[-1].removeprefix(f"{Path(file).parent}/")  # the page names no folder
    if not sets:
        more = f" ({len(failures) - 1} more of {len(files)} sets cannot be read either)" if len(failures) > 1 else ""
        raise Failure(failures[0] + more)
    return sets, refused


def refuse_unreadable(files: dict[str, str], known: dict[str, dict]) -> None:
    """Raise Failure if no set can be read; look no farther than to the first that can."""
    for file in files.values():
        with contextlib.suppress(Failure):
            read_answers(file, known)
            return
    read_all(files, known)


def read_answers(path: str | Path, known: dict[str, dict]) -> dict:
    """Return {name, claims}; raise Failure for anything that is no set of answers to the `known` claims."""
    answers = checked(_content(Path(path)), "answers", str(path))
    seen: set[str] = set()
    for claim in answers["claims"]:
        name = claim["id"]
        if name in seen:
            raise Failure(f"{path}: claim {name} stands there twice; keep one")
        seen.add(name)
        if name not in known:
            raise Failure(f"{path}: the problem set asks for no claim {printable(name)}; {near(name, known)}")
        if claim.get("question", question := known[name]["question"]) != question:
            raise Failure(f"{path}: claim {name} has question {printable(claim['question'])} instead of {question}")
    return answers


def _content(path: Path) -> object:
    try:
        # Checked once more, on the opened file: it may be another one than was there when the run was planned.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Failure(f"{path} is no regular file; give a text file")
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Failure(f"{path} has more than {LARGEST} bytes; a set of answers is far smaller")
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno not in FAULTS:  # of the disk or the machine
            error.filename = str(path)
            raise
        why = error.strerror if isinstance(error, OSError) else error
        raise Failure(f"{path} cannot be read as text: {why}") from None
    with contextlib.suppress(yaml.YAMLError):  # read_texts comes to the same place, and says what is wrong
        _bound(text, path)
    return read_texts(text, path)


def _bound(text: str, path: Path) -> None:
    """Refuse what lets a small file grow or nest without bound, from the parser's events, before anything is built."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CBaseLoader)):
        where = f"{path}, line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent):
            raise Failure(f"{where} uses a YAML alias, which answers may not; write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Failure(f"{where} nests lists or mappings more than {DEEPEST} deep; answers are flatter")
        if count > MOST:
            raise Failure(f"{where} comes after more than {MOST} values; a set of answers is far smaller")
