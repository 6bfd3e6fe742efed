"""Many sets of answers go through the workflow to pages of their own."""

import re

import yaml
from project import RESULTS, SET, edited
from stand_in import DEEP, KNOWN

from scripts.report.verify import differences

DOCUMENT = DEEP.folder / "answers/document.yaml"


def write(folder, name: str, *claims: dict, title: str = ""):
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"name": title or name, "claims": list(claims)}), encoding="utf-8")
    return path


def document() -> dict:
    return yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))


def test_pages_of_several_sets(copied):
    """Adding sets judges and reports, nothing else; each gets its page, whatever is in it; a change costs one page,
    and so does damage."""
    answers = copied.folder / "problem_sets" / SET / "answers"
    text = document()["claims"]
    write(answers, "nothing", title="Nobody </h1><script>alert(1)</script> {{ 7*7 }}")
    write(answers, "unreadable", *({"id": c["id"], "stated": as_all(c["stated"], "</p> {{ 7*7 }} ' &")} for c in text))
    write(answers, "enormous", *({"id": c["id"], "stated": as_all(c["stated"], "1e99")} for c in text))
    wide = {"w_h": ["1"] * 64, "b_h": ["1/7"] * 64, "w_o": ["1e-9"] * 64, "b_o": "3"}
    empty = {"w_h": [], "b_h": [], "w_o": [], "b_o": "3"}
    odd = {"p3a-1": wide, "p3a-2": empty, "f10-9270": {"number": "18/2", "predicted": "8"}}
    write(answers, "odd", *({"id": name, "stated": stated} for name, stated in odd.items()))
    copied.write_config(copied.config() | {"answers": ""})
    assert copied.planned() == {"judge", "write_report"}
    copied.snakemake("--cores", "2")

    results = copied.folder / RESULTS
    names = {"document", "nothing", "unreadable", "enormous", "odd"}
    assert {path.stem for path in (results / "reports").iterdir()} == names
    overview = (results / "report.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="?reports/([\w-]+)\.html', overview)) == names
    for page in (results / "report.html", *(results / "reports").iterdir()):
        html = page.read_text(encoding="utf-8")
        count, wrong = differences(html, str(results))
        assert count > 50 and wrong == [], page.name
        assert html.count("<script>") == 1 and "default-src 'none'" in html
    ids = {
        name: set(re.findall(r'\bid="?(claim-[\w-]+)', (results / f"reports/{name}.html").read_text()))
        for name in names
    }
    assert all(ids[name] == {f"claim-{claim}" for claim in KNOWN} for name in names)

    before = copied.digests()
    write(answers, "odd", {"id": "p1a", "stated": "3*x"})
    edited(results, "reports/unreadable.html", "Skip to the text", "Skip to the test")
    copied.snakemake("--cores", "2")
    assert "the pages of 3 were up to date" in (copied.folder / f"logs/{SET}/report/write_report.log").read_text()
    after = copied.digests()
    changed = {file for file in after if after[file] != before[file]}
    made = {"verdicts/odd.json", "verdicts/overview.json", "verdicts/overview.csv", "reports/odd.html", "report.html"}
    assert changed == {f"{RESULTS}/{file}" for file in made}
    assert copied.planned() == set()


def as_all(stated: object, text: str) -> object:
    """Return an answer of the same shape in which each string is `text`."""
    if isinstance(stated, dict):
        return {key: as_all(part, text) for key, part in stated.items()}
    return [as_all(part, text) for part in stated] if isinstance(stated, list) else text
