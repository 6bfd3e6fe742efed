"""Judge sets of stated answers: one verdict per claim, with reason, correction and evidence.

Each claim goes to the checker of its kind; what is missing is "not answered", what cannot be read is "undecided".
All sets are judged in one process, so that what does not depend on an answer is read once, and an answer that several
sets share is judged once. Every set is read before any is judged: a malformed one ends the run with nothing written.
Usable on its own: python -m scripts.verdicts.judge --answers my.yaml --folder my-verdicts
"""

import argparse
from pathlib import Path
from time import process_time

import yaml

from scripts.step import run, write_json
from scripts.verdicts.answers import answer_files, read_all
from scripts.verdicts.finding import LADDER, NOT_ANSWERED, SCORES, UNDECIDED, Finding, Malformed
from scripts.verdicts.kinds import agreement, derivation, distribution, figure, network, sample, statement
from scripts.verdicts.limits import TimeLimit, time_limit
from scripts.verdicts.overview import overview, row
from scripts.verdicts.results import Results, add_results, plain

CHECKERS = {
    module.__name__.rpartition(".")[2]: module.check
    for module in (agreement, derivation, distribution, figure, network, sample, statement)
}
SECONDS = 2  # of processor time for one answer
BUDGET, LEAST = 5, 0.2  # for all answers of a set; once that is used up, for each of the rest


def catalogue() -> dict[str, dict]:
    """Return every claim that is judged: id → question, kind and what its checker needs."""
    return yaml.safe_load(Path(__file__).with_name("claims.yaml").read_text(encoding="utf-8"))


def judge_claim(claim: dict | None, spec: dict, results: Results, alpha: float, seconds: float = SECONDS) -> Finding:
    """Judge one answer (None or blank if there is none) against its entry in the catalogue."""
    if not (claim and claim["stated"]):
        return Finding(NOT_ANSWERED, "The set has no answer to this.")
    try:
        with time_limit(seconds):
            return CHECKERS[spec["kind"]](claim["stated"], spec, results, alpha)
    except Malformed as malformed:
        return Finding(UNDECIDED, f"The answer cannot be read: {malformed}.", unreadable=True)
    except TimeLimit as limit:
        words = str(limit) or "The answer is too intricate to be judged in the time there is."
        return Finding(UNDECIDED, words, unreadable=True)
    except OverflowError:
        return Finding(UNDECIDED, "The answer cannot be read: a number in it is too large.", unreadable=True)


def judge(answers: dict, results: Results, alpha: float, known: dict[str, dict], seen: dict | None = None) -> dict:
    """Judge a whole set against the catalogue `known`; return its name, counts, score and ledger.

    seen: what has been judged so far, by claim and answer; it is looked up and added to.
    """
    claims = {claim["id"]: claim for claim in answers["claims"]}
    seen = {} if seen is None else seen
    ledger, start = [], process_time()
    for name, spec in known.items():
        claim = claims.get(name)
        stated = claim["stated"] if claim else None
        statement = (claim or {}).get("statement") or f"{spec['about'][0].upper()}{spec['about'][1:]}."
        key = (name, repr(stated))
        if (judged := seen.get(key)) is None:
            seconds = min(SECONDS, max(LEAST, BUDGET - (process_time() - start)))
            judged = _judged(claim, spec, results, alpha, seconds)
            if seconds == SECONDS:
                seen[key] = judged
        about = {"id": name, "item": spec["question"].lower(), "question": spec["question"], "kind": spec["kind"]}
        ledger.append(about | {"statement": statement, "stated": stated} | judged)
    scores = [entry["score"] for entry in ledger if entry["score"] is not None]
    return {
        "name": answers["name"],
        "counts": {verdict: sum(entry["verdict"] == verdict for entry in ledger) for verdict in LADDER},
        "score": sum(scores) / len(scores) if scores else None,
        "scored": len(scores),
        "claims": ledger,
    }


def _judged(claim: dict | None, spec: dict, results: Results, alpha: float, seconds: float) -> dict:
    results.used = set()
    finding = judge_claim(claim, spec, results, alpha, seconds)
    return plain(
        {
            "computed": finding.computed,
            "verdict": finding.verdict,
            "reason": finding.reason,
            "score": 0.0 if finding.unreadable else SCORES[finding.verdict],
            "corrected": finding.corrected,
            "evidence": finding.evidence,
            "sources": sorted(f"results/{file}" for file in results.used),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", nargs="+", required=True, help="YAML files of stated answers, or folders of them")
    add_results(parser)
    parser.add_argument("--alpha", type=float, default=0.01, help="chance of refuting a right random figure")
    parser.add_argument("--folder", required=True, help="where <set>.json goes and, for several sets, overview.json")
    args = parser.parse_args()
    known, results, seen = catalogue(), Results(args.results, args.files), {}
    sets = read_all(answer_files(args.answers), known)
    rows = []
    for name, answers in sets.items():
        ledger = judge(answers, results, args.alpha, known, seen)
        write_json(f"{args.folder}/{name}.json", ledger)
        rows.append(row(name, ledger))
        print(f"{name}:", ", ".join(f"{n} {verdict}" for verdict, n in ledger["counts"].items() if n), flush=True)
    if len(sets) > 1:
        write_json(f"{args.folder}/overview.json", overview(rows))


if __name__ == "__main__":
    run(main)
