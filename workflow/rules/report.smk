from glob import glob

SAMPLES = SETTINGS["fashion_mnist"]["samples"] if "fashion_mnist" in SET.experiments else 0
FIGURES = figures.shared(SET, SAMPLES)
FIGURES_SHOW = sorted({figure.result for figure in FIGURES.values()})
DRAWN = [f"<results>/report/figures/{name}.svg" for name in FIGURES]
# Those of answers and of sweeps are drawn with the page, and lie beside it for `snakemake --report`.
ANSWERED = figures.answered(SET) if len(ANSWER_SETS) == 1 else {}
SWEPT_FIGURES = figures.swept(SWEEPS)
DRAWN_LATE = [f"<results>/report/drawn/{name}.svg" for name in ANSWERED | SWEPT_FIGURES]
# What claims point to may be shown, arrays apart.
RESULTS_SHOWN = sorted({*SHOWN, *(name for name in TRUTHS if not name.endswith(".npz"))})
ON_PAGES = [*RESULTS_SHOWN, *POWER, "verdicts/power/grading.json", "report/summary.json"]
SUMMARISED = TABLES if "fashion_mnist" in SET.experiments else []
# With several sets of answers the report is an overview, and each has a page. Pages are written by one job, which takes far
# less than a job each; they are kept from one run to the next (update), so that it can leave alone those that do not change.
PAGES = [f"<results>/reports/{name}.html" for name in ANSWER_SETS] if OVERVIEW else []
VERDICTS = expand("<results>/verdicts/{answers}.json", answers=ANSWER_SETS)
VERDICTS += expand("<results>/verdicts/overview.{kind}", kind=OVERVIEW)
CHECKED = [*within([*ON_PAGES, *COMPARED]), *VERDICTS, *DRAWN, *DRAWN_LATE]


rule summarise:
    input:
        results=within(SUMMARISED),
        code=code("scripts.report.page.summary"),
    output:
        "<results>/report/summary.json",
    log:
        "<logs>/report/summarise.log",
    benchmark:
        "<benchmarks>/report/summarise.tsv"
    retries: 0
    localrule: True
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        python=python,
        results=above(2),
        options=options(
            settings=json.dumps(SETTINGS | {"verdicts": config["verdicts"]}, sort_keys=True),
            what_if=json.dumps(WHAT_IF),
            datasets=READ,
        ),
        files=listed(SUMMARISED),
    shell:
        "{params.python} -m scripts.report.page.summary --results {params.results:q} {params.options} "
        "--files {params.files} --output {output:q} 2>&1 | tee {log:q}"


# Waits for no replica: it draws while the last of them train.
rule draw_figures:
    input:
        problem_set=SET_FILES,
        results=within(FIGURES_SHOW),
        code=code("scripts.report.plots.figures"),
    output:
        [drawn(name, figure, "of results alone", "figures") for name, figure in FIGURES.items()],
    log:
        "<logs>/report/draw_figures.log",
    benchmark:
        "<benchmarks>/report/draw_figures.tsv"
    retries: 0
    localrule: True
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        python=python,
        options=options(problem_set=SET.folder, samples=SAMPLES),
        results=above(3),
        folder=above(1),
        files=listed(FIGURES_SHOW),
    shell:
        "{params.python} -m scripts.report.plots.figures {params.options} --results {params.results:q} "
        "--files {params.files} --folder {params.folder:q} 2>&1 | tee {log:q}"


rule write_report:
    input:
        problem_set=SET_FILES,
        chapters=local(list(map(str, SET.prose))),
        results=within(ON_PAGES),
        verdicts=VERDICTS,
        figures=DRAWN,
        sweeps=within(COMPARED),
        style=ours([*glob("report/*.*", root_dir=HOME), *glob("report/font/*.woff2", root_dir=HOME)]),
        workflow=ours(glob("workflow/rules/*.smk", root_dir=HOME)),
        code=code("scripts.report.page.render"),
    output:
        page=report(
            "<results>/report.html",
            category="Report",
            labels={"page": "all of it, in one file"},
            caption="../report/report.rst",
        ),
        pages=update(PAGES),
        answered=[drawn(name, figure, "of answers", "drawn") for name, figure in ANSWERED.items()],
        swept=[drawn(name, figure, "of sweeps", "drawn") for name, figure in SWEPT_FIGURES.items()],
    log:
        "<logs>/report/write_report.log",
    benchmark:
        "<benchmarks>/report/write_report.tsv"
    retries: 0
    localrule: True
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10 + len(PAGES) // 20,
    params:
        python=python,
        options=options(problem_set=SET.folder) + (" --all" if OVERVIEW else " " + options(answers=ANSWER_SETS[0])),
        files=listed(ON_PAGES),
        figures="--figures" if DRAWN else "",
        sweeps=listed(COMPARED),
        results=above(1),
    shell:
        "{params.python} -m scripts.report.page.render {params.options} --results {params.results:q} "
        "--files {params.files} {params.figures} {input.figures:q} --sweeps {params.sweeps} "
        "--workflow {input.workflow:q} --drawn {params.results:q}/report/drawn --output {output.page:q} 2>&1 | tee {log:q}"
