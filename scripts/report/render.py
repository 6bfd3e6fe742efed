"""Put results, verdicts, figures and formulas into one self-contained HTML file.

Templates cannot type a number: they ask for a pointer and get a link to its provenance. Nothing in the page depends on
when or where it is made, so the same results give the same bytes.
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
from scripts.report import ledger, pictures, producers
from scripts.report.maths import Maths
from scripts.report.page import Page
from scripts.report.provenance import Sources, digest
from scripts.step import Failure, run, write_text


class Dollars(Extension):
    """Lets templates write $\\nabla f$ for inline maths."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"\$([^$\n]+)\$", r"{% filter maths %}\1{% endfilter %}", source)


def manifest(root: str, names: list[str], workflow_files: list[str]) -> list[dict]:
    """Return name, rule, size and SHA-256 of each result file."""
    known = producers.patterns(workflow_files)
    entries = []
    for name in names:
        path = Path(root, name)
        rule = producers.producer(f"results/{name}", known)
        entries.append({"file": name, "rule": rule, "bytes": path.stat().st_size, "sha256": digest(path)})
    return entries


def source_hash(text: str) -> str:
    """Return the Content-Security-Policy source of an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def without_blank_lines(text: str) -> str:
    return re.sub(r"\n\s*\n+", "\n", text)


def environment(templates: str, sources: Sources, claims: ledger.Ledger, figures: dict[str, str]):
    """Return the Jinja environment, with all that templates may use, and the page's numbering and maths."""
    page, maths = Page(), Maths()
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Dollars],
    )

    env.filters |= {"maths": maths, "display": lambda latex: maths(latex, display=True)}
    env.globals |= {
        "n": sources.link,
        "cell": lambda pointer, how="": sources.link(pointer, how, tab=False),
        "t": sources.text,
        "data": sources.__getitem__,
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
    }
    return env, page, maths


def render(args: argparse.Namespace) -> str:
    """Return the page."""
    folder = Path(args.templates)
    sources = Sources(args.results, args.files)
    figures = {Path(name).stem: Path(name).read_text(encoding="utf-8") for name in args.figures}
    env, page, maths = environment(args.templates, sources, ledger.Ledger(sources, args.answers), figures)
    try:
        chapters = [
            Markup(env.get_template(f"{name}.html.j2").render())
            for name in ("overview", "ledger", "analytic", "relu", "fashion_mnist", "mnist")
        ]
        listing = manifest(args.results, sources.names, args.workflow)
        chapters.append(Markup(env.get_template("manifest.html.j2").render(manifest=listing)))
        font = base64.b64encode((folder / "font" / "stix-two-math.woff2").read_bytes()).decode()
        face = f'@font-face{{font-family:"STIX Two Math";src:url(data:font/woff2;base64,{font}) format("woff2")}}'
        style = face + re.sub(r"\s+", " ", (folder / "style.css").read_text(encoding="utf-8")) + maths.css()
        script = without_blank_lines((folder / "play.js").read_text(encoding="utf-8").strip())
        html = env.get_template("base.html.j2").render(
            chapters=chapters,
            contents=page.contents(),
            style=Markup(style),
            script=Markup(script),
            style_source=source_hash(style),
            script_source=source_hash(script),
        )
    except jinja2.UndefinedError as error:
        raise Failure(f"the report's templates use something that is not there: {error.message}") from None
    except KeyError as error:
        raise Failure(f"the report asks for what the results do not hold: {error.args[0]}") from None
    return without_blank_lines(page.finish(html)) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", nargs="+", required=True, help="result files that the page may show; all are listed")
    parser.add_argument("--figures", nargs="+", required=True, help="SVG files")
    parser.add_argument("--workflow", nargs="+", required=True, help="workflow files, which name the rules")
    parser.add_argument("--results", default="results", help="folder the result files lie under")
    parser.add_argument("--templates", default="report", help="folder of templates, style and font")
    parser.add_argument("--answers", default="document", help="name of the set of answers whose verdicts are shown")
    parser.add_argument("--output", required=True, help="HTML file to write")
    write_text((args := parser.parse_args()).output, render(args))


if __name__ == "__main__":
    run(main)
