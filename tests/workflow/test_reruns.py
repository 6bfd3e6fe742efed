"""An edit redoes what depends on it and nothing else, by Snakemake's own plan."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from project import RESULTS, ROOT, SET, STEPS, edited


def append(project, file: str, text: str = "\n# edited\n") -> None:
    path = project.folder / file
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_style_redoes_the_report_alone(copied):
    append(copied, "report/style.css", "\n/* edited */\n")
    assert copied.planned() == {"write_report"}


def test_backpropagation_redoes_mnist_and_what_depends_on_it(copied):
    append(copied, "scripts/mnist/network.py")
    planned = copied.planned()
    assert {"train_mnist", "replicate_mnist", "diverge_mnist", "judge", "write_report"} <= planned
    assert not any("fashion" in rule or rule in {"download", "read_dataset"} for rule in planned)
    assert not any(rule.startswith(("derive", "fit")) for rule in planned)


def test_an_answer_redoes_no_computation(copied):
    append(copied, f"problem_sets/{SET}/answers/document.yaml")
    planned = copied.planned()
    assert "judge" in planned
    assert not any(rule.startswith(("train", "replicate", "derive", "fit", "read", "evaluate")) for rule in planned)


def test_a_question_redoes_its_derivation_and_the_judgement_alone(copied):
    before = copied.digests()
    path = copied.folder / f"problem_sets/{SET}/items/p1a.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("np.sum(x**2)", "2*np.sum(x**2)"), encoding="utf-8")
    planned = copied.planned()
    assert {"derive", "judge", "write_report"} <= planned
    assert not any(rule.startswith(("train", "replicate", "fit", "pass", "read", "evaluate")) for rule in planned)
    copied.snakemake("--cores", "4")
    after = copied.digests()
    changed = {name for name in before if name.startswith(f"{RESULTS}/derivations/") and before[name] != after[name]}
    assert changed == {f"{RESULTS}/derivations/p1a.json"}
    assert copied.planned() == set()


def test_other_packages_redo_all_that_is_computed(copied):
    append(copied, "requirements.lock", "# another version\n")
    assert {"derive", "train_mnist", "train_fashion_mnist", "judge", "write_report"} <= copied.planned()
    assert "download" not in copied.planned()


def test_exchanged_values_are_seen(copied):
    """Snakemake compares parameters as a set of values: 1 sample and seed 3 are not 3 samples and seed 1."""
    config = copied.config()
    config["fashion_mnist"] |= {"samples": config["fashion_mnist"]["seed"], "seed": config["fashion_mnist"]["samples"]}
    copied.write_config(config)
    assert {"evaluate_fashion_mnist", "train_fashion_mnist"} <= copied.planned()


def test_a_touched_file_redoes_nothing(copied):
    for file in ("scripts/mnist/network.py", "report/style.css", f"problem_sets/{SET}/answers/document.yaml"):
        (copied.folder / file).touch()
    assert copied.planned() == set()


def test_more_replicas_keep_those_there_are(copied):
    config = copied.config()
    config["mnist"]["replicas"] = 40
    copied.write_config(config)
    plan = copied.snakemake("--dry-run", "--quiet", "host").stdout
    assert "replicas/ulp/1.csv" in plan
    assert f"output: {RESULTS}/mnist/replicas/ulp/0.csv" not in plan
    assert "train_mnist" not in copied.planned()


def test_more_samples_train_nothing(copied):
    config = copied.config()
    config["fashion_mnist"]["samples"] = 4
    copied.write_config(config)
    planned = copied.planned()
    assert "evaluate_fashion_mnist" in planned
    assert not any(rule.startswith("train") for rule in planned)


def test_a_file_is_compared_with_its_name_whatever_its_time(copied):
    """Two files that are exchanged, by mv, and one that is edited and dated back, also if a function hands it out."""
    folder = copied.folder / f"problem_sets/{SET}"

    def exchange(one: str, other: str) -> None:
        (folder / one).rename(folder / "aside")
        (folder / other).rename(folder / one)
        (folder / "aside").rename(folder / other)

    for one, other, rule in [
        ("items/p1a.yaml", "items/p1b.yaml", "derive"),
        ("data/dataset-1.txt", "data/dataset-2.txt", "fit_points"),
        ("chapters/relu.html.j2", "chapters/mnist.html.j2", "write_report"),
    ]:
        exchange(one, other)
        assert rule in copied.planned(), one
        exchange(one, other)
    assert copied.planned() == set()
    network = folder / "data/network.yaml"
    times = network.stat()
    append(copied, f"problem_sets/{SET}/data/network.yaml")
    os.utime(network, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "pass_network" in copied.planned()


def test_answers_of_two_that_are_exchanged_are_judged_again(copied):
    folder = copied.folder / "answers"
    folder.mkdir()
    shutil.copy(copied.folder / f"problem_sets/{SET}/answers/document.yaml", folder / "anna.yaml")
    (folder / "bert.yaml").write_text("name: Bert\nclaims: []\n", encoding="utf-8")
    (folder / "carl.yaml").symlink_to("anna.yaml")  # which is refused, and told of
    copied.write_config(copied.config() | {"answers": "answers"})
    copied.snakemake("--cores", "2", f"{RESULTS}/verdicts/overview.json")
    (folder / "anna.yaml").rename(folder / "aside")
    (folder / "bert.yaml").rename(folder / "anna.yaml")
    (folder / "aside").rename(folder / "bert.yaml")
    overview = ("--", f"{RESULTS}/verdicts/overview.json")
    assert "judge" in copied.planned(*overview)
    (folder / "bert.yaml").rename(folder / "aside")
    (folder / "anna.yaml").rename(folder / "bert.yaml")
    (folder / "aside").rename(folder / "anna.yaml")
    assert copied.planned(*overview) == set()
    (folder / "carl.yaml").unlink()
    assert "judge" in copied.planned(*overview)


def test_answers_that_are_gone_take_verdicts_and_page_along(copied):
    folder, results = copied.folder / "answers", copied.folder / RESULTS

    def made() -> list[str]:
        copied.snakemake("--cores", "2")
        paths = [*results.glob("verdicts/*.json"), *results.glob("reports/*")]
        return sorted(str(path.relative_to(results)) for path in paths)

    before = copied.digests()
    folder.mkdir()
    for name in ("anna", "bert", "carl"):
        (folder / f"{name}.yaml").write_text(f"name: {name}\nclaims: []\n", encoding="utf-8")
    copied.write_config(copied.config() | {"answers": "answers"})
    assert "reports/carl.html" in made()
    own = results / "reports/own.html"
    own.write_text("<p>No page of ours.</p>\n", encoding="utf-8")
    (folder / "carl.yaml").unlink()
    kept = ["reports/anna.html", "reports/bert.html", "reports/own.html"]
    assert made() == [*kept, *(f"verdicts/{name}.json" for name in ("anna", "bert", "overview"))]
    own.unlink()
    copied.write_config(copied.config() | {"answers": ""})
    assert made() == ["verdicts/document.json"]
    assert copied.digests() == before


def test_what_a_chapter_includes_is_declared_and_a_folder_there_is_no_matter(copied):
    chapters = copied.folder / f"problem_sets/{SET}/chapters"
    (chapters / ".ipynb_checkpoints").mkdir()
    (chapters / "parts").mkdir()
    (chapters / "parts/note.html").write_text("<p>One.</p>\n", encoding="utf-8")
    append(copied, f"problem_sets/{SET}/chapters/analytic.html.j2", '\n{% include "chapters/parts/note.html" %}\n')
    copied.snakemake("--cores", "2")
    assert "<p>One.</p>" in (copied.folder / RESULTS / "report.html").read_text(encoding="utf-8")
    (chapters / "parts/note.html").write_text("<p>Two.</p>\n", encoding="utf-8")
    assert copied.planned() == {"write_report"}


@pytest.mark.parametrize(
    ("step", "output", "file", "redone"),
    [
        ("scripts/mnist/train.py", "mnist/history.csv", "scripts/mnist/network.py", "train_mnist"),
        ("scripts/verdicts/judge.py", "verdicts/document.json", f"problem_sets/{SET}/answers/document.yaml", "judge"),
    ],
)
def test_what_is_edited_while_a_step_runs_redoes_it(copied, step, output, file, redone):
    """The step itself stands in for the person who edits."""
    append(copied, step, f"\n    with open({file!r}, 'a') as text:\n        text.write('\\n# edited\\n')\n")
    copied.snakemake("--cores", "2", f"{RESULTS}/{output}")
    assert (copied.folder / file).read_text(encoding="utf-8").endswith("# edited\n")
    assert redone in copied.planned("--", f"{RESULTS}/{output}")


def test_a_job_goes_by_the_settings_of_the_run_that_sent_it_off(copied):
    """On a cluster it begins later, and the files may say otherwise by then. Here it is only planned."""
    before, output = "--learning-rate 0.003 --epochs 2 ", f"{RESULTS}/mnist/history.csv"
    note = copied.folder / "note.sh"
    note.write_text('printenv PROOFSET_SETTINGS_main > "handed over" || true\n')
    noted = copied.environment() | {"BASH_ENV": str(note)}
    assert before in copied.snakemake("--cores", "1", "--force", output, env=noted).stdout
    environment = copied.environment() | {"PROOFSET_SETTINGS_main": (copied.folder / "handed over").read_text()}
    config = copied.config()
    config["what_if"]["mnist"]["epochs"] = 5
    copied.write_config(config)
    edited(copied.folder, f"problem_sets/{SET}/set.yaml", "learning_rate: 0.003", "learning_rate: 0.005")
    plan = ("--dry-run", "--printshellcmds", "--force", output)
    assert before in copied.snakemake("--mode", "remote", *plan, env=environment).stdout
    after = "--learning-rate 0.005 --epochs 5 "
    assert after in copied.snakemake(*plan, env=environment).stdout
    assert after in copied.snakemake("--mode", "remote", *plan).stdout


def test_every_command_of_the_rules_is_a_step():
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk"))
    commands = set(re.findall(r"-m (scripts[\w.]*\w)\s", rules))
    assert len(commands) > 15 and commands <= set(STEPS)


def test_parsing_imports_nothing_heavy():
    """Each cluster job parses the Snakefile again; what Snakemake itself loads is its own affair."""
    program = (
        "import sys; from snakemake.cli import main\n"
        "before = set(sys.modules)\n"
        "try: main(['--list-rules'])\n"
        "finally: print(sorted({m.split('.')[0] for m in set(sys.modules) - before} & "
        "{'torch', 'tensorflow', 'pandas', 'numpy', 'sympy', 'numba', 'scipy', 'matplotlib'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout
