"""Any folder is a problem set: made from nothing, beside others, anywhere; and the engine knows none of them."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml
from project import RESULTS, ROOT

from scripts.problem_set.read import read_set

# The file that a person would write, by its place in the folder.
TINY = {
    "set.yaml": """
title: A page of exercises
chapters:
  - {id: week-1, title: Week one, items: [slope, bend, run, sum]}
""",
    "items/slope.yaml": """
question: "1"
title: The slope of a weighted square
claims:
  slope:
    about: the gradient of the weighted square
    kind: derivative
    shapes: {t: k, v: k}
    objective: sum(v * t**2)
    variable: t
    mistakes: {v*t: the factor 2 is missing}
graded:
  - {claim: slope, truth: right, stated: 2*t*v, why: factors exchanged}
  - {claim: slope, truth: wrong, stated: 3*t*v, why: another factor}
""",
    "items/bend.yaml": """
question: "2"
title: A bend
claims:
  bend: {about: a network through the points, kind: fit, points: data/elbow.txt}
""",
    "items/run.yaml": """
question: "3"
title: A run
claims:
  run: {about: the forward pass, kind: pass, network: data/unit.yaml, part: forward}
""",
    "items/sum.yaml": """
question: "4"
title: A sum
claims:
  sum:
    {about: how many partial derivatives, kind: value, computed: relu/unit.json#partial_derivatives, form: count}
""",
    "data/elbow.txt": "0 0\n1 0\n2 3\n",
    "data/unit.yaml": "x: 2\nhidden_weights: [3]\nhidden_biases: [-1]\noutput_weights: [2]\noutput_bias: 1/2\n",
    "answers/mine.yaml": """
name: Mine
claims:
  - {id: slope, stated: v * t}
  - {id: bend, stated: {w_h: [1], b_h: [-1], w_o: [3], b_o: 0}}
  - {id: run, stated: {pre_activations: [5], activations: [5], f: 21/2}}
  - {id: sum, stated: "4"}
""",
}
SETS = [read_set(folder) for folder in sorted((ROOT / "problem_sets").iterdir()) if (folder / "set.yaml").is_file()]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def choose(project, folder: str) -> None:
    """Let the project check another set, as a person would in config.yaml."""
    project.write_config(project.config() | {"problem_set": folder, "what_if": {}})


@pytest.mark.parametrize("place", ["inside/", "../next door", "absolute"])
def test_a_set_made_from_nothing_is_checked(new_project, tmp_path, place):
    """No Python is touched, nothing downloaded or trained; every claim has its verdict, and the report is there."""
    folder = write(
        tmp_path / "far away/homework" if place == "absolute" else new_project.folder / place / "homework", TINY
    )
    choose(new_project, str(folder) if place == "absolute" else f"{place}/homework/")
    done = new_project.snakemake("--cores", "4")
    assert "download" not in done.stdout and "train" not in done.stdout
    verdicts = json.loads((new_project.folder / "results/homework/verdicts/mine.json").read_text())
    assert {claim["id"]: claim["verdict"] for claim in verdicts["claims"]} == {
        "slope": "refuted",
        "bend": "proved",
        "run": "exact",
        "sum": "exact",
    }
    assert "factor 2 is missing" in verdicts["claims"][0]["reason"]
    page = (new_project.folder / "results/homework/report.html").read_text(encoding="utf-8")
    for words in ("A page of exercises", "The slope of a weighted square", "A bend", "A run", "A sum"):
        assert words in page
    assert new_project.planned() == set()


def test_sets_share_no_results_and_switching_redoes_nothing(copied, tmp_path):
    before, config = copied.digests(), copied.config()
    folder = write(tmp_path / "homework", TINY)
    choose(copied, str(folder))
    copied.snakemake("--cores", "4")
    assert copied.digests() == before
    made = copied.digests("results/homework")
    copied.write_config(config)
    assert copied.planned() == set()
    choose(copied, str(folder))
    assert copied.planned() == set()
    assert copied.digests("results/homework") == made


BAD = {
    "unknown kind": ("items/slope.yaml", "kind: derivative", "kind: derivation", "did you mean 'derivative'?"),
    "unknown key": ("items/slope.yaml", "objective:", "objectiv:", "did you mean 'objective'?"),
    "shapes that do not fit": ("items/slope.yaml", "v: k", "v: m", "items/slope.yaml"),
    "an objective that is no number": ("items/slope.yaml", "sum(v * t**2)", "v * t**2", "items/slope.yaml"),
    "a name that is not given": ("items/slope.yaml", "sum(v * t**2)", "sum(u * t**2)", "items/slope.yaml"),
    "a claim twice": ("items/bend.yaml", "  bend:", "  slope:", "slope"),
    "a missing file": ("items/bend.yaml", "elbow.txt", "elbo.txt", "did you mean 'data/elbow.txt'?"),
    "a missing item": ("set.yaml", "[slope,", "[slop,", "slop"),
    "a file that nothing makes": ("items/sum.yaml", "relu/unit.json", "relu/unti.json", "relu/unit"),
    "a key that no file has": ("items/sum.yaml", "#partial_derivatives", "#partials", "partials"),
    "no network": ("data/unit.yaml", "[3]", "[3, 4]", "data/unit.yaml"),
    "no YAML": ("items/run.yaml", "{about", "{{about", "items/run.yaml"),
    "an unknown experiment": ("set.yaml", "title: A", "experiments: {cifar: {}}\ntitle: A", "cifar"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_folder_is_one_line_before_anything_runs(new_project, tmp_path, fault):
    file, right, wrong, told = BAD[fault]
    assert TINY[file].count(right) == 1
    choose(new_project, str(write(tmp_path / "homework", TINY | {file: TINY[file].replace(right, wrong)})))
    done = new_project.snakemake("--cores", "2", good=False)
    lines = [line for line in done.stdout.splitlines() if told in line and "homework" in line]
    assert len(lines) == 1, done.stdout
    assert "Traceback" not in done.stdout
    assert not (new_project.folder / "results").exists()


@pytest.mark.parametrize("name", ["home work", "home{work}", "höme", "-homework", "home*work"])
def test_a_name_that_results_cannot_have_is_one_line(new_project, tmp_path, name):
    choose(new_project, str(write(tmp_path / name, TINY)))
    done = new_project.snakemake("--cores", "2", good=False)
    assert sum("letters" in line for line in done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stdout


def texts() -> dict[str, str]:
    """Return the text of the engine's files by their names."""
    paths = [path for room in ("scripts", "workflow", "report") for path in (ROOT / room).rglob("*")]
    kinds = {".py", ".smk", ".yaml", ".j2", ".js", ".css", ".rst", ".lark"}
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths if path.suffix in kinds}


def words_of(problem_set) -> set[str]:
    """Return what only a set may say: names with a digit, titles of four words or more, formulas, its files."""
    ids = [*problem_set.items, *problem_set.claims, *problem_set.shown]
    ids += [item["question"] for item in problem_set.items.values()]
    told = [problem_set.title, *(item[key] for item in problem_set.items.values() for key in ("title", "asks"))]
    specs = [*problem_set.claims.values(), *problem_set.shown.values()]
    told += [
        spec[key] for spec in specs for key in ("about", "objective", "expression", "objective_latex") if key in spec
    ]
    files = [path for path in problem_set.folder.glob("data/*") if len(path.stem) > 2]
    return {
        *(name for name in ids if len(name) > 2 and re.search(r"[0-9]", name)),
        *(text for text in told if len(text) > 11 and (len(text.split()) > 3 or not text.replace(" ", "").isalpha())),
        *(path.name for path in files),
        *(path.stem for path in files if re.search(r"[0-9-]", path.stem)),
    }


@pytest.mark.parametrize("problem_set", SETS, ids=lambda problem_set: problem_set.name)
def test_the_engine_knows_no_problem_set(problem_set):
    """Nor by whole words, nor by strings: no id, title, formula or file name of a set."""
    known = words_of(problem_set)
    pattern = re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(known, key=len, reverse=True)))})(?![\w-])", re.I
    )
    found = {file: sorted(set(pattern.findall(text))) for file, text in texts().items()}
    assert {file: words for file, words in found.items() if words} == {}


def test_no_step_names_a_claim():
    """Of names that are ordinary words, none stands as a string of its own where the engine picks something."""
    names = {name for problem_set in SETS for name in (*problem_set.items, *problem_set.claims) if "-" in name}
    for file, text in texts().items():
        if file.endswith(".py"):
            strings = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
            assert not names & {string for string in strings if isinstance(string, str)}, file


def test_results_are_as_their_tables_say(finished):
    """Each room's results.yaml lists the files that it makes, and in them just what is there."""
    tables = {}
    for path in ROOT.glob("scripts/*/results.yaml"):
        tables |= yaml.safe_load(path.read_text(encoding="utf-8"))
    assert tables and not unlike(finished.folder / RESULTS, tables)


def unlike(results: Path, tables: dict) -> list[str]:
    """Return where files and tables differ."""
    from scripts.verdicts.results import Results

    read, faults = Results(results), []
    for pattern, table in tables.items():
        named = re.fullmatch(r"(.*)\{(points|network)\}\.json", pattern)
        names = read.matching(re.sub(r"\{\w+\}", "*", pattern))
        if named:
            names = [name for name in names if ("units" in read.file(name)) == (named[2] == "points")]
        if pattern.startswith("derivations/"):  # what a record holds depends on what was asked: all together hold all
            records = [record for name in names for record in read.file(name).values()]
            together = {key: value for record in records for key, value in record.items() if key != "digest"}
            faults += different({"all": together}, table, pattern)
            continue
        faults += [] if names else [f"nothing makes {pattern}"]
        for name in names[:2]:
            faults += different(read.file(name), table, name)
    return faults


def different(content: object, table: object, where: str) -> list[str]:
    if isinstance(table, dict):
        keys = set(table) - {"*"}
        if not isinstance(content, dict) or not keys <= set(content) or ("*" not in table and keys != set(content)):
            return [f"{where}: {sorted(content) if isinstance(content, dict) else type(content)} and {sorted(table)}"]
        return [
            fault
            for key in content
            for fault in different(content[key], table.get(key, table.get("*")), f"{where}.{key}")
        ]
    if isinstance(table, list):
        if content is None:  # what does not apply
            return []
        if isinstance(content, dict | str | int | float):
            return [f"{where}: no list"]
        return different(content[0], table[0], f"{where}.0") if len(content) and table else []
    return [f"{where}: more than a value"] if isinstance(content, dict) and table is None and content else []
