# The stages of `make test`, and which others each of them waits for. `scripts/test` runs as many side by side as there are
# processors: of those that may begin, the first in `stages`.

pythons := $(tested_pythons:%=python-%)
exit_pythons := $(exit_tested_pythons:%=python-%)
stages := bindings setup lint wheel rust swift kotlin apple python-browser msrv $(pythons) $(exit_pythons) \
	python-packaging clients sdist

.PHONY: all $(stages)
all: $(stages)

# What is missing on this machine, but for what `scripts/test` sets up first.
setup:
	@scripts/stage $@ scripts/setup

# Cargo lets one build at a time into a folder: side by side these would wait for each other, with a processor each.
bindings:
	@scripts/stage $@ scripts/bindings
lint: bindings setup
	@scripts/stage $@ scripts/lint
rust: lint
	@scripts/stage $@ scripts/test-rust
swift: rust
	@scripts/stage $@ scripts/test-swift
apple: swift
	@scripts/stage $@ scripts/test-apple
sdist: apple
	@scripts/stage $@ scripts/test-sdist

# Of another compiler, and in a folder of its own.
msrv: setup
	@scripts/stage $@ scripts/msrv

# What ships, as it is installed.
wheel:
	@scripts/stage $@ $(MAKE) --no-print-directory wheel
kotlin: wheel rust
	@scripts/stage $@ scripts/kotlin
python-browser: wheel setup
	@scripts/stage $@ scripts/test-browser
clients: wheel setup
	@scripts/stage $@ scripts/test-clients
python-packaging: wheel bindings
	@scripts/stage $@ scripts/test-packaging
$(pythons): python-%: wheel setup
	@scripts/stage $@ scripts/test-python $*
$(exit_pythons): python-%: wheel setup
	@scripts/stage $@ scripts/test-python $* tests/test_exit.py
