//go:build linux && cgo

package libbpf

// KindBySize is what a descriptor is where there is no /proc.
func KindBySize(fd int) FDKind { return kindBySize(infoSize(fd)) }
