# Code is found beside this file, data in the working directory, whoever runs this workflow or imports it, and wherever.
import os
import subprocess
import sys
from pathlib import Path
from shlex import quote
from shutil import copy
from tempfile import TemporaryDirectory

from snakemake.exceptions import WorkflowError

# Where what lies elsewhere is unpacked, for each module that it is imported as.
UNPACKED = Path(f".snakemake/proofset/{workflow.modifier.namespace or 'main'}")
NEEDED = ["config.yaml", "problem_sets", "report", "requirements.lock", "scripts", "workflow"]


def unpacked(folder):
    """Return where a folder of a repository on GitHub or the like is found as files, as steps need it: in UNPACKED.

    The path is the same for every version, and its files are new: so another version redoes what its changed files
    concern, and no more. Jobs use what the run that they are of has unpacked.
    """
    if not hasattr(folder, "hosted_repo"):
        raise WorkflowError(f"{folder} is no file: clone the workflow, or name it by github(…) or gitlab(…)")
    repo, note = folder.hosted_repo.repo, UNPACKED / "commit"
    commit = repo.commit(folder.ref).hexsha
    there = note.read_text() if note.exists() else None
    if there is None or (there != commit and workflow.is_main_process):
        UNPACKED.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=UNPACKED.parent) as temporary:
            new, old, packed = (Path(temporary, name) for name in ("new", "old", "packed.tar"))
            new.mkdir()
            repo.git.archive(f"{commit}:{'' if folder.path == '.' else folder.path}", *NEEDED, output=packed.resolve())
            subprocess.run(["tar", "-xmf", packed, "-C", new], check=True)
            (new / "commit").write_text(commit)
            if UNPACKED.exists():
                UNPACKED.rename(old)
            new.rename(UNPACKED)
    return UNPACKED


# The workflow's folder, as seen from the working directory.
HOME = workflow.current_basedir
HOME = os.path.relpath(f"{os.fspath(HOME)}/../.." if isinstance(HOME, os.PathLike) else unpacked(HOME.join("../..")))
IMPORTED = not workflow.modifier.is_main_snakefile()

# `scripts` is this workflow's while it is read; who imports it may have other code of that name, and gets it back.
THEIRS = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "scripts"}
sys.path.insert(0, os.path.abspath(HOME))


def give_back():
    """Let `import scripts` mean again what it meant to who imports this workflow."""
    for name in [name for name in sys.modules if name.split(".")[0] == "scripts"]:
        del sys.modules[name]
    sys.modules.update(THEIRS)
    if os.path.abspath(HOME) != str(workflow.basedir):
        sys.path[:] = [path for path in sys.path if os.path.abspath(path) != os.path.abspath(HOME)]


# Steps run with the Python that runs Snakemake, whether its environment is activated or not, unless conda makes one.
# Where their code is not in the working directory they have to be told, and must not take what is there for it.
OWN = Path(sys.executable)
OWN = OWN.relative_to(Path.cwd()) if OWN.is_relative_to(Path.cwd()) else OWN
WITH_CONDA = workflow.deployment_settings and "conda" in map(str, workflow.deployment_settings.deployment_method)
if WITH_CONDA and HOME != ".":  # there environment.post-deploy.sh finds it
    UNPACKED.parent.mkdir(parents=True, exist_ok=True)
    copy(f"{HOME}/requirements.lock", UNPACKED.with_name(f"{UNPACKED.name}.lock"))
PYTHON = "python" if WITH_CONDA else quote(str(OWN))
if HOME != ".":
    PYTHON = f"PYTHONSAFEPATH=1 PYTHONPATH={quote(os.path.abspath(HOME))}${{PYTHONPATH:+:$PYTHONPATH}} {PYTHON}"


def located(name):
    """Return where a file or folder that the configuration names is, or each of a list: here or else in the workflow."""
    if isinstance(name, list):
        return list(map(located, name))
    name = os.path.expanduser(name)
    there = os.path.normpath(os.path.join(HOME, name))
    return there if name and os.path.exists(there) and not os.path.exists(name) else name


def ours(names):
    """Return the paths of this workflow's files, as inputs that no module's prefix and no storage applies to."""
    return local(sorted(os.path.normpath(os.path.join(HOME, name)) for name in names))
