//go:build linux && cgo

package skel_test

import "github.com/bpfskel/bpfskel/cgo/libbpf"

func init() { libbpfVersion = libbpf.Version }
