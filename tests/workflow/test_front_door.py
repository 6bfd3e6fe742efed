"""What a newcomer touches first: the README's paths, the profiles, the lock, and environments made of it."""

import hashlib
import re
import sys
import tomllib

import yaml
from project import RESULTS, ROOT


def test_readme_names_what_is_there():
    """Paths in backticks exist, except for what a run makes; make's targets are targets."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    made = ("results/", "resources/", "benchmarks/", "logs/", ".venv", ".snakemake/")
    paths = {word for word in re.findall(r"`([\w./-]+)`", text) if "/" in word and not word.startswith(made)}
    assert "tests/benchmarks/textbook.py" in paths
    assert "profiles/slurm/profile.yaml" in text
    ours = {path for path in paths if (ROOT / path.split("/")[0]).exists()}  # others are a reader's own
    assert [path for path in ours if not (ROOT / path).exists() and not path.endswith("/blank.yaml")] == []
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make (test|quick|lint|clean|report)\b", text)) <= targets
    for picture in re.findall(r'(?:src="|\]\()(docs/[\w./-]+)', text):
        assert (ROOT / picture).exists()


def test_slurm_plans_the_same_jobs(new_project):
    """With its plugin installed, a dry run needs no Slurm."""
    local = new_project.planned()
    slurm = new_project.planned("--workflow-profile", "profiles/slurm")
    assert {"train_mnist", "train_fashion_mnist", "write_report"} <= slurm
    assert slurm == local
    profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))
    assert profile["executor"] == "slurm"


def test_a_cluster_is_asked_for_what_the_settings_need(new_project):
    def asked(**settings) -> dict[str, str]:
        config = new_project.config()
        config["what_if"]["fashion_mnist"]["epochs"] = settings["epochs"]
        config["fashion_mnist"]["device"] = settings["device"]
        new_project.write_config(config)
        printed = new_project.snakemake("-n", "--workflow-profile", "profiles/slurm").stdout
        resources = re.search(r"^rule train_fashion_mnist:.*?^    resources: (.*?)$", printed, re.MULTILINE | re.DOTALL)
        return dict(pair.split("=") for pair in resources[1].split(", "))

    few, many = asked(epochs=1, device="cpu"), asked(epochs=1000, device="cuda")
    assert int(few["runtime"]) < 15 < 50 < int(many["runtime"])
    assert (few["gpu"], many["gpu"]) == ("0", "1")


def test_everything_is_pinned_with_digests():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    wanted = {re.split(r"[\[<>=;~! ]", name)[0] for name in project["dependencies"]}
    assert wanted <= pinned
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in re.sub(r"^#.*$", "", lock, flags=re.MULTILINE)


CONDA = """#!/bin/bash
# Stands in for conda: an environment is a folder with a Python that is ours and notes what it was asked for.
case "$1 $2" in
  "info --json") echo '{"conda_prefix": "BASE", "platform": "linux-64"}' ;;
  "--version ") echo "conda 25.1.0" ;;
  "config --get") echo '{"get": {"channel_priority": "strict"}}' ;;
  "env create")
    prefix="${@: -1}"; mkdir -p "$prefix/bin"
    printf '#!/bin/bash\necho "$PWD: $@" >> "BASE/asked"\n[ "$2" = pip ] || exec PYTHON "$@"' > "$prefix/bin/python"
    chmod +x "$prefix/bin/python" ;;
esac
"""


def test_conda_makes_an_environment_of_the_pinned_packages_and_steps_run_in_it(new_project, tmp_path):
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()
    script = (ROOT / "workflow/environment.post-deploy.sh").read_text(encoding="utf-8")
    assert f"\ndigest={digest}\n" in script, "say there which lock it is"
    new_project.folder = new_project.folder.rename(tmp_path / "project")  # Snakemake's own script knows no spaces there
    base = tmp_path / "base"
    (base / "bin").mkdir(parents=True)
    (base / "bin/conda").write_text(CONDA.replace("BASE", str(base)).replace("PYTHON", sys.executable))
    (base / "bin/activate").write_text('export PATH="$1/bin:$PATH"\n')
    (base / "bin/conda").chmod(0o755)
    path = {"PATH": f"{base / 'bin'}:{new_project.environment()['PATH']}"}
    target = f"{RESULTS}/relu/dataset-1.json"
    new_project.snakemake("--sdm", "conda", "--cores", "1", target, env=new_project.environment() | path)
    first, *steps = (base / "asked").read_text().splitlines()
    assert first.startswith(f"{new_project.folder}: -m pip install")
    assert first.endswith("--require-hashes --requirement requirements.lock")
    assert any("-m scripts.relu.fit" in step for step in steps)
    assert (new_project.folder / target).exists()
    # So they are where the lock is elsewhere, and another one lies in its place.
    other = tmp_path / "other"
    other.mkdir()
    (other / "requirements.lock").write_text("theirs==1\n")
    workflow = ("--snakefile", str(new_project.folder / "Snakefile"), "--directory", str(other))
    new_project.snakemake("--sdm", "conda", "--cores", "1", *workflow, target, env=new_project.environment() | path)
    first, *steps = (base / "asked").read_text().splitlines()[1 + len(steps) :]
    assert first.startswith(f"{other}: -m pip install")
    assert first.endswith("--requirement .snakemake/proofset/main/requirements.lock")
    assert any("-m scripts.relu.fit" in step for step in steps)
    assert (other / target).exists()
