from scripts.mnist.ensembles import WRONG

MNIST = SETTINGS["mnist"]
# Verdicts are given by replicas that differ in the last places. They come in batches of a fixed size, so that asking for
# more of them redoes none. A few of each other sort say what these would find.
REPLICAS_PER_BATCH = 33
OTHERS = ["seeds", *WRONG]
OTHER_RUNS = len(OTHERS) * MNIST["wrong_replicas"]
REPLICAS = {
    "ulp": [f"mnist/replicas/ulp/{batch}.csv" for batch in range(-(-MNIST["replicas"] // REPLICAS_PER_BATCH))],
    **{name: [f"mnist/replicas/{name}/0.csv"] for name in OTHERS},
}
SUMMED_UP = [
    f"mnist/{name}"
    for name in ("initial.json", "history.csv", "evaluation.json", "divergence.csv", "divergence.json", "summary.json")
]
OUTPUTS += [*SUMMED_UP, *sum(REPLICAS.values(), [])]
SHOWN += [*SUMMED_UP, "mnist/weights.npz", *REPLICAS["ulp"], *REPLICAS["pixels-scaled"]]


rule train_mnist:
    input:
        data="<results>/datasets/mnist.npz",
        code=code("scripts.mnist.train"),
    output:
        history="<results>/mnist/history.csv",
        weights="<results>/mnist/weights.npz",
        initial="<results>/mnist/initial.json",
        evaluation="<results>/mnist/evaluation.json",
    log:
        "<logs>/mnist/train.log",
    benchmark:
        "<benchmarks>/mnist/train.tsv"
    priority: 1
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: minutes(MNIST, step=30) * attempt,
    params:
        python=python,
        options=options(**{key: MNIST[key] for key in ("seed", "hidden", "learning_rate", "epochs")}),
    shell:
        "{params.python} -m scripts.mnist.train --data {input.data:q} {params.options} --history {output.history:q} "
        "--weights {output.weights:q} --initial {output.initial:q} --evaluation {output.evaluation:q} "
        "2>&1 | tee {log:q}"


rule replicate_mnist:
    input:
        data="<results>/datasets/mnist.npz",
        code=code("scripts.mnist.replicate"),
    output:
        "<results>/mnist/replicas/ulp/{batch}.csv",
    log:
        "<logs>/mnist/replicate/{batch}.log",
    benchmark:
        "<benchmarks>/mnist/replicate/{batch}.tsv"
    wildcard_constraints:
        batch=r"\d+",
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: minutes(MNIST, REPLICAS_PER_BATCH) * attempt,
    params:
        python=python,
        options=lambda wildcards: options(
            first=int(wildcards.batch) * REPLICAS_PER_BATCH + 1,
            count=REPLICAS_PER_BATCH,
            **{key: MNIST[key] for key in ("seed", "hidden", "learning_rate", "epochs")},
        ),
    shell:
        "{params.python} -m scripts.mnist.replicate --data {input.data:q} --ensembles ulp {params.options} "
        "--outputs {output:q} 2>&1 | tee {log:q}"


rule replicate_others_mnist:
    # All in one job: getting ready takes as long as several of their few replicas. It begins early, since it is long.
    input:
        data="<results>/datasets/mnist.npz",
        code=code("scripts.mnist.replicate"),
    output:
        expand("<results>/mnist/replicas/{ensemble}/0.csv", ensemble=OTHERS),
    log:
        "<logs>/mnist/replicate/others.log",
    benchmark:
        "<benchmarks>/mnist/replicate/others.tsv"
    priority: 2
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: minutes(MNIST, OTHER_RUNS) * attempt,
    params:
        python=python,
        options=options(
            ensembles=OTHERS,
            first=1,
            count=MNIST["wrong_replicas"],
            **{key: MNIST[key] for key in ("seed", "hidden", "learning_rate", "epochs")},
        ),
    shell:
        "{params.python} -m scripts.mnist.replicate --data {input.data:q} {params.options} --outputs {output:q} "
        "2>&1 | tee {log:q}"


rule diverge_mnist:
    input:
        data="<results>/datasets/mnist.npz",
        code=code("scripts.mnist.diverge"),
    output:
        curves="<results>/mnist/divergence.csv",
        summary="<results>/mnist/divergence.json",
    log:
        "<logs>/mnist/diverge.log",
    benchmark:
        "<benchmarks>/mnist/diverge.tsv"
    retries: 0
    localrule: True
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        python=python,
        options=options(**{key: MNIST[key] for key in ("seed", "hidden", "learning_rate")}),
    shell:
        "{params.python} -m scripts.mnist.diverge --data {input.data:q} {params.options} --curves {output.curves:q} "
        "--summary {output.summary:q} &> {log:q}"


rule sum_up_mnist:
    input:
        replicas=within(sum(REPLICAS.values(), [])),
        history="<results>/mnist/history.csv",
        dataset="<results>/datasets/mnist.json",
        code=code("scripts.mnist.sum_up"),
    output:
        "<results>/mnist/summary.json",
    log:
        "<logs>/mnist/sum_up.log",
    benchmark:
        "<benchmarks>/mnist/sum_up.tsv"
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
        replicas=lambda wildcards, input: ranges(input.replicas),
        options=options(compared_batch_size=MNIST["compared_batch_size"]),
    shell:
        "{params.python} -m scripts.mnist.sum_up --replicas {params.replicas} --history {input.history:q} "
        "--dataset {input.dataset:q} {params.options} --output {output:q} &> {log:q}"
