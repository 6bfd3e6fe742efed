import hashlib
import re
from functools import cache
from itertools import pairwise
from shlex import join

from scripts.report.plots import figures
from scripts.shared.ranges import ranges
from scripts.shared.sources import sources


def code(module):
    """Return the files behind a step's module, as inputs."""
    return ours(sources(module))


def within(names):
    """Return the paths of result files by the names that claims have for them."""
    return [f"<results>/{name}" for name in names]


@cache
def digest_of(path):
    """Return the SHA-256 of a file's content; nothing if it cannot be read."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if readable(Path(path)) else ""


def known_as(path):
    """Return what a file is called wherever the folders of set and workflow lie."""
    bases = [base for base in (SET.folder, Path(HOME)) if Path(path).is_relative_to(base)]
    return str(Path(path).relative_to(bases[0])) if bases else Path(path).name


def digest(paths):
    """Return one SHA-256 for names and contents of many files, wherever they lie: two that are exchanged change it."""
    return hashlib.sha256(json.dumps([[known_as(path), digest_of(path)] for path in paths]).encode()).hexdigest()


def edited_of(inputs):
    """Return, for params, the digest of what people edit among a rule's inputs, those included that functions give."""

    def local_of(wildcards):
        given = [one(wildcards) if callable(one) else one for one in inputs]
        paths = [path for one in given for path in ([one] if isinstance(one, str) else one)]
        return digest([path for path in paths if is_flagged(path, "local")])

    return local_of if any(map(callable, inputs)) else local_of(None)


# Snakemake compares params from one run to the next, but not those that ask for the output: so results stay good when
# the Python or the folder moves. No option may stand in such a function.
def python(wildcards, output):
    """Return, for params, the command that starts Python with this workflow's code, from any working directory."""
    return PYTHON


def above(levels):
    """Return, for params, the folder so many levels above the first output: where Snakemake really puts results."""
    return lambda wildcards, output: str(Path(output[0]).parents[levels - 1])


# How many GPUs a job of Fashion-MNIST's asks a cluster for.
GPUS = 1 if config["fashion_mnist"]["device"] == "cuda" else 0


def minutes(given, runs=1, step=0):
    """Return the time limit, in minutes, of so many trainings: ten times what they take on a core, and time to begin.

    Measured: 0.05 ns for each multiplication of the weights by an image, and `step` µs for each step besides.
    """
    products = sum(a * b for a, b in pairwise([784, *given["hidden"], 10]))
    seconds = 60_000 * given["epochs"] * (5e-11 * products + 1e-6 * step / given.get("batch_size", 1))
    return 10 + round(10 * runs * seconds / 60)


def alternatives(names):
    """Return a pattern of just these wildcards; of nothing if there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def options(**values):
    """Return `values` as options of a command: one text, so that Snakemake compares each value together with its name."""
    words = []
    for name, value in values.items():
        words += [f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, list) else [value])]
    return join(words)


def listed(names):
    """Return, as a function for params, the words of a command that stand for the names of many files.

    In params that are texts, Snakemake takes braces for wildcards.
    """
    words = ranges(names)
    return lambda wildcards: words


def drawn(name, figure, kind, folder):
    """Return the file of a figure, with what `snakemake --report` says of it."""
    return report(
        f"<results>/report/{folder}/{name}.svg",
        category="Figures",
        subcategory=kind,
        labels={"figure": name.replace("-", " "), "shows": figures.WORDS[figure.function]},
        caption="../report/figure.rst",
    )
