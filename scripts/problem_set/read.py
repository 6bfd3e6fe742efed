"""Read a problem set: a folder with set.yaml, items/, data/, chapters/ and answers/, and no engine in it.

Light, since every step and every job reads it: schemas, names and files are held against each other here; what
formulas, pointers and data files hold is for scripts.problem_set.check. A claim's formula parameters are its own, laid
over those of its item (`formulas`), laid over those of the notation that it takes from set.yaml.
"""

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from scripts.problem_set.needs import FILE_PARAMETERS, FORMULA_KINDS
from scripts.shared.schema import examined, near, printable, read_schema, read_texts
from scripts.shared.step import Failure

MERGED = ("shapes", "where", "derivatives", "aliases", "doubtful", "lengths", "mistakes")  # key by key
TAKEN = ("main", "contents", "findings", "ledger", "trust", "manifest", "sets", "claims")  # ids of the page's own parts
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
WILD = re.compile(r"[{}<>*?]")  # what Snakemake reads in a path
STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


@dataclass(frozen=True)
class ProblemSet:
    """What a folder asks. Specs (of claims and shown formulas) have id, item, question, about, kind and parameters.

    chapters: {id, title, items: ids}; items: by id {id, question, title, asks, claims: ids, shown: ids}; claims, shown:
    specs by id, all in the order of the page; graded: {claim, truth, stated, why, named?}; experiments: givens by name.
    Files in specs and givens are paths relative to the folder.
    """

    folder: Path
    title: str = ""
    lead: str = ""
    chapters: list[dict] = field(default_factory=list)
    items: dict[str, dict] = field(default_factory=dict)
    claims: dict[str, dict] = field(default_factory=dict)
    shown: dict[str, dict] = field(default_factory=dict)
    graded: list[dict] = field(default_factory=list)
    experiments: dict[str, dict] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The folder's own name, under which results lie."""
        return self.folder.resolve().name

    @property
    def formulas(self) -> dict[str, dict]:
        """The specs that the engine derives, asked for or shown, by id."""
        return {name: spec for name, spec in (self.claims | self.shown).items() if spec["kind"] in FORMULA_KINDS}

    @property
    def derived(self) -> list[str]:
        """The items that have such a spec."""
        return list(
            dict.fromkeys(item for item in self.items for spec in self.formulas.values() if spec["item"] == item)
        )

    @property
    def prose(self) -> list[Path]:
        """All files that chapters are made of: templates, and what these include."""
        found = sorted((self.folder / "chapters").rglob("*"))
        return [path for path in found if path.is_file() and not WILD.search(path.name)]

    def template(self, chapter: str) -> Path | None:
        """Return the file with a chapter's prose, if there is one."""
        path = self.folder / "chapters" / f"{chapter}.html.j2"
        return path if path.is_file() else None


def read_set(folder: str | Path) -> ProblemSet:
    """Read a problem set; raise Failure with its first fault, and say how many more there are."""
    problem_set, faults = read_all(folder)
    refuse(folder, faults)
    return problem_set


def refuse(folder: str | Path, faults: list[str]) -> None:
    """Raise Failure for the first fault, if there is one, and say how many more there are."""
    if faults:
        more = len(faults) - 1
        told = f" ({more} more: python -m scripts.problem_set check {folder})" if more else ""
        raise Failure(faults[0] + told)


def read_all(folder: str | Path) -> tuple[ProblemSet, list[str]]:
    """Read a problem set as far as it can be read; return it with a line for each of its faults."""
    folder = Path(folder)
    faults: list[str] = []
    if not os.path.isfile(folder / "set.yaml"):  # False, too, of a name that is too long
        what = "has no set.yaml" if os.path.isdir(folder) else "is no folder"
        return ProblemSet(folder), [
            f"{printable(str(folder))} {what}; name a problem set, or start one: python -m scripts.problem_set new"
        ]
    name = folder.resolve().name
    if not NAME.fullmatch(name) or WILD.search(str(folder)):
        faults.append(f"{folder}: call the folder by letters, digits, - and _, since its results are called like it")
    content = _load(folder / "set.yaml", "set", faults)
    if content is None:
        return ProblemSet(folder), faults
    problem_set = ProblemSet(
        folder, content["title"], content["lead"], content["chapters"], experiments=content["experiments"]
    )
    where, notation = f"{folder}/set.yaml", content["notation"]
    blocks = {name: _formulas(block, where, ("notation", name), faults) for name, block in notation.items()}
    for item in _items(problem_set, faults):
        _read_item(problem_set, item, blocks, faults)
    _names(problem_set, faults)
    _files(problem_set, faults)
    return problem_set, faults


def _load(path: Path, schema: str, faults: list[str]) -> dict | None:
    """Return what a file holds, defaults filled in; None, and its faults, if it is not as its schema wants it."""
    try:
        content = read_texts(path.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path} cannot be read as text: {error}")
        return None
    except Failure as failure:
        faults.append(str(failure))
        return None
    content, found = examined(content, read_schema(schema), str(path))
    faults += found
    return None if found else content


def _formulas(block: dict, where: str, place: tuple[str, ...], faults: list[str]) -> dict | None:
    """Check a block of formula parameters, none of which it has to have; return None if something is wrong with it."""
    properties = {}
    for kind in FORMULA_KINDS:
        properties |= read_schema("item")["$defs"][kind]["properties"]
    properties = {key: part for key, part in properties.items() if key not in ("about", "source", "kind", "notation")}
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    block, found = examined(block, schema, where, *place)
    faults += found
    return None if found else block


def _items(problem_set: ProblemSet, faults: list[str]) -> list[str]:
    """Return the items of all chapters that have a file; find those that have none, or no chapter, or two."""
    listed = [item for chapter in problem_set.chapters for item in chapter["items"]]
    there = {path.stem: path.name for path in sorted((problem_set.folder / "items").glob("*.yaml"))}
    where = f"{problem_set.folder}/set.yaml, chapters"
    for item, count in Counter(listed).items():
        if count > 1:
            faults.append(f"{where}: item {item} stands there {count} times; keep one")
        if item not in there:
            faults.append(f"{where}: there is no items/{printable(item)}.yaml; {near(item, there)}")
    for item in there:
        if item not in listed:
            faults.append(
                f"{problem_set.folder}/items/{there[item]}: no chapter lists it; add {item} to one in set.yaml"
            )
        elif not re.fullmatch(r"[a-z0-9][a-zA-Z0-9-]{0,39}", item):
            faults.append(
                f"{problem_set.folder}/items/{there[item]}: call it by letters, digits and -, a small one first"
            )
    return [item for item in dict.fromkeys(listed) if item in there]


def _read_item(problem_set: ProblemSet, item: str, notation: dict[str, dict | None], faults: list[str]) -> None:
    """Read one item into the set."""
    path = problem_set.folder / "items" / f"{item}.yaml"
    content = _load(path, "item", faults)
    if content is None:
        return
    own = _formulas(content["formulas"], str(path), ("formulas",), faults)
    for part, into in (("claims", problem_set.claims), ("shown", problem_set.shown)):
        for name, spec in content[part].items():
            if name in problem_set.claims or name in problem_set.shown:
                other = (problem_set.claims | problem_set.shown)[name]["item"]
                faults.append(f"{path}, {part}.{name}: that name is taken, by items/{other}.yaml; give another one")
                continue
            if spec["kind"] in FORMULA_KINDS:
                block = spec.pop("notation", content.get("notation", "none"))
                if block != "none" and block not in notation:
                    faults.append(f"{path}, {part}.{name}: set.yaml has no notation {block}; {near(block, notation)}")
                    continue
                layers = (notation.get(block, {}), own, spec)
                if None in layers:
                    continue  # what is wrong there is said already
                spec = _merged(spec["kind"], *layers)
            spec = {"about": content["title"]} | spec if part == "shown" else spec
            spec, found = examined(spec, read_schema("item")["$defs"][spec["kind"]], str(path), part, name)
            faults += found
            if not found:
                into[name] = {"id": name, "item": item, "question": content["question"]} | spec
    problem_set.items[item] = {
        "id": item,
        **{key: content[key] for key in ("question", "title", "asks")},
        "claims": list(content["claims"]),
        "shown": list(content["shown"]),
    }
    for place, entry in enumerate(content["graded"]):
        if entry["claim"] not in content["claims"]:
            told = near(entry["claim"], content["claims"])
            faults.append(f"{path}, graded.{place}: the item has no claim {printable(entry['claim'])}; {told}")
    problem_set.graded.extend(content["graded"])


def _merged(kind: str, *layers: dict) -> dict:
    """Lay blocks of parameters over each other, as far as the kind knows them; some mappings are laid key by key."""
    known = read_schema("item")["$defs"][kind]["properties"]
    merged: dict = {}
    for place, layer in enumerate(layers):
        for key, value in layer.items():
            if key in known or place == len(layers) - 1:  # a claim's own parameters are all for it
                both = key in MERGED and isinstance(merged.get(key), dict) and isinstance(value, dict)
                merged[key] = merged[key] | value if both else value
    return merged


def _names(problem_set: ProblemSet, faults: list[str]) -> None:
    """Find names that the page uses twice."""
    chapters = [chapter["id"] for chapter in problem_set.chapters]
    for name, count in Counter([*chapters, *problem_set.items, *TAKEN]).items():
        if count > 1 and name in (*chapters, *problem_set.items):
            where = f"items/{name}.yaml" if name in problem_set.items else f"set.yaml, chapter {name}"
            faults.append(f"{problem_set.folder}/{where}: the page calls another part {name}; give another name")
    # Results are called by these, and not every file system tells A from a.
    for named in (problem_set.items, problem_set.claims | problem_set.shown):
        spelled: dict[str, str] = {}
        for name in named:
            if (other := spelled.setdefault(name.lower(), name)) != name:
                faults.append(f"{problem_set.folder}: {other} and {name} differ in capitals alone; rename one")


def _files(problem_set: ProblemSet, faults: list[str]) -> None:
    """Find data files that are missing or outside of the folder, and two whose results would be called the same."""
    named = [
        (f"items/{spec['item']}.yaml, claims.{spec['id']}.{key}", spec[key])
        for spec in problem_set.claims.values()
        for key in FILE_PARAMETERS
        if isinstance(spec.get(key), str)
    ]
    given = read_schema("set")["properties"]["experiments"]["properties"]
    named += [
        (f"set.yaml, experiments.{name}.{key}", value)
        for name, givens in problem_set.experiments.items()
        for key, value in givens.items()
        if given[name]["properties"][key].get("type") == "string"
    ]
    stems: dict[str, str] = {}
    for place, file in named:
        where, path = f"{problem_set.folder}/{place}", problem_set.folder / file
        if not path.is_file():
            there = [
                found.relative_to(problem_set.folder).as_posix() for found in (problem_set.folder / "data").glob("*")
            ]
            faults.append(f"{where}: there is no file {printable(file)}; {near(file, sorted(there), 'data/ holds')}")
        elif not path.resolve().is_relative_to(problem_set.folder.resolve()) or WILD.search(file):
            faults.append(f"{where}: {printable(file)} is no plain file of the set; put it into data/")
        elif not STEM.fullmatch(Path(file).stem):
            faults.append(f"{where}: call the file {printable(file)} by letters, digits, - and _")
        elif place.startswith("items") and (other := stems.setdefault(Path(file).stem.lower(), file)) != file:
            faults.append(f"{where}: {other} and {file} differ in ending, folder or capitals alone; rename one")
