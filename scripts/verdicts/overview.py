"""Many judged sets at a glance: a row per set, and how often each claim got which verdict."""

from scripts.verdicts.finding import LADDER, NOT_ANSWERED, REFUTED, UNDECIDED


def row(name: str, ledger: dict) -> dict:
    """Condense the ledger of the set called `name`: {set, name, counts, score, open, verdicts: {id: verdict}}."""
    verdicts = {claim["id"]: claim["verdict"] for claim in ledger["claims"]}
    return {"set": name, "verdicts": verdicts} | {key: ledger[key] for key in ("name", "counts", "score", "open")}


def overview(rows: list[dict]) -> dict:
    """Return {"count": of sets, "sets": the rows, "claims": [{id, counts}]}, sets and claims in their order.

    Instead of all verdicts a row has the ids of the claims that are refuted, undecided or not answered.
    """
    return {
        "count": len(rows),
        "sets": [
            {key: value for key, value in row.items() if key != "verdicts"}
            | {
                verdict.replace(" ", "_"): [name for name, found in row["verdicts"].items() if found == verdict]
                for verdict in (REFUTED, UNDECIDED, NOT_ANSWERED)
            }
            for row in rows
        ],
        "claims": [
            {
                "id": name,
                "counts": {verdict: sum(row["verdicts"][name] == verdict for row in rows) for verdict in LADDER},
            }
            for name in rows[0]["verdicts"]
        ],
    }
