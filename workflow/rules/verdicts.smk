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
    "results/mnist/history.csv",
    "results/mnist/initial.json",
    "results/mnist/stability.json",
    *sum(REPLICAS.values(), []),
]


rule judge:
    input:
        answers=config["answers"],
        catalogue="scripts/verdicts/claims.yaml",
        schema="workflow/schemas/answers.schema.yaml",
        truths=TRUTHS,
        code=sources("scripts.verdicts.judge"),
    output:
        "results/verdicts/document.json",
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
        alpha=config["verdicts"]["alpha"],
    shell:
        "python -m scripts.verdicts.judge --answers {input.answers} --alpha {params.alpha} "
        "--output {output} &> {log}"
