"""A test image shown with its labels and probabilities: the true label is a fact, the rest a draw of the training.

The image is found by its number (from 1). A predicted label needs a positive margin, its log-probability less the
largest other one: it is refuted if a Student prediction interval from all runs leaves no room for that. The
probabilities are tested against those of all runs, as log-odds.
spec: `image`, the number of the image that the question shows; `asked`, the parts that an answer needs; `data`, the
dataset's arrays; `names`, the classes.
"""

from fractions import Fraction

import numpy as np
from scipy import stats

from scripts.verdicts import ensembles, recheck
from scripts.verdicts.finding import DISTRIBUTION, EXACT, REFUTED, Finding, Malformed, weakest
from scripts.verdicts.kinds import distribution
from scripts.verdicts.printed import Form, Number, read, read_list, told
from scripts.verdicts.results import Results
from scripts.verdicts.written import parts

OTHERS = {"truelabel": "label", "image": "number", "prediction": "predicted"}  # further names of parts
SINGLE = Fraction(1, 10**6)  # by which ten probabilities in single precision may miss 1


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    stated, seen = read_parts(stated, spec, results)
    labels = results[spec["data"]]["test_labels"]
    number, predicted = (_whole(stated[part]) for part in ("number", "predicted"))
    if number != spec["image"]:
        program = recheck.facts([("test image", number, spec["image"])])
        reason = f"The answer is about test image {number}, the question about test image {spec['image']}."
        return Finding(REFUTED, reason, None, f"test image {spec['image']}", {"recheck": program}, read=seen)
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
        printed = stated["probabilities"]
        finding = distribution.judge(ensemble, printed, alpha)
        parts.append((finding.verdict, finding.reason[0].lower() + finding.reason[1:].rstrip(".")))
        evidence = finding.evidence | evidence
        computed["probabilities"] = finding.computed
        values = [probability.value for probability in printed]
        off = abs(sum(values) - 1) > sum(probability.half for probability in printed) + SINGLE
        facts.append(("sum of the probabilities", "1", f"{float(sum(values)):.6g}" if off else "1"))
        # What was rounded to the same figure as the largest one may have been the largest.
        largest = predicted if values[predicted] == max(values) else values.index(max(values))
        facts.append(("class of the largest probability", predicted, largest))
    parts += [(EXACT if one == other else REFUTED, f"{what}: {other}") for what, one, other in facts]
    if any(one != other for _, one, other in facts):
        evidence["recheck"] = recheck.facts(facts)
    verdict = weakest([verdict for verdict, _ in parts])
    wrong = [text for one, text in parts if one == REFUTED]
    reason = "; ".join(wrong or [text for _, text in parts])
    return Finding(
        verdict, reason[0].upper() + reason[1:] + ".", computed, "; ".join(wrong) or None, evidence, read=seen
    )


def read_parts(stated: object, spec: dict, results: Results) -> tuple[dict, str]:
    """Return {part: Number, or a list of them for the probabilities} and how they were read."""
    names = results[spec["names"]]
    label = Form("label", names=tuple(names))
    forms = {"number": Form("count"), "label": label, "predicted": label, "probabilities": Form("share")}
    given = parts(stated, list(forms), OTHERS)
    if missing := [part for part in spec["asked"] if part not in given]:
        raise Malformed(f"{' and '.join(missing)} left out; the parts are {', '.join(spec['asked'])}")
    found = {part: read(given[part], forms[part], part) for part in forms if part in given and part != "probabilities"}
    if "probabilities" in given:
        found["probabilities"] = read_list(given["probabilities"], forms["probabilities"], "probabilities", len(names))
        if not any(probability.half for probability in found["probabilities"]):
            raise Malformed("probabilities: whole numbers show no digit of a probability; write it like 0.02 or 2 %")
    return found, told(found, forms)


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


def _whole(number: Number) -> int:
    if number.value.denominator != 1:
        raise Malformed(f"{number.text!r} is not a whole number")
    return int(number.value)
