// Package light is a back end without cgo: it loads an object with the loader program
// that libbpf wrote when the package was generated (bpf_object__gen_loader). The loader
// lists, as a short BPF program, every bpf(2) call that loads the object; this package
// interprets it and makes each call itself, so that a program that ships needs no libbpf.
//
// Applications do not use this package: packages that are generated with --light do,
// in builds without cgo or with the build tag bpfskel_light.
package light
