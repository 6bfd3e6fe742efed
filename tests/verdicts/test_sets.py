"""Many sets of answers: how they are named and read, judged together, and shown in pages of their own."""

import json
import re
import subprocess
import sys

import pytest
import yaml
from benchmarks.many_sets import perturbed
from project import ROOT

from scripts.report.verify import differences
from scripts.step import Failure
from scripts.verdicts.answers import answer_files, read_answers
from scripts.verdicts.judge import catalogue, judge

DOCUMENT = ROOT / "answers/document.yaml"
KNOWN = catalogue()
ALPHA = 0.01


def write(folder, name: str, *claims: dict, title: str = ""):
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"name": title or name, "claims": list(claims)}), encoding="utf-8")
    return path


def command(*arguments: object) -> subprocess.CompletedProcess:
    words = [sys.executable, "-m", "scripts.verdicts.judge", *map(str, arguments)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True)


def document() -> dict:
    return yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))


class TestNaming:
    def test_file_list_and_folder(self, tmp_path):
        for name in ("b", "a", "c.d-e_9"):
            write(tmp_path, name)
        (tmp_path / "notes.txt").touch()
        names = {name: f"{tmp_path}/{name}.yaml" for name in ("a", "b", "c.d-e_9")}
        assert list(answer_files(str(tmp_path)).items()) == list(names.items())
        assert answer_files(names["b"]) == {"b": names["b"]}
        assert list(answer_files([names["b"], names["a"]])) == ["b", "a"]

    @pytest.mark.parametrize(
        ("given", "line"),
        [
            (["none"], "none: there is no such file"),
            (["empty"], "empty holds no *.yaml file"),
            (["x/a.yaml", "y/a.yaml"], "x/a.yaml and y/a.yaml would both be called a"),
            (["x/overview.yaml"], "x/overview.yaml cannot name a set"),
            (["x/a b.yaml"], "x/a b.yaml cannot name a set"),
            (["x/-a.yaml"], "x/-a.yaml cannot name a set"),
        ],
    )
    def test_what_is_no_set_of_names(self, tmp_path, monkeypatch, given, line):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "empty").mkdir()
        for name in ("x/a", "y/a", "x/overview", "x/a b", "x/-a"):
            write(tmp_path, name)
        with pytest.raises(Failure, match=re.escape(line)):
            answer_files(given)


class TestReading:
    def test_figures_keep_their_digits_without_quotes(self, tmp_path):
        path = tmp_path / "a.yaml"
        path.write_text(
            "name: a\nclaims:\n- {id: m4, stated: {loss: 2.370, correct: 0880, count: 1e4}}\n- {id: p2c, stated: yes}\n"
        )
        stated = [claim["stated"] for claim in read_answers(path, KNOWN)["claims"]]
        assert stated == [{"loss": "2.370", "correct": "0880", "count": "1e4"}, "yes"]

    def test_the_document_reads_the_same_as_plain_yaml(self):
        assert read_answers(DOCUMENT, KNOWN) == document()


class TestJudging:
    def test_alone_and_among_others(self, tmp_path, finished):
        """Each set gets what it gets alone, whatever stands before it; the overview repeats the sets' own counts."""
        for number in range(12):
            write(tmp_path / "many", f"s{number:02}", *perturbed(document(), number)["claims"])
        results = ("--results", finished.folder / "results", "--folder")
        done = command("--answers", tmp_path / "many", *results, tmp_path / "out")
        assert done.returncode == 0, done.stderr
        alone = tmp_path / "many/s07.yaml"
        assert command("--answers", alone, *results, tmp_path / "alone").returncode == 0
        assert [path.name for path in (tmp_path / "alone").iterdir()] == ["s07.json"]
        assert (tmp_path / "alone/s07.json").read_bytes() == (tmp_path / "out/s07.json").read_bytes()

        overview = json.loads((tmp_path / "out/overview.json").read_text(encoding="utf-8"))
        assert overview["count"] == 12 and [row["set"] for row in overview["sets"]] == [f"s{n:02}" for n in range(12)]
        for row in overview["sets"]:
            ledger = json.loads((tmp_path / f"out/{row['set']}.json").read_text(encoding="utf-8"))
            assert row["counts"] == ledger["counts"] and sum(row["counts"].values()) == len(KNOWN)
            for verdict in ("refuted", "undecided", "not answered"):
                ids = [claim["id"] for claim in ledger["claims"] if claim["verdict"] == verdict]
                assert row[verdict.replace(" ", "_")] == ids
            scores = [claim["score"] for claim in ledger["claims"] if claim["score"] is not None]
            assert row["scored"] == len(scores)
            assert row["score"] == pytest.approx(sum(scores) / len(scores))
        for claim in overview["claims"]:
            assert sum(claim["counts"].values()) == 12

    def test_one_malformed_set_ends_the_run_before_anything_is_written(self, tmp_path):
        write(tmp_path / "many", "a", {"id": "p1a", "stated": "2*x"})
        write(tmp_path / "many", "b", {"id": "p1a", "stated": [["2*x"]]})
        write(tmp_path / "many", "c", {"id": "nothing-such", "stated": "2*x"})
        done = command("--answers", tmp_path / "many", "--results", "none", "--folder", tmp_path / "out")
        assert done.returncode == 1 and done.stdout == ""
        assert (
            done.stderr.startswith(f"error: {tmp_path}/many/b.yaml, claims.0.stated") and done.stderr.count("\n") == 1
        )
        assert "1 more of 3 sets cannot be read" in done.stderr
        assert not (tmp_path / "out").exists()

    def test_missing_and_blank_are_not_answered(self, derived):
        claims = [{"id": "p1a", "stated": ""}, {"id": "p1b-gradient", "stated": "2*sum(mu - x)"}]
        ledger = judge({"name": "x", "claims": claims}, derived, ALPHA, KNOWN)
        verdicts = {claim["id"]: claim["verdict"] for claim in ledger["claims"]}
        assert verdicts.pop("p1b-gradient") == "proved"
        assert set(verdicts.values()) == {"not answered"} and set(verdicts) == set(KNOWN) - {"p1b-gradient"}
        assert ledger["score"] == pytest.approx(1 / len(KNOWN)) and ledger["scored"] == len(KNOWN)

    def test_what_cannot_be_read_scores_nothing(self, derived):
        """Else a question mark would be worth more than an honest attempt."""
        claims = [{"id": name, "stated": "?"} for name in KNOWN]
        ledger = judge({"name": "x", "claims": claims}, derived, ALPHA, KNOWN)
        assert ledger["counts"]["undecided"] == ledger["scored"] == len(KNOWN) and ledger["score"] == 0

    def test_claims_without_words_of_their_own_are_named(self, derived):
        ledger = judge({"name": "x", "claims": []}, derived, ALPHA, KNOWN)
        statements = [claim["statement"] for claim in ledger["claims"]]
        assert all(statements) and len(set(statements)) == len(KNOWN)


def test_pages_of_several_sets(copied):
    """Adding sets judges and reports, nothing else; each gets its page, whatever is in it; a change costs one page."""
    answers = copied.folder / "answers"
    text = document()["claims"]
    write(answers, "nothing", title="Nobody </h1><script>alert(1)</script> {{ 7*7 }}")
    write(answers, "unreadable", *({"id": c["id"], "stated": as_all(c["stated"], "</p> {{ 7*7 }} ' &")} for c in text))
    write(answers, "enormous", *({"id": c["id"], "stated": as_all(c["stated"], "1e99")} for c in text))
    wide = {"w_h": ["1"] * 64, "b_h": ["1/7"] * 64, "w_o": ["1e-9"] * 64, "b_o": "3"}
    empty = {"w_h": [], "b_h": [], "w_o": [], "b_o": "3"}
    odd = {"p3a-1": wide, "p3a-2": empty, "f10-9270": {"number": "18/2", "predicted": "8"}}
    write(answers, "odd", *({"id": name, "stated": stated} for name, stated in odd.items()))
    copied.write_config(copied.config() | {"answers": "answers"})
    assert copied.planned() == {"judge", "write_report"}
    copied.snakemake("--cores", "2")

    results = copied.folder / "results"
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
    copied.snakemake("--cores", "2")
    assert "the pages of 4 were up to date" in (copied.folder / "logs/report/write_report.log").read_text()
    after = copied.digests()
    changed = {file for file in after if after[file] != before[file]}
    made = {"verdicts/odd.json", "verdicts/overview.json", "reports/odd.html", "report.html"}
    assert changed == {f"results/{file}" for file in made}
    assert copied.planned() == set()


def as_all(stated: object, text: str) -> object:
    """Return an answer of the same shape in which each string is `text`."""
    if isinstance(stated, dict):
        return {key: as_all(part, text) for key, part in stated.items()}
    return [as_all(part, text) for part in stated] if isinstance(stated, list) else text
