"""Values of random procedures, on ensembles of known distribution: the honest pass, the impossible do not."""

import numpy as np
import pytest

from scripts.verdicts.ensembles import Ensemble, each_value, identity, log_odds, share
from scripts.verdicts.finding import DISTRIBUTION, REFUTED, UNDECIDED
from scripts.verdicts.kinds import distribution, sample
from scripts.verdicts.printed import read
from scripts.verdicts.results import Results
from scripts.verdicts.statistics import count_test

ALPHA = 0.01
RIGHT = np.random.default_rng(0).integers(24, 33, (9, 1)).astype(float)
HITS = Ensemble(RIGHT, ["right"], identity, identity, "x", [32], lambda v, s, alpha: count_test(v[:, 0], 32, s[0]))


def judged(ensemble: Ensemble, *texts: str):
    return distribution.judge(ensemble, [read(text) for text in texts], ALPHA)


def softmax(u: np.ndarray) -> np.ndarray:
    e = np.exp(u - u.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("form", [".4f", ".2f", ".4e"])
def test_honestly_rounded_probabilities_are_no_reason_to_refute(form):
    """Of 200 further draws no more than chance would have it, however they are printed: two are expected."""
    rng = np.random.default_rng(4)
    refuted = 0
    for _ in range(200):
        draws = softmax(rng.normal(size=10) * 6 + rng.normal(size=(10, 10)))
        ensemble = Ensemble(log_odds(draws[:9]), list("abcdefghij"), log_odds, share, "x", [None] * 10, each_value)
        refuted += judged(ensemble, *(f"{p:{form}}" for p in draws[9])).verdict == REFUTED
    assert refuted <= 6


@pytest.mark.parametrize("text", ["33", "-1", "28.5", "0.5"])
def test_what_is_no_count_is_refuted(text):
    finding = judged(HITS, text)
    assert finding.verdict == REFUTED and "no count out of 32" in finding.reason and "recheck" in finding.evidence


@pytest.mark.parametrize(("text", "verdict"), [("28", DISTRIBUTION), ("3", REFUTED)])
def test_counts(text, verdict):
    assert judged(HITS, text).verdict == verdict


def test_values_that_do_not_go_together():
    x = np.random.default_rng(1).normal(size=199)
    values = np.stack([x, x], axis=1) + 1e-3
    ensemble = Ensemble(values, ["a", "b"], identity, identity, "x", [None] * 2, each_value)
    finding = judged(ensemble, "1.0000", "-1.0000")
    assert finding.verdict == REFUTED and "no value is excluded alone" in finding.reason
    assert finding.corrected.startswith("for example a: ")


def test_runs_within_what_is_printed_lie_neither_below_nor_above():
    values = np.linspace(0.90, 1.00, 11)[:, None]  # 0.96 stands for 0.955 to 0.965
    finding = judged(Ensemble(values, ["a"], identity, identity, "x", [None], each_value), "0.96")
    [value] = finding.evidence["values"]
    assert (value["below"], value["above"]) == (6, 4)
    finding = judged(Ensemble(values, ["a"], identity, identity, "x", [None], each_value), "0.9")
    assert [(one["below"], one["above"]) for one in finding.evidence["values"]] == [(0, 5)]


def test_the_ranks_of_values_are_told_whatever_the_verdict_is():
    """A table may lie above all runs and yet not be excluded; then that is said, and not that it is usual."""
    values = np.array([[1.0, 5.0], [1.1, 6.0], [1.2, 4.0], [1.3, 5.5]])
    parts = {"parts": ("train", "test")}
    ensemble = Ensemble(values, ["train", "test"], identity, identity, "x", [None] * 2, each_value, **parts)
    finding = judged(ensemble, "1.40", "4.5")
    assert finding.verdict == DISTRIBUTION
    assert [(value["below"], value["above"]) for value in finding.evidence["values"]] == [(4, 0), (1, 3)]
    train, test = finding.evidence["beyond"]
    assert (train["above_all"], train["above_half"], test["below_all"], test["below_half"]) == (1, 1, 0, 1)
    assert "lies above all runs" in finding.reason and "rdinary" not in finding.reason


def test_so_large_a_p_is_no_evidence_for_an_answer():
    finding = judged(HITS, str(int(np.median(RIGHT))))
    assert finding.evidence["p"] == 1 and "so large a p is no evidence for it" in finding.reason
    (value,) = finding.evidence["values"]
    assert (value["from"], value["to"]) == (int(value["from"]), int(value["to"]))  # of a count, whole numbers


def test_how_many_right_runs_would_be_refuted_is_measured_where_a_promise_rests_on_an_assumption():
    values = np.append(np.random.default_rng(3).normal(size=8), 60.0)[:, None]  # one run lies far out
    finding = judged(Ensemble(values, ["a"], identity, identity, "x", [None], each_value), "0.1")
    assert finding.evidence["false_alarms"] == {"tried": 9, "refuted": 1}
    assert "at α = 0.01 the others would refute 1 of 9 runs" in finding.reason


class Given(Results):
    """Results that are given rather than read."""

    def __init__(self, **files):
        super().__init__("nowhere")
        self._files = files


def test_a_training_that_is_not_chaotic_is_judged_by_digits():
    history = [{"test_loss": 2.4, "correct": 100}, {"test_loss": 0.51234, "correct": 8671}]
    spec = {
        "parts": ["loss", "correct"], "chaos": "d#differ",
        "computed": {"loss": "h#1:.test_loss", "correct": "h#1:.correct"},
    }  # fmt: skip
    results = Given(d={"differ": None}, h=history)
    for hits, verdict in (("8671", "to printed digits"), ("8672", REFUTED)):
        assert distribution.check({"loss": ["0.51"], "correct": [hits]}, spec, results, ALPHA).verdict == verdict


def images(votes: int, runs: int) -> Given:
    """Probabilities of 300 images; of the first, `votes` of the runs predict class 1 and the others class 0."""
    rng = np.random.default_rng(2)
    runs_of = {}
    for k in range(runs):
        u = np.array([1.0, 0.0, -3.0]) + 0.1 * rng.normal(size=(300, 3))
        if k < votes:
            u[0] = u[0, [1, 0, 2]]
        runs_of[f"runs/{k}.npz"] = {"shares": softmax(u)}
    results = Given(**runs_of, data={"labels": np.zeros(300, int)}, words={"names": ["a", "b", "c"]})
    results.names = sorted(runs_of)
    return results


SPEC = {
    "data": "data#labels",
    "names": "words#names",
    "image": 1,
    "asked": ["number", "predicted"],
    "ensemble": {"arrays": "runs/*.npz#shares"},
}


@pytest.mark.parametrize(
    ("votes", "runs", "verdict"),
    [(0, 9, REFUTED), (1, 9, DISTRIBUTION), (0, 99, REFUTED), (2, 99, DISTRIBUTION), (9, 9, DISTRIBUTION)],
)
def test_what_some_run_predicts_is_not_refuted(votes, runs, verdict):
    finding = sample.check({"number": "1", "predicted": "1"}, SPEC, images(votes, runs), ALPHA)
    assert finding.verdict == verdict
    assert ("recheck" in finding.evidence) == (verdict == REFUTED)


def test_another_image_is_refuted():
    finding = sample.check({"number": "2", "predicted": "0"}, SPEC, images(0, 9), ALPHA)
    assert finding.verdict == REFUTED and "test image 2, the question about test image 1" in finding.reason


def test_probabilities_are_held_against_those_of_all_images():
    results = images(0, 9)
    right = results["runs/0.npz#shares"][0]
    spec = SPEC | {"asked": ["number", "predicted", "probabilities"]}
    for probabilities, verdict in ((right, DISTRIBUTION), (right[[1, 0, 2]], REFUTED), (np.ones(3) / 3, REFUTED)):
        stated = {
            "number": "1",
            "predicted": str(probabilities.argmax()),
            "probabilities": [f"{p:.6f}" for p in probabilities],
        }
        finding = sample.check(stated, spec, results, ALPHA)
        assert finding.verdict == verdict
        assert ("recheck" in finding.evidence) == (verdict == REFUTED)


@pytest.mark.parametrize("chaos", [None, 2000])
def test_runs_of_other_length_decide_nothing(chaos):
    """A what-if may run fewer epochs than the question asks about."""
    spec = {
        "parts": ["loss"], "form": "number", "rows": 3, "chaos": "d#differ", "computed": {"loss": "h#0:.loss"},
        "ensemble": {"table": "r/*.csv", "row": "epoch", "columns": {"loss": "loss"}},
    }  # fmt: skip
    rows = [{"epoch": epoch, "loss": 1.0 / epoch} for epoch in (1, 2)]
    results = Given(**{"d": {"differ": chaos}, "h": rows, "r/0.csv": rows, "r/1.csv": rows})
    results.names = ["r/0.csv", "r/1.csv"]
    finding = distribution.check(["1.0", "0.5", "0.3"], spec, results, ALPHA)
    assert finding.verdict == UNDECIDED and "2 rows, and the question asks about 3" in finding.reason
