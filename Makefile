.PHONY: run test bench soak lint lock clean

run: ## Set up what is missing and start the campus; options in ARGS="--headless --speed 10"
	@scripts/run $(ARGS)

test: ## Set up what is missing and run every tier of tests; options in ARGS="--tier e2e -k patrol"
	@scripts/python scripts/test $(ARGS)

bench: ## Run the benchmarks and write the README's table; options in ARGS="--quick routes"
	@bash -c '. scripts/env && exec scripts/bench $(ARGS)'

soak: ## Run long seeded campaigns, each where it was; options in ARGS="canalside_days --seeds 5"
	@bash -c '. scripts/env && exec scripts/soak $(ARGS)'

lint: ## The first tier of the tests: ruff, mypy, import contracts
	@scripts/python scripts/test --tier lint

lock: ## Write the locked requirements anew
	@scripts/lock

clean: ## Remove everything that was built or installed here
	rm -rf .venv .cache ros2_ws/build ros2_ws/install ros2_ws/log fleet_manager/dashboard/dist fleet_manager/dashboard/node_modules
