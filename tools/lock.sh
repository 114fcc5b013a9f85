#!/bin/sh
# Pin the newest versions of all packages, with hashes and without index addresses: tools/lock.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."
pin() {
    .tools/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links "$@"
}
pin "$@" requirements.in -o requirements.lock
pin "$@" -c requirements.lock requirements-dev.in -o requirements-dev.lock
pin "$@" -c requirements.lock requirements-compose.in -o requirements-compose.lock
pin "$@" requirements-bench.in -o requirements-bench.lock
pin "$@" requirements-idp.in -o requirements-idp.lock
pin "$@" tools/bootstrap.in -o tools/bootstrap.lock
