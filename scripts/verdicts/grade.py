"""Grade the verdicts like any measuring device: by answers and training procedures of which the truth is known.

`graded.yaml` lists answers that are right, wrong or unreadable, and for some the mistake that should be recognised. A
wrong one should be refuted, a right one never, and an unreadable one is undecided; whoever gets through is named.
Thousands more are drawn at random: formulas by scripts.verdicts.random_formulas, figures by random_figures.
"""

import argparse
from pathlib import Path

import yaml

from scripts.shared.step import read_json, run, write_json
from scripts.verdicts import random_figures
from scripts.verdicts.finding import NOT_ANSWERED, REFUTED, UNDECIDED
from scripts.verdicts.judge import catalogue, judge_claim
from scripts.verdicts.results import Results, add_results

AS_EXPECTED = {
    "right": lambda verdict: verdict not in (REFUTED, UNDECIDED, NOT_ANSWERED),
    "wrong": lambda verdict: verdict == REFUTED,
    "unreadable": lambda verdict: verdict == UNDECIDED,
}


def graded() -> list[dict]:
    """Return the answers of known truth: {claim, truth, stated, why} and perhaps `named`, words of the reason."""
    return yaml.safe_load(Path(__file__).with_name("graded.yaml").read_text(encoding="utf-8"))


def grade(entries: list[dict], results: Results, alpha: float) -> list[dict]:
    """Judge each entry; add verdict, reason, whether it is as expected, and whether the mistake is named (or None)."""
    known = catalogue()
    rows = []
    for entry in entries:
        finding = judge_claim({"stated": entry["stated"]}, known[entry["claim"]], results, alpha)
        rows.append(
            entry
            | {
                "question": known[entry["claim"]]["question"],
                "kind": known[entry["claim"]]["kind"],
                "verdict": finding.verdict,
                "reason": finding.reason,
                "as_expected": AS_EXPECTED[entry["truth"]](finding.verdict),
                "recognised": entry["named"] in finding.reason if "named" in entry else None,
            }
        )
    return rows


def summary(rows: list[dict], procedures: list[dict], drawn: dict) -> dict:
    """Count answers per truth and procedures, and name those that got through."""
    counts = {}
    for truth in AS_EXPECTED:
        judged = [row for row in rows if row["truth"] == truth]
        good = sum(row["as_expected"] for row in judged)
        counts[truth] = {"answers": len(judged), "as_expected": good, "share": good / len(judged) if judged else None}
    wrong = [row for row in procedures if not row["right"]]
    named = [row for row in rows if row["recognised"] is not None]
    return {
        "answers": counts,
        "graded": len(rows),
        "named": {"mistakes": len(named), "recognised": sum(row["recognised"] for row in named)},
        "procedures": {
            "wrong": len(wrong),
            "caught": sum(row["caught"] for row in wrong),
            "survivors": [row["means"] for row in wrong if not row["caught"]],
        },
        "random": drawn,
        "survivors": [row for row in rows if not row["as_expected"]],
        "entries": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_results(parser)
    parser.add_argument("--power", required=True, help="JSON of scripts.verdicts.power")
    parser.add_argument("--formulas", required=True, help="JSON of scripts.verdicts.random_formulas")
    parser.add_argument(
        "--figures", type=int, required=True, help="how many random figures to judge, wrong and right each"
    )
    parser.add_argument("--alpha", type=float, required=True, help="chance of refuting a right random figure")
    parser.add_argument("--output", required=True, help="JSON to write")
    args = parser.parse_args()
    power = read_json(args.power)
    results = Results(args.results, args.files)
    drawn = {
        "formulas": read_json(args.formulas),
        "figures": random_figures.measure(results, args.figures, args.figures),
    }
    rows = grade(graded(), results, args.alpha)
    write_json(args.output, summary(rows, power["mnist"] + power["fashion_mnist"], drawn))


if __name__ == "__main__":
    run(main)
