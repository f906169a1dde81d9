// Package ringbuf reads the records that BPF programs send through ring buffers
// (BPF_MAP_TYPE_RINGBUF) and perf buffers (BPF_MAP_TYPE_PERF_EVENT_ARRAY), and sends
// records to programs through user ring buffers (BPF_MAP_TYPE_USER_RINGBUF).
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
// A ring buffer is read in place: the records are in memory that the kernel shares, and
// reading one neither copies, nor allocates, nor calls C. Only here does Go do work of
// libbpf (ring_buffer__poll, ring_buffer__consume), because otherwise it does not reach
// C's speed. It follows the same protocol with the kernel, with one difference: it
// returns memory to the producers after 64 records or 4 KiB, whichever comes first, and
// at the end of a batch. libbpf returns it after each record, and so does a reader with
// SetGiveBackEach.
//
// A record never reaches a reader if it is larger than the ring, or if the ring is
// full. bpf_ringbuf_reserve then returns NULL and bpf_ringbuf_output an error: only the
// program can notice and count such records.
//
// A loop that waits for records does not hold a thread.
package ringbuf
