package ringbuf

import (
	"fmt"
	"sync"
	"syscall"
)

// claimed are the kernel's ids of the maps that a reader or writer of this process
// has. A second one would take records from the first, and room that the first still
// reads; of a perf buffer it would take the rings out of the map.
var claimed = struct {
	mu  sync.Mutex
	ids map[uint32]bool
}{ids: map[uint32]bool{}}

// claim takes a map for c until it is freed. EBUSY says that another has it.
func (c *control) claim(id uint32) error {
	claimed.mu.Lock()
	defer claimed.mu.Unlock()
	if claimed.ids[id] {
		return fmt.Errorf("%w: another reader or writer of this process has the map: close it first", syscall.EBUSY)
	}
	claimed.ids[id] = true
	c.frees = append(c.frees, func() {
		claimed.mu.Lock()
		defer claimed.mu.Unlock()
		delete(claimed.ids, id)
	})
	return nil
}
