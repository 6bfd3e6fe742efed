"""What many sets have in common: how they did, claim by claim, and which mistakes several of them made."""

from scripts.verdicts import overview
from scripts.verdicts.finding import LADDER

KNOWN = {name: {"question": name.upper(), "about": f"the {name}"} for name in ("p1", "f2", "s3", "v4")}


def claim(name: str, verdict: str, kind: str = "value", stated: str = "1", reason: str = "", **more) -> dict:
    return {"id": name, "kind": kind, "verdict": verdict, "stated": stated, "reason": reason, "evidence": {}} | more


def ledger(name: str, *claims: dict) -> dict:
    counts = {verdict: sum(one["verdict"] == verdict for one in claims) for verdict in LADDER}
    score = sum(one["verdict"] == "exact" for one in claims) / len(claims)
    return {"name": name, "counts": counts, "score": score, "open": counts["undecided"], "claims": list(claims)}


def rows() -> list[dict]:
    sign = {"kind": "derivative", "reason": "It has the wrong sign.", "evidence": {"named": True}}
    other = {"kind": "derivative", "reason": "It differs from the right formula.", "evidence": {"named": False}}
    draw = "No ordinary draw of the procedure (p = {} jointly (of two)); farthest off: loss 3."
    told = {
        "a": [claim("p1", "refuted", **sign, stated="-x"), claim("f2", "refuted", reason=draw.format(0.001))],
        "b": [claim("p1", "refuted", **sign, stated="-1*x"), claim("f2", "refuted", reason=draw.format(0.002))],
        "c": [claim("p1", "refuted", **other, stated="x**9"), claim("f2", "undecided")],
        "d": [claim("p1", "refuted", **other, stated="x**9"), claim("f2", "exact")],
        "e": [claim("p1", "refuted", **other, stated="x**8"), claim("f2", "not answered")],
    }
    denied = claim("s3", "refuted", "statement", stated="No.", read="no", reason="The mean is 3.")
    return [
        overview.row(name, ledger(name, *claims, denied if name < "c" else claim("s3", "exact"), claim("v4", "exact")))
        for name, claims in told.items()
    ]


def test_the_same_mistake_is_told_once_with_all_who_made_it():
    """By its name, whatever it was written like; a wrong formula without one by itself; numbers of chance left out."""
    found = overview.overview(rows(), KNOWN)["mistakes"]
    assert [(one["claim"], one["mistake"], one["count"], one["sets"]) for one in found] == [
        ("p1", "It has the wrong sign.", 2, [0, 1]),
        ("f2", "No ordinary draw of the procedure; farthest off: loss 3.", 2, [0, 1]),
        ("s3", "Answered no. The mean is 3.", 2, [0, 1]),
        ("p1", "It differs from the right formula: x**9", 2, [2, 3]),
    ]


def test_counts_by_claim_and_by_score():
    found = overview.overview(rows(), KNOWN)
    assert [sum(one["counts"].values()) for one in found["claims"]] == [5] * 4
    assert found["claims"][0]["counts"]["refuted"] == 5 and found["claims"][3]["counts"]["exact"] == 5
    assert found["scores"] == [0, 0, 2, 0, 0, 2, 0, 1, 0, 0] and sum(found["scores"]) == found["count"]
    assert found["sets"][4]["verdicts"] == ["refuted", "not answered", "exact", "exact"]


def test_the_table_runs_nothing_in_a_spreadsheet():
    named = [rows()[0] | {"name": name} for name in ("=1+1", "@x", " -1", ";+1", "Ann = Bo")]
    table = overview.table(named, KNOWN)
    assert [row["name"] for row in table] == ["'=1+1", "'@x", "'-1", ";'+1", "Ann = Bo"]
    assert list(table[0]) == ["set", "name", "score", *KNOWN] and table[0]["p1"] == "refuted"


def test_sets_stand_in_the_order_of_their_names_in_which_numbers_count():
    names = ["Set 10", "set 2", "Set 1", "a", "2", "10", "Set", "Set 2b", ""]
    ordered = sorted(({"name": name} for name in names), key=overview.by_name)
    assert [row["name"] for row in ordered] == ["", "2", "10", "a", "Set", "Set 1", "set 2", "Set 2b", "Set 10"]
