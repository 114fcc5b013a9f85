#!/bin/sh
# Make ready the environment of those that the hub is measured against: .tools/bench, apart from the product's.
set -eu
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never
lock=requirements-bench.lock
cmp -s "$lock" .tools/bench/installed.lock && exit
.tools/uv/bin/uv venv --quiet --clear --python .venv/bin/python .tools/bench
.tools/uv/bin/python tools/like_pip.py .tools/uv/bin/uv pip install --quiet --python .tools/bench/bin/python --compile-bytecode --require-hashes -r "$lock"
cp "$lock" .tools/bench/installed.lock
