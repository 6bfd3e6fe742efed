# All of Proofset in one image, for those who want no Python of their own, and for Kubernetes.
#
#   docker build --tag proofset .
#   docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/work" proofset --cores 4
#
# What is made goes to the folder that is mounted as /work, and belongs to whom you are: the next run repeats only what
# an edit concerns. A config.yaml there counts in place of the image's, problem sets and answers there are found, and
# what stands behind the image's name goes to Snakemake. Podman reads this file as well.

# Pinned by name alone: put the digest behind it (python:3.13-slim-bookworm@sha256:…) that `docker pull` shows.
ARG BASE=docker.io/library/python:3.13-slim-bookworm
FROM ${BASE}

# All packages by their digests, the same as everywhere else. PyTorch's build for CUDA is most of the image.
COPY requirements.lock /opt/proofset/
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --require-hashes --requirement /opt/proofset/requirements.lock

COPY . /opt/proofset/
# Compiled now, since whoever runs it may not write here.
RUN /opt/venv/bin/python -m compileall -q /opt/proofset/scripts

# Whoever runs it need not be known to the image: a name and a home are there for every user.
ENV PATH=/opt/venv/bin:$PATH USER=proofset HOME=/tmp
USER 1000:1000
WORKDIR /work
ENTRYPOINT ["snakemake", "--snakefile", "/opt/proofset/Snakefile"]
CMD ["--cores", "all"]
