"""Judge sets of stated answers: one verdict per claim, with reason, correction and evidence.

Each claim goes to the checker of its kind; what is missing is "not answered", what cannot be read is "undecided".
Usable on its own: python -m scripts.verdicts.judge --answers my.yaml --output my.json
"""

import argparse
from pathlib import Path

import yaml

from scripts.step import Failure, run, write_json
from scripts.verdicts.answers import read_answers
from scripts.verdicts.finding import LADDER, NOT_ANSWERED, SCORES, UNDECIDED, Finding, Malformed
from scripts.verdicts.kinds import agreement, derivation, distribution, figure, network, sample, statement
from scripts.verdicts.results import Results, plain

CHECKERS = {
    module.__name__.rpartition(".")[2]: module.check
    for module in (agreement, derivation, distribution, figure, network, sample, statement)
}


def catalogue() -> dict[str, dict]:
    """Return every claim that is judged: id → question, kind and what its checker needs."""
    return yaml.safe_load(Path(__file__).with_name("claims.yaml").read_text(encoding="utf-8"))


def judge_claim(claim: dict | None, spec: dict, results: Results, alpha: float) -> Finding:
    """Judge one answer (None if there is none) against its entry in the catalogue."""
    if claim is None:
        return Finding(NOT_ANSWERED, "The set has no answer to this.")
    try:
        return CHECKERS[spec["kind"]](claim["stated"], spec, results, alpha)
    except (Malformed, Failure) as malformed:
        return Finding(UNDECIDED, f"The answer cannot be read: {malformed}.")


def judge(answers: dict, results: Results, alpha: float, known: dict[str, dict]) -> dict:
    """Judge a whole set against the catalogue `known`; return its name, the counts per verdict and the ledger."""
    claims = {claim["id"]: claim for claim in answers["claims"]}
    ledger = []
    for name, spec in known.items():
        results.used = set()
        claim = claims.get(name)
        finding = judge_claim(claim, spec, results, alpha)
        ledger.append(
            {
                "id": name,
                "item": spec["question"].lower(),
                "question": spec["question"],
                "kind": spec["kind"],
                "statement": (claim or {}).get("statement", ""),
                "stated": (claim or {}).get("stated"),
                "computed": finding.computed,
                "verdict": finding.verdict,
                "reason": finding.reason,
                "score": SCORES[finding.verdict],
                "corrected": finding.corrected,
                "evidence": finding.evidence,
                "sources": sorted(f"results/{file}" for file in results.used),
            }
        )
    counts = {verdict: sum(entry["verdict"] == verdict for entry in ledger) for verdict in LADDER}
    return {"name": answers["name"], "counts": counts, "claims": plain(ledger)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", required=True, help="YAML file with a set of stated answers")
    parser.add_argument("--results", default="results", help="folder with the computed results")
    parser.add_argument("--alpha", type=float, default=0.01, help="chance of refuting a right random figure")
    parser.add_argument("--output", required=True, help="JSON to write")
    args = parser.parse_args()
    known = catalogue()
    answers = read_answers(args.answers, known)
    ledger = judge(answers, Results(args.results), args.alpha, known)
    write_json(args.output, ledger)
    print(", ".join(f"{count} {verdict}" for verdict, count in ledger["counts"].items() if count), flush=True)


if __name__ == "__main__":
    run(main)
