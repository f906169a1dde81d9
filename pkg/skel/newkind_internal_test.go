package skel

import (
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// For a kind that is newer than this package, the kernel may write one value per CPU.
func TestRoomForANewKind(t *testing.T) {
	cpus, err := PossibleCPUs()
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[uapi.MapType]int{1: 12, 5: 16 * cpus, 63: 16 * cpus, 99: 16 * cpus} {
		m := RawMap{mapBase{lifetime: &lifetime{}, kind: kind, valueSize: 12}}
		memory, size, err := m.newValueMemory()
		if err != nil || len(memory) != want || kind != 5 && size != 12 {
			t.Errorf("kind %d: %d bytes for a value of %d, want %d, %v", kind, len(memory), size, want, err)
		}
	}
}
