"""How long do a thousand answer sets take, and does any of them cost a training? From the root of a finished run:

python -m tests.benchmarks.many_sets --limit 60

The sets are made from the document's by seeded changes: answers left right, put in another form, wrong, malformed or
left out. They are judged by the same command as in the workflow, and a dry run says what Snakemake would do for them.
The limit is on processor seconds (of one process), since what else a machine does is no fault of ours.
"""

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from scripts.verdicts.options import add_options, chosen

WAYS = {"right": 60, "rewritten": 8, "wrong": 16, "malformed": 6, "missing": 10}  # percent of all answers


def perturbed(document: dict, number: int) -> dict:
    """Return the document's answers as the person with this number might give them."""
    rng = random.Random(number)
    claims = []
    for claim in document["claims"]:
        way = rng.choices([*WAYS], [*WAYS.values()])[0]
        if way != "missing":
            claims.append({"id": claim["id"], "stated": changed(claim["stated"], way, rng)})
    return {"name": f"Set {number}", "claims": claims}


def changed(stated: object, way: str, rng: random.Random) -> object:
    """Return one answer as it is, in another form, with one digit off, or made unreadable."""
    if way == "right":
        return stated
    if isinstance(stated, dict):
        part = rng.choice([*stated])
        return stated | {part: changed(stated[part], way, rng)}
    if isinstance(stated, list):
        place = rng.randrange(len(stated))
        return [changed(text, way, rng) if i == place else text for i, text in enumerate(stated)]
    if way == "malformed":
        return rng.choice([f"{stated} ?", "about " + stated, "(" * rng.randint(1, 99), "٣", "x.__class__", "9**9**9"])
    if stated in ("yes", "no"):
        return {"yes": "no", "no": "yes"}[stated] if way == "wrong" else stated.upper()
    if re.fullmatch(r"[-\d./e%+ ]+", stated):
        digits = [i for i, c in enumerate(stated) if c.isdigit()]
        place = rng.choice(digits)
        other = str((int(stated[place]) + rng.randint(1, 9)) % 10)
        return stated[:place] + other + stated[place + 1 :] if way == "wrong" else f" {stated}"
    factor = rng.randint(2, 999)
    return f"{factor}*({stated})" if way == "wrong" else f"({factor}*({stated}))/{factor}"


def planned(folder: Path, answers: Path) -> set[str]:
    """Return the rules that Snakemake would run here for a problem set, were these the answers."""
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--dry-run",
        "--config",
        f"problem_set={folder}",
        f"answers={answers}",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(re.findall(r"^(?:local)?rule (\w+):", done.stdout + done.stderr, re.M))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=1000, help="how many sets")
    add_options(parser)
    parser.add_argument("--limit", type=float, help="processor seconds that judging may take; more is a failure")
    args = parser.parse_args()
    problem_set, results = chosen(args)
    document = yaml.safe_load(next((problem_set.folder / "answers").glob("*.yaml")).read_text(encoding="utf-8"))
    rules = "".join(Path(f"workflow/rules/{room}.smk").read_text(encoding="utf-8") for room in ("verdicts", "report"))
    with tempfile.TemporaryDirectory() as folder:
        answers, verdicts = Path(folder, "answers"), Path(folder, "verdicts")
        answers.mkdir()
        for number in range(args.sets):
            path = answers / f"set-{number:04}.yaml"
            path.write_text(yaml.safe_dump(perturbed(document, number), allow_unicode=True), encoding="utf-8")
        command = [sys.executable, "-m", "scripts.verdicts.judge", "--answers", str(answers)]
        command += ["--problem-set", str(problem_set.folder)]
        start = time.monotonic()
        subprocess.run(
            [*command, "--results", str(results.root), "--folder", str(verdicts)], check=True, stdout=subprocess.DEVNULL
        )
        seconds = time.monotonic() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = used.ru_utime + used.ru_stime
        rows = json.loads((verdicts / "overview.json").read_text(encoding="utf-8"))["sets"]
        others = planned(problem_set.folder, answers) - {"all", *re.findall(r"^rule (\w+):", rules, re.M)}
    counts = {verdict: sum(row["counts"][verdict] for row in rows) for verdict in rows[0]["counts"]}
    print(f"{len(rows)} sets judged in {seconds:.1f} s, {busy:.1f} s of processor time, start-up included")
    print("one overview of all:", ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    print("planned beyond judging and reporting:", ", ".join(sorted(others)) or "nothing")
    if len(rows) != args.sets:
        sys.exit(f"error: {len(rows)} of {args.sets} sets stand in the overview")
    if others:
        sys.exit(
            "error: the sets would make computations run, or the results were out of date before; run snakemake first"
        )
    if args.limit and busy > args.limit:
        sys.exit(f"error: judging took more than {args.limit:g} s of processor time")


if __name__ == "__main__":
    main()
