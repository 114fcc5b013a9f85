#!/bin/sh
# Make ready the identity provider that tests sign in at: .tools/idp, apart from the product's environment.
set -eu
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never
lock=requirements-idp.lock
cmp -s "$lock" .tools/idp/installed.lock && exit
.tools/uv/bin/uv venv --quiet --clear --python .venv/bin/python .tools/idp
.tools/uv/bin/python tools/like_pip.py .tools/uv/bin/uv pip install --quiet --python .tools/idp/bin/python --require-hashes -r "$lock"
cp "$lock" .tools/idp/installed.lock
