"""The plot beside the README's table: a whole run beside the textbook script, and what cores and replicas do to it."""

from statistics import median

from matplotlib.figure import Figure

from scripts.report.plots.svg import BLUE, INK, ORANGE, SETTINGS, VERMILION, cleaned
from tests.benchmarks.record import Record

# A picture stands alone: it has no page whose colours it could take.
STYLE = """<style>
svg { color: #1d2126; font-family: system-ui, sans-serif }
@media (prefers-color-scheme: dark) {
  svg { color: #e4e6e9; --blue: #3a90d0; --vermilion: #ea7434; --orange: #f7d070 }
}
</style>"""
COMPARED = (
    ("project", "Proofset, all of it", BLUE),
    ("yardstick", "textbook script", VERMILION),
    ("peer", "JAX", ORANGE),
)


def drawn(record: Record) -> str:
    """Return the plot as SVG that follows a reader's choice of light or dark."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(7.2, 2.6), layout="constrained")
        beside, scaling = figure.subplots(1, 2, width_ratios=(3, 2))
        shown = [(said, [*record.by_turn(what).values()], colour) for what, said, colour in COMPARED]
        shown = [(said, values, colour) for said, values, colour in reversed(shown) if values]
        for place, (_, values, colour) in enumerate(shown):
            middle = median(values)
            beside.barh(place, middle, height=0.55, color=colour)
            beside.plot([min(values), max(values)], [place, place], color=INK, linewidth=1)
            beside.annotate(f"{middle:.0f} s", (max(values), place), (5, 0), textcoords="offset points", va="center")
        beside.set_yticks(range(len(shown)), [said for said, *_ in shown])
        beside.set_xlabel(f"seconds on {record.machine['cores']} cores, median and range")
        beside.margins(x=0.15)
        by_cores = runs_by_cores(record)
        scaling.plot([*by_cores], [*by_cores.values()], "o-", color=BLUE)
        scaling.set_xlabel("--cores")
        scaling.set_xticks([*by_cores])
        scaling.set_ylabel("seconds of a whole run")
        scaling.set_ylim(bottom=0)
        text = cleaned("benchmark", figure, "What a run takes", "A whole run beside the textbook script, and by cores.")
    head, end, rest = text.partition(">")
    return head + end + STYLE + rest


def runs_by_cores(record: Record) -> dict[int, float]:
    """Return number of jobs at once → seconds of a whole run, the median where there are several."""
    here = int(record.machine["cores"])
    others = {int(row.what.split()[1]) for row in record.rows if row.what.startswith("cores ")} - {here}
    runs = {cores: record.by_turn("project" if cores == here else f"cores {cores}") for cores in {here, *others}}
    return {cores: median(runs[cores].values()) for cores in sorted(runs) if runs[cores]}
