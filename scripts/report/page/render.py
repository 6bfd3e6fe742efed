"""Put results, verdicts, figures and formulas into one self-contained HTML file per set of answers.

Templates cannot type a number: they ask for a pointer and get a link to its provenance. Nothing in the page depends on
when or where it is made, so the same results give the same bytes.

Of several sets each gets its page, and the report becomes an overview of them. The last line of such a page holds a
digest of all that it was made from; one that stands there already, whole and with the same, is left alone, so that one
changed answer among a thousand sets costs one page.
"""

import argparse
import base64
import hashlib
import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
from jinja2.ext import Extension
from jinja2.sandbox import SandboxedEnvironment, SecurityError
from markupsafe import Markup

from scripts.problem_set.read import FORMULA_KINDS, ProblemSet, read_set
from scripts.report.page import ledger
from scripts.report.page.derived import DERIVED
from scripts.report.page.formats import shown
from scripts.report.page.maths import Maths
from scripts.report.page.numbering import Page
from scripts.report.page.provenance import SEAL, Sources, digest, is_whole, sealed
from scripts.report.page.remade import Formulas, marked
from scripts.report.page.saved import with_files
from scripts.report.page.shared import Compiled, Shared, combined, manifest, read_shared, without_blank_lines
from scripts.report.plots import pictures
from scripts.report.plots.bars import bar
from scripts.report.plots.relu import playable
from scripts.shared.ranges import expanded
from scripts.shared.sources import ROOT
from scripts.shared.step import Failure, run, write_text
from scripts.verdicts.finding import SYMBOLS

MACROS = ("elements", "claims", "items")  # shared templates whose macros every template may use, as x.figure(…)
OVERVIEW = "verdicts/overview.json"
CARDS = 12  # refuted claims that the first screen tells of
CELLS = 10_000  # verdicts on several sets that a page shows one by one, as links
ROOM = 16_000  # characters of LaTeX in the derivations of a page that still opens at once; some are spent anyway
SPENT = 120  # on each claim, by the verdict above its derivation


class Dollars(Extension):
    """Lets templates write $\\nabla f$ for inline maths."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Turn it into a call of the filter, but in tags; the plus signs keep the space where a line ends with it."""

        def typeset(found: re.Match) -> str:
            return found[0] if found[1] is None else f"{{%+ filter maths %}}{found[1]}{{% endfilter +%}}"

        return re.sub(r"\{[{%#].*?[#%}]\}|\$([^$\n]+)\$", typeset, source, flags=re.S)


def in_base64(text: str) -> str:
    """Return text in base64."""
    return base64.b64encode(text.encode()).decode()


def isolated(text: str) -> str:
    """Return foreign text so that, where no markup can do it, its direction does not turn what stands around it."""
    return text if text.isascii() else f"\u2068{text}\u2069"


def source_hash(text: str) -> str:
    """Return the Content-Security-Policy source of an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def room(problem_set: ProblemSet) -> int:
    """Return how many characters of LaTeX the steps of each derivation may have where no prose tells of it."""
    plain = {
        item for chapter in problem_set.chapters if not problem_set.template(chapter["id"]) for item in chapter["items"]
    }
    return max(0, ROOM // max(1, sum(spec["item"] in plain for spec in problem_set.formulas.values())) - SPENT)


def within(steps: list[dict], room: int) -> list[dict]:
    """Return the steps of a derivation for which there is room, in characters of LaTeX."""
    kept = []
    for step in steps:
        if len(step["latex"]) <= room:
            kept.append(step)
            room -= len(step["latex"])
    return kept


def environment(
    templates: Path,
    problem_set: ProblemSet,
    sources: Sources,
    claims: ledger.Ledger | None,
    figures: dict[str, str],
    compiled: Compiled | None = None,
    **more: object,
) -> tuple[jinja2.Environment, Page, Maths]:
    """Return the Jinja environment, with all that templates may use and `more`, the page's numbering and maths.

    Shared templates go by their names, the prose of a problem set by names that begin with chapters/.
    """
    page, maths = Page(), Maths()
    prose = jinja2.PrefixLoader({"chapters": jinja2.FileSystemLoader(problem_set.folder / "chapters")})
    env = SandboxedEnvironment(  # a set's prose may come from anybody: it reaches no more than what is given here
        loader=jinja2.ChoiceLoader([prose, jinja2.FileSystemLoader(templates)]),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Dollars],
        bytecode_cache=compiled,
    )

    def procedures() -> dict[str, str]:
        """Return what the ensembles of the numpy training do, by name."""
        from scripts.mnist.ensembles import DESCRIPTIONS

        return DESCRIPTIONS

    env.filters |= {
        "maths": maths,
        "words": maths.words,
        "wide": maths.wide,
        "display": lambda latex: maths(latex, display=True),
        "shown": shown,
        "base64": in_base64,
        "within": within,
        "part_words": ledger.part_words,
        "stem": lambda path: Path(path).stem,
    }
    env.globals |= {
        "n": sources.link,
        "cell": sources.link,
        "t": sources.text,
        "f": (formulas := Formulas(sources, maths)),
        "attempt": formulas.attempt,
        "steps_at": lambda pointer: [step | {"at": f"{pointer}.{i}"} for i, step in enumerate(sources[pointer])],
        "data": sources.__getitem__,
        "like": lambda name: sources.matching(name) or [name],
        "by_size": lambda sizes: sorted(range(len(sizes)), key=lambda i: list(sizes[i]["dims"].values())),
        "worked_out": lambda pointer, how: DERIVED[how][0](sources[pointer]),
        "problem_set": problem_set,
        "claims": claims,
        "formulas": FORMULA_KINDS,
        "rows": ledger.rows,
        "symbols": SYMBOLS,
        "meanings": ledger.MEANINGS,
        "most": CARDS,
        "room": room(problem_set),
        "page": page,
        "ref": page.ref,
        "drawings": figures,
        "svg": lambda name: Markup(figures[name]),
        "made": marked,
        "bar_of": bar,
        "cells": CELLS,
        "playable": playable,
        "grey": pictures.grey,
        "diverging": pictures.diverging,
        "weights_of": lambda name, count: pictures.first_layer(sources.file(name), (28, 28), count),
        "procedures": procedures,
        "x": (macros := SimpleNamespace()),
        **more,
    }
    for name in MACROS:
        module = env.get_template(f"{name}.html.j2").module
        vars(macros).update({macro: function for macro, function in vars(module).items() if macro[0] != "_"})
    return env, page, maths


def parts(shared: Shared, claims: ledger.Ledger | None, experiments: list[str]) -> list[tuple[str, dict]]:
    """Return the page's parts in order, each a template and what it is told; without claims, those of the overview.

    experiments: those whose sweeps the page shows.
    """
    sweeps = [("sweeps", {"experiments": experiments})] if experiments else []
    if claims is None:
        return [("sets", {}), *sweeps, ("manifest", {})]

    def prose(name: str) -> dict:
        return {"prose": f"chapters/{name}.html.j2" if shared.problem_set.template(name) else None}

    chapters = [("chapter", {"chapter": one} | prose(one["id"])) for one in shared.problem_set.chapters]
    return [("overview", prose("findings")), ("ledger", {}), *chapters, *sweeps, ("manifest", {})]


def render(shared: Shared, sources: Sources, claims: ledger.Ledger | None, mark: str = "", **more) -> str:
    """Return the page of one set's claims, or, without any, of all sets, sealed with a mark.

    more: what templates use besides: title, address, home, manifest.
    """
    shared.own = {}
    drawn = shared.figures | (shared.answered(claims) if claims else {})
    experiments = [name for name in shared.problem_set.experiments if f"sweeps/{name}/settings.json" in sources.names]
    drawn |= shared.swept(sources, experiments)
    problem_set, templates = shared.problem_set, shared.templates
    env, page, maths = environment(templates, problem_set, sources, claims, drawn, shared.compiled, **more)
    try:
        told = parts(shared, claims, experiments)
        rendered = [Markup(env.get_template(f"{name}.html.j2").render(**values)) for name, values in told]
        style = shared.style + maths.css()
        script = (shared.scripts["help"] + shared.scripts["play" if claims else "sets"]).strip()
        html = env.get_template("base.html.j2").render(
            chapters=rendered,
            contents=page.contents(),
            marks={item["id"]: item["worst"] for item in claims.items()} if claims else {},
            style=Markup(style),
            script=Markup(script),
            style_source=source_hash(style),
            script_source=source_hash(script),
        )
    except (SecurityError, OverflowError) as error:
        raise Failure(f"a template reaches for what it may not use: {error}") from None
    except jinja2.UndefinedError as error:
        raise Failure(f"the report's templates use something that is not there: {error.message}") from None
    except jinja2.TemplateError as error:
        where = f"{getattr(error, 'filename', None) or error.message}, line {getattr(error, 'lineno', '?')}"
        raise Failure(f"a template of the report is malformed: {where}: {error.message}; correct it there") from None
    except KeyError as error:
        raise Failure(f"the report asks for what the results do not hold: {error.args[0]}") from None
    return sealed(without_blank_lines(with_files(page.finish(html))) + "\n", mark)


def set_page(shared: Shared, name: str, address: str, home: str = "", mark: str = "") -> str:
    """Return the page of one set, which will lie at `address` under the results; `home` leads back to an overview."""
    own = [f"verdicts/{name}.json", *([] if home else shared.sweeps)]
    claims = ledger.Ledger(sources := shared.files.plus(*own), name, shared.problem_set.claims)
    listed = shared.manifest + manifest(Sources(str(sources.root), own), shared.producers)
    entries = {entry["file"]: entry for entry in listed}
    listing = [entries[name] for name in sources.names]
    title = f"{isolated(claims.name)}: " if home else ""
    address = f"results/{shared.problem_set.name}/{address}"
    return render(shared, sources, claims, mark, title=title, address=address, home=home, manifest=listing)


def write_all(shared: Shared, output: Path) -> None:
    """Write the overview of all sets to `output` and, under reports/ beside it, their pages if anything has changed."""
    sources = Sources(str(shared.files.root), [OVERVIEW, OVERVIEW.replace(".json", ".csv"), "report/summary.json"])
    sets, kept = [row["set"] for row in sources.file(OVERVIEW)["sets"]], 0
    for name in sets:
        path = output.parent / "reports" / f"{name}.html"
        mark = combined(shared.digest, digest(shared.files.root / f"verdicts/{name}.json"))
        if path.is_file() and is_whole(path.read_bytes().decode(errors="replace"), mark):
            kept += 1
        else:
            write_text(path, set_page(shared, name, f"reports/{name}.html", f"../{output.name}", mark))
    unread = [row["set"] for row in sources.file(OVERVIEW)["sets"] if row["open"] == sum(row["counts"].values())]
    ledgers = {name: f"verdicts/{name}.json" for name in unread}
    sources = Sources(str(sources.root), [*sources.names, *ledgers.values(), *shared.sweeps])
    unread = [name for name, file in ledgers.items() if ledger.is_unread(sources.file(file)["claims"])]
    more = {"address": f"results/{shared.problem_set.name}/{output.name}", "home": "", "unread": unread}
    listing = manifest(sources, shared.producers)
    page = render(shared, sources, None, title="All sets: ", manifest=listing, **more)
    write_text(output, page)
    remove_pages(output.parent / "reports", sets)
    print(f"{len(sets)} sets; the pages of {kept} were up to date")


def remove_pages(folder: Path, but: list[str]) -> None:
    """Remove the pages of sets that are gone, which tell of other results; not what is no page of ours."""
    for path in folder.glob("*.html"):
        if path.stem not in but and SEAL.search(path.read_bytes().decode(errors="replace")):
            path.unlink()


def write_drawn(folder: Path, figures: dict[str, str]) -> None:
    """Write figures by their names as SVG files, and remove others that were drawn with an earlier page."""
    for name, figure in figures.items():
        write_text(folder / f"{name}.svg", figure)
    for path in folder.glob("*.svg"):
        if path.stem not in figures:
            path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem-set", required=True, help="folder of the problem set")
    parser.add_argument("--results", required=True, help="folder of its results")
    parser.add_argument("--files", nargs="+", required=True, help="result files that the page may show; all are listed")
    parser.add_argument("--figures", nargs="*", default=[], help="SVG files")
    parser.add_argument("--sweeps", nargs="*", default=[], help="result files that compare the runs of sweeps")
    parser.add_argument("--workflow", nargs="+", required=True, help="workflow files, which name the rules")
    parser.add_argument("--templates", default=ROOT / "report", help="folder of shared templates, style and font")
    parser.add_argument("--answers", default="document", help="name of the set of answers whose verdicts are shown")
    parser.add_argument("--all", action="store_true", help="show all sets of verdicts/overview.json instead")
    parser.add_argument("--drawn", help="folder for the figures that are drawn with the page, as SVG files")
    parser.add_argument("--output", required=True, help="HTML file to write")
    args = parser.parse_args()
    problem_set = read_set(args.problem_set)
    made = expanded(args.files), args.figures, args.workflow, args.templates, expanded(args.sweeps)
    shared = read_shared(problem_set, args.results, *made)
    if args.all:
        write_all(shared, Path(args.output))
    else:
        write_text(args.output, set_page(shared, args.answers, Path(args.output).name))
        remove_pages(Path(args.output).parent / "reports", [])
    if args.drawn:
        write_drawn(Path(args.drawn), shared.own)


if __name__ == "__main__":
    run(main)
