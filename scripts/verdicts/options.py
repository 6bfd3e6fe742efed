"""What all commands of this room are told: which problem set, and where its computed results are."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from scripts.problem_set.read import ProblemSet, read_set
from scripts.shared.ranges import expanded
from scripts.shared.schema import default_set
from scripts.verdicts.results import Results


def add_options(parser: ArgumentParser) -> None:
    """Add --problem-set, --results and --files; `chosen` turns them into what they name."""
    parser.add_argument("--problem-set", help="folder of the problem set (default: the one of config.yaml)")
    parser.add_argument("--results", help="folder with its computed results (default: results/<the folder's name>)")
    parser.add_argument("--files", nargs="+", help="only these of them may be read, in place of all that are there")


def chosen(args: Namespace) -> tuple[ProblemSet, Results]:
    """Read the problem set, and open its results; Failure if the set is none."""
    problem_set = read_set(Path(args.problem_set or default_set()))
    files = args.files and expanded(args.files)
    return problem_set, Results(args.results or f"results/{problem_set.name}", files)
