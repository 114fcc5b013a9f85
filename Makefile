# The verbs of OneCode Hub. Each makes ready what it needs; `make help` lists them.
.DEFAULT_GOAL := help
QUICK = tests/domain tests/db tests/prefill tests/auth tests/lineage --ignore=tests/domain/test_isolation.py
.PHONY: help demo up down test quick steady hostile fuzz bench check lock clean

help: ## 列出全部命令 · list the verbs
	@sed -n 's/^\([a-z]*\):.* ## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: ## 从零演示全部流程，Ctrl-C 停止；PARTNERS=core 只用核心系统 · show every flow from nothing; Ctrl-C stops it; PARTNERS=core: the core systems alone
	@tools/bootstrap.sh requirements.lock
	@tools/run python -m deploy demo $(if $(PARTNERS),--partners $(PARTNERS))

up: ## 启动全部组件，Ctrl-C 停止 · start everything; Ctrl-C stops it
	@tools/bootstrap.sh requirements.lock
	@tools/run python -m deploy up

down: ## 停止在别处启动的组件 · stop what was started elsewhere
	@tools/run python -m deploy down

test: ## 用 WORKERS 个进程（默认 2）运行全部测试 · run all tests with WORKERS processes (2 unless said)
	@tools/bootstrap.sh requirements-dev.lock
	@tools/run python -m pytest -n $(or $(WORKERS),2)

quick: ## 只运行纯规则和数据库的测试 · the pure and database tests alone
	@tools/bootstrap.sh requirements-dev.lock
	@tools/run python -m pytest -n $(or $(WORKERS),2) $(QUICK)

steady: ## 在繁忙的机器上运行控制台测试 ROUNDS 轮（默认 20） · run the console's tests ROUNDS times (20 unless said) on a busy machine
	@tools/bootstrap.sh requirements-dev.lock
	@tools/run python tools/steady.py --rounds $(or $(ROUNDS),20)

hostile: ## 在故障中运行 SEEDS 个随机世界（默认 1000） · live through SEEDS seeds of faults (1000 unless said)
	@tools/bootstrap.sh requirements-dev.lock
	@tools/run python -m tests.hostile --seeds $(or $(SEEDS),1000) --from $(or $(FROM),1) --workers $(or $(WORKERS),1)

fuzz: ## 以四种身份向接口的每个操作各提 EXAMPLES 个问题（默认 200） · ask every operation of the API EXAMPLES times (200 unless said) as four roles
	@tools/bootstrap.sh requirements-dev.lock
	@tools/run python -m tests.api.fuzz --examples $(or $(EXAMPLES),200)

bench: ## 与 COPY、dlt、pandas 同场测速 · measure beside COPY, dlt and pandas: RECORDS=200000 RUNS=3
	@tools/bootstrap.sh requirements.lock
	@tools/bench.sh
	@tools/run python -m bench.compare --records $(or $(RECORDS),200000) --runs $(or $(RUNS),3)

check: ## 代码、类型、结构和契约检查 · lint, types, structure, contracts
	@tools/bootstrap.sh requirements-dev.lock
	@tools/run tools/check.sh

lock: ## 重新锁定依赖版本 · pin the newest versions again
	@tools/bootstrap.sh requirements-dev.lock
	@tools/lock.sh --upgrade

clean: ## 停止并删除本目录生成的一切，含数据 · stop, and delete all that was made here, data included
	@test ! -x .venv/bin/python || tools/run python -m deploy clean
	rm -rf .run .tools .venv
