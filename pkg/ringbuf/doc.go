// Package ringbuf reads what BPF programs send: records of ring buffers
// (BPF_MAP_TYPE_RINGBUF) and of perf buffers (BPF_MAP_TYPE_PERF_EVENT_ARRAY), and
// sends records to them through user ring buffers (BPF_MAP_TYPE_USER_RINGBUF).
//
//	r, err := ringbuf.NewReader(s.Maps.Events)
//	if err != nil {
//		return err
//	}
//	defer r.Close()
//	for e, err := range ringbuf.Events[execsnoop.Event](ctx, r) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(e.Pid)
//	}
//
// A ring buffer is read where it lies: the records are in memory that the kernel
// shares, nothing is copied or allocated for one, and no call into C is made. This
// is the one place where libbpf's work (ring_buffer__poll, ring_buffer__consume)
// is done in Go, since Go reaches C's speed only so. It follows the same protocol
// with the kernel, except that it gives room back to the producers at the end of
// a batch, or after each eighth of the ring, instead of after each record.
//
// A loop that waits for records holds no thread.
package ringbuf
