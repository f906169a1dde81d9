# Included by the Makefile: binaries and images to distribute, and tests that they run elsewhere.

CMD ?= ./examples/minimal
name_of_cmd = $(notdir $(patsubst %/,%,$(CMD)))
goarch := $(or $(GOARCH),$(shell $(GO) env GOHOSTARCH))
cross := $(filter-out $(shell $(GO) env GOHOSTARCH),$(goarch))
musl := $(findstring musl,$(CC))
# The settings for another machine apply only to the last step.
unexport GOARCH
ifdef musl
unexport CC
endif

.PHONY: static
static: generate ## one static binary, build/static/GOARCH/NAME: CMD=./examples/NAME [GOARCH=arm64] [CC=musl-gcc]
	@sh scripts/deps.sh $(or $(if $(musl),musl),$(if $(cross),cross),build)
	@$(if $(musl),CC=$(CC)) GOARCH=$(goarch) sh scripts/static.sh $(CMD) build/static/$(goarch)/$(name_of_cmd)

# Tests that depend on the kernel have separate objects, whose packages are not committed.
kernel_tests := $(patsubst internal/test/kernels/bpf/%.bpf.c,build/bpf/kernels/%.generated,$(wildcard internal/test/kernels/bpf/*.bpf.c))

$(kernel_tests:.generated=.bpf.o): build/bpf/kernels/%.bpf.o: internal/test/kernels/bpf/%.bpf.c scripts/bpfcc.sh build/inputs
	@sh scripts/bpfcc.sh $< $@
	@touch $@

$(kernel_tests): build/bpf/kernels/%.generated: build/bpf/kernels/%.bpf.o
	@$(SKELGEN) generate --light --out internal/test/kernels/$* $<
	@touch $@

generate: $(kernel_tests)

.PHONY: test-vm
test-vm: generate ## the kernel tests on other kernels, in qemu: KERNELS="5.10 6.1 6.12 7"
	@sh scripts/deps.sh vm
	@WRITE=$(WRITE) bash scripts/test-vm.sh $(KERNELS)

.PHONY: docker
docker: ## the image bpfskel-NAME, the program alone: CMD=./examples/NAME [BASE=image]
	@sh scripts/docker.sh $(CMD) bpfskel-$(name_of_cmd)

.PHONY: test-docker
test-docker: ## build the image and run it with no more rights than scripts/README.md names
	@sh scripts/deps.sh docker
	@bash scripts/test-docker.sh

.PHONY: test-cross
test-cross: generate ## cross-compile, and run the result on an arm64 kernel in qemu
	@sh scripts/deps.sh cross
	@sh scripts/deps.sh vm
	@bash scripts/test-arm64.sh

.PHONY: test-reproducible
test-reproducible: ## build one commit twice and compare the bytes; DOCKER=1: in Docker too
	$(if $(DOCKER),@sh scripts/deps.sh docker)
	@bash scripts/test-reproducible.sh $(if $(DOCKER),--docker)

.PHONY: test-versions
test-versions: generate ## build and test against other versions of libbpf: SUITES="trixie sid"
	@bash scripts/test-versions.sh $(SUITES)

.PHONY: test-static
test-static: generate ## static binaries, of glibc and of musl, in an empty root
	@sh scripts/deps.sh musl
	@bash scripts/test-static.sh

.PHONY: test-fresh
test-fresh: ## the README's two commands on a new machine with nothing but git, make and Go: SUITE=trixie
	@sh scripts/deps.sh docker
	@sh scripts/test-fresh.sh $(or $(SUITE),trixie)
