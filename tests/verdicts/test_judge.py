"""Judging: each claim by its checker, each set like any other, whatever the answers are."""

import json
import subprocess
import sys

import pytest
import yaml
from benchmarks.many_sets import perturbed
from project import ROOT
from stand_in import DEEP, KNOWN

from scripts.shared.step import write_csv, write_json
from scripts.verdicts.finding import UNDECIDED, Finding
from scripts.verdicts.judge import CHECKERS, judge, judge_claim
from scripts.verdicts.results import Results

DOCUMENT = DEEP.folder / "answers/document.yaml"
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


class TestJudging:
    def test_alone_and_among_others(self, tmp_path, folder):
        """Each set gets what it gets alone, whatever stands before it; the overview repeats the sets' own counts."""
        for number in range(12):
            write(tmp_path / "many", f"s{number:02}", *perturbed(document(), number)["claims"])
        results = ("--results", folder, "--folder")
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

    def test_a_malformed_set_stops_no_other(self, tmp_path, folder):
        write(tmp_path / "many", "a", {"id": "p1a", "stated": "2*x"})
        write(tmp_path / "many", "b", {"id": "p1a", "stated": [["2*x"]]})
        write(tmp_path / "many", "c", {"id": "nothing-such", "stated": "2*x"})
        done = command("--answers", tmp_path / "many", "--results", folder, "--folder", tmp_path / "out")
        assert done.returncode == 0, done.stderr
        sets = {name: json.loads((tmp_path / f"out/{name}.json").read_text(encoding="utf-8")) for name in "abc"}
        assert sets["a"]["counts"]["proved"] == 1
        for name, words in (("b", "claims.0.stated"), ("c", "asks for no claim nothing-such")):
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
            monkeypatch.setitem(CHECKERS, "value", checker)
            ledger = judge({"name": "x", "claims": [{"id": "f1", "stated": "1"}, good]}, derived, ALPHA, KNOWN)
            verdicts = {claim["id"]: claim["verdict"] for claim in ledger["claims"]}
            assert verdicts["f1"] == "undecided" and verdicts["p1b-gradient"] == "proved"
            told = capsys.readouterr().err
            assert told.startswith("the value checker failed: ") and told.count("\n") == 1 and len(told) < 400

    def test_foreign_text_is_made_visible(self, derived):
        claims = [{"id": "p1a", "stated": "2*x\u202e\x1b[2J", "statement": "x\u2066y"}]
        ledger = judge({"name": "a\u200fb", "claims": claims}, derived, ALPHA, KNOWN)
        text = json.dumps(ledger, ensure_ascii=False)
        assert "⟨U+202E⟩⟨U+001B⟩" in text and ledger["name"] == "a⟨U+200F⟩b" and "x⟨U+2066⟩y" in text
        assert text.isprintable()

    def test_missing_and_blank_are_not_answered(self, derived):
        blank = {"w_h": "", "b_h": ["", " "], "w_o": [], "b_o": ""}
        claims = [
            {"id": "p1a", "stated": ""},
            {"id": "p3a-1", "stated": blank},
            {"id": "p1b-gradient", "stated": "2*sum(mu - x)"},
        ]
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

    def test_every_claim_and_kind_has_a_checker_and_an_answer(self):
        assert {claim["id"] for claim in document()["claims"]} == set(KNOWN)
        assert {spec["kind"] for spec in KNOWN.values()} == set(CHECKERS)

    def test_the_command_needs_no_more_than_where_to_write(self, folder, tmp_path):
        """The problem set, its answers and what may be read have defaults; files that are not declared are refused."""
        done = command("--results", folder, "--folder", tmp_path)
        assert done.returncode == 0, done.stderr
        ledger = json.loads((tmp_path / "document.json").read_text(encoding="utf-8"))
        assert [claim["id"] for claim in ledger["claims"]] == [*KNOWN]
        assert "mnist/history.csv" in next(c["sources"] for c in ledger["claims"] if c["id"] == "m4")
        done = command("--results", folder, "--folder", tmp_path, "--files", folder / "mnist/history.csv")
        assert done.returncode == 1 and done.stderr.count("\n") == 1
        assert done.stderr.startswith("error: ") and "not declared" in done.stderr


@pytest.mark.parametrize(
    ("kind", "parameters", "reason"),
    [
        ("value", {"computed": "mnist/history.csv#3.correct"}, "there is no mnist/history.csv#3.correct"),
        ("value", {"computed": {"a": "mnist/first.json#rows.W1.1"}}, "there is no mnist/first.json#rows.W1.1"),
        ("value", {"computed": "mnist/history.csv#1.loss"}, "no number at mnist/history.csv#1.loss"),
        ("value", {"computed": "mnist/history.csv#0:.loss"}, "no number at mnist/history.csv#0:.loss"),
        ("value", {"computed": "mnist/first.json#none"}, "no number at mnist/first.json#none"),
        ("statement", {"value": "mnist/history.csv#1.loss", "bound": 2}, "no number at mnist/history.csv#1.loss"),
        ("statement", {"value": "mnist/first.json#none", "bound": 2}, "no number at mnist/first.json#none"),
        ("statement", {"value": "mnist/first.json#one", "bound": "mnist/history.csv#9.loss"}, "there is no mnist/hist"),
    ],
)
def test_what_was_not_run_or_came_to_no_number_is_undecided(tmp_path, kind, parameters, reason):
    """A what-if may be shorter, narrower or wilder than what the claim is about."""
    write_csv(tmp_path / "mnist/history.csv", [{"correct": 7, "loss": 2.0}, {"correct": 5, "loss": float("nan")}])
    write_json(tmp_path / "mnist/first.json", {"rows": {"W1": [0.5]}, "none": None, "one": 1})
    if kind == "statement":
        parameters = {"tests": [parameters | {"is": "<", "means": "the loss"}], "verdict": "exact"}
    spec = {"kind": kind} | parameters
    finding = judge_claim({"stated": "no" if kind == "statement" else "5"}, spec, Results(tmp_path), 0.01)
    assert finding.verdict == UNDECIDED
    assert reason in finding.reason and finding.reason.endswith(".") and "check failed" not in finding.reason
