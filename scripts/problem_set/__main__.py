"""Check a problem set, or start one.

python -m scripts.problem_set check FOLDER   says what is wrong with it, how each claim can be decided, and writes
                                             FOLDER/blank.yaml, in which answers can be filled in
python -m scripts.problem_set new FOLDER     copies a small example that shows a claim of every kind
"""

import argparse
import json
import re
import shutil
import sys
from pathlib import Path

from scripts.problem_set import check
from scripts.problem_set.read import NAME, read_all
from scripts.shared.schema import ROOT, default_set, printable
from scripts.shared.step import Failure, read_text, run, whole, write_text

EXAMPLE = ROOT / "problem_sets" / "example"


def checked(folder: str) -> None:
    """Say all that is wrong with a set and exit with status 1; or how it can be decided, and write blank.yaml."""
    problem_set, faults = read_all(folder)
    faults = faults or check.all_faults(problem_set)
    if faults:
        print(*(f"error: {fault}" for fault in faults), sep="\n", file=sys.stderr)
        sys.exit(1)
    derived = check.derive(problem_set)
    for line in check.listing(problem_set, derived):
        print(line)
    for warning in check.warnings(problem_set, derived):
        print(f"warning: {warning}")
    kept = check.write_blank(problem_set)
    if kept:
        print(f"warning: {kept}")
    told = "" if kept else f" {problem_set.folder}/blank.yaml is for those who answer."
    count = len(problem_set.claims)
    print(f"{count} claim{'' if count == 1 else 's'} can be judged.{told}")


def started(folder: str, title: str) -> None:
    """Copy the example to a new folder, and say what to do next. Raises Failure if the folder is there."""
    path = Path(folder)
    if path.exists():
        raise Failure(
            f"{path} is there already; name a folder that is not, or check it: python -m scripts.problem_set check"
        )
    if not NAME.fullmatch(path.name):
        raise Failure(
            f"{printable(path.name)}: call the folder by letters, digits, - and _, since its results are called so"
        )
    try:
        for source in EXAMPLE.rglob("*"):
            if source.is_file() and source.name != "blank.yaml":
                with whole(path / source.relative_to(EXAMPLE)) as part:
                    shutil.copyfile(source, part)
        if title:
            text = read_text(path / "set.yaml")
            line = f"title: {json.dumps(title, ensure_ascii=False)}"
            write_text(path / "set.yaml", re.sub("(?m)^title: .*$", lambda _: line, text))
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    print(
        f"{path} holds a small problem set that works. Next:\n"
        f"1. Read {path}/set.yaml and {path}/items/*.yaml, and put your questions in their place.\n"
        f"2. python -m scripts.problem_set check {path}\n"
        f"3. Write stated answers into {path}/answers/document.yaml; {path}/blank.yaml, which 2. writes, is a start.\n"
        f"4. make SET={path}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.problem_set", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("check", help="say what is wrong with a problem set, and how it can be decided")
    one.add_argument(
        "folder", nargs="?", default=default_set(), help="folder of the problem set; config.yaml's unless given"
    )
    new = commands.add_parser("new", help="start a problem set from the example")
    new.add_argument("folder", help="folder to make")
    new.add_argument("--title", default="", help="its title")
    options = parser.parse_args()
    if options.command == "check":
        checked(options.folder)
    else:
        started(options.folder, options.title)


if __name__ == "__main__":
    run(main)
