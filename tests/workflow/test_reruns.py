"""An edit redoes what depends on it and nothing else, by Snakemake's own plan."""

import json
import os
import re
import subprocess
import sys

import pytest
from project import ROOT

from scripts.shared.sources import sources

STEPS = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for path in (ROOT / "scripts").rglob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)


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
    append(copied, "answers/document.yaml")
    planned = copied.planned()
    assert "judge" in planned
    assert not any(rule.startswith(("train", "replicate", "derive", "fit", "read", "evaluate")) for rule in planned)


def test_a_touched_file_redoes_nothing(copied):
    for file in ("scripts/mnist/network.py", "report/style.css", "answers/document.yaml"):
        (copied.folder / file).touch()
    assert copied.planned() == set()


def test_more_replicas_keep_those_there_are(copied):
    config = copied.config()
    config["mnist"]["replicas"] = 40
    copied.write_config(config)
    plan = copied.snakemake("--dry-run", "--quiet", "host").stdout
    assert "replicas/ulp/1.csv" in plan
    assert "output: results/mnist/replicas/ulp/0.csv" not in plan
    assert "train_mnist" not in copied.planned()


def test_more_samples_train_nothing(copied):
    config = copied.config()
    config["fashion_mnist"]["samples"] = 4
    copied.write_config(config)
    planned = copied.planned()
    assert "sample_fashion_mnist" in planned
    assert not any(rule.startswith("train") for rule in planned)


@pytest.mark.parametrize("module", STEPS)
def test_code_inputs_are_the_real_imports(module):
    """What a step loads of this package when it is imported is what `sources` says."""
    program = (
        f"import importlib, json, sys; importlib.import_module({module!r});"
        "print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'scripts']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {str(os.path.relpath(file, ROOT)) for file in json.loads(done.stdout.splitlines()[-1])}
    assert loaded == {file for file in sources(module) if file.endswith(".py")}


def test_code_brings_the_data_beside_it():
    """What a module names of the files in its own folder belongs to it, and so to whoever imports it."""
    beside = {module: {file for file in sources(module) if not file.endswith(".py")} for module in STEPS}
    assert beside["scripts.verdicts.judge"] == {"scripts/formulas/grammar.lark", "scripts/verdicts/claims.yaml"}
    assert beside["scripts.datasets.download"] == {"scripts/datasets/sources.yaml"}
    assert beside["scripts.mnist.train"] == set()


def test_every_command_of_the_rules_is_a_step():
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk"))
    commands = set(re.findall(r"python -m (scripts[\w.]*\w)\s", rules))
    assert len(commands) > 15 and commands <= set(STEPS)


def test_unknown_module_is_an_error():
    with pytest.raises(ValueError, match=r"scripts\.nowhere"):
        sources("scripts.nowhere")


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
