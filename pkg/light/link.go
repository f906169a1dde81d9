//go:build linux

package light

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// link is an attachment: a link of the kernel, a perf event, or both.
type link struct {
	fd    int // of the kernel's link; without one, the perf event's
	event int // the perf event that the link owns, -1 without one
	// removeProbe removes the event of tracefs that the perf event counts, nil without one.
	removeProbe  func() error
	pin          string
	disconnected bool
}

// FD returns the descriptor of the kernel's link, or of the perf event; -1 after Destroy.
func (l *link) FD() int { return l.fd }

// Destroy closes the descriptors, which detaches unless the link is pinned. It disables a
// perf event, but leaves the event of a pinned link open and enabled until the process
// ends.
func (l *link) Destroy() error {
	if l.disconnected || l.fd < 0 {
		return nil
	}
	var errs []error
	switch {
	case l.event < 0:
	case l.pin != "":
		l.removeProbe = nil
	default:
		errs = append(errs, unix.IoctlSetInt(l.event, unix.PERF_EVENT_IOC_DISABLE, 0))
		if l.event != l.fd {
			errs = append(errs, unix.Close(l.event))
		}
	}
	errs = append(errs, unix.Close(l.fd))
	// The event in tracefs is in use until the perf event is closed.
	if l.removeProbe != nil {
		errs = append(errs, l.removeProbe())
	}
	l.fd, l.event, l.removeProbe = -1, -1, nil
	for _, err := range errs {
		if err != nil {
			return failed("detach", err, nil)
		}
	}
	return nil
}

// Disconnect makes Destroy leave the descriptors open until the process ends.
func (l *link) Disconnect() { l.disconnected = true }

// Pin pins the link, at one path at most.
func (l *link) Pin(path string) error {
	if l.pin != "" {
		return failed("pin", unix.EBUSY, nil)
	}
	if err := pin(l.fd, path); err != nil {
		return err
	}
	l.pin = path
	return nil
}

// Unpin removes the pin.
func (l *link) Unpin() error {
	if l.pin == "" {
		return failed("unpin", unix.EINVAL, nil)
	}
	if err := unix.Unlink(l.pin); err != nil {
		return failed("unpin", err, nil)
	}
	l.pin = ""
	return nil
}

// PinPath returns the path at which the link is pinned.
func (l *link) PinPath() string { return l.pin }

// pin pins a descriptor, and creates the last folder of the path if needed, as libbpf does.
func pin(fd int, path string) error {
	var log backend.Log
	err := mayPin(path, &log)
	if err == nil {
		err = bpf.Pin(fd, path, bpf.PinOptions{})
	}
	if err != nil {
		backend.Emit(log)
		return failed("pin", err, log)
	}
	return nil
}

func mayPin(path string, log *backend.Log) error {
	warn := func(text string) { *log = append(*log, backend.Message{Level: backend.LevelWarn, Text: text}) }
	folder := filepath.Dir(path)
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		warn("failed to mkdir " + path + ": " + plain(err).Error())
		return plain(err)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(folder, &fs); err != nil {
		warn("failed to statfs " + folder + ": " + err.Error())
		return err
	}
	if uint32(fs.Type) != unix.BPF_FS_MAGIC {
		warn("specified path " + path + " is not on BPF FS")
		return unix.EINVAL
	}
	return nil
}
