"""Figures of random procedures, on ensembles of known distribution: the honest pass, the impossible do not."""

import numpy as np
import pytest

from scripts.verdicts.ensembles import Ensemble, identity, log_odds
from scripts.verdicts.finding import DISTRIBUTION, REFUTED
from scripts.verdicts.kinds import distribution, sample
from scripts.verdicts.results import Results

ALPHA = 0.01
RIGHT = np.random.default_rng(0).integers(24, 33, (9, 1)).astype(float)
HITS = Ensemble(RIGHT, ["right"], identity, identity, "x", [32])


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
        ensemble = Ensemble(log_odds(draws[:9]), list("abcdefghij"), log_odds, identity, "x", [None] * 10)
        refuted += distribution.judge(ensemble, [f"{p:{form}}" for p in draws[9]], ALPHA).verdict == REFUTED
    assert refuted <= 6


@pytest.mark.parametrize("text", ["33", "-1", "28.5", "0.5"])
def test_what_is_no_count_is_refuted(text):
    finding = distribution.judge(HITS, [text], ALPHA)
    assert finding.verdict == REFUTED and "no count out of 32" in finding.reason and "recheck" in finding.evidence


@pytest.mark.parametrize(("text", "verdict"), [("28", DISTRIBUTION), ("0e9", REFUTED), ("3", REFUTED)])
def test_counts(text, verdict):
    assert distribution.judge(HITS, [text], ALPHA).verdict == verdict


def test_figures_that_do_not_go_together():
    x = np.random.default_rng(1).normal(size=199)
    ensemble = Ensemble(np.stack([x, x], axis=1) + 1e-3, ["a", "b"], identity, identity, "x", [None] * 2)
    finding = distribution.judge(ensemble, ["1.0000", "-1.0000"], ALPHA)
    assert finding.verdict == REFUTED and "each figure alone is ordinary" in finding.reason
    assert finding.corrected.startswith("for example a: ")


class Given(Results):
    """Results that are given rather than read."""

    def __init__(self, **files):
        super().__init__("nowhere")
        self._files = files


def test_a_training_that_is_not_chaotic_is_judged_by_digits():
    history = [{"test_loss": 2.4, "correct": 100}, {"test_loss": 0.51234, "correct": 8671}]
    spec = {
        "parts": ["loss", "correct"], "ensemble": "mnist", "chaos": "d#differ",
        "computed": {"loss": "h#1:.test_loss", "correct": "h#1:.correct"},
    }  # fmt: skip
    results = Given(d={"differ": None}, h=history)
    for hits, verdict in (("8671", "to printed digits"), ("8672", REFUTED)):
        assert distribution.check({"loss": ["0.51"], "correct": [hits]}, spec, results, ALPHA).verdict == verdict


def images(votes: int, runs: int) -> Given:
    """Probabilities of one image by runs of which `votes` predict class 1 and the others class 0."""
    rng = np.random.default_rng(2)
    runs_of = {}
    for k in range(runs):
        u = np.array([[1.0, 0.0, -3.0]]) + 0.1 * rng.normal(size=(1, 3))
        runs_of[f"fashion_mnist/runs/{k}/probabilities.npz"] = {
            "probabilities": softmax(u[:, [1, 0, 2]] if k < votes else u)
        }
    results = Given(**runs_of, data={"test_labels": np.array([0])})
    results.names = sorted(runs_of)
    return results


@pytest.mark.parametrize(
    ("votes", "runs", "verdict"),
    [(0, 9, REFUTED), (1, 9, DISTRIBUTION), (0, 99, REFUTED), (2, 99, DISTRIBUTION), (9, 9, DISTRIBUTION)],
)
def test_what_some_run_predicts_is_not_refuted(votes, runs, verdict):
    finding = sample.check({"number": "1", "predicted": "1"}, {"data": "data"}, images(votes, runs), ALPHA)
    assert finding.verdict == verdict
    assert ("recheck" in finding.evidence) == (verdict == REFUTED)
