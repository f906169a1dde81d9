package bpf

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/mem"
)

// errnoError returns an errno as an error, nil for 0.
func errnoError(errno Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}

// cString converts a string for the kernel; nil for "". The error is EINVAL if a NUL would
// cut it.
func cString(s string) (ptr64, error) {
	if s == "" {
		return ptr64{}, nil
	}
	if strings.IndexByte(s, 0) >= 0 {
		return ptr64{}, errInvalid
	}
	b := append([]byte(s), 0)
	// The pointer keeps the string and its NUL.
	return ptr64{p: mem.Of(b)}, nil
}

// bytesPointer returns the address and the length of data, both zero for empty data: the
// kernel refuses an address with length 0. The error is E2BIG if the length exceeds 32
// bits.
func bytesPointer(data []byte) (ptr64, uint32, error) {
	if len(data) == 0 {
		return ptr64{}, 0, nil
	}
	if uint64(len(data)) > math.MaxUint32 {
		return ptr64{}, 0, errTooBig
	}
	// The pointer keeps the bytes.
	return ptr64{p: mem.Of(data)}, uint32(len(data)), nil
}

// goString returns the text before the first NUL.
func goString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// releaseBefore reports whether a kernel's release, such as "5.10.0-9-amd64", is
// older than major.minor.
func releaseBefore(release string, major, minor int) bool {
	first, rest, _ := strings.Cut(release, ".")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	m, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(rest[:end])
	return err1 == nil && err2 == nil && (m < major || m == major && n < minor)
}
