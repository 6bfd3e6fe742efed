"""Grade the verdicts like any measuring device: by answers and training procedures of which the truth is known.

A problem set lists answers that are right, wrong or unreadable, and for some the mistake that should be recognised. A
wrong one should be refuted, a right one never, and an unreadable one is undecided; whoever gets through is named.
Thousands more are drawn at random: formulas by scripts.verdicts.random_formulas, values by random_values.
"""

import argparse

from scripts.shared.step import at_least, read_json, run, write_json
from scripts.verdicts import random_values
from scripts.verdicts.finding import HOLDS, REFUTED, UNDECIDED
from scripts.verdicts.judge import judge_claim
from scripts.verdicts.options import add_options, chosen
from scripts.verdicts.results import Results

AS_EXPECTED = {"right": HOLDS, "wrong": (REFUTED,), "unreadable": (UNDECIDED,)}


def grade(entries: list[dict], known: dict[str, dict], results: Results, alpha: float) -> list[dict]:
    """Judge each entry, {claim, truth, stated, why} and perhaps `named`, words of the reason, by the `known` claims.

    Add item, kind, verdict, reason, whether it is as expected, and whether the mistake is named (or None).
    """
    rows = []
    for entry in entries:
        spec = known[entry["claim"]]
        finding = judge_claim({"stated": entry["stated"]}, spec, results, alpha)
        rows.append(
            entry
            | {key: spec[key] for key in ("item", "question", "kind")}
            | {
                "verdict": finding.verdict,
                "reason": finding.reason,
                "as_expected": finding.verdict in AS_EXPECTED[entry["truth"]],
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
    add_options(parser)
    parser.add_argument("--power", help="JSON of scripts.verdicts.power, for a set with experiments")
    parser.add_argument("--formulas", required=True, help="JSON of scripts.verdicts.random_formulas")
    parser.add_argument(
        "--values", type=at_least(0), required=True, help="how many random values to judge, wrong and right each"
    )
    parser.add_argument("--alpha", type=float, required=True, help="chance of refuting a right random value")
    parser.add_argument("--output", required=True, help="JSON to write")
    args = parser.parse_args()
    problem_set, results = chosen(args)
    power = read_json(args.power) if args.power else {"mnist": [], "fashion_mnist": []}
    drawn = {
        "formulas": read_json(args.formulas),
        "values": random_values.measure(problem_set.claims, results, args.values, args.values),
    }
    rows = grade(problem_set.graded, problem_set.claims, results, args.alpha)
    write_json(args.output, summary(rows, power["mnist"] + power["fashion_mnist"], drawn))


if __name__ == "__main__":
    run(main)
