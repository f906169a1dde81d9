//go:build !race && !asan

package skel_test

const instrumented = false
