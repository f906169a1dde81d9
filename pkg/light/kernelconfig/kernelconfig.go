// Package kernelconfig opens the kernel's configuration. Only generated packages whose
// objects have variables in section .kconfig import it, so that others do not link
// compress/gzip.
package kernelconfig

import (
	"compress/gzip"
	"io"
	"os"
)

// Open opens the configuration of the running kernel, whose release is that of uname(2):
// /boot/config-RELEASE, or else /proc/config.gz, unpacked.
func Open(release string) (io.ReadCloser, error) {
	if f, err := os.Open("/boot/config-" + release); err == nil {
		return f, nil
	}
	f, err := os.Open("/proc/config.gz")
	if err != nil {
		return nil, err
	}
	unzip, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{unzip, f}, nil
}
