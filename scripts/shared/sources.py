"""Which files a step's code is: its own, those it imports, transitively, what these open beside them, and the lock.

Snakemake notices an edited input but not an edited import, so each rule lists its code as an input. The list is read
from the import statements, without importing anything. A file that stands beside a module and is named in it, such as
a grammar, belongs to the module, and so does a schema that it names. The lock says which versions a step runs with.
"""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "scripts"
SCHEMAS = "workflow/schemas"
LOCK = "requirements.lock"


@cache
def sources(module: str) -> list[str]:
    """Return the sorted paths, relative to the repository, of all files behind `module` ("scripts.mnist.train").

    Raises ValueError if there is no such module.
    """
    found: set[Path] = set()
    if not _visit(module, found):
        raise ValueError(f"no module {module} under {ROOT}")
    return sorted([*(path.relative_to(ROOT).as_posix() for path in found), LOCK])


def _visit(module: str, found: set[Path]) -> bool:
    """Add the files of `module`, its parents and its imports to `found`; return False if it is no module of ours."""
    stem = ROOT.joinpath(*module.split("."))
    path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    if not path.is_file():
        return False
    if path in found:
        return True
    found.update((path, *_data(path)))
    for name in (module.rpartition(".")[0], *_imports(path)):
        _visit(name, found)
    return True


@cache
def _data(path: Path) -> list[Path]:
    """Return the files that the module opens: those in its own folder that it names, and the schemas."""
    nodes = list(ast.walk(_tree(path)))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    beside = [file for file in path.parent.iterdir() if file.suffix not in ("", ".py") and file.name in texts]
    if f"{PACKAGE}.shared.schema" not in _imports(path):
        return beside
    return beside + [file for file in (ROOT / SCHEMAS).iterdir() if file.name.removesuffix(".schema.yaml") in texts]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _imports(path: Path) -> list[str]:
    """Return the dotted names under this package that `path` imports; some may name things inside a module."""
    names = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import name` may name a module or something inside one: a name that is no module is skipped.
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.split(".")[0] == PACKAGE]
