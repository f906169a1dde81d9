package ringbuf

import (
	"fmt"
	"sync"
	"syscall"
)

// claimed are the kernel's ids of the maps that a reader or writer of this process
// uses. A second one would take records from the first, and give back memory that the
// first still reads; in a perf buffer, it would replace the rings in the map.
var claimed = struct {
	mu  sync.Mutex
	ids map[uint32]bool
}{ids: map[uint32]bool{}}

// claim reserves a map for c until c is freed. The error is EBUSY if another reader or
// writer has it.
func (c *control) claim(id uint32) error {
	claimed.mu.Lock()
	defer claimed.mu.Unlock()
	if claimed.ids[id] {
		return fmt.Errorf("%w: another reader or writer of this process has the map: close it first", syscall.EBUSY)
	}
	claimed.ids[id] = true
	c.cleanups = append(c.cleanups, func() {
		claimed.mu.Lock()
		defer claimed.mu.Unlock()
		delete(claimed.ids, id)
	})
	return nil
}
