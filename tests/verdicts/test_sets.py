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
from scripts.shared.step import Failure
from scripts.verdicts.answers import answer_files, read_answers
from scripts.verdicts.finding import Finding
from scripts.verdicts.judge import CHECKERS, catalogue, judge

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
        assert answer_files(str(tmp_path)) == (names, {})
        assert answer_files(names["b"]) == ({"b": names["b"]}, {})

    def test_names_that_make_no_file_or_stand_twice(self, tmp_path, monkeypatch):
        """Whatever a file is called, its set gets a name of its own, and no other set is lost."""
        monkeypatch.chdir(tmp_path)
        odd = ["x/Zoë Müller", "x/-rf", "x/overview", "x/" + "n" * 200, "x/.hidden", "x/a", "y/a"]
        for name in odd:
            write(tmp_path, name)
        write(tmp_path, "x/b").rename(tmp_path / "x/b.yml")
        files, refused = answer_files(["x", "y/a.yaml"])
        assert sorted(files.values()) == sorted([f"{name}.yaml" for name in odd] + ["x/b.yml"]) and not refused
        write(tmp_path, "x/{set}")
        assert list(answer_files(["x"])[1].values()) == ["{set}.yaml has a brace in its name; rename it"]
        assert {"a", "b"} <= files.keys() and all(re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", name) for name in files)
        assert files == answer_files(["x", "y/a.yaml"])[0]

    @pytest.mark.parametrize(
        ("given", "line"),
        [
            (["none"], "none: there is no such file"),
            (["empty"], "empty holds no *.yaml file"),
            (["link.yaml"], "link.yaml is a link"),
            (["folders"], "a.yaml is no regular file"),
        ],
    )
    def test_what_is_no_set_at_all(self, tmp_path, monkeypatch, given, line):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "empty").mkdir()
        (tmp_path / "folders/a.yaml").mkdir(parents=True)
        (tmp_path / "link.yaml").symlink_to(write(tmp_path, "a"))
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
            assert row["score"] == pytest.approx(sum(claim["score"] or 0 for claim in ledger["claims"]) / len(KNOWN))
            assert row["open"] == row["counts"]["undecided"]
        for claim in overview["claims"]:
            assert sum(claim["counts"].values()) == 12

    def test_a_malformed_set_stops_no_other(self, tmp_path, finished):
        write(tmp_path / "many", "a", {"id": "p1a", "stated": "2*x"})
        write(tmp_path / "many", "b", {"id": "p1a", "stated": [["2*x"]]})
        write(tmp_path / "many", "c", {"id": "nothing-such", "stated": "2*x"})
        done = command(
            "--answers", tmp_path / "many", "--results", finished.folder / "results", "--folder", tmp_path / "out"
        )
        assert done.returncode == 0, done.stderr
        sets = {name: json.loads((tmp_path / f"out/{name}.json").read_text(encoding="utf-8")) for name in "abc"}
        assert sets["a"]["counts"]["proved"] == 1
        for name, words in (("b", "claims.0.stated"), ("c", "no checker knows a claim nothing-such")):
            assert sets[name]["open"] == len(KNOWN) and sets[name]["score"] == 0
            assert all(words in claim["reason"] and f"{name}.yaml" in claim["reason"] for claim in sets[name]["claims"])
            assert f"{name}.yaml" in done.stdout

    def test_no_set_that_can_be_read_is_a_failure(self, tmp_path):
        write(tmp_path / "many", "b", {"id": "p1a", "stated": [["2*x"]]})
        write(tmp_path / "many", "c", {"id": "nothing-such", "stated": "2*x"})
        done = command("--answers", tmp_path / "many", "--results", "none", "--folder", tmp_path / "out")
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.startswith(f"error: {tmp_path}/many/b.yaml, claims.0.stated")
        assert "1 more of 2 sets cannot be read" in done.stderr and done.stderr.count("\n") == 1
        assert not (tmp_path / "out").exists()

    def test_a_checker_that_fails_stops_no_other(self, derived, monkeypatch, capsys):
        """Whatever it raises, and whatever it hands back that no file can hold."""
        good = {"id": "p1b-gradient", "stated": "2*sum(mu - x)"}

        def fails(stated, spec, results, alpha):
            raise RecursionError("a\u202e\nb" * 99)

        for checker in (fails, lambda *_: Finding("exact", "", evidence={"x": float("nan")})):
            monkeypatch.setitem(CHECKERS, "figure", checker)
            ledger = judge({"name": "x", "claims": [{"id": "f1", "stated": "1"}, good]}, derived, ALPHA, KNOWN)
            verdicts = {claim["id"]: claim["verdict"] for claim in ledger["claims"]}
            assert verdicts["f1"] == "undecided" and verdicts["p1b-gradient"] == "proved"
            told = capsys.readouterr().err
            assert told.startswith("the figure checker failed: ") and told.count("\n") == 1 and len(told) < 400

    def test_foreign_text_is_made_visible(self, derived):
        claims = [{"id": "p1a", "stated": "2*x\u202e\x1b[2J", "statement": "x\u2066y"}]
        ledger = judge({"name": "a\u200fb", "claims": claims}, derived, ALPHA, KNOWN)
        text = json.dumps(ledger, ensure_ascii=False)
        assert "⟨U+202E⟩⟨U+001B⟩" in text and ledger["name"] == "a⟨U+200F⟩b" and "x⟨U+2066⟩y" in text
        assert text.isprintable()

    def test_missing_and_blank_are_not_answered(self, derived):
        claims = [{"id": "p1a", "stated": ""}, {"id": "p1b-gradient", "stated": "2*sum(mu - x)"}]
        ledger = judge({"name": "x", "claims": claims}, derived, ALPHA, KNOWN)
        verdicts = {claim["id"]: claim["verdict"] for claim in ledger["claims"]}
        assert verdicts.pop("p1b-gradient") == "proved"
        assert set(verdicts.values()) == {"not answered"} and set(verdicts) == set(KNOWN) - {"p1b-gradient"}
        assert ledger["score"] == pytest.approx(1 / len(KNOWN)) and ledger["open"] == 0

    def test_what_cannot_be_read_scores_neither_right_nor_wrong(self, derived):
        """It is left to a person; and a question mark never counts for more than an honest attempt."""
        right = {"id": "p1a", "stated": "2*x"}
        claims = [{"id": name, "stated": "?"} for name in KNOWN if name != "p1a"]
        ledger = judge({"name": "x", "claims": [right, *claims]}, derived, ALPHA, KNOWN)
        assert ledger["counts"]["undecided"] == ledger["open"] == len(KNOWN) - 1
        assert all(claim["score"] is None for claim in ledger["claims"] if claim["id"] != "p1a")
        assert ledger["score"] == judge({"name": "x", "claims": [right]}, derived, ALPHA, KNOWN)["score"]

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
