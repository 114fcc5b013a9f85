#!/bin/sh
# Every check runs, also after one that failed; the end says which did.
cd "$(dirname "$0")/.." || exit
code="hub connectors sandbox deploy dags"
failed=""

check() { # name, command ...
    name=$1
    shift
    printf '== %s\n' "$name"
    "$@" || failed="$failed $name"
}

check lint ruff check --quiet .
check format ruff format --quiet --check .
check types mypy --strict $code tools/check_compose.py tools/house.py tools/manual.py tools/measure_style.py tools/schema.py tools/steady.py
check "types of the bench" mypy --strict --explicit-package-bases bench
check imports lint-imports
check style python tools/measure_style.py . $(printf -- '--src %s ' $code) --tests tests --worst 3 \
    --at-most "function p95=30" --at-most "functions > 50 lines %=1" --at-most "module max=400" \
    --at-least "annotated %=100" --at-most "modules in eager cycles=0" --at-most "junk-drawer modules=0"
check house python tools/house.py --gate
check migrations squawk --no-error-on-unmatched-pattern hub/db/migrations/versions/*.sql
check contracts hub check
check compose python tools/check_compose.py docker-compose.yml

[ -z "$failed" ] || { printf '未通过 · failed:%s\n' "$failed" && exit 1; }
printf '全部通过 · all passed\n'
