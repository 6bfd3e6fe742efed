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
    assert finding.verdict == REFUTED and "each value alone is ordinary" in finding.reason
    assert finding.corrected.startswith("for example a: ")


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
