package backend

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

func TestEveryKernelCodeHasANameAndWrapsItsNumber(t *testing.T) {
	for n := 512; n <= 531; n++ {
		err := Errno(n)
		var errno syscall.Errno
		if !errors.As(err, &errno) || int(errno) != n {
			t.Errorf("%d wraps %d", n, errno)
		}
		// 520 is not in use.
		if named := strings.Contains(err.Error(), "(E"); named != (n != 520) || !strings.Contains(err.Error(), syscall.Errno(n).Error()[len("errno "):]) {
			t.Errorf("%d reads %q", n, err)
		}
		want := n == 515 || n == 519 || n == 524 || n == 527
		if got := errors.Is(err, errors.ErrUnsupported); got != want {
			t.Errorf("%v is ErrUnsupported: %v", err, got)
		}
		if want != strings.HasPrefix(err.Error(), "not supported by this kernel") {
			t.Errorf("%d reads %q", n, err)
		}
	}
	if err := Errno(int(syscall.EPERM)); err != syscall.EPERM {
		t.Errorf("EPERM is %#v", err)
	}
}
