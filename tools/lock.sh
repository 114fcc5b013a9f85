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
pin "$@" tools/node.in -o tools/node.lock
cd tests/peers/node
npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund
node - <<'EOF' # addresses that ask for donations say nothing about what is installed
const fs = require("fs")
const lock = JSON.parse(fs.readFileSync("package-lock.json"))
for (const one of Object.values(lock.packages)) delete one.funding
fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n")
EOF
