# Included by the Makefile: binaries and images to hand out, and what shows that they run elsewhere.

CMD ?= ./examples/minimal
name_of_cmd = $(notdir $(patsubst %/,%,$(CMD)))
goarch := $(or $(GOARCH),$(shell $(GO) env GOHOSTARCH))
cross := $(filter-out $(shell $(GO) env GOHOSTARCH),$(goarch))
musl := $(findstring musl,$(CC))
# What is for another machine than this one is for the last step alone.
unexport GOARCH
ifdef musl
unexport CC
endif

.PHONY: static
static: generate ## one static binary, build/static/GOARCH/NAME: CMD=./examples/NAME [GOARCH=arm64] [CC=musl-gcc]
	@sh scripts/deps.sh $(or $(if $(musl),musl),$(if $(cross),cross),build)
	@$(if $(musl),CC=$(CC)) GOARCH=$(goarch) sh scripts/static.sh $(CMD) build/static/$(goarch)/$(name_of_cmd)
