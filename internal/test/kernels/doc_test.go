// Package kernels holds tests that depend on the kernel: every type of program on every
// available kernel, and kernels that lack a feature. They run on this machine and, as a
// static binary, in guests (make test-vm).
package kernels
