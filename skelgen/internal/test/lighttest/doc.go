// Package lighttest holds tests that load objects by both back ends, libbpf and light,
// side by side: both must get equally far, and leave the same in the kernel.
package lighttest
