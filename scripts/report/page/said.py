"""The verdicts as a page says them, each as a word, a sign and a colour: held against the file of verdicts.

Claims have them in their box and in the ledger, items on the first screen and in the contents, where the weakest
verdict of their claims counts; so have the tally, what the ledger is filtered by, the ladder that explains them, and
answers that were misjudged when the judge was graded.
"""

import re

from scripts.report.page.ledger import Ledger
from scripts.report.page.provenance import Sources
from scripts.verdicts.finding import SYMBOLS

GRADED = "verdicts/power/grading.json#survivors"
BADGE = r'<span class="badge (?P<kind>[\w-]+)" data-sign="(?P<sign>.)">(?P<word>[\w ]+)</span>'
# Where a verdict stands → pattern of what it is of, its classes, sign and word.
PATTERNS = {
    "box": r'<div class="claim (?P<box>[\w-]+)" id="claim-(?P<of>[^"]+)">\s*<p class="says">'
    rf'<a class="self"[^>]*>[^<]*</a>\s*{BADGE}',
    "ledger": rf'<a href="#claim-(?P<of>[^"]+)"[^>]*>[^<]*</a></th><td>{BADGE}',
    "chip": r'<a class="chip (?P<kind>[\w-]+)" data-sign="(?P<sign>.)" href="#(?P<of>[^"]+)"[^>]*>[^<]*'
    r'<span class="hidden"> (?P<word>[\w ]+)</span>',
    "contents": r'<li><a class="(?P<kind>[\w-]+)" data-sign="(?P<sign>.)" title="(?P<word>[\w ]+)" '
    r'href="#(?P<of>[^"]+)">',
    "tally": r'<li class="(?P<kind>[\w-]+)"><a href="#only-(?P<box>[\w-]+)">'
    r'<span data-p="[^"]*#counts\.(?P<of>[\w ]+)">[^<]*</span>\s*'
    r'<span aria-hidden="true">(?P<sign>.)</span> (?P<word>[\w ]+)</a>',
    "filter": r'<a id="only-(?P<of>[\w-]+)" class="chip (?P<kind>[\w-]+)" data-sign="(?P<sign>.)" '
    r'href="#only-(?P<box>[\w-]+)">(?P<word>[\w ]+)</a>',
    "ladder": rf"<dt>{BADGE}</dt>",
    "graded": rf'data-p="{GRADED}\.(?P<of>\d+)\.why"(?:(?!</li>).)*Verdict: {BADGE}',
}
MARK = re.compile(r'aria-label="([\w.-]+) ([a-z ]+)">(.)</a>')  # of a claim, on the overview of several sets
FILE = re.compile(r"verdicts/([^/]+)\.json")


def differences(page: str, sources: Sources) -> tuple[int, list[str]]:
    """Return how many verdicts the page of a set says, or has to, and a line for each that is not that of the file."""
    names = [found[1] for name in sources.names if (found := FILE.fullmatch(name))]
    if "overview" in names:  # whose signs are compared with the file as texts
        odd = [f"{of}: {word} and {sign}" for of, word, sign in MARK.findall(page) if SYMBOLS.get(word) != sign]
        return 0, [f"{one} on the page: word and sign at odds" for one in odd]
    if len(names) != 1:
        return 0, []
    try:
        ledger = Ledger(sources, names[0])
        due = {("ledger", claim["id"]): claim["verdict"] for claim in ledger.claims}
        due |= {("box", claim): verdict for (_, claim), verdict in due.items()}
        due |= {(where, item["id"]): item["worst"] for item in ledger.items() for where in ("chip", "contents")}
        due |= {("tally", verdict): verdict for verdict, n in ledger.counts.items() if n or verdict == "undecided"}
        due |= {("filter", of.replace(" ", "-")): of for where, of in due if where == "tally"}
        due |= {("ladder", verdict): verdict for verdict in SYMBOLS}
        due |= {("graded", str(i)): entry["verdict"] for i, entry in enumerate(sources[GRADED])}
    except Exception:  # an altered file, which its digest tells
        return 0, []
    said: dict[tuple, set] = {}
    for where, pattern in PATTERNS.items():
        for found in re.finditer(pattern, page):
            word = _word(found)
            said.setdefault((where, found.groupdict().get("of", word)), set()).add(word)
    lines = []
    for (where, of), verdict in due.items():
        if (words := said.get((where, of), {"no verdict"})) != {verdict}:
            lines.append(f"{of}: {' or '.join(sorted(words))} on the page ({where}), {verdict} in {ledger.file}")
    more = [f"{of}: a verdict on the page ({where}), none in {ledger.file}" for where, of in said.keys() - due.keys()]
    return len(due), lines + sorted(more)


def _word(found: re.Match) -> str:
    """Return the verdict that word, sign and classes agree on."""
    said = found.groupdict()
    kinds = {said["kind"], said.get("box", said["kind"])}
    agree = SYMBOLS.get(said["word"]) == said["sign"] and kinds == {said["word"].replace(" ", "-")}
    return said["word"] if agree else "word, sign and colour at odds"
