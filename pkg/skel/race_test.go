//go:build race || asan

package skel_test

// The race detector and the address sanitizer keep memory of their own.
const instrumented = true
