package skel

import (
	"fmt"
	"strings"
	"syscall"
)

// checkTexts refuses texts with a NUL byte, which C would take for their end.
func checkTexts(texts ...string) error {
	for _, s := range texts {
		if strings.IndexByte(s, 0) >= 0 {
			return fmt.Errorf("%w: %q has a NUL byte, at which C would cut it", syscall.EINVAL, s)
		}
	}
	return nil
}

// checkPath refuses what cannot be a path.
func checkPath(path string) error {
	if path == "" {
		return fmt.Errorf("%w: the path is empty", syscall.EINVAL)
	}
	return checkTexts(path)
}
