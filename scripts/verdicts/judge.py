"""Judge sets of stated answers: one verdict per claim, with reason, correction and evidence.

Each claim goes to the checker of its kind; what is missing is "not answered", what cannot be read is "undecided", and
so is whatever a checker stumbles over: one answer never stops the others. Nor does a file that cannot be read: all of
its claims are undecided, for a person to look at. A refutation has to be confirmed by the program that comes with it.
All sets are judged in one process, so that what does not depend on an answer is read once, and an answer that several
sets share is judged once.
Usable on its own, once the results are there: python -m scripts.verdicts.judge --answers my.yaml --folder my-verdicts
"""

import argparse
import sys
from functools import partial
from pathlib import Path
from time import process_time

from scripts.shared.schema import visible
from scripts.shared.step import run, write_json
from scripts.verdicts import overview
from scripts.verdicts.answers import answer_files, read_all
from scripts.verdicts.attempt import SECONDS, attempt
from scripts.verdicts.confirm import confirmed
from scripts.verdicts.finding import LADDER, NOT_ANSWERED, REFUTED, SCORES, UNDECIDED, Finding
from scripts.verdicts.kinds import agreement, distribution, fit, formula, passes, sample, statement, value
from scripts.verdicts.options import add_options, chosen
from scripts.verdicts.results import Results

# What judges each kind of claim: check(stated, spec, results, alpha) → Finding. A new kind needs a line here, a file in
# kinds/ and a part of workflow/schemas/item.schema.yaml.
CHECKERS = {
    "derivative": formula.check,
    "minimiser": formula.check,
    "identity": formula.check,
    "fit": fit.check,
    "pass": passes.check,
    "value": value.check,
    "statement": statement.check,
    "distribution": distribution.check,
    "sample": sample.check,
    "agreement": agreement.check,
}
# Processor time for all answers of a set: so much for each claim, and this at least; then for each of the rest.
EACH, BUDGET, LEAST = 0.1, 5, 0.1  # seconds


def judge_claim(claim: dict | None, spec: dict, results: Results, alpha: float, seconds: float = SECONDS) -> Finding:
    """Judge one answer (None or blank if there is none) against the claim `spec`; Failure if results are missing."""
    if claim is None or _blank(claim["stated"]):
        return Finding(NOT_ANSWERED, "The set has no answer to this.")
    check = partial(CHECKERS[spec["kind"]], claim["stated"], spec, results, alpha)
    return attempt(spec["kind"], check, seconds)


def _blank(stated: object) -> bool:
    """Tell whether nothing is stated, or nothing for any part."""
    parts = stated.values() if isinstance(stated, dict) else stated if isinstance(stated, list) else None
    return not str(stated).strip() if parts is None else all(map(_blank, parts))


def judge(answers: dict, results: Results, alpha: float, known: dict[str, dict], seen: dict | None = None) -> dict:
    """Judge a whole set against the catalogue `known`; return its name, counts, score and ledger.

    seen: what has been judged so far, by claim and answer; it is looked up and added to.
    score: the share of all claims that hold; open: how many are undecided, which a person has to look at.
    """
    claims = {claim["id"]: claim for claim in answers["claims"]}
    seen = {} if seen is None else seen
    ledger, start, budget = [], process_time(), max(BUDGET, EACH * len(known))
    for name, spec in known.items():
        claim = claims.get(name)
        key = (name, repr(claim and claim["stated"]))
        if (judged := seen.get(key)) is None:
            seconds = min(SECONDS, max(LEAST, budget - (process_time() - start)))
            judged = _judged(claim, spec, results, alpha, seconds)
            if seconds == SECONDS:
                seen[key] = judged
        ledger.append(_about(name, spec, claim) | judged)
    return _set(answers["name"], ledger)


def unread(name: str, why: str, known: dict[str, dict]) -> dict:
    """Return the ledger of a set whose file cannot be read: all is undecided."""
    finding = Finding(UNDECIDED, f"The file of answers cannot be read: {why}.")
    return _set(name, [_about(claim, spec, None) | _entry(finding, []) for claim, spec in known.items()])


def confirm_all(ledgers: dict[str, dict]) -> dict[str, dict]:
    """Run the programs of all refutations; return the ledgers with those undecided that theirs does not confirm."""
    refuted = [claim for ledger in ledgers.values() for claim in ledger["claims"] if claim["verdict"] == REFUTED]
    programs = list(dict.fromkeys(claim["evidence"].get("recheck", "") for claim in refuted))
    ends = dict(zip(programs, confirmed(programs), strict=True))

    def kept(claim: dict) -> dict:
        end = ends[claim["evidence"].get("recheck", "")] if claim["verdict"] == REFUTED else ""
        if not end:
            return claim
        print(f"{claim['id']}: the program of a refutation does not confirm it: {end}", file=sys.stderr)
        reason = f"The check found it wrong, but the program that should confirm this did not. {claim['reason']}"
        return claim | {"verdict": UNDECIDED, "score": None, "reason": reason}

    return {name: _set(ledger["name"], list(map(kept, ledger["claims"]))) for name, ledger in ledgers.items()}


def _set(name: str, ledger: list[dict]) -> dict:
    counts = {verdict: sum(entry["verdict"] == verdict for entry in ledger) for verdict in LADDER}
    return {
        "name": visible(name),
        "counts": counts,
        "score": sum(entry["score"] or 0 for entry in ledger) / len(ledger),
        "open": counts[UNDECIDED],
        "claims": ledger,
    }


def _about(name: str, spec: dict, claim: dict | None) -> dict:
    """Return the part of a ledger's entry that is known before the answer is judged."""
    about = f"{spec['about'][0].upper()}{spec['about'][1:]}"
    return {
        "id": name,
        "item": spec["item"],
        "question": spec["question"],
        "kind": spec["kind"],
        "about": visible(about),
        "source": visible(spec.get("source", "")),
        "statement": visible((claim or {}).get("statement") or f"{about}."),
        "stated": _visible(claim["stated"]) if claim else None,
    }


def _judged(claim: dict | None, spec: dict, results: Results, alpha: float, seconds: float) -> dict:
    results.used = set()
    finding = judge_claim(claim, spec, results, alpha, seconds)
    return _entry(finding, sorted(results.used))


def _entry(finding: Finding, sources: list[str]) -> dict:
    return _visible(vars(finding) | {"score": SCORES[finding.verdict], "sources": sources})


def _visible(content: object) -> object:
    """Make visible, in all text of a ledger, what foreign answers may have brought in."""
    match content:
        case str():
            return visible(content)
        case list():
            return [_visible(part) for part in content]
        case dict():
            return {key: _visible(part) for key, part in content.items()}
    return content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument(
        "--answers", nargs="+", help="YAML files of stated answers, or folders of them (default: the set's)"
    )
    parser.add_argument("--alpha", type=float, default=0.01, help="chance of refuting a right random value")
    parser.add_argument(
        "--folder", required=True, help="where <answers>.json goes and, for several, overview.json and .csv"
    )
    parser.add_argument("--alone", action="store_true", help="remove what other sets' verdicts are in that folder")
    args = parser.parse_args()
    problem_set, results = chosen(args)
    known, seen = problem_set.claims, {}
    files, refused = answer_files(args.answers or str(problem_set.folder / "answers"))
    sets, unreadable = read_all(files, known)
    ledgers = {name: judge(answers, results, args.alpha, known, seen) for name, answers in sets.items()}
    ledgers |= {name: unread(name, why, known) for name, why in (refused | unreadable).items()}
    rows = []
    for name, ledger in sorted(confirm_all(ledgers).items()):
        write_json(f"{args.folder}/{name}.json", ledger)
        rows.append(overview.row(name, ledger))
        counts = ", ".join(f"{n} {verdict}" for verdict, n in ledger["counts"].items() if n)
        print(f"{name}: {(refused | unreadable).get(name, counts)}", flush=True)
    if len(rows) > 1:
        overview.write(args.folder, sorted(rows, key=overview.by_name), known)
    if args.alone:  # verdicts on answers that are gone would be of other truths
        for path in [*Path(args.folder).glob("*.json"), Path(args.folder, "overview.csv")]:
            if path.stem not in {*ledgers, *(["overview"] if len(rows) > 1 else [])}:
                path.unlink(missing_ok=True)


if __name__ == "__main__":
    run(main)
