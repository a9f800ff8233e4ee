# Sluicebox: everything a developer or a reader does from a clean clone. `make help` lists it.
#
# Nothing here sets CARGO_TARGET_DIR; where the environment does, it is followed.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

CARGO ?= cargo
PYTHON ?= python3
TARGET := $(abspath $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target))
RELEASE_PROGRAM := $(TARGET)/release/sluicebox
TEST_PROGRAM := $(TARGET)/debug/sluicebox
# Operators shipped with the product: a folder each.
PLUGINS := $(patsubst %/Cargo.toml,%,$(wildcard plugins/*/Cargo.toml))
# The same operators in other languages, which the tests compare with those: plugins/LANGUAGE/NAME.
LANGUAGES := c cpp go python javascript
OTHERS := $(patsubst %/,%,$(wildcard $(LANGUAGES:%=plugins/%/*/)))
# Chapters of the guide that are run as they stand.
CHAPTERS := docs/c.md docs/go.md docs/python.md docs/javascript.md
# Where the chapters find an SDK that plugins name, wherever the program is built.
export SLUICEBOX_SDK ?= $(abspath sdk)
# Where `plugin build` keeps what it fetches for them.
export SLUICEBOX_TOOLS_DIR ?= $(abspath .cache/tools)

.PHONY: tools-for-tests help demo release plugins test test-hdfs chaos fuzz check format lint docs check-tree bench bench-speed bench-boundary bench-peers bench-languages bench-kafka bench-swap tools clean

help: ## list what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

# --- run -----------------------------------------------------------------------------------------------------------------------------

demo: release plugins ## build everything and run the network word count on real text
	@$(PYTHON) scripts/demo --program $(RELEASE_PROGRAM)

release: tools ## build the program, optimized
	$(CARGO) build --release --locked -p sluicebox

plugins: release ## build the operators in plugins/ with the release program
	@scripts/build-plugins $(RELEASE_PROGRAM) $(PLUGINS)

# --- test ----------------------------------------------------------------------------------------------------------------------------

# The first command builds with the features of the tests' own dependencies, as the last one does, so that nothing is built twice.
test: tools-for-tests ## build and run all tests
	@PYTHON=$(PYTHON) scripts/sdks test
	@PYTHON=$(PYTHON) scripts/sdks-compiled test
	$(CARGO) build --workspace --lib --bins --tests --locked
	@scripts/build-plugins $(TEST_PROGRAM) $(PLUGINS) $(OTHERS)
	@$(PYTHON) scripts/run-chapter $(TEST_PROGRAM) $(CHAPTERS)
	@scripts/s3-server >/dev/null
	@scripts/fetch-kafka
	$(CARGO) test --workspace --locked

test-hdfs: tools-for-tests ## build with checkpoints on HDFS, which takes all of DataFusion once more, and test them on a real one, which is fetched
	$(CARGO) build --workspace --bins --tests --locked --features sluicebox-tests/hdfs
	$(CARGO) test --locked --workspace --features sluicebox-tests/hdfs --test all hdfs::

chaos: tools ## kill jobs at random moments, sixty times of each kind, and compare what they write: minutes; CHAOS="kills=500 seed=7 files"
	$(CARGO) build --workspace --lib --bins --tests --locked
	@scripts/build-plugins $(TEST_PROGRAM) $(PLUGINS)
	$(TARGET)/debug/chaos $(CHAOS)

fuzz: tools ## give what reads a guest's answers random ones, for minutes, and keep what is new in the corpus; FUZZ="RUNS SEED"
	SLUICEBOX_FUZZ="$(FUZZ)" $(CARGO) test --locked -p sluicebox --lib a_search_finds_no_panic -- --nocapture

# --- check ---------------------------------------------------------------------------------------------------------------------------

check: check-tree format lint docs ## format, lints, docs, the WIT package's version, licences, what must not be in the tree

check-tree: tools
	$(PYTHON) scripts/check-tree
	$(PYTHON) scripts/check-wit --self-test
	$(PYTHON) scripts/check-wit
	$(PYTHON) scripts/check-licences --self-test
	$(PYTHON) scripts/check-licences

format: tools
	@$(CARGO) fmt --version >/dev/null 2>&1 || { echo 'error: rustfmt is missing; install it with: rustup component add rustfmt' >&2; exit 1; }
	$(CARGO) fmt --all --check
	$(CARGO) fmt --all --check --manifest-path plugins/Cargo.toml
	@PYTHON=$(PYTHON) scripts/sdks format
	@PYTHON=$(PYTHON) scripts/sdks-compiled format

lint: tools
	@$(CARGO) clippy --version >/dev/null 2>&1 || { echo 'error: clippy is missing; install it with: rustup component add clippy' >&2; exit 1; }
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) clippy --workspace --locked --manifest-path plugins/Cargo.toml -- -D warnings
	@PYTHON=$(PYTHON) scripts/sdks lint
	@PYTHON=$(PYTHON) scripts/sdks-compiled lint

# These pages are for developers: private items are on them, so links to them hold.
docs: tools
	RUSTDOCFLAGS='-D warnings -A rustdoc::private-intra-doc-links' $(CARGO) doc --workspace --no-deps --document-private-items --locked

# --- measure -------------------------------------------------------------------------------------------------------------------------

bench: release plugins ## word count against the native program, what the host costs, and the boundary: less than ten minutes
	$(PYTHON) host/benches/wordcount/driver.py quick --program $(RELEASE_PROGRAM)
	@$(MAKE) --no-print-directory bench-speed bench-boundary

bench-speed: tools ## guests against the same Rust, the engine, keyed state, windows, joins, event time, plugins outside, the sandbox, a checkpoint, the log of received blocks, PostgreSQL, an empty batch, the start
	CARGO=$(CARGO) host/benches/speed/run quick

bench-boundary: tools ## the shapes in which a batch can cross between host and guest
	CARGO=$(CARGO) host/benches/boundary/run quick

bench-languages: plugins ## words and mask-pii in each language beside Rust: size, compiling, an instance, lines a second
	@scripts/build-plugins $(RELEASE_PROGRAM) $(filter %/words %/mask-pii,$(OTHERS))
	@host/benches/speed/run quick languages --language rust=plugins $(foreach language,$(LANGUAGES),--language $(language)=plugins/$(language))
	@$(PYTHON) host/benches/edit/run --program $(RELEASE_PROGRAM)

bench-kafka: tools ## one partition of a topic, read by a job, by kcat and by a plain loop over the client, from a broker that is fetched (needs Java 17)
	@scripts/fetch-kafka
	$(CARGO) bench --locked -p sluicebox-tests --bench kafka

bench-swap: tools ## how late batches are while a plugin is swapped again and again, and while state is migrated
	$(CARGO) build --release --locked -p sluicebox
	@scripts/build-plugins $(RELEASE_PROGRAM) plugins/chameleon plugins/words
	$(CARGO) bench --locked -p sluicebox-tests --bench swap

bench-peers: release plugins ## the word count in whole, against Spark Streaming and Flink, which are fetched (needs Java 17); state, windows and a join against Spark Streaming
	CARGO=$(CARGO) $(PYTHON) host/benches/operations/driver.py
	$(PYTHON) host/benches/wordcount/driver.py peers --program $(RELEASE_PROGRAM)

# --- tools ---------------------------------------------------------------------------------------------------------------------------

tools:
	@scripts/check-tools $(CARGO) $(PYTHON)

tools-for-tests:
	@scripts/check-tools $(CARGO) $(PYTHON) tests

clean: ## remove what was built and fetched
	rm -rf target .cache sdk/javascript/dist examples/out plugins/target plugins/*/target plugins/*/*.wasm plugins/*/*/*.wasm
