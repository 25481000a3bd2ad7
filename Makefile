# The only entrance to the project: every recipe calls the script that does it. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint wheel sdist kotlin release swift xcframework bindings bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: wheel ## show the package at work against its own simulator
	@scripts/demo

test: ## every check and test there is
	@scripts/test

lint: ## formatting, lints and types
	@scripts/lint

wheel: dist/.wheel ## the Python wheel, into dist/
	@ls dist/*.whl

sdist: ## the Python source distribution, into dist/
	@scripts/sdist

kotlin: ## the Kotlin packages, tested, into the local Maven repository
	@scripts/kotlin

release: ## the JAR with the native libraries of other platforms too, into dist/
	@scripts/release

swift: ## the Swift package and its static library, tested
	@scripts/test-swift

xcframework: ## what the Swift package stands on for Apple's platforms, on a Mac
	@scripts/xcframework

bindings: ## the bindings of every language, from both builds of the library
	@scripts/bindings

bench: wheel ## measure the package beside what else one would use
	@scripts/bench

setup: ## set up what is missing on this machine
	@scripts/setup

clean: ## remove everything that was built
	@scripts/clean

# Folders too: their time changes when a file goes away.
wheel_inputs := Cargo.toml Cargo.lock uniffi.toml README.md LICENSE-APACHE LICENSE-MIT scripts/wheel \
	$(shell find src bindings/python/src bindings/python/build_backend bindings/python/pyproject.toml \
		\( -name __pycache__ -o -name _native \) -prune -o -print)

dist/.wheel: $(wheel_inputs)
	@scripts/wheel
	@touch $@

.PHONY: aar
aar: ## the Android package, into dist/ (with its native code where ANDROID_NDK_HOME is set)
	@scripts/aar
