from scripts.verdicts.answers import answer_files, refuse_unreadable

ANSWERS = located(config["answers"]) or str(SET.folder / "answers")
try:
    FILES, REFUSED = answer_files(ANSWERS)
except Failure as failure:
    raise told(failure)
# All that verdicts are given by, and nothing that depends on an answer: judging other answers computes none of it again.
try:
    TRUTHS = needed(SET.claims.values(), OUTPUTS)
except Failure as failure:
    raise told(f"{SET.folder}/{failure}")
ANSWER_SETS = sorted({**FILES, **REFUSED})
OVERVIEW = ["json", "csv"] if len(ANSWER_SETS) > 1 else []  # kinds of files that tell of all sets at once

# What tells how many wrong trainings a verdict would catch; nothing if the set trains nothing.
TRAINED = []
if "mnist" in SET.experiments:
    TRAINED += ["mnist/divergence.json", *sum(REPLICAS.values(), [])]
if "fashion_mnist" in SET.experiments:
    TRAINED += ["fashion_mnist/model.json", *expand("fashion_mnist/runs/{run}/history.csv", run=RUNS)]
RANDOM = [spec for spec in SET.claims.values() if spec["kind"] == "distribution"]
MEASURED = sorted({*needed(RANDOM, OUTPUTS), *TRAINED})
# Grading verdicts takes seconds, unless very many answers are asked for.
FEW = config["verdicts"]["random_answers"] <= 1000
POWER = ["verdicts/power/power.json"] if TRAINED else []


# All sets of answers in one job: starting Python takes longer than judging one.
rule judge:
    input:
        problem_set=SET_FILES,
        # What is refused is no input, lest it be opened.
        answers=local(list(FILES.values())),
        truths=within(TRUTHS),
        code=code("scripts.verdicts.judge"),
    output:
        expand("<results>/verdicts/{answers}.json", answers=ANSWER_SETS),
        expand("<results>/verdicts/overview.{kind}", kind=OVERVIEW),
    log:
        "<logs>/verdicts/judge.log",
    benchmark:
        "<benchmarks>/verdicts/judge.tsv"
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
        # Answers as given in the config: a folder's thousand files would not fit on a command line.
        options=options(
            problem_set=SET.folder,
            answers=ANSWERS,
            alpha=config["verdicts"]["alpha"],
        ),
        # What is refused is no input, but its name and why are told.
        refused=hashlib.sha256(json.dumps(REFUSED, sort_keys=True).encode()).hexdigest(),
        results=above(2),
        folder=above(1),
        files=listed(TRUTHS),
    shell:
        "{params.python} -m scripts.verdicts.judge {params.options} --results {params.results:q} "
        "--files {params.files} --folder {params.folder:q} --alone &> {log:q}"


rule measure_power:
    input:
        problem_set=SET_FILES,
        truths=within(MEASURED),
        code=code("scripts.verdicts.power"),
    output:
        "<results>/verdicts/power/power.json",
    log:
        "<logs>/verdicts/measure_power.log",
    benchmark:
        "<benchmarks>/verdicts/measure_power.tsv"
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
        options=options(problem_set=SET.folder, alpha=config["verdicts"]["alpha"]),
        results=above(3),
        files=listed(MEASURED),
    shell:
        "{params.python} -m scripts.verdicts.power {params.options} --results {params.results:q} "
        "--files {params.files} --output {output:q} &> {log:q}"


# Needs no result of the others: it runs while networks train, before what is short.
rule try_formulas:
    input:
        problem_set=SET_FILES,
        code=code("scripts.verdicts.random_formulas"),
    output:
        "<results>/verdicts/power/formulas.json",
    log:
        "<logs>/verdicts/try_formulas.log",
    benchmark:
        "<benchmarks>/verdicts/try_formulas.tsv"
    priority: 1
    retries: 0
    localrule: FEW
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10 + config["verdicts"]["random_answers"] // 200,
    params:
        python=python,
        options=options(
            problem_set=SET.folder,
            wrong=config["verdicts"]["random_answers"],
            right=config["verdicts"]["random_answers"],
        ),
    shell:
        "{params.python} -m scripts.verdicts.random_formulas {params.options} --output {output:q} &> {log:q}"


rule grade_verdicts:
    input:
        problem_set=SET_FILES,
        power=within(POWER),
        formulas="<results>/verdicts/power/formulas.json",
        truths=within(TRUTHS),
        code=code("scripts.verdicts.grade"),
    output:
        "<results>/verdicts/power/grading.json",
    log:
        "<logs>/verdicts/grade_verdicts.log",
    benchmark:
        "<benchmarks>/verdicts/grade_verdicts.tsv"
    retries: 0
    localrule: FEW
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10 + config["verdicts"]["random_answers"] // 200,
    params:
        python=python,
        options=options(
            problem_set=SET.folder,
            values=config["verdicts"]["random_answers"],
            alpha=config["verdicts"]["alpha"],
        ),
        results=above(3),
        files=listed(TRUTHS),
        power="--power" if POWER else "",
    shell:
        "{params.python} -m scripts.verdicts.grade {params.options} --results {params.results:q} "
        "--files {params.files} {params.power} {input.power:q} --formulas {input.formulas:q} --output {output:q} "
        "&> {log:q}"
