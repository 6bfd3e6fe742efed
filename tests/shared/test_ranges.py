import shlex
import subprocess

import pytest

from scripts.shared.ranges import ranges

FULL = [f"runs/{batch}.{member}/history.csv" for batch in range(1, 13) for member in range(1, 5)]


def expanded(words: str) -> list[str]:
    return subprocess.check_output(["bash", "-c", f"printf '%s\\n' {words}"], text=True).splitlines()


@pytest.mark.parametrize(
    "names",
    [
        FULL,
        FULL[:-1],  # the last batch lacks one
        ["runs/0/history.csv", *FULL, "runs/0/last_batch.csv"],
        [f"ulp/{batch}.csv" for batch in (0, 1, 3)],
        ["ulp/0.csv", "ulp/007.csv", "ulp/1.csv"],
        ["a folder/0.csv", "a folder/1.csv", "it's/0.csv", "$HOME/{x}.1.csv"],
        [f"runs/{10**18 - 2 + i}.csv" for i in range(4)],
        [f"runs/{2**63 - 2 + i}.csv" for i in range(4)],
        [f"runs/{'9' * 5000}/{i}.csv" for i in range(2)],
        ["p1a.json", "p2a.json", "datasets/mnist.npz"],
    ],
)
def test_bash_expands_them_to_the_names(names):
    assert sorted(expanded(ranges(names))) == sorted(names)


def test_names_without_gaps_take_one_word():
    assert ranges(FULL) == "runs/{1..12}.{1..4}/history.csv"
    assert ranges(["runs/0/history.csv", *FULL]) == "runs/0/history.csv runs/{1..12}.{1..4}/history.csv"
    assert len(shlex.split(ranges(f"ulp/{batch}.csv" for batch in range(10_000)))) == 1


def test_no_names_are_no_words():
    assert ranges([]) == ""
