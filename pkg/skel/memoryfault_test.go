package skel_test

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
)

func init() {
	children["fault"] = readAfterClose
	children["fault as a panic"] = panicAfterClose
}

// readAfterClose reads a section through a pointer that was copied out of it.
func readAfterClose() error {
	s, err := basic.OpenAndLoad()
	if err != nil {
		return err
	}
	copied := &s.BssBig.Big[0]
	if err := s.Close(); err != nil {
		return err
	}
	return fmt.Errorf("read %d after Close", *copied)
}

func panicAfterClose() (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() == nil {
			err = errors.Join(err, errors.New("there was no panic"))
		} else {
			err = nil
		}
	}()
	return readAfterClose()
}

func TestFaultInSectionMemory(t *testing.T) {
	needRoot(t)
	if out, err := child(t, "fault"); err == nil || !strings.Contains(out, "fatal error: fault") {
		t.Errorf("a read after Close ended with %v:\n%s", err, out)
	}
	if out, err := child(t, "fault as a panic"); err != nil {
		t.Errorf("with SetPanicOnFault: %v\n%s", err, out)
	}
}
