//go:build race || asan || msan

package bpf

// instrumented says that the build has instruments of its own.
const instrumented = true
