rule fit_points:
    input:
        points="questions/{points}.txt",
        code=sources("scripts.relu.fit"),
    output:
        "results/relu/{points}.json",
    log:
        "logs/relu/fit/{points}.log",
    benchmark:
        "benchmarks/relu/fit/{points}.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    shell:
        "python -m scripts.relu.fit --points {input.points} --output {output} 2>&1 | tee {log}"
