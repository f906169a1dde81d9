//go:build cgo && !bpfskel_light

package testkit

// Light reports whether skeletons in this build load with package light, not with libbpf.
const Light = false
