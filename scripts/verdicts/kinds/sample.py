"""A test image shown with its labels and probabilities: the true label is a fact, the rest a draw of the training.

The image is found by its number (from 1). Its probabilities, if they are asked for, are tested against those of all
runs, as log-odds; and the predicted label, which needs a positive margin, its log-odds less the largest other ones, is
refuted if no run predicts it, and of what any run predicts of all images a share α at most surprises the others so.
Where both are tested, each has half of α.
spec: `image`, the number of the image that the question shows; `asked`, the parts that an answer needs; `data`, the
pointer to the true labels of all images; `names`, the one to the classes; `ensemble`, the `arrays` of all runs.
"""

import re
from fractions import Fraction
from functools import lru_cache

import numpy as np

from scripts.verdicts import ensembles, recheck
from scripts.verdicts.finding import DISTRIBUTION, EXACT, REFUTED, Finding, Malformed, weakest
from scripts.verdicts.kinds import distribution
from scripts.verdicts.parts import complete, parts
from scripts.verdicts.printed import Form, Number, nouns, read, read_list, told
from scripts.verdicts.results import Absent, Results
from scripts.verdicts.statistics import REDRAWN, among, beyond, stream_of_replicas

SINGLE = Fraction(1, 10**6)  # by which ten probabilities in single precision may miss 1


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    """Compare the image's number and true label, and test its predicted label and probabilities against all runs."""
    stated, seen = read_parts(stated, spec, results)
    labels = results[spec["data"]]
    number, predicted = (_whole(stated[part]) for part in ("number", "predicted"))
    if number != spec["image"]:
        why = f"The answer is about test image {number}, the question about test image {spec['image']}"
        return _refuted([("test image", number, spec["image"])], f"test image {spec['image']}", why, seen)
    if not 1 <= number <= len(labels):
        raise Absent(f"Of what was run there is no test image {number}")
    truth = int(labels[number - 1])
    ensemble = ensembles.sample(spec["ensemble"], results, number - 1)
    votes = np.bincount(ensemble.values.argmax(axis=1), minlength=ensemble.values.shape[1])
    runs = int(votes.sum())
    computed = {"number": str(number), "label": str(truth), "predicted": str(int(votes.argmax()))}
    facts = []  # (what, stated, found): no chance is in them
    if "label" in stated:
        facts.append(("true label", _whole(stated["label"]), truth))
    if not 0 <= predicted < len(votes):
        return _refuted(
            [(f"{predicted} is a class", "yes", "no")], f"0 to {len(votes) - 1}", f"There is no class {predicted}", seen
        )
    if "probabilities" in stated and (count := len(stated["probabilities"])) != len(votes):
        of = "1 probability is" if count == 1 else f"{count} probabilities are"
        why = f"{of} stated, and there are {len(votes)} classes"
        return _refuted([("probabilities", count, len(votes))], f"{len(votes)} probabilities", why, seen)
    parts, evidence = [], {"votes": votes.tolist(), "runs": runs}
    level = alpha / 2 if "probabilities" in stated else alpha  # two tests share it
    p, bound = _chance(spec["ensemble"]["arrays"], results, ensemble.values, votes, predicted, level)
    refuted = p <= level and not votes[predicted]  # what some run predicts is no impossible draw
    evidence |= {"margin_p": p, "changed": _changed(ensemble.values, predicted, bound, refuted)}
    said = f"{votes[predicted]} of {runs} runs predict {predicted}, p = {p:.2g}; {distribution.otherwise(evidence)}"
    parts.append((REFUTED if refuted else DISTRIBUTION, said))
    if refuted and runs + 1 >= 1 / level:
        facts.append((f"runs of {runs} that predict {predicted}", "one at least", 0))
    elif refuted:
        margins = margin(ensemble.values)[:, predicted]
        evidence["recheck"] = recheck.student(f"margin of class {predicted}", margins, 0.0, 1, bound)
    right = [] if not refuted else [f"classified as {votes.argmax()}"]
    if "probabilities" in stated:
        printed = stated["probabilities"]
        finding = distribution.judge(ensemble, printed, level)
        parts.append((finding.verdict, finding.reason[0].lower() + finding.reason[1:].rstrip(".")))
        evidence |= finding.evidence
        right += [finding.corrected] if finding.corrected else []
        computed["probabilities"] = finding.computed
        values = [probability.value for probability in printed]
        off = abs(sum(values) - 1) > sum(probability.half for probability in printed) + SINGLE
        facts.append(("sum of the probabilities", f"{float(sum(values)):.6g}" if off else "1", "1"))
        # What was rounded to the same value as the largest one may have been the largest.
        largest = predicted if values[predicted] == max(values) else values.index(max(values))
        facts.append(("class of the largest probability", predicted, largest))
    parts += [
        (EXACT, f"{what}: {other}") if one == other else (REFUTED, f"{what}: stated {one}, found {other}")
        for what, one, other in facts
    ]
    if any(one != other for _, one, other in facts):
        evidence["recheck"] = recheck.facts(facts)
    right += [f"{what}: {other}" for what, one, other in facts if one != other]
    verdict = weakest([verdict for verdict, _ in parts])
    wrong = [text for one, text in parts if one == REFUTED]
    reason = "; ".join(wrong or [text for _, text in parts])
    return Finding(
        verdict, reason[0].upper() + reason[1:] + ".", computed, "; ".join(right) or None, evidence, read=seen
    )


def _refuted(facts: list[tuple], right: str, why: str, seen: str) -> Finding:
    return Finding(REFUTED, f"{why}.", None, right, {"recheck": recheck.facts(facts)}, read=seen)


def read_parts(stated: object, spec: dict, results: Results) -> tuple[dict, str]:
    """Return {part: Number, or a list of them for the probabilities} and how they were read."""
    names = results[spec["names"]]
    label = Form("label", names=tuple(names))
    forms = {"number": Form("count"), "label": label, "predicted": label, "probabilities": Form("share")}
    forms = {part: form._replace(nouns=nouns(part, spec)) for part, form in forms.items()}
    given = parts(stated, list(forms), spec.get("also"), spec.get("beside", ()))
    complete(given, spec["asked"])
    if isinstance(number := given.get("number"), str):
        given["number"] = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", number)
    found = {part: read(given[part], forms[part], part) for part in forms if part in given and part != "probabilities"}
    if "probabilities" in given:
        found["probabilities"] = read_list(given["probabilities"], forms["probabilities"], "probabilities", len(names))
        if not any(probability.half for probability in found["probabilities"]):
            raise Malformed("probabilities: whole numbers show no digit of a probability; write it like 0.02 or 2 %")
    return found, told(found, forms)


def margin(log_odds: np.ndarray) -> np.ndarray:
    """Return by how much log_odds (…, classes) prefer each class to the best other one; only one margin is positive."""
    ranked = np.sort(log_odds, axis=-1)
    best, second = ranked[..., -1:], ranked[..., -2:-1]
    return log_odds - np.where(log_odds == best, second, best)


def _chance(
    arrays: str, results: Results, log_odds: np.ndarray, votes: np.ndarray, c: int, alpha: float
) -> tuple[float, float]:
    """Return the p-value of a run that predicts class c of an image, and the largest Student p that is refuted.

    log_odds: (runs, classes) of that image. With few runs, the chance that a further run's margin of c is positive is
    compared with those of what all runs predict of all images, each as the other runs see it.
    """
    runs = len(log_odds)
    if runs + 1 >= 1 / alpha:
        return (int(votes[c]) + 1) / (runs + 1), alpha
    p, threshold = among(-np.log(positive(margin(log_odds))[c]), _calibration(arrays, results), alpha)
    return p, float(np.exp(-threshold))


def _changed(log_odds: np.ndarray, c: int, bound: float, refuted: bool) -> float:
    """Return the share of other sets of as many runs, whose margins of c are drawn from a normal distribution like
    those at hand, that would have decided otherwise."""
    margins = margin(log_odds)[:, c]
    drawn = stream_of_replicas().normal(margins.mean(), margins.std(ddof=1), (len(margins), REDRAWN))
    return float(np.mean(((positive(drawn) <= bound) & (drawn <= 0).all(axis=0)) != refuted))


@lru_cache(maxsize=2)
def _calibration(arrays: str, results: Results) -> np.ndarray:
    """Return, for each run and image, minus the logarithm of the chance that the others give to what it predicts."""
    values = ensembles.sampled(ensembles.all_probabilities(arrays, results))
    margins, predicted = margin(values), values.argmax(axis=-1)
    found = []
    for k in range(len(values)):
        p = positive(np.delete(margins, k, axis=0))
        found.append(np.take_along_axis(p, predicted[k][:, None], axis=-1)[:, 0])
    return -np.log(np.stack(found))


def positive(margins: np.ndarray) -> np.ndarray:
    """Return the Student p-value of a further draw being positive after margins (runs, …), which it has as axes."""
    n, mean = len(margins), margins.mean(axis=0)
    spread = margins.std(axis=0, ddof=1) * np.sqrt(1 + 1 / n)
    with np.errstate(divide="ignore"):
        return np.maximum(beyond(-mean / np.maximum(spread, 1e-300), n - 1), 1e-300)


def _whole(number: Number) -> int:
    if number.value.denominator != 1:
        raise Malformed(f"{number.text!r} is not a whole number")
    return int(number.value)
