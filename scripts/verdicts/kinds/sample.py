"""A test image shown with its labels and probabilities: the true label is a fact, the rest a draw of the training.

The image is found by its number (from 1). A predicted label needs a positive margin, its log-probability less the
largest other one: it is refuted if a Student prediction interval from all runs leaves no room for that. The
probabilities are tested against those of all runs, as log-odds.
spec: `data`, the dataset's arrays.
"""

import numpy as np
from scipy import stats

from scripts.verdicts import ensembles, recheck
from scripts.verdicts.finding import DISTRIBUTION, EXACT, REFUTED, Finding, Malformed, weakest
from scripts.verdicts.kinds import distribution
from scripts.verdicts.printed import interval, value
from scripts.verdicts.results import Results

PARTS = ("number", "label", "predicted", "probabilities")


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    if not isinstance(stated, dict) or not {"number", "predicted"} <= set(stated) <= set(PARTS):
        raise Malformed("the parts are number and predicted, and perhaps label and probabilities")
    labels = results[spec["data"]]["test_labels"]
    number, predicted = (_whole(stated[part]) for part in ("number", "predicted"))
    if not 1 <= number <= len(labels):
        raise Malformed(f"there is no test image {number}")
    truth = int(labels[number - 1])
    ensemble = ensembles.fashion_image(results, number - 1)
    votes = np.bincount(ensemble.values.argmax(axis=1), minlength=ensemble.values.shape[1])
    runs = int(votes.sum())
    computed = {"number": str(number), "label": str(truth), "predicted": str(int(votes.argmax()))}
    facts = []  # (what, stated, found): no chance is in them
    if "label" in stated:
        facts.append(("true label", _whole(stated["label"]), truth))
    if not 0 <= predicted < len(votes):
        raise Malformed(f"there is no class {predicted}")
    ranked = runs + 1 >= 1 / alpha
    p = (int(votes[predicted]) + 1) / (runs + 1) if ranked else positive_margin(ensemble.values, predicted)
    refuted = p <= alpha and not votes[predicted]  # what some run predicts is no impossible draw
    parts = [
        (REFUTED if refuted else DISTRIBUTION, f"{votes[predicted]} of {runs} runs predict {predicted}, p = {p:.2g}")
    ]
    evidence = {"votes": votes.tolist(), "runs": runs, "margin_p": p}
    if refuted and ranked:
        facts.append((f"runs of {runs} that predict {predicted}", "one at least", 0))
    elif refuted:
        margins = margin(ensemble.values, predicted)
        evidence["recheck"] = recheck.student(f"margin of class {predicted}", margins, 0.0, 1, alpha)
    if "probabilities" in stated:
        texts = stated["probabilities"]
        if isinstance(texts, str):
            raise Malformed("probabilities is a list")
        finding = distribution.judge(ensemble, texts, alpha)
        parts.append((finding.verdict, finding.reason[0].lower() + finding.reason[1:].rstrip(".")))
        evidence = finding.evidence | evidence
        computed["probabilities"] = finding.computed
        values = [value(text) for text in texts]
        off = float(abs(sum(values) - 1)) > sum(interval(text)[1] for text in texts)
        facts.append(("sum of the probabilities", "1", f"{float(sum(values)):.6g}" if off else "1"))
        facts.append(("class of the largest probability", predicted, values.index(max(values))))
    parts += [(EXACT if one == other else REFUTED, f"{what}: {other}") for what, one, other in facts]
    if any(one != other for _, one, other in facts):
        evidence["recheck"] = recheck.facts(facts)
    verdict = weakest([verdict for verdict, _ in parts])
    wrong = [text for one, text in parts if one == REFUTED]
    reason = "; ".join(wrong or [text for _, text in parts])
    return Finding(verdict, reason[0].upper() + reason[1:] + ".", computed, "; ".join(wrong) or None, evidence)


def margin(log_odds: np.ndarray, c: int) -> np.ndarray:
    """Return by how much each run of log_odds (runs, classes) prefers class c to the best other one."""
    return log_odds[:, c] - np.delete(log_odds, c, axis=1).max(axis=1)


def positive_margin(log_odds: np.ndarray, c: int) -> float:
    """Return the Student p-value of a further run, after those in log_odds (runs, classes), preferring class c."""
    margins = margin(log_odds, c)
    spread = margins.std(ddof=1) * np.sqrt(1 + 1 / len(margins))
    if not spread:
        return float(margins[0] > 0)
    return float(stats.t.sf(-margins.mean() / spread, len(margins) - 1))


def _whole(text: object) -> int:
    if not isinstance(text, str):
        raise Malformed("number, label and predicted are single numbers")
    number = value(text)
    if number.denominator != 1:
        raise Malformed(f"{text!r} is not a whole number")
    return int(number)
