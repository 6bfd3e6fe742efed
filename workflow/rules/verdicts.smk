from scripts.verdicts.answers import answer_files

try:
    FILES, REFUSED = answer_files(config["answers"])
except Failure as failure:
    raise WorkflowError(str(failure))
SETS = sorted({**FILES, **REFUSED})
VERDICTS = [f"results/verdicts/{name}.json" for name in SETS]
OVERVIEW = ["results/verdicts/overview.json"] if len(SETS) > 1 else []

# All that verdicts are given by, and nothing that depends on an answer: judging another set computes none of it again.
TRUTHS = [
    "results/analytic/squares.json",
    "results/analytic/l1.json",
    "results/analytic/backprop.json",
    "results/relu/dataset-1.json",
    "results/relu/dataset-2.json",
    "results/datasets/fashion-mnist.json",
    "results/datasets/fashion-mnist.npz",
    "results/datasets/mnist.json",
    "results/fashion_mnist/model.json",
    "results/fashion_mnist/evaluation.json",
    "results/fashion_mnist/confidence.json",
    *expand(
        "results/fashion_mnist/runs/{run}/{file}",
        run=range(config["fashion_mnist"]["replicas"] + 1),
        file=["history.csv", "last_batch.csv", "probabilities.npz"],
    ),
    "results/mnist/divergence.json",
    "results/mnist/history.csv",
    "results/mnist/initial.json",
    "results/mnist/stability.json",
    *sum(REPLICAS.values(), []),
]


# All sets in one job: starting Python takes longer than judging a set.
rule judge:
    input:
        # What is refused is no input, lest it be opened.
        answers=list(FILES.values()),
        catalogue="scripts/verdicts/claims.yaml",
        schema="workflow/schemas/answers.schema.yaml",
        truths=TRUTHS,
        code=sources("scripts.verdicts.judge"),
    output:
        expand("results/verdicts/{set}.json", set=SETS),
        OVERVIEW,
    log:
        "logs/verdicts/judge.log",
    benchmark:
        "benchmarks/verdicts/judge.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        # As given in the config: a folder's thousand files would not fit on a command line.
        answers=lambda wildcards: config["answers"],
        alpha=config["verdicts"]["alpha"],
    shell:
        "python -m scripts.verdicts.judge --answers {params.answers:q} --files {input.truths} --alpha {params.alpha} "
        "--folder results/verdicts &> {log}"


rule measure_power:
    input:
        truths=TRUTHS,
        code=sources("scripts.verdicts.power"),
    output:
        "results/verdicts/power/power.json",
    log:
        "logs/verdicts/measure_power.log",
    benchmark:
        "benchmarks/verdicts/measure_power.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        alpha=config["verdicts"]["alpha"],
    shell:
        "python -m scripts.verdicts.power --files {input.truths} --alpha {params.alpha} --output {output} &> {log}"


# Needs no result of the others: it runs while networks train.
rule try_formulas:
    input:
        code=sources("scripts.verdicts.random_formulas"),
    output:
        "results/verdicts/power/formulas.json",
    log:
        "logs/verdicts/try_formulas.log",
    benchmark:
        "benchmarks/verdicts/try_formulas.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=20,
    params:
        answers=config["verdicts"]["random_answers"],
    shell:
        "python -m scripts.verdicts.random_formulas --wrong {params.answers} --right {params.answers} --output {output} "
        "&> {log}"


rule grade_verdicts:
    input:
        power="results/verdicts/power/power.json",
        formulas="results/verdicts/power/formulas.json",
        catalogue="scripts/verdicts/claims.yaml",
        graded="scripts/verdicts/graded.yaml",
        truths=TRUTHS,
        code=sources("scripts.verdicts.grade"),
    output:
        "results/verdicts/power/grading.json",
    log:
        "logs/verdicts/grade_verdicts.log",
    benchmark:
        "benchmarks/verdicts/grade_verdicts.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        alpha=config["verdicts"]["alpha"],
        figures=config["verdicts"]["random_answers"],
    shell:
        "python -m scripts.verdicts.grade --files {input.truths} --power {input.power} --formulas {input.formulas} "
        "--figures {params.figures} --alpha {params.alpha} --output {output} &> {log}"
