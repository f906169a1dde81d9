# make help lists the targets. All output is in build/; make works in a fresh clone without other preparation.
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

GO ?= go
export GO
# The only authority for the settings of a build against our libbpf.
ENV := sh scripts/env.sh
SKELGEN := build/bin/skelgen
EXAMPLE ?= minimal execsnoop
ARGS_minimal := -duration 3500ms
# Processes for the program to show, for a few seconds.
ARGS_execsnoop := --duration 5s sh -c 'for i in 1 2 3 4; do sleep 0.7; date > /dev/null; sh -c "exit $$i"; done'
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.6.1

define newline


endef

# examples/NAME/bpf/X.bpf.c -> build/bpf/NAME/X.bpf.o -> the package examples/NAME/X, noted by X.generated
SOURCES := $(wildcard examples/*/bpf/*.bpf.c)
OBJECTS := $(foreach s,$(SOURCES),build/bpf/$(word 2,$(subst /, ,$s))/$(notdir $(s:.c=.o)))

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: generate ## the generator, the generated packages and the examples
	@$(ENV) $(GO) build -o build/bin/ $(addprefix ./,$(wildcard examples/*))

.PHONY: run
run: generate ## build all and run examples on this kernel: EXAMPLE="minimal execsnoop" ARGS=
	@$(ENV) $(GO) build -o build/bin/ $(EXAMPLE:%=./examples/%)
	@sh scripts/mounts.sh
	$(foreach e,$(EXAMPLE),@build/bin/$e $(or $(ARGS),$(ARGS_$e))$(newline))

# The tests that only CI adds: guests, containers and other toolchains, which take minutes and megabytes.
CI_SUITES ?= test-static test-cross test-vm test-docker test-fresh

.PHONY: test
test: deps-test generate ## all tests; those on the kernel need root: TEST_PACKAGES="./..."
	@sh scripts/mounts.sh
	@$(ENV) $(GO) vet $(or $(TEST_PACKAGES),./...)
	@$(ENV) $(GO) run ./scripts/testall $(if $(filter true,$(CI)),$(CI_SUITES:%=-suite %)) $(TEST_PACKAGES)

.PHONY: skel
skel: skelgen ## a package from an object: OBJ=path/x.bpf.o [OUT=dir] [NAME=c_name] [PKG=go_name] [EMBED=1] [LIGHT=1]
	@$(if $(OBJ),,$(error OBJ is missing: make skel OBJ=path/x.bpf.o [OUT=dir] [NAME=c_name] [PKG=go_name] [EMBED=1] [LIGHT=1]))
	@[ -e "$$OBJ" ] || [ ! -e "$${OBJ%.o}.c" ] || sh scripts/bpfcc.sh "$${OBJ%.o}.c" "$$OBJ"
	@$(SKELGEN) generate $${EMBED:+--embed} $${LIGHT:+--light} $${OUT:+--out "$$OUT"} $${NAME:+--name "$$NAME"} $${PKG:+--package "$$PKG"} "$$OBJ"

.PHONY: golden
golden: deps-test skelgen ## make the fixtures' objects and golden files anew, and compare the headers with bpftool's
	@sh scripts/golden.sh

.PHONY: test-real
test-real: deps-test skelgen ## compare 57 tools in daily use: headers with bpftool's, loads by both back ends
	@sh scripts/test-real.sh

.PHONY: test-asan
test-asan: deps-test generate ## the run time's tests with the address sanitizer, in libbpf as well
	@sh scripts/mounts.sh
	@sh scripts/test-asan.sh

.PHONY: fuzz
fuzz: skelgen ## run the generator on damaged objects and hostile names, and compile packages: N=20000 PACKAGES=500 SEED=1
	@$(ENV) $(GO) run ./scripts/fuzz -n $(or $(N),20000) -hostile $(or $(N),20000) -compile $(or $(PACKAGES),500) \
		-seed $(or $(SEED),1) skelgen/testdata/*/*.bpf.o

.PHONY: fuzz-types
fuzz-types: deps-test libbpf ## compare random C types with their Go types: N=300 SEED=1
	@$(ENV) $(GO) test ./skelgen/internal/test/layouttest -run TestRandom -v -count=1 -timeout 0 -types $(or $(N),300) -seed $(or $(SEED),1)

.PHONY: soak
soak: generate ## open, use and close skeletons in ten goroutines beside signals: DURATION=1h
	@sh scripts/mounts.sh
	@$(ENV) $(GO) test ./internal/test/soak -run TestSoak -v -count=1 -timeout 0 -duration $(or $(DURATION),1h)

.PHONY: lint
lint: generate ## gofmt, go vet, staticcheck, and, if installed, shellcheck and golangci-lint
	@sh scripts/lint.sh $(STATICCHECK)

.PHONY: bench
bench: skelgen ## compare with C libbpf, cilium/ebpf and libbpfgo on this kernel (root): ARGS=
	@sh scripts/bench.sh $(ARGS)

.PHONY: clean
clean: ## remove build/
	@rm -rf build

include scripts/ship.mk

# The targets below are steps of those above.

.PHONY: deps
deps:
	@sh scripts/deps.sh build

.PHONY: deps-test
deps-test:
	@sh scripts/deps.sh test

.PHONY: libbpf
libbpf: deps
	@sh scripts/libbpf.sh

# Go itself knows which files are out of date.
.PHONY: skelgen
skelgen: libbpf
	@[ -e $(SKELGEN) ] || [ ! -t 2 ] || echo "make: building skelgen; the first time takes a minute" >&2
	@$(ENV) $(GO) build -o $(SKELGEN) ./skelgen

# Changes only when the bytes of something that every object or package depends on change.
build/inputs: skelgen
	@sh scripts/inputs.sh $(SKELGEN) > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

define EXAMPLE_RULES
build/bpf/$1/$2.bpf.o: examples/$1/bpf/$2.bpf.c $(wildcard examples/$1/bpf/*.h) scripts/bpfcc.sh build/inputs
	@sh scripts/bpfcc.sh $$< $$@
	@touch $$@

build/bpf/$1/$2.generated: build/bpf/$1/$2.bpf.o
	@$(SKELGEN) generate --light --out examples/$1/$2 $$<
	@touch $$@
endef
$(foreach o,$(OBJECTS),$(eval $(call EXAMPLE_RULES,$(word 3,$(subst /, ,$o)),$(notdir $(o:.bpf.o=)))))

.PHONY: generate
generate: skelgen $(OBJECTS:.bpf.o=.generated)
