# Points and networks that claims name, by the name of their result.
POINTS = {
    Path(spec["points"]).stem: local(str(SET.folder / spec["points"]))
    for spec in SET.claims.values()
    if spec["kind"] == "fit"
}
NETWORKS = {
    Path(spec["network"]).stem: local(str(SET.folder / spec["network"]))
    for spec in SET.claims.values()
    if spec["kind"] == "pass"
}
PIECEWISE_LINEAR = [f"relu/{name}.json" for name in sorted(POINTS | NETWORKS)]
OUTPUTS += PIECEWISE_LINEAR
SHOWN += PIECEWISE_LINEAR


rule fit_points:
    input:
        points=lambda wildcards: POINTS[wildcards.points],
        code=code("scripts.relu.fit"),
    output:
        "<results>/relu/{points}.json",
    log:
        "<logs>/relu/fit/{points}.log",
    benchmark:
        "<benchmarks>/relu/fit/{points}.tsv"
    wildcard_constraints:
        points=alternatives(POINTS),
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
    shell:
        "{params.python} -m scripts.relu.fit --points {input.points:q} --output {output:q} 2>&1 | tee {log:q}"


rule pass_network:
    input:
        network=lambda wildcards: NETWORKS[wildcards.network],
        code=code("scripts.relu.passes"),
    output:
        "<results>/relu/{network}.json",
    log:
        "<logs>/relu/pass/{network}.log",
    benchmark:
        "<benchmarks>/relu/pass/{network}.tsv"
    wildcard_constraints:
        network=alternatives(NETWORKS),
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
    shell:
        "{params.python} -m scripts.relu.passes --network {input.network:q} --output {output:q} 2>&1 | tee {log:q}"
