# Code is found beside this file, data in the working directory, whoever runs this workflow or imports it, and wherever.
import os
import subprocess
import sys
from contextlib import suppress
from filecmp import cmp
from getpass import getuser
from pathlib import Path
from shlex import quote
from shutil import copyfile
from tempfile import TemporaryDirectory

from snakemake.exceptions import WorkflowError

NEEDED = ["config.yaml", "problem_sets", "report", "scripts", "workflow", "requirements.lock"]
LOCKS = Path(".snakemake/locks")
IMPORTED = not workflow.modifier.is_main_snakefile()
# The workflow's folder; None if that is no folder, but in a repository on GitHub or the like.
BASE = workflow.current_basedir
ORIGIN = os.path.abspath(f"{os.fspath(BASE)}/../..") if isinstance(BASE, os.PathLike) else None
# The same as steps see it from the working directory. Elsewhere, what they need of it is copied to where the path is the
# same wherever it lies and whatever its version, for each module that it is imported as.
IN_PLACE = ORIGIN is not None and os.path.samefile(ORIGIN, ".")
HOME = "." if IN_PLACE else f".snakemake/proofset/{workflow.modifier.namespace or 'main'}"
if ORIGIN and {*ORIGIN} & {*"{}"}:
    raise WorkflowError(
        f"{ORIGIN}: Snakemake takes what is in curly brackets for wildcards; give the folder another name"
    )


def files_below(folder, name):
    """Return path in the folder → path of a file, for all below a name but what is hidden, compiled, or of this run."""
    found = {}
    for path in sorted(Path(folder, name).glob("*")) if Path(folder, name).is_dir() else [Path(folder, name)]:
        if path.is_dir():
            if path.name[0] != "." and path.name != "__pycache__" and not path.samefile("."):
                found |= files_below(folder, path.relative_to(folder))
        elif os.path.lexists(path) and path.name[0] != ".":
            found[str(path.relative_to(folder))] = path
    return found


def readable(path):
    """Tell whether a path is one of a file to be read; of what is not, such as a pipe among answers, a link is made."""
    return path.is_file() and os.access(path, os.R_OK)


def copied(path, copy):
    """Tell whether a file's copy is the same as the file, or links to what cannot be read."""
    if readable(path):
        return copy.is_file() and not copy.is_symlink() and cmp(path, copy, shallow=False)
    return copy.is_symlink() and os.readlink(copy) == str(path)


def copy_to_home(folder, names):
    """Make files and folders in HOME the same as in the workflow's folder. What is the same already is not touched.

    So a folder that has moved redoes nothing, and another version what its changed files concern: these are new, old as
    they may be there. Steps run what is copied: a run that goes on is not meddled with, be it by a dry run.
    """
    there, wanted = ({k: v for name in names for k, v in files_below(base, name).items()} for base in (HOME, folder))
    gone = there.keys() - wanted.keys()
    other = [name for name in wanted if not copied(wanted[name], Path(HOME, name))]
    if there and (gone or other) and any(LOCKS.glob("*.lock")) and "--unlock" not in sys.argv:
        raise WorkflowError(
            f"a run goes on here with another version of {next(iter([*other, *gone]))}: let it end first; "
            "if it was killed: snakemake --unlock"
        )
    for name in gone:
        there[name].unlink(missing_ok=True)
    for name in other:
        path = Path(HOME, name)
        new = path.with_name(f".{path.name}.{os.getpid()}")  # two processes may do this at once
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if readable(wanted[name]):
                copyfile(wanted[name], new)
                new.chmod(0o444)  # it is not here that it should be edited
            else:
                new.symlink_to(wanted[name])
            new.replace(path)
        except OSError as error:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise WorkflowError(
                f"{os.path.abspath(path)}: {os.strerror(error.errno).lower()}; what steps need is copied to there: "
                "put it right, or work in another folder"
            )


def copy_from_repository():
    """Make HOME the same as the workflow's folder in a repository."""
    folder = BASE.join("../..")
    if not hasattr(folder, "hosted_repo"):
        raise WorkflowError(f"{folder} is no file: clone the workflow, or name it by github(…) or gitlab(…)")
    repo = folder.hosted_repo.repo
    tree = f"{repo.commit(folder.ref).hexsha}:{'' if folder.path == '.' else folder.path}"
    with TemporaryDirectory() as temporary:
        repo.git.archive(tree, *NEEDED, output=f"{temporary}/packed.tar")
        subprocess.run(["tar", "-xf", f"{temporary}/packed.tar", "-C", temporary], check=True)
        copy_to_home(temporary, NEEDED)


# `scripts` is this workflow's while it is read; who imports it may have other code of that name, and gets it back.
THEIRS = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "scripts"}
# Jobs use the copies of the run that they are of. What is copied last tells that there are such.
COPY = not IN_PLACE and (workflow.is_main_process or not Path(HOME, NEEDED[-1]).exists())
if COPY and ORIGIN is None:
    copy_from_repository()
CODE = ORIGIN or os.path.abspath(HOME)
sys.path.insert(0, CODE)

# Snakemake notes who made what. In a container that may be a number without a name.
try:
    getuser()
except (KeyError, OSError):
    os.environ.update(USER=str(os.getuid()))

# After a kill, the same command goes on. (Steps of who imports this workflow are not its own to end.)
if workflow.is_main_process and not IMPORTED:
    from scripts.shared.interrupted import go_on
    from scripts.shared.step import Failure
    from scripts.shared.step import told as describe

    try:
        go_on(workflow, at_once=COPY)
    except (Failure, OSError) as error:
        raise WorkflowError(describe(error))

if COPY and ORIGIN is not None:
    copy_to_home(ORIGIN, NEEDED)


def give_back():
    """Let `import scripts` mean again what it meant to who imports this workflow."""
    for name in [name for name in sys.modules if name.split(".")[0] == "scripts"]:
        del sys.modules[name]
    sys.modules.update(THEIRS)
    if CODE != str(workflow.basedir):
        sys.path[:] = [path for path in sys.path if os.path.abspath(path) != CODE]


# Steps run with the Python that runs Snakemake, whether its environment is activated or not, unless conda makes one.
# Where their code is not in the working directory they have to be told, and must not take what is there for it.
OWN = Path(sys.executable)
OWN = OWN.relative_to(Path.cwd()) if OWN.is_relative_to(Path.cwd()) else OWN
WITH_CONDA = workflow.deployment_settings and "conda" in map(str, workflow.deployment_settings.deployment_method)
PYTHON = "python" if WITH_CONDA else quote(str(OWN))
if not IN_PLACE:
    PYTHON = f"PYTHONSAFEPATH=1 PYTHONPATH={quote(os.path.abspath(HOME))}${{PYTHONPATH:+:$PYTHONPATH}} {PYTHON}"


def located(name):
    """Return where a file or folder that the configuration names is, or each of a list: here or else in the workflow."""
    if isinstance(name, list):
        return list(map(located, name))
    name = name and os.path.normpath(os.path.expanduser(name))
    there = os.path.join(CODE, name)
    if not name or os.path.exists(name) or not os.path.exists(there):
        return name
    inside = os.path.relpath(there, CODE)
    if inside.startswith(".."):
        return os.path.relpath(there)
    if COPY:
        copy_to_home(CODE, [inside])
    return f"{HOME}/{inside}"


def told(failure):
    """Return the error for Snakemake to end with. It names files where they are edited, not as they are copied."""
    return WorkflowError(str(failure) if IN_PLACE else str(failure).replace(f"{HOME}/", f"{CODE}/"))


def ours(names):
    """Return the paths of this workflow's files, as inputs that no module's prefix and no storage applies to."""
    return local(sorted(os.path.normpath(os.path.join(HOME, name)) for name in names))
