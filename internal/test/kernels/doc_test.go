// Package kernels holds tests of what depends on the kernel: every type of
// program on every kernel in reach, and kernels that lack something. They run on
// this machine and, as a static binary, in guests (make test-vm).
package kernels
