"""Pages of several sets: their scores, what a person has to look at, and foreign text that keeps to its box."""

import csv
import json
import re
import shutil

import pytest
import yaml
from project import RESULTS
from report.again import module, rerender
from report.conftest import Parsed

from scripts.report.verify import differences
from scripts.verdicts.finding import SYMBOLS

MARKS = "Z" + "\u0301\u0302\u0303" * 10
SETS = {
    "open": [
        {"id": "p1a", "stated": r"\nabla f(x) = 2x", "statement": "שלום " + MARKS + " <b>"},
        {"id": "p1b-gradient", "stated": "2*sum(x - mu)"},
        {"id": "p2b", "stated": "what?"},
        {"id": "f1", "stated": {"a.b": "60000", "c:": "1", "#": "2", "": "3"}},
        {"id": "f2", "stated": {"shape": "1 × 28 × 28", "label": "Ankle boot"}},
        {"id": "m6", "stated": {"loss.1": "2,37"}},
        {"id": "f10-9270", "stated": {"number": "9271"}},
    ],
    "none": [],
}


@pytest.fixture(scope="module")
def pages(finished, tmp_path_factory):
    """The overview and the pages of a few sets, one of which is no YAML: name → HTML."""
    folder = tmp_path_factory.mktemp("sets") / "project"
    shutil.copytree(finished.folder, folder)
    (folder / "own").mkdir()
    for name, claims in SETS.items():
        content = {"name": f"אבג {name}", "claims": claims}
        (folder / "own" / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    (folder / "own/broken.yaml").write_text("name: [", encoding="utf-8")
    done = module(folder, "scripts.verdicts.judge", "--answers", "own", "--folder", f"{RESULTS}/verdicts")
    assert done.returncode == 0, done.stderr
    done = rerender(folder, "--all")
    assert done.returncode == 0, done.stderr
    found = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "again").rglob("*.html")}
    assert found.keys() == {"report", "broken", *SETS}
    for page in found.values():
        assert differences(page, f"{folder}/{RESULTS}")[1] == []
    return found | {"results": folder / RESULTS / "verdicts"}


def test_scores_and_what_they_may_become(pages):
    row = json.loads((pages["results"] / "open.json").read_text(encoding="utf-8"))
    claims = sum(row["counts"].values())
    most = (row["score"] * claims + row["open"]) / claims
    assert row["open"] > 0
    assert f'data-f="score">{100 * row["score"]:.0f} to {100 * most:.0f}\u00a0%<' in pages["report"]
    assert len(re.findall(r'data-f="score">\d+ to', pages["report"])) == 1


def test_each_sign_says_its_verdict_and_leads_to_the_claim(pages):
    """Words for who cannot see colours or signs; what was not read at all has its reason there instead."""
    overview = json.loads((pages["results"] / "overview.json").read_text(encoding="utf-8"))
    ids = [claim["id"] for claim in overview["claims"]]
    marks = re.findall(
        r'href="reports/(\w+)\.html#claim-([\w-]+)" aria-label="([\w-]+) ([a-z ]+)">(.)</a>', pages["report"]
    )
    assert [(name, claim, claim, verdict, SYMBOLS[verdict]) for name, claim, _, verdict, _ in marks] == marks
    for row in overview["sets"]:
        told = [] if row["set"] == "broken" else list(zip(ids, row["verdicts"], strict=True))
        assert [(claim, verdict) for name, claim, _, verdict, _ in marks if name == row["set"]] == told
    for name, claim, *_ in marks:
        assert f'id="claim-{claim}"' in pages[name]
    forged = pages["report"].replace('refuted">✗', 'exact">✗', 1)
    assert any("at odds" in line for line in differences(forged, str(pages["results"].parent))[1])


def test_the_table_of_all_verdicts_lies_beside_the_page(pages):
    assert 'href="verdicts/overview.csv"' in pages["report"] and 'id="verdicts/overview.csv"' in pages["report"]
    with open(pages["results"] / "overview.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["set"] for row in rows] == ["broken", "none", "open"]
    assert rows[1]["name"] == "אבג none" and rows[1]["p1a"] == "not answered" and rows[2]["p1a"] == "proved"


def test_a_file_that_cannot_be_read_is_one_line(pages):
    why = "The file of answers cannot be read"
    assert pages["report"].count(why) == pages["broken"].count(why) == 1
    assert "So no claim could be judged" in pages["broken"]


def test_a_page_begins_with_what_to_mend(pages):
    """What is false with its mistake by name, then what could not be read, then what is missing."""
    claims = json.loads((pages["results"] / "open.json").read_text(encoding="utf-8"))["claims"]
    start, first = (pages["open"].index(f'<section id="{name}"') for name in ("mend", "findings"))
    mend = pages["open"][start:first]
    due = [[one["id"] for one in claims if one["verdict"] == of] for of in ("refuted", "undecided", "not answered")]
    assert re.findall('href="#claim-([^"]+)"', mend) == [claim for of in due for claim in of]
    assert "p1b-gradient" in due[0]
    assert "It has the wrong sign." in mend and mend.index("wrong sign") < mend.index("Right is")
    assert '<section id="mend"' not in pages["broken"]


def test_what_a_person_has_to_look_at(pages):
    content = json.loads((pages["results"] / "open.json").read_text(encoding="utf-8"))
    undecided = [claim["id"] for claim in content["claims"] if claim["verdict"] == "undecided"]
    assert {"p2b", "f1", "m6"} <= set(undecided)
    listed = re.search(r'<p class="person">A person has to look at (.*?):', pages["open"], re.S)[1]
    assert re.findall('href="#claim-([^"]+)"', listed) == undecided
    assert pages["open"].count("until then it counts neither as right nor as wrong") == len(undecided)


def test_answers_are_shown_as_read(pages):
    text = re.sub(r"<[^>]*>", "", pages["open"])
    assert "label = 9 (Ankle boot)" in text
    box = pages["open"].split('id="claim-p1a"')[1].split('id="p1b"')[0]
    assert re.search(r"<dt>Read as</dt><dd><span[^>]*><math .*<mn>2</mn>.*<mi>x</mi>.*?</math>", box, re.S)


def test_foreign_text_is_isolated_and_escaped(pages):
    parsed = Parsed(pages["open"])
    assert parsed.unmatched == []
    for text, around in parsed.texts:
        if "שלום" in text or ("אבג" in text and around[-1][0] != "title"):
            assert "data-p" in around[-1][1], around
    assert "<title>\u2068אבג open\u2069: " in pages["open"]
    style = re.search("<style>(.*?)</style>", pages["open"], re.S)[1]
    assert re.search(r"\[data-p\][^}]*unicode-bidi: plaintext", style)
    assert re.search(r"\.says[^}]*overflow: clip", style)
