"""The programs of refutations are run: those that confirm are told from those that do not, whatever they do."""

from scripts.verdicts import recheck
from scripts.verdicts.confirm import confirmed
from scripts.verdicts.judge import confirm_all


def test_what_confirms_and_what_does_not():
    good = recheck.facts([("labels", "7", "8")])
    ends = confirmed(
        [good, recheck.facts([("labels", "8", "8")]), "1/0", "x = 1", "import numpy", "raise KeyboardInterrupt", good]
    )
    assert ends[0] == ends[-1] == "" and "denies" in ends[1] and "ZeroDivisionError" in ends[2]
    assert "does not end" in ends[3] and "ModuleNotFoundError" in ends[4] and "KeyboardInterrupt" in ends[5]


def test_only_what_is_confirmed_is_refuted():
    def claim(name: str, verdict: str, program: str) -> dict:
        return {"id": name, "verdict": verdict, "score": 0, "reason": "So.", "evidence": {"recheck": program}}

    good, bad = recheck.facts([("labels", "7", "8")]), recheck.facts([("labels", "8", "8")])
    claims = [
        claim("a", "refuted", good),
        claim("b", "refuted", bad),
        claim("c", "exact", bad),
        claim("d", "refuted", "1/0"),
    ]
    claims.append({"id": "e", "verdict": "refuted", "score": 0, "reason": "", "evidence": {}})
    ledger = confirm_all({"x": {"name": "x", "claims": claims}})["x"]
    assert [one["verdict"] for one in ledger["claims"]] == ["refuted", "undecided", "exact", "undecided", "undecided"]
    assert ledger["open"] == ledger["counts"]["undecided"] == 3 and ledger["claims"][1]["score"] is None
