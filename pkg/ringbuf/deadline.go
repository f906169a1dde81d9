package ringbuf

import "time"

// The methods that readers and the writer have in common. Each type declares them
// itself, because a promoted method panics on nil.

// SetPollInterval makes a waiting loop look for records every d, for programs that
// send them without a wake-up (BPF_RB_NO_WAKEUP). With 0, as at first, it relies on
// wake-ups alone, as libbpf does. A negative d is EINVAL and changes nothing; on nil
// it is ErrClosed.
func (r *Reader) SetPollInterval(d time.Duration) error {
	if r == nil {
		return ErrClosed
	}
	return r.setPollInterval(d)
}

// SetDeadline makes loops and waits end with os.ErrDeadlineExceeded from t on, the
// one that is under way and later ones, until it is called again; the zero time is
// no deadline.
func (r *Reader) SetDeadline(t time.Time) {
	if r != nil {
		r.setDeadline(t)
	}
}

// SetPollInterval makes a waiting loop look for records every d, for programs that
// send them without a wake-up (BPF_RB_NO_WAKEUP). With 0, as at first, it relies on
// wake-ups alone, as libbpf does. A negative d is EINVAL and changes nothing; on nil
// it is ErrClosed.
func (r *PerfReader) SetPollInterval(d time.Duration) error {
	if r == nil {
		return ErrClosed
	}
	return r.setPollInterval(d)
}

// SetDeadline makes loops and waits end with os.ErrDeadlineExceeded from t on, the
// one that is under way and later ones, until it is called again; the zero time is
// no deadline.
func (r *PerfReader) SetDeadline(t time.Time) {
	if r != nil {
		r.setDeadline(t)
	}
}

// SetPollInterval makes a waiting WriteWait try again every d, for programs that
// drain the ring without a wake-up (BPF_RB_NO_WAKEUP). With 0, as at first, it relies on
// wake-ups alone, as libbpf does. A negative d is EINVAL and changes nothing; on nil
// it is ErrClosed.
func (w *Writer) SetPollInterval(d time.Duration) error {
	if w == nil {
		return ErrClosed
	}
	return w.setPollInterval(d)
}

// SetDeadline makes loops and waits end with os.ErrDeadlineExceeded from t on, the
// one that is under way and later ones, until it is called again; the zero time is
// no deadline.
func (w *Writer) SetDeadline(t time.Time) {
	if w != nil {
		w.setDeadline(t)
	}
}
