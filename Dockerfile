# One static program in an empty image: docker build --build-arg CMD=./examples/NAME -t bpfskel-NAME .
#
# Builds with BuildKit and with the classic builder, with a registry and without: BASE may be any Debian from 13 up, or
# any other image of Debian that has Go (golang:*-bookworm, or the output of scripts/base-image.sh). A change of Go code
# rebuilds neither libbpf nor the BPF objects; `make lint` checks that both builders support the syntax.
#
# There is no USER: Docker grants capabilities only to root. Run it as root with all but the needed ones dropped:
#   docker run --rm --cap-drop=ALL --cap-add=BPF --cap-add=PERFMON -v /sys/kernel/tracing:/sys/kernel/tracing:ro IMAGE
# scripts/Dockerfile.nonroot makes a variant for another user.
ARG BASE=debian:trixie-20250811-slim

FROM ${BASE} AS base
ENV PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin GOTOOLCHAIN=local
WORKDIR /src
ARG GOPROXY
ARG GOSUMDB
ARG GONOSUMDB
RUN command -v go >/dev/null || \
	{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends golang-go; } >/dev/null
COPY go.mod go.sum ./
COPY scripts/lib scripts/lib
COPY scripts/deps.sh scripts/
RUN sh scripts/deps.sh build && rm -rf /var/lib/apt/lists/*

FROM base AS libbpf
COPY scripts/libbpf.sh scripts/
COPY libbpf libbpf
RUN sh scripts/libbpf.sh

FROM libbpf AS skelgen
COPY scripts/env.sh scripts/
COPY cgo cgo
COPY internal/lightfile internal/lightfile
COPY internal/mapkind internal/mapkind
COPY pkg pkg
COPY skelgen skelgen
RUN sh scripts/env.sh go build -buildvcs=false -o build/bin/skelgen ./skelgen

# The BPF sources without the Go code around them. Docker compares the files that a later stage copies by content, so
# that stage runs again only if a BPF source changed.
FROM base AS sources
COPY examples examples
RUN find examples -type f ! -path '*/bpf/*' -delete

# vmlinux.h of the running kernel, for sources that include it without bringing one.
FROM skelgen AS vmlinux
COPY --from=sources /src/examples examples
RUN mkdir -p build/vmlinux && \
	if grep -rqs '"vmlinux.h"' examples; then build/bin/skelgen vmlinux > build/vmlinux/vmlinux.h; fi

FROM libbpf AS objects
COPY scripts/bpfcc.sh scripts/
COPY --from=vmlinux /src/build/vmlinux build/vmlinux
COPY --from=sources /src/examples examples
RUN for source in examples/*/bpf/*.bpf.c; do \
		example=${source#examples/} && \
		sh scripts/bpfcc.sh "$source" "build/bpf/${example%%/*}/$(basename "$source" .c).o" || exit 1; \
	done

FROM skelgen AS build
COPY scripts/static.sh scripts/
COPY --from=objects /src/build/bpf build/bpf
COPY examples examples
RUN for object in build/bpf/*/*.bpf.o; do \
		example=$(basename "$(dirname "$object")") && \
		build/bin/skelgen generate --out "examples/$example/$(basename "$object" .bpf.o)" "$object" || exit 1; \
	done
ARG CMD=./examples/minimal
RUN sh scripts/static.sh "$CMD" /out/program

FROM scratch
ARG CMD=./examples/minimal
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="bpfskel ${CMD}" \
	org.opencontainers.image.description="A BPF program with its loader, one static binary" \
	org.opencontainers.image.source="https://github.com/bpfskel/bpfskel" \
	org.opencontainers.image.licenses="LGPL-2.1 OR BSD-2-Clause" \
	org.opencontainers.image.version="${VERSION}" \
	org.opencontainers.image.revision="${REVISION}"
COPY --from=build /out/program /program
ENTRYPOINT ["/program"]
