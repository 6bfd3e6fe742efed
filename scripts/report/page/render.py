"""Put results, verdicts, figures and formulas into one self-contained HTML file per set of answers.

Templates cannot type a number: they ask for a pointer and get a link to its provenance. Nothing in the page depends on
when or where it is made, so the same results give the same bytes.

Of several sets each gets its page, and the report becomes an overview of them. Such a page ends with a digest of all
that it was made from; one that stands there already and ends with the same is left alone, so that one changed answer
among a thousand sets costs one page.
"""

import argparse
import base64
import hashlib
import re
from pathlib import Path

import jinja2
from jinja2.ext import Extension
from markupsafe import Markup

from scripts.mnist.ensembles import DESCRIPTIONS
from scripts.report.page import ledger
from scripts.report.page.derived import DERIVED
from scripts.report.page.formats import shown
from scripts.report.page.maths import Maths
from scripts.report.page.numbering import Page
from scripts.report.page.provenance import Sources, digest
from scripts.report.page.shared import Compiled, Shared, combined, manifest, read_shared, without_blank_lines
from scripts.report.plots import pictures
from scripts.shared.step import Failure, run, write_text

CHAPTERS = ("overview", "ledger", "analytic", "relu", "fashion_mnist", "mnist", "manifest")
OVERVIEW = "verdicts/overview.json"


class Dollars(Extension):
    """Lets templates write $\\nabla f$ for inline maths."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"\$([^$\n]+)\$", r"{% filter maths %}\1{% endfilter %}", source)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def isolated(text: str) -> str:
    """Return foreign text so that, where no markup can do it, its direction does not turn what stands around it."""
    return text if text.isascii() else f"\u2068{text}\u2069"


def source_hash(text: str) -> str:
    """Return the Content-Security-Policy source of an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def environment(
    templates: str,
    sources: Sources,
    claims: ledger.Ledger | None,
    figures: dict[str, str],
    compiled: Compiled | None = None,
    **more: object,
):
    """Return the Jinja environment, with all that templates may use and `more`, the page's numbering and maths."""
    page, maths = Page(), Maths()
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Dollars],
        bytecode_cache=compiled,
    )

    env.filters |= {
        "maths": maths,
        "display": lambda latex: maths(latex, display=True),
        "displayed": lambda latex: maths(rf"\displaystyle {latex}"),
        "attempt": maths.attempt,
        "shown": shown,
        "base64": in_base64,
    }
    env.globals |= {
        "n": sources.link,
        "cell": lambda pointer, how="": sources.link(pointer, how, tab=False),
        "t": sources.text,
        "data": sources.__getitem__,
        "worked_out": lambda pointer, how: DERIVED[how][0](sources[pointer]),
        "claims": claims,
        "rows": ledger.rows,
        "symbols": ledger.SYMBOLS,
        "meanings": ledger.MEANINGS,
        "page": page,
        "ref": page.ref,
        "svg": lambda name: Markup(figures[name]),
        "grey": pictures.grey,
        "diverging": pictures.diverging,
        "weights_of": lambda name, count: pictures.first_layer(sources.file(name), (28, 28), count),
        "procedures": DESCRIPTIONS,
        **more,
    }
    return env, page, maths


def render(shared: Shared, chapters: tuple[str, ...], sources: Sources, claims: ledger.Ledger | None, **more) -> str:
    """Return the page of these chapters; `more` is what their templates use besides: title, address, home, manifest."""
    figures = shared.figures | (shared.answered(claims) if claims else {})
    env, page, maths = environment(str(shared.templates), sources, claims, figures, shared.compiled, **more)
    try:
        parts = [Markup(env.get_template(f"{name}.html.j2").render()) for name in chapters]
        style = shared.style + maths.css()
        html = env.get_template("base.html.j2").render(
            chapters=parts,
            contents=page.contents(),
            style=Markup(style),
            script=Markup(shared.script),
            style_source=source_hash(style),
            script_source=source_hash(shared.script),
        )
    except jinja2.UndefinedError as error:
        raise Failure(f"the report's templates use something that is not there: {error.message}") from None
    except KeyError as error:
        raise Failure(f"the report asks for what the results do not hold: {error.args[0]}") from None
    return without_blank_lines(page.finish(html)) + "\n"


def set_page(shared: Shared, name: str, address: str, home: str = "") -> str:
    """Return the page of one set, which will lie at `address` under results; `home` leads back to an overview."""
    claims = ledger.Ledger(sources := shared.files.plus(f"verdicts/{name}.json"), name)
    own = manifest(Sources(str(sources.root), [claims.file]), shared.producers)
    entries = {entry["file"]: entry for entry in shared.manifest + own}
    listing = [entries[name] for name in sources.names]
    title = f"{isolated(claims.name)}: " if home else ""
    return render(shared, CHAPTERS, sources, claims, title=title, address=address, home=home, manifest=listing)


def write_all(shared: Shared, output: Path) -> None:
    """Write the overview of all sets to `output` and, under reports/ beside it, their pages if anything has changed."""
    sources = Sources(str(shared.files.root), [OVERVIEW, "report/summary.json"])
    sets, kept = [row["set"] for row in sources.file(OVERVIEW)["sets"]], 0
    for name in sets:
        path = output.parent / "reports" / f"{name}.html"
        mark = f"<!-- {combined(shared.digest, digest(shared.files.root / f'verdicts/{name}.json'))} -->\n"
        if path.is_file() and path.read_bytes().endswith(mark.encode()):
            kept += 1
        else:
            write_text(path, set_page(shared, name, f"reports/{name}.html", f"../{output.name}") + mark)
    unread = [row["set"] for row in sources.file(OVERVIEW)["sets"] if row["open"] == sum(row["counts"].values())]
    ledgers = {name: f"verdicts/{name}.json" for name in unread}
    sources = Sources(str(sources.root), [*sources.names, *ledgers.values()])
    unread = [name for name, file in ledgers.items() if ledger.is_unread(sources.file(file)["claims"])]
    more = {"address": output.name, "home": "", "manifest": manifest(sources, shared.producers), "unread": unread}
    page = render(shared, ("sets", "manifest"), sources, None, title="All sets: ", **more)
    write_text(output, page)
    print(f"{len(sets)} sets; the pages of {kept} were up to date")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", nargs="+", required=True, help="result files that the page may show; all are listed")
    parser.add_argument("--figures", nargs="+", required=True, help="SVG files")
    parser.add_argument("--workflow", nargs="+", required=True, help="workflow files, which name the rules")
    parser.add_argument("--results", default="results", help="folder the result files lie under")
    parser.add_argument("--templates", default="report", help="folder of templates, style and font")
    parser.add_argument("--answers", default="document", help="name of the set of answers whose verdicts are shown")
    parser.add_argument("--all", action="store_true", help="show all sets of verdicts/overview.json instead")
    parser.add_argument("--output", required=True, help="HTML file to write")
    args = parser.parse_args()
    shared = read_shared(args.results, args.files, args.figures, args.workflow, args.templates)
    if args.all:
        write_all(shared, Path(args.output))
    else:
        write_text(args.output, set_page(shared, args.answers, Path(args.output).name))


if __name__ == "__main__":
    run(main)
