"""What the pages of all sets of answers to one problem set have in common: read, drawn and compiled once."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import jinja2

from scripts.mnist.ensembles import WRONG
from scripts.problem_set.needs import FILE_PARAMETERS as FILES
from scripts.problem_set.read import ProblemSet
from scripts.report.page import producers
from scripts.report.page.ledger import Ledger
from scripts.report.page.provenance import Sources, digest
from scripts.report.page.remade import marked
from scripts.report.plots import figures
from scripts.shared.sources import ROOT, sources
from scripts.shared.step import read_bytes, read_text


class Compiled(jinja2.BytecodeCache):
    """Keeps compiled templates for the next page."""

    def __init__(self):
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket) -> None:
        """Take a template's code from here, if it was compiled before."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket) -> None:
        """Keep a template's code."""
        self._code[bucket.key] = bucket.bytecode_to_string()


@dataclass
class Shared:
    """Result files with their manifest, figures, style and script; `digest` is that of all a page can depend on."""

    problem_set: ProblemSet
    files: Sources
    manifest: list[dict]
    figures: dict[str, str]
    templates: Path
    style: str
    scripts: dict[str, str]
    digest: str
    producers: list
    sweeps: list[str]  # result files that the report alone shows, not the pages of single sets beside an overview
    compiled: Compiled = field(default_factory=Compiled)
    own: dict[str, str] = field(default_factory=dict)  # figures that were drawn with the last page
    _drawn: dict[str, str] = field(default_factory=dict)

    def answered(self, claims: Ledger) -> dict[str, str]:
        """Return the figures that show answers; sets that give the same answer share its figure."""
        found = {}
        for name, figure in figures.answered(self.problem_set).items():
            claim = claims.claim(figure.claim)
            key = name + json.dumps(claim["evidence"], sort_keys=True)
            if key not in self._drawn:
                self._drawn[key] = figures.draw(name, figure, self.files, claim["evidence"])
            evidence = claim["pointer"] and f"{claim['pointer']}.evidence"
            found[name] = marked(self._drawn[key], "draw", json.dumps([name, figure, evidence]))
            self.own[name] = self._drawn[key]
        return found

    def swept(self, sources: Sources, experiments: list[str]) -> dict[str, str]:
        """Return the figures of sweeps over these experiments."""
        found = figures.swept({one: sources[f"sweeps/{one}/settings.json#values"] for one in experiments})
        drawn = {name: figures.draw(name, figure, sources) for name, figure in found.items()}
        self.own |= drawn
        return {name: marked(drawn[name], "draw", json.dumps([name, figure, None])) for name, figure in found.items()}


def read_shared(
    problem_set: ProblemSet,
    results: str,
    names: list[str],
    drawn: list[str],
    workflow: list[str],
    templates: str,
    sweeps: list[str] = (),
) -> Shared:
    """Read result files, SVG files, workflow files (which name the rules), and the folder of shared templates.

    sweeps: result files of sweeps.
    """
    folder, files = Path(templates), Sources(results, names)
    stems = {kind: [Path(spec[kind]).stem for spec in problem_set.claims.values() if kind in spec] for kind in FILES}
    known = producers.patterns(workflow, stems | {"wrong": list(WRONG)})
    for name in files.names:
        files.file(name)
    listing = manifest(files, known)
    font = base64.b64encode(read_bytes(folder / "font" / "stix-two-math.woff2")).decode()
    face = f'@font-face{{font-family:"STIX Two Math";src:url(data:font/woff2;base64,{font}) format("woff2")}}'
    code = [ROOT / name for name in sources("scripts.report.page.render")]
    asked = [problem_set.folder / "set.yaml", *problem_set.folder.glob("items/*.yaml"), *problem_set.prose]
    made_from = [*drawn, *workflow, *code, *asked, *folder.glob("*.*"), *folder.glob("font/*.woff2")]
    # By their names, lest two that are exchanged change nothing; not by where they lie.
    named = [f"{'/'.join(path.parts[-2:])} {digest(path)}" for path in map(Path, made_from)]
    return Shared(
        problem_set=problem_set,
        files=files,
        manifest=listing,
        figures={
            Path(name).stem: marked(read_bytes(name).decode(errors="replace"), "file", name.removeprefix(f"{results}/"))
            for name in drawn
        },
        templates=folder,
        style=face + re.sub(r"\s+", " ", read_text(folder / "style.css")),
        scripts={
            path.stem: re.sub(r"(?m)^(\s+|//.*\n)|(?<=[,;({])\n", "", read_text(path))
            for path in sorted(folder.glob("*.js"))
        },
        digest=combined(*(f"{entry['file']} {entry['sha256']}" for entry in listing), *named),
        producers=known,
        sweeps=Sources(results, list(sweeps)).names,
    )


def manifest(files: Sources, known: list) -> list[dict]:
    """Return name, rule, size and SHA-256 of each of the files; `known` tells which rule makes what."""
    return [
        {
            "file": name,
            "rule": producers.producer(name, known),
            "bytes": (path := files.root / name).stat().st_size,
            "sha256": digest(path),
        }
        for name in files.names
    ]


def combined(*digests: str) -> str:
    """Return one SHA-256 for many, each with its name if it has one, whatever their order."""
    return hashlib.sha256(" ".join(sorted(digests)).encode()).hexdigest()


def without_blank_lines(text: str) -> str:
    """Return text with no empty line in it."""
    return re.sub(r"\n\s*\n+", "\n", text)
