# A fragment for Makefiles of programs that use bpfskel: from bpf/x.bpf.c to the Go package x, made when needed.
#
#   BPFSKEL := $(shell go list -m -f '{{.Dir}}' github.com/bpfskel/bpfskel)
#   SKELETONS := x y              # bpf/x.bpf.c -> package x, bpf/y.bpf.c -> package y
#   include $(BPFSKEL)/scripts/skel.mk
#
# defines the targets skeletons (all packages), skeletons-check (exit status 1 if a committed one is stale), and
# skeleton-build: `go build` of PROGRAM (default .) into BIN, one static binary with STATIC=1. GO, CLANG, BPF_CFLAGS and
# SKEL_FLAGS (of skelgen generate) may be set. Needs a module that requires github.com/bpfskel/bpfskel.
BPFSKEL ?= $(shell go list -m -f '{{.Dir}}' github.com/bpfskel/bpfskel)
GO ?= go
BPF_DIR ?= bpf
PROGRAM ?= .
BIN ?= bin/$(notdir $(CURDIR))

bpfskel_env = sh $(BPFSKEL)/scripts/env.sh
bpfskel_generate = $(bpfskel_env) $(GO) run github.com/bpfskel/bpfskel/skelgen generate $(SKEL_FLAGS)

.PHONY: skeletons skeletons-check skeleton-build
skeletons: $(SKELETONS:%=$(BPF_DIR)/.%.generated)

$(BPF_DIR)/%.bpf.o: $(BPF_DIR)/%.bpf.c $(wildcard $(BPF_DIR)/*.h)
	sh $(BPFSKEL)/scripts/bpfcc.sh $< $@
	@touch $@

$(BPF_DIR)/.%.generated: $(BPF_DIR)/%.bpf.o
	$(bpfskel_generate) --out $* $<
	@touch $@

.PRECIOUS: $(BPF_DIR)/%.bpf.o

skeletons-check: $(SKELETONS:%=$(BPF_DIR)/%.bpf.o)
	@for name in $(SKELETONS); do $(bpfskel_generate) --check --out $$name $(BPF_DIR)/$$name.bpf.o || exit 1; done

skeleton-build: skeletons
	$(bpfskel_env) $(if $(STATIC),--static) $(GO) build -o $(BIN) $(PROGRAM)
