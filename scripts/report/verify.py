"""Check a report against the result files it was made from, offline.

Every linked number is read again from its file and formatted again, every digest in the manifest is computed again,
and so is that of the histories which a sweep compares. Verdicts are compared wherever the page says them; formulas,
drawings, pictures and programs are made again from the files, and the CSV of tables from these. Prose with its own
formulas, what sliders begin with, layout and what no file is named for, a mark that somebody took away included, are
compared with the digest in the page's last line alone: that shows damage, not forgery.
What differs is said, one line each, and the exit status is then 1.
"""

import argparse
import os
import re
import shlex
import sys
from html.parser import HTMLParser
from pathlib import Path

from scripts.report.page import remade, said
from scripts.report.page.formats import full, shown
from scripts.report.page.provenance import Sources, digest, is_whole
from scripts.report.page.saved import with_files
from scripts.shared.step import Failure, read_bytes, read_json, run
from scripts.sweeps import runs

NAMED = 20  # files in a command
LISTED = re.compile(r'<tr id="([^"]*)" data-sha256="([^"]*)"><th scope="row">[^<]*<code>([^<]*)</code>')
SWEPT = re.compile(r"sweeps/(\w+)/settings\.json")


class Reader(HTMLParser):
    """Collects from a page its manifest (file → SHA-256) and its values: (pointer, format, full value, text)."""

    def __init__(self):
        super().__init__()
        self.manifest: dict[str, str] = {}
        self.values: list[tuple[str, str, str | None, str]] = []
        self._open: tuple[str, str, str, str | None] | None = None
        self._text = ""
        self.astray: list[str] = []

    def handle_starttag(self, tag: str, attributes: list) -> None:
        """Take a line of the manifest, or begin a value."""
        known = dict(attributes)
        if "data-sha256" in known:
            self.manifest[known.get("id", "")] = known["data-sha256"]
        if self._open:  # a number within a sentence, which is compared as a whole
            within = f"{known.get('href', '').removeprefix('#')}#{known['data-k']}" if "data-k" in known else None
            if within not in (None, self._open[1]) or "data-v" in known:
                self.astray.append(f"{self._open[1]}: a number in it carries another place or value")
            return
        if "data-k" in known:
            pointer = f"{known.get('href', '').removeprefix('#')}#{known['data-k']}"
            self._open, self._text = (tag, pointer, known.get("data-f", ""), known.get("data-v")), ""
        elif "data-p" in known:
            self._open, self._text = (tag, known["data-p"], known.get("data-f", "text"), None), ""

    def handle_data(self, data: str) -> None:
        """Add to the text of the value that is open."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """End the value that this tag began."""
        if self._open and tag == self._open[0]:
            self.values.append((*self._open[1:], self._text))
            self._open = None


def same_histories(settings: Path, experiment: str) -> bool:
    """Tell whether the histories beside the comparison of a sweep are those that it was made from."""
    told = read_json(settings)
    values = {key: told["values"][key] for key in runs.HYPERPARAMETERS[experiment]}  # in the order of names
    try:
        return runs.digest(settings.parent, values) == told["histories_sha256"]
    except OSError:
        return False


def differences(page: str, root: str) -> tuple[int, list[str]]:
    """Return how many values and files were checked, and what differs."""
    count, found, _ = checked(page, root)
    return count, found


def checked(page: str, root: str) -> tuple[int, list[str], list[str]]:
    """Return how many values and files were checked, a line for each that differs, and which of the files do."""
    reader = Reader()
    reader.feed(page)
    sources = Sources(root, list(reader.manifest))
    if reader.manifest and not any(Path(root, name).is_file() for name in reader.manifest):
        raise Failure(f"{root}: no file that the page was made from is there; name their folder: --results")
    found, files = [], []
    for name, sha256 in reader.manifest.items():
        path = Path(root, name)
        if not path.is_file():
            found.append(f"{name}: missing")
            files.append(name)
        elif digest(path) != sha256:
            found.append(f"{name}: its digest is not the manifest's")
            files.append(name)
        elif (swept := SWEPT.fullmatch(name)) and not same_histories(path, swept[1]):
            found.append(f"{path.parent.relative_to(root)}: the histories of its runs are not those of {path.name}")
            files.append(name)
    found += reader.astray
    for pointer, how, exact, text in reader.values:
        try:
            value = sources[pointer]
            there = shown(value, how)
        except Exception:  # whatever an altered file holds
            found.append(f"{pointer}: not there or not readable; the page says {text}")
            continue
        if there != text:
            found.append(f"{pointer}: {there} in the file, {text} on the page")
        elif exact is not None and full(value) != exact:
            found.append(f"{pointer}: {full(value)} in the file, {exact} behind the page's {text}")
    for name, sha256, there in LISTED.findall(page):
        if there != sha256:
            found.append(f"{name}: two digests in the manifest")
    verdicts = made = 0
    if not files:  # else what is made of another file would be one more line for the same
        verdicts, wrong = said.differences(page, sources)
        made, other = remade.differences(page, sources)
        found += [*wrong, *other.values()]
        files += [place for place in other if place.endswith(".svg")]
    if not found and with_files(page) != page:
        found.append("the CSV of a table is not what the table shows")
    if not (found or is_whole(page)):
        found.append("the page is not as it was written: the digest in its last line is not that of what stands above")
    return len(reader.values) + len(reader.manifest) + verdicts + made, found, files


def command(names: list[str], root: Path) -> str:
    """Return the words that tell how to make result files again: the command, where the workflow made them here."""
    folder = os.path.relpath(root.resolve())
    if folder.startswith("..") or not Path(".snakemake").is_dir():
        return ", run the workflow where it has made them."
    force = ["--force", *(f"{folder}/{name}" for name in names)] if len(names) <= NAMED else ["--forceall"]
    return f", with that run's --config if it had one: {shlex.join(['snakemake', '--cores', 'all', *force])}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", help="the HTML file")
    parser.add_argument("--results", help="folder of the result files; the report's own unless given")
    args = parser.parse_args()
    path = Path(args.report)
    if not path.is_file():
        raise Failure(f"{path}: there is no such report; run the workflow first")
    # The page of one set among several lies in a folder of its own.
    root = path.resolve().parent if path.resolve().parent.name != "reports" else path.resolve().parent.parent
    results = args.results or str(root)
    page = read_bytes(path).decode(errors="replace")
    count, found, files = checked(page, results)
    if not count:
        raise Failure(f"{path}: no value and no manifest in it; name a report that this workflow made")
    if out := remade.left_out(Sources(results)):
        print(f"Not made again, as it may come out otherwise: {'; '.join(out)}.")
    print("\n".join([*found, f"{count} values and files checked, {len(found)} differ."]))
    if found:
        own = [] if any(not name.endswith(".svg") for name in files) else [path.resolve().relative_to(root).as_posix()]
        print(f"To make again what was damaged or deleted{command(files + own, Path(results))}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    run(main)
