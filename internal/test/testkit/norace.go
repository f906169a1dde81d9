//go:build !race && !asan && !msan

package testkit

// Instrumented reports whether the build has a race detector or a sanitizer, which use additional memory.
const Instrumented = false
