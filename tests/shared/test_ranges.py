import shlex
import subprocess

import pytest

from scripts.shared.ranges import expanded, ranges

FULL = [f"runs/{batch}.{member}/history.csv" for batch in range(1, 13) for member in range(1, 5)]


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
        [],
    ],
)
def test_words_that_bash_hands_on_stand_for_the_names(names):
    handed_on = subprocess.check_output(["bash", "-c", f"printf '%s\\0' {ranges(names)}"], text=True).split("\0")
    assert sorted(expanded(handed_on[:-1] if names else [])) == sorted(names)


def test_names_without_gaps_take_one_word():
    assert ranges(FULL) == "'runs/{1..12}.{1..4}/history.csv'"
    assert ranges(["runs/0/history.csv", *FULL]) == "runs/0/history.csv 'runs/{1..12}.{1..4}/history.csv'"
    assert len(shlex.split(ranges(f"ulp/{batch}.csv" for batch in range(10_000)))) == 1


def test_names_of_a_range_are_in_order():
    assert expanded(["runs/{1..12}.{1..4}/history.csv"]) == FULL
    assert expanded(["a.csv", "b/{0..0}.csv"]) == ["a.csv", "b/0.csv"]
