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
// with the kernel, except that it gives room back to the producers after 64 records
// or 4 KiB, whichever comes first, and at the end of a batch, instead of after each
// record; SetGiveBackEach makes it do that.
//
// Programs may send records that no reader can get: one above the size of the ring,
// and one for which there is no room. bpf_ringbuf_reserve then returns NULL and
// bpf_ringbuf_output an error: only the program can notice and count them.
//
// A loop that waits for records holds no thread.
package ringbuf
