"""Many judged sets at a glance: every verdict, how often each claim got which, and the commonest mistakes."""

import re
from collections import defaultdict

from scripts.problem_set.read import FORMULA_KINDS
from scripts.shared.step import write_csv, write_json
from scripts.verdicts.finding import LADDER, NOT_ANSWERED, REFUTED, UNDECIDED

PARENTHESES = re.compile(r" \([^()]*(?:\([^()]*\)[^()]*)*\)")  # which hold what differs from set to set
RUN = re.compile(r"(?:^|(?<=[;,\t\r\n]))\s*(?=[=+\-@])")  # at the beginning of a cell, whatever separates these
LONG = 80  # characters of an answer
MOST = 25  # mistakes that are told


def row(name: str, ledger: dict) -> dict:
    """Condense the ledger of the set called `name`: {set, name, counts, score, open, verdicts, mistakes: {id: words}},
    and the ids of the claims that are refuted, undecided or not answered."""
    mistakes = {claim["id"]: mistake(claim) for claim in ledger["claims"] if claim["verdict"] == REFUTED}
    told = {key: ledger[key] for key in ("name", "counts", "score", "open")}
    told |= {
        verdict.replace(" ", "_"): [claim["id"] for claim in ledger["claims"] if claim["verdict"] == verdict]
        for verdict in (REFUTED, UNDECIDED, NOT_ANSWERED)
    }
    return {"set": name, "verdicts": [claim["verdict"] for claim in ledger["claims"]], "mistakes": mistakes} | told


def by_name(row: dict) -> list[str | int]:
    """Return what to sort rows by: their names, in which numbers count as such."""
    return [int(part) if k % 2 else part for k, part in enumerate(re.split(r"([0-9]{1,9})", row["name"].casefold()))]


def mistake(claim: dict) -> str:
    """Say what is wrong with a refuted answer in words that are the same for all who made that mistake.

    A wrong formula whose mistake has no name is told itself.
    """
    reason = PARENTHESES.sub("", claim["reason"])
    if claim["kind"] == "statement":
        return f"Answered {claim['read'] or claim['stated']}. {reason}"
    if claim["kind"] not in FORMULA_KINDS or claim["evidence"].get("named"):
        return reason
    stated = str(claim["stated"])
    return f"{reason.rstrip('.')}: {stated[:LONG]}{' …' if len(stated) > LONG else ''}"


def overview(rows: list[dict], known: dict[str, dict]) -> dict:
    """Return what the page of many sets shows; rows in their order, verdicts in that of the claims, `known`.

    count: of sets; sets: the rows without mistakes; claims: [{id, question, about, counts}]; scores: how many sets got
    less than 10 %, less than 20 % … and up to all; mistakes: those that several sets made, the commonest first, as
    [{claim, question, mistake, count, sets: places in the list of sets}].
    """
    made: dict[tuple, list[int]] = defaultdict(list)
    for place, one in enumerate(rows):
        for identity, words in one["mistakes"].items():
            made[identity, words].append(place)
    common = sorted((made_by for made_by in made.items() if len(made_by[1]) > 1), key=lambda made_by: -len(made_by[1]))
    return {
        "count": len(rows),
        "sets": [{key: value for key, value in one.items() if key != "mistakes"} for one in rows],
        "claims": [
            {"id": name, "question": spec["question"], "about": spec["about"]}
            | {"counts": {verdict: sum(one["verdicts"][place] == verdict for one in rows) for verdict in LADDER}}
            for place, (name, spec) in enumerate(known.items())
        ],
        "scores": [sum(min(int(10 * one["score"]), 9) == tenth for one in rows) for tenth in range(10)],
        "mistakes": [
            {"claim": name, "question": known[name]["question"], "mistake": words, "count": len(sets), "sets": sets}
            for (name, words), sets in common[:MOST]
        ],
    }


def table(rows: list[dict], known: dict[str, dict]) -> list[dict]:
    """Return a row for each set, {set, name, score, and by claim its verdict}, for spreadsheets.

    These take what begins with certain signs for a formula to be run, which foreign names are kept from.
    """
    return [
        {
            "set": one["set"],
            "name": RUN.sub("'", one["name"]),
            "score": one["score"],
        }
        | dict(zip(known, one["verdicts"], strict=True))
        for one in rows
    ]


def write(folder: str, rows: list[dict], known: dict[str, dict]) -> None:
    """Write overview.json and overview.csv."""
    write_json(f"{folder}/overview.json", overview(rows, known))
    write_csv(f"{folder}/overview.csv", table(rows, known))
