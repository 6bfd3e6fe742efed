"""Which files a step's code is: its own, those it imports, transitively, what these open beside them, and the lock.

Snakemake notices an edited input but not an edited import, so each rule lists its code as an input. The list is read
from the import statements, without importing anything, whenever the Snakefile is parsed: by a pattern, which takes a
thirtieth of the time of Python's parser. A file that stands beside a module and is named in it, such as a grammar,
belongs to the module, and so does a schema that it names. The lock says which versions a step runs with.
"""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "scripts"
SCHEMAS = "workflow/schemas"
LOCK = "requirements.lock"
IMPORT = re.compile(rf"^[ \t]*(?:from ({PACKAGE}[\w.]*) import (\([^)]*\)|.*)|import ({PACKAGE}[\w.]*))", re.MULTILINE)


@cache
def sources(module: str) -> list[str]:
    """Return the sorted paths, relative to the repository, of all files behind `module` ("scripts.mnist.train").

    Raises ValueError if there is no such module.
    """
    if _file(module) is None:
        raise ValueError(f"no module {module} under {ROOT}")
    found, waiting = {module}, [module]
    while waiting:
        new = [name for name in _needed(waiting.pop()) if name not in found]
        found.update(new)
        waiting += new
    return sorted({LOCK, *(file for name in found for file in (_file(name), *_data(name)))})


@cache
def _file(module: str) -> str | None:
    """Return the path of a module of ours; None if the name is that of something inside one, or of nothing."""
    stem = module.replace(".", "/")
    return next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if (ROOT / path).is_file()), None)


@cache
def _text(module: str) -> str:
    return (ROOT / _file(module)).read_text(encoding="utf-8")


@cache
def _needed(module: str) -> list[str]:
    """Return the modules that a module loads: its packages, and what it imports."""
    names = [module.rpartition(".")[0]]
    for package, inside, whole in IMPORT.findall(_text(module)):
        # `from package import name` may name a module or something inside one.
        names += [package or whole, *(f"{package}.{name}" for name in re.findall(r"\w+", inside))]
    return [name for name in dict.fromkeys(names) if name and _file(name)]


@cache
def _data(module: str) -> list[str]:
    """Return the files that a module opens: those in its own folder that it names, and the schemas."""
    folder = (ROOT / _file(module)).parent
    named = {file: file.name for file in _beside(folder)}
    if f"{PACKAGE}.shared.schema" in _needed(module):
        named |= {file: file.name.removesuffix(".schema.yaml") for file in _beside(ROOT / SCHEMAS)}
    return [file.relative_to(ROOT).as_posix() for file, name in named.items() if f'"{name}"' in _text(module)]


@cache
def _beside(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.suffix not in ("", ".py")]
