"""The page as a whole: complete, linked, self-contained, traceable, safe and the same whenever it is made."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from project import RESULTS, SET
from report.again import module, rerender

from scripts.report.page.formats import shown
from scripts.report.verify import differences

FREE = {"math", "svg", "style", "script", "pre", "nav"}  # formulas, drawings, code, headings' own numbers
ANNOTATION = '<annotation encoding="application/x-tex">'
OPEN = ("refuted", "undecided")
NAMES = {"steps", "tag", "name", "source"}  # classes of what names things and of derivations out of results


def verdicts(results) -> dict:
    return json.loads((results / "verdicts/document.json").read_text(encoding="utf-8"))


def test_markup_is_balanced_and_ids_are_unique(report):
    assert report.parsed.unmatched == []
    assert [identity for identity, count in Counter(report.parsed.ids()).items() if count > 1] == []


def test_every_claim_is_shown_with_its_verdict(report):
    ids = set(report.parsed.ids())
    text = "".join(words for words, _ in report.parsed.texts)
    for claim in verdicts(report.results)["claims"]:
        assert claim["item"] in ids and f"claim-{claim['id']}" in ids
        # What is not known to hold is not asserted, but for a statement, which is said to be stated.
        parts = ("about", "statement") if claim["verdict"] in OPEN else ("statement",)
        assert any(shown(claim[part], "prose") in text for part in parts)
        assert shown(claim["reason"], "prose") in text
    badges = Counter(re.findall(r'<div class="claim ([\w-]+)"', report.html))
    counts = {name.replace(" ", "-"): n for name, n in verdicts(report.results)["counts"].items() if n}
    assert badges == counts


def test_no_dead_link_and_nothing_from_outside(report):
    ids = set(report.parsed.ids())
    for tag, attributes in report.parsed.elements:
        for key in ("href", "src"):
            if (target := attributes.get(key)) is not None:
                file = "download" in attributes and target.startswith(("data:text/x-python;base64,", "data:text/csv;"))
                assert file or target.startswith(("#", "data:image/png;base64,")), (tag, target[:80])
                assert not target.startswith("#") or target[1:] in ids, target
    assert not re.search(r"@import|url\((?!data:|#)", report.html)
    html = re.sub(r'terms">https://[^<]*<', "", report.html)  # where to read the licences, as text
    assert not re.search(r"(?<!xmlns=\")https?://", html)


def test_programs_confirm_the_refutations(report):
    saved = [attributes for _, attributes in report.parsed.elements if attributes.get("download", "").endswith(".py")]
    programs = [base64.b64decode(link["href"].partition(",")[2]).decode() for link in saved]
    assert programs == [
        c["evidence"]["recheck"] for c in verdicts(report.results)["claims"] if "recheck" in c["evidence"]
    ]
    for program in programs:
        done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout.strip(), done.stderr


def test_policy_allows_this_style_and_script_alone(report):
    policy = next(a["content"] for t, a in report.parsed.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
    for tag in ("style", "script"):
        [text] = re.findall(f"<{tag}>(.*?)</{tag}>", report.html, re.S)
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy
    assert not any("style" in a or any(key.startswith("on") for key in a) for _, a in report.parsed.elements)
    assert len(re.findall("<script>(.*?)</script>", report.html, re.S)[0]) < 8000


def test_every_number_has_a_source(report):
    def traced(around) -> bool:
        return any(
            tag in FREE
            or {"data-k", "data-p", "data-sha256"} & set(attributes)
            or (tag == "a" and attributes.get("href", "").startswith("#"))
            or NAMES & set(attributes.get("class", "").split())
            for tag, attributes in around
        )

    texts = [(text.replace("SHA-256", "").strip(), around) for text, around in report.parsed.texts]
    assert [text for text, around in texts if re.search(r"\d", text) and not traced(around)] == []
    assert sum("data-k" in attributes for _, attributes in report.parsed.elements) > 500


def test_headings_are_in_order(report):
    levels = [int(tag[1]) for tag, _ in report.parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_pictures_and_drawings_are_named(report):
    titles = set(report.parsed.ids())
    for tag, attributes in report.parsed.elements:
        if tag == "img":
            assert attributes.get("alt")
        if tag == "svg":
            assert attributes["role"] == "img" and set(attributes["aria-labelledby"].split()) <= titles


def test_every_formula_has_its_latex_and_a_name(report):
    formulas = [attributes for tag, attributes in report.parsed.elements if tag == "math"]
    assert len(formulas) > 200
    assert all(attributes.get("aria-label") for attributes in formulas)
    assert report.html.count("</semantics></math>") == report.html.count(ANNOTATION) == len(formulas)


def test_every_claim_links_to_itself(report):
    links = re.findall(r'id="(claim-[^"]+)">\s*<p class="says"><a class="self" href="#([^"]+)"', report.html)
    assert len(links) == len(verdicts(report.results)["claims"]) and all(one == other for one, other in links)


def test_what_is_long_is_folded(report):
    for found in re.finditer(r'<figure id="[^"]*" class="table([^"]*)">.*?</figure>', report.html, re.S):
        before = report.html[: found.start()]
        open_boxes = before.count("<details") - before.count("</details>")
        if found[0].count("<tr") > 16 and found[1].strip() not in ("ledger-table", "manifest-table", "tall-table"):
            assert "<details" in found[0] or open_boxes, found[0][:80]
        if "-checks" in found[0][:60]:
            assert open_boxes == 1, found[0][:80]


def test_size(report):
    assert len(report.html.encode()) < 1_500_000
    assert len(report.parsed.elements) < 12_000


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Pacific/Auckland", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Caracas", "LC_ALL": "C", "PYTHONHASHSEED": "2"},
    ],
)
def test_same_bytes_elsewhere(copied, environment):
    done = rerender(copied.folder, **environment)
    assert done.returncode == 0, done.stderr
    assert (copied.folder / "again/report.html").read_bytes() == (copied.folder / RESULTS / "report.html").read_bytes()


def test_figures_have_the_same_bytes_elsewhere(copied):
    results = copied.folder / RESULTS
    files = [str(p.relative_to(copied.folder)) for p in results.rglob("*") if p.suffix in
             (".json", ".csv", ".npz") and "report" not in p.parts]  # fmt: skip
    samples = str(copied.config()["fashion_mnist"]["samples"])
    done = module(
        copied.folder, "scripts.report.plots.figures", "--problem-set", f"problem_sets/{SET}", "--results", RESULTS,
        "--files", *files, "--samples", samples, "--folder", "again",
        TZ="Pacific/Auckland", LC_ALL="tr_TR.UTF-8", PYTHONHASHSEED="3",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for path in (results / "report/figures").glob("*.svg"):
        assert (copied.folder / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_hostile_words_are_escaped(copied):
    path = copied.folder / RESULTS / "verdicts/document.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    evil = "</p><script>alert(x)</script>\"'&{{ claims }}{% raw %}"
    for claim in content["claims"]:
        claim["statement"] = claim["reason"] = claim["corrected"] = evil
    path.write_text(json.dumps(content), encoding="utf-8")
    done = rerender(copied.folder)
    assert done.returncode == 0, done.stderr
    html = (copied.folder / "again/report.html").read_text(encoding="utf-8")
    assert html.count("<script>") == 1
    assert "{{ claims }}" in html and "&lt;script&gt;alert(x)" in html


@pytest.mark.parametrize(
    ("verdict", "evidence", "words"),
    [
        ("in distribution", {"p": 0.03}, "is often small: unusual, not excluded."),
        ("in distribution", {"p": 0.009, "farthest": False}, "one of the runs lies as far out"),
        ("refuted", {"p": 0.009}, "farther out than every run: that is excluded."),
        ("in distribution", {"p": 1.0, "alpha": 0.001}, "which is no evidence for the table"),
        ("in distribution", {"method": "ranks", "summaries": []}, "The verdict goes by ranks"),
    ],
)
def test_words_about_the_loss_table_follow_the_evidence(copied, verdict, evidence, words):
    path = copied.folder / RESULTS / "verdicts/document.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    claim = next(claim for claim in content["claims"] if claim["id"] == "f7")
    losses = {"train 0": "98.0", "train 1": "95.0", "test 0": "9.0", "test 1": "8.0"}
    part = {"median": 100.0, "from": 90.0, "to": 110.0, "p": 0.5, "below": 1, "above": 2}
    claim["evidence"] = {
        "values": [{"name": name, "stated": loss} | part for name, loss in losses.items()],
        "summaries": [{"name": "early training loss", "p": 0.4}, {"name": "late training loss", "p": 0.0045}],
        "replicas": 3, "method": "Student", "singly": "Student",
        "p": 0.03, "alpha": 0.01, "farthest": True, "changed": 0.25,
        "beyond": [{"part": part, "values": 2, "above_all": n, "below_all": 0, "above_half": 2, "below_half": 0}
                   for part, n in (("train", 1), ("test", 0))],
        "false_alarms": {"tried": 3, "refuted": 1},
    } | evidence  # fmt: skip
    claim["verdict"] = verdict
    path.write_text(json.dumps(content), encoding="utf-8")
    done = rerender(copied.folder)
    assert done.returncode == 0, done.stderr
    html = (copied.folder / "again/report.html").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]*>", "", html.partition('id="f7"')[2].partition('id="f8"')[0]).split())
    assert words in text and "25 % of other sets of 3 runs" in text
    assert "lie 5.0 % below the medians" in text
    assert "Of 2 stated training losses 1 lie above all 3 runs and 2 above more than half of them" in text
    if evidence.get("method") != "ranks":
        assert "refutes 1 of 3, all of them right" in text
    assert differences(html, f"{copied.folder}/{RESULTS}")[1] == []


def test_malformed_formula_ends_the_build_with_one_line(copied):
    path = copied.folder / f"problem_sets/{SET}/chapters/analytic.html.j2"
    path.write_text(path.read_text(encoding="utf-8").replace(r"\nabla f(x) = 2x", r"\nabla{ f(x) = 2x", 1))
    done = rerender(copied.folder)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("error: formula")
    assert not (copied.folder / "again/report.html").exists()
