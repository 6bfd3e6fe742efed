from scripts.mnist.ensembles import RIGHT, WRONG

# Replicas come in batches of a fixed size, so that asking for more of them redoes none.
REPLICAS_PER_BATCH = 33

REPLICAS = {
    name: [
        f"results/mnist/replicas/{name}/{batch}.csv"
        for batch in range(-(-config["mnist"]["replicas"] // REPLICAS_PER_BATCH) if name in RIGHT else 1)
    ]
    for name in (*RIGHT, *WRONG)
}


rule train_mnist:
    input:
        data="results/datasets/mnist.npz",
        code=sources("scripts.mnist.train"),
    output:
        history="results/mnist/history.csv",
        weights="results/mnist/weights.npz",
        initial="results/mnist/initial.json",
        evaluation="results/mnist/evaluation.json",
    log:
        "logs/mnist/train.log",
    benchmark:
        "benchmarks/mnist/train.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **{key: config["mnist"][key] for key in ("seed", "hidden", "learning_rate", "epochs")},
    shell:
        "python -m scripts.mnist.train --data {input.data} --seed {params.seed} --hidden {params.hidden} "
        "--learning-rate {params.learning_rate} --epochs {params.epochs} --history {output.history} "
        "--weights {output.weights} --initial {output.initial} --evaluation {output.evaluation} 2>&1 | tee {log}"


rule replicate_mnist:
    input:
        data="results/datasets/mnist.npz",
        code=sources("scripts.mnist.replicate"),
    output:
        "results/mnist/replicas/{ensemble}/{batch}.csv",
    log:
        "logs/mnist/replicate/{ensemble}/{batch}.log",
    benchmark:
        "benchmarks/mnist/replicate/{ensemble}/{batch}.tsv"
    wildcard_constraints:
        ensemble="|".join([*RIGHT, *WRONG]),
        batch=r"\d+",
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **{key: config["mnist"][key] for key in ("seed", "hidden", "learning_rate", "epochs")},
        first=lambda wildcards: int(wildcards.batch) * REPLICAS_PER_BATCH + 1,
        replicas=lambda wildcards: (
            REPLICAS_PER_BATCH if wildcards.ensemble in RIGHT else config["mnist"]["wrong_replicas"]
        ),
    shell:
        "python -m scripts.mnist.replicate --data {input.data} --ensemble {wildcards.ensemble} "
        "--first {params.first} --count {params.replicas} --seed {params.seed} --hidden {params.hidden} "
        "--learning-rate {params.learning_rate} --epochs {params.epochs} --output {output} 2>&1 | tee {log}"


rule diverge_mnist:
    input:
        data="results/datasets/mnist.npz",
        code=sources("scripts.mnist.divergence"),
    output:
        curves="results/mnist/divergence.csv",
        summary="results/mnist/divergence.json",
    log:
        "logs/mnist/diverge.log",
    benchmark:
        "benchmarks/mnist/diverge.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        **{key: config["mnist"][key] for key in ("seed", "hidden", "learning_rate")},
    shell:
        "python -m scripts.mnist.divergence --data {input.data} --seed {params.seed} --hidden {params.hidden} "
        "--learning-rate {params.learning_rate} --curves {output.curves} --summary {output.summary} &> {log}"


rule sum_up_mnist:
    input:
        replicas=sum(REPLICAS.values(), []),
        history="results/mnist/history.csv",
        dataset="results/datasets/mnist.json",
        code=sources("scripts.mnist.stability"),
    output:
        "results/mnist/stability.json",
    log:
        "logs/mnist/sum_up.log",
    benchmark:
        "benchmarks/mnist/sum_up.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        batch_size=config["fashion_mnist"]["batch_size"],
    shell:
        "python -m scripts.mnist.stability --replicas {input.replicas} --history {input.history} "
        "--dataset {input.dataset} --batch-size {params.batch_size} --output {output} &> {log}"
