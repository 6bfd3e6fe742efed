"""Grading: a problem set's own answers of known truth, and which ensembles its claims draw from."""

from pathlib import Path

from stand_in import DEEP, KNOWN, stand_in

from scripts.problem_set.read import ProblemSet
from scripts.verdicts import power, random_values
from scripts.verdicts.grade import grade, summary

DRAWN = ("distribution", "sample", "agreement")  # whose replicas are not the stand-in's


def test_graded_answers_are_judged_as_expected():
    entries = [entry for entry in DEEP.graded if KNOWN[entry["claim"]]["kind"] not in DRAWN]
    rows = grade(entries, KNOWN, stand_in(), 0.01)
    assert len(rows) > 80 and [row for row in rows if not row["as_expected"]] == []
    assert [row for row in rows if row["recognised"] is False] == []
    assert rows[0]["item"] in DEEP.items


def test_a_set_without_graded_answers():
    found = summary(grade(ProblemSet(Path("none")).graded, {}, stand_in(), 0.01), [], {})
    assert found["graded"] == 0 and found["answers"]["right"] == {"answers": 0, "as_expected": 0, "share": None}


def test_power_measures_the_ensembles_that_claims_draw_from():
    claims = list(KNOWN.values())
    for table in (power.REPLICAS.format("ulp"), power.CURVES):
        assert len(power.described(claims, table)) == 1
    rows = power.fashion_mnist(claims, stand_in(), 0.01)
    assert (
        rows[0]["right"] and not rows[0]["caught"] and next(row for row in rows if row["name"] == "exchanged")["caught"]
    )
    assert power.mnist([], stand_in(), 0.01) == power.fashion_mnist([], stand_in(), 0.01) == []


def test_power_tries_so_many_runs_and_no_more(monkeypatch):
    claims, all_tried = list(KNOWN.values()), power.fashion_mnist(list(KNOWN.values()), stand_in(), 0.01)
    monkeypatch.setattr(power, "TRIED", 3)
    few = power.fashion_mnist(claims, stand_in(), 0.01)
    assert [row["name"] for row in few] == [row["name"] for row in all_tried]
    assert few[0]["tried"] == 3 < all_tried[0]["tried"] <= 200


def test_random_values_are_judged_by_how_they_were_made():
    found = random_values.measure(KNOWN, stand_in(), 60, 60)
    assert [counts["misjudged"] for counts in found.values()] == [[], []]
    assert found["wrong"]["verdicts"] == {"refuted": 60}
    assert random_values.measure({}, stand_in(), 9, 9)["right"]["tried"] == 0
