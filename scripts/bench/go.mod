module github.com/bpfskel/bpfskel/scripts/bench

go 1.25.0

require (
	github.com/aquasecurity/libbpfgo v0.10.0-libbpf-1.5.1
	github.com/bpfskel/bpfskel v0.0.0
	github.com/cilium/ebpf v0.22.0
	golang.org/x/sys v0.43.0
)

replace github.com/bpfskel/bpfskel => ../..

tool github.com/cilium/ebpf/cmd/bpf2go
