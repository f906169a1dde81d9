package skel_test

import (
	"reflect"
	"slices"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/records"
)

// The kernel refuses rings of such sizes: C must clear them.
func TestRingsThatDeclareTheTypeOfTheirRecords(t *testing.T) {
	s, err := records.OpenAndLoad()
	must(t, err)
	defer s.Close()
	must(t, s.Attach())
	_ = syscall.Getpid() // which the program sees
	must(t, s.Detach())
	if s.Bss.Sent == 0 {
		t.Error("no record came into the ring")
	}
	_, _, _ = records.Note{X: 7}, records.Event{Pid: 1}, records.More{Y: 1}
}

func TestVariablesThatDeclareTypesAreNotData(t *testing.T) {
	var fields []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[records.Bss]()) {
		if f.Name != "_" {
			fields = append(fields, f.Name)
		}
	}
	if !slices.Equal(fields, []string{"Sent"}) {
		t.Errorf("section .bss has %q, want Sent alone", fields)
	}
}
