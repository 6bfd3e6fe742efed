"""The example set's results, in place of a run: networks are fitted and answers judged, derivations are made up."""

from pathlib import Path

from project import ROOT

from scripts.formulas.problem import problem
from scripts.problem_set.read import ProblemSet
from scripts.relu.fit import fit
from scripts.relu.network import read_network, read_points
from scripts.relu.passes import by_hand
from scripts.report.page import render
from scripts.report.page.provenance import Sources
from scripts.report.page.shared import read_shared
from scripts.report.plots import figures
from scripts.shared.exact import plain
from scripts.shared.step import write_json, write_text
from scripts.verdicts.answers import read_all
from scripts.verdicts.judge import judge
from scripts.verdicts.results import Results

TRUTHS = {truth: {"answers": 0, "as_expected": 0} for truth in ("right", "wrong", "unreadable")}
DRAWN = {truth: {"tried": 0, "verdicts": {}, "misjudged": []} for truth in ("right", "wrong")}
GRADING = {
    "answers": TRUTHS, "graded": 0, "named": {"mistakes": 0, "recognised": 0}, "survivors": [],
    "procedures": {"wrong": 0, "caught": 0, "survivors": []}, "random": {"formulas": DRAWN, "values": DRAWN},
}  # fmt: skip


def record(name: str, spec: dict) -> dict:
    """Return what derive.py would keep of a formula, as far as the page shows it."""
    found = problem(name, spec)
    point = {"at": {key: ["1/2", "-3"] for key in found.shapes}, "value": ["1"]}
    routes = {route: {"off_by_at_most": 1e-16} for route in ("autograd", "central differences")}
    return {
        "id": name, "asked": found.asked, "latex": found.latex, "objective_latex": found.objective_latex, "note": "",
        "for_all_sizes": True, "unproved": "", "strictly_convex": True, "completes_the_square": True, "curvature": "2",
        "written": {}, "steps": [{"say": "The function", "latex": found.objective_latex},
                                 {"say": "The formula", "latex": found.latex}],
        "sizes": [{"dims": {"n": 2}, "formula_proved": True, "points": [point], "routes": routes}],
    }  # fmt: skip


def results_of(problem_set: ProblemSet, folder: Path, what_if: list[dict] = (), credits: list[dict] = ()) -> list[str]:
    """Write a set's results into `folder`; return their names. Only sets without experiments."""
    for item in problem_set.derived:
        specs = {name: spec for name, spec in problem_set.formulas.items() if spec["item"] == item}
        write_json(folder / f"derivations/{item}.json", {name: record(name, spec) for name, spec in specs.items()})
    for spec in problem_set.claims.values():
        if "points" in spec:
            path = problem_set.folder / spec["points"]
            write_json(folder / f"relu/{path.stem}.json", plain(fit(read_points(path))))
        if "network" in spec:
            path = problem_set.folder / spec["network"]
            write_json(folder / f"relu/{path.stem}.json", plain(by_hand(*read_network(path))))
    settings = {"verdicts": {"alpha": 0.01}}
    summary = {"settings": settings, "what_if": list(what_if), "versions": {"numpy": "2.0"}, "credits": list(credits)}
    write_json(folder / "report/summary.json", summary)
    write_json(folder / "verdicts/power/grading.json", GRADING)
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.json"))


def page_of(problem_set: ProblemSet, folder: Path, what_if: list[dict] = (), credits: list[dict] = ()) -> str:
    """Judge a set's own answers and write its page to folder/report.html; return its HTML."""
    names = results_of(problem_set, folder, what_if, credits)
    sets, unreadable = read_all({"document": str(problem_set.folder / "answers/document.yaml")}, problem_set.claims)
    assert not unreadable
    ledger = judge(sets["document"], Results(folder), 0.01, problem_set.claims)
    write_json(folder / "verdicts/document.json", ledger)
    sources = Sources(folder, names)
    drawn = []
    for name, figure in figures.shared(problem_set, 0).items():
        drawn.append(str(folder / f"{name}.svg"))
        write_text(drawn[-1], figures.draw(name, figure, sources))
    rules = [str(path) for path in (ROOT / "workflow/rules").glob("*.smk")]
    shared = read_shared(problem_set, str(folder), names, drawn, rules, str(ROOT / "report"))
    html = render.set_page(shared, "document", "report.html")
    write_text(folder / "report.html", html)
    return html
