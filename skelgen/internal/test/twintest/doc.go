// Package twintest holds tests that load every object twice: through its Go
// package, and through its C header in a C program. Both must reach the same step
// on the running kernel.
package twintest
