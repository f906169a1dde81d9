package skel_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/refused"
	"github.com/bpfskel/bpfskel/internal/test/skels/tracepoint"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func init() {
	children["tracefs"] = attachWithTracefs
	children["no-tracefs"] = attachWithoutTracefs
}

func loadRefused(t *testing.T, prepare func(*refused.OpenSkel), opts ...skel.OpenOption) *skel.VerifierError {
	t.Helper()
	needRoot(t)
	open, err := refused.Open(opts...)
	must(t, err)
	defer open.Close()
	if prepare != nil {
		prepare(open)
	}
	_, err = open.Load()
	var v *skel.VerifierError
	if !errors.As(err, &v) {
		t.Fatalf("Load returned %v", err)
	}
	if v.Program != "bad" || v.Object != "refused_bpf" {
		t.Errorf("it names program %s of %s", v.Program, v.Object)
	}
	return v
}

func TestVerifierErrorHasTheWholeLog(t *testing.T) {
	v := loadRefused(t, nil)
	if v.Truncated || !errors.Is(v, syscall.EACCES) {
		t.Errorf("truncated %v, errno %v", v.Truncated, v.Err)
	}
	// From the first instruction to the statistics.
	if !strings.Contains(v.Log, "0: R1=ctx(") || !strings.Contains(v.Log, "\nprocessed ") || len(v.Log) < 5000 {
		t.Errorf("the log has %d bytes:\n%.300s", len(v.Log), v.Log)
	}
	want := "refused_bpf: program bad: load: the verifier rejected it: permission denied: R"
	if got := v.Error(); !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
		t.Errorf("the message is %q", got)
	}
}

func TestVerifierErrorFromABufferOfTheCallers(t *testing.T) {
	t.Run("large enough", func(t *testing.T) {
		v := loadRefused(t, func(o *refused.OpenSkel) { must(t, o.Progs.Bad.SetLogBuffer(1<<20)) })
		if v.Truncated || !strings.Contains(v.Log, "\nprocessed ") {
			t.Errorf("truncated %v, %d bytes", v.Truncated, len(v.Log))
		}
	})
	t.Run("too small", func(t *testing.T) {
		needKernel(t, 6, 4, "earlier ones take no buffer of less than 128 bytes")
		v := loadRefused(t, func(o *refused.OpenSkel) { must(t, o.Progs.Bad.SetLogBuffer(64)) })
		if !v.Truncated || len(v.Log) == 0 || len(v.Log) > 64 || !errors.Is(v, syscall.ENOSPC) {
			t.Errorf("truncated %v, %v, %q", v.Truncated, v.Err, v.Log)
		}
		if !strings.HasSuffix(v.Error(), "(log truncated)") {
			t.Errorf("the message is %q", v.Error())
		}
	})
	t.Run("for the whole object", func(t *testing.T) {
		v := loadRefused(t, nil, skel.WithKernelLog(1, 1<<20))
		if v.Truncated || !strings.Contains(v.Log, "\nprocessed ") {
			t.Errorf("truncated %v, %d bytes", v.Truncated, len(v.Log))
		}
	})
	t.Run("a capability added and dropped", func(t *testing.T) {
		v := loadRefused(t, func(o *refused.OpenSkel) {
			must(t, o.Progs.Bad.SetLogBuffer(64))
			must(t, o.Progs.Bad.SetLogBuffer(0))
		})
		if v.Truncated || !strings.Contains(v.Log, "\nprocessed ") {
			t.Errorf("truncated %v, %d bytes", v.Truncated, len(v.Log))
		}
	})
}

func TestErrorsNameWhatFailed(t *testing.T) {
	s := loadBasic(t)
	_, err := s.Progs.Nowhere.Attach()
	var e *skel.Error
	if !errors.As(err, &e) || e.Op != "attach" || e.Object != "basic_bpf" || e.Program != "nowhere" || !errors.Is(err, syscall.EOPNOTSUPP) {
		t.Errorf("Attach returned %#v", err)
	}
	_, err = basic.OpenAndLoad(skel.WithKconfig("CONFIG_HZ=0zz"))
	if err == nil || !strings.Contains(err.Error(), "basic_bpf: load: ") || !strings.Contains(err.Error(), "0zz") {
		t.Errorf("a wrong kconfig: error %v", err)
	}
	if err := s.Maps.Counts.Pin("/tmp/not-a-bpf-file-system"); err == nil || !strings.Contains(err.Error(), "basic_bpf: map counts: pin: ") ||
		!strings.Contains(err.Error(), "is not in a BPF file system: choose a path in") {
		t.Errorf("Pin returned %v", err)
	}
}

func TestLoggerGetsWhatLibbpfPrints(t *testing.T) {
	needLibbpf(t, "messages of level debug")
	needRoot(t)
	defer skel.SetLogger(nil)
	run := func(level slog.Level) (text string) {
		var out bytes.Buffer
		var mu sync.Mutex
		skel.SetLogger(slog.New(slog.NewTextHandler(lockedWriter{&mu, &out}, &slog.HandlerOptions{Level: level})))
		loadRefused(t, nil)
		mu.Lock()
		defer mu.Unlock()
		return out.String()
	}
	warnings := run(slog.LevelWarn)
	if !strings.Contains(warnings, "level=WARN") || !strings.Contains(warnings, "BPF program load failed") || strings.Contains(warnings, "level=DEBUG") {
		t.Errorf("at level warn:\n%.500s", warnings)
	}
	if all := run(slog.LevelDebug); !strings.Contains(all, "level=DEBUG") || !strings.Contains(all, "source=libbpf") {
		t.Errorf("at level debug:\n%.500s", all)
	}
	skel.SetLogger(nil)
	loadRefused(t, nil)
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func TestEachErrorCarriesItsOwnOutput(t *testing.T) {
	needRoot(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			value := fmt.Sprintf("0z%d", g)
			for range 10 {
				_, err := basic.OpenAndLoad(skel.WithKconfig("CONFIG_HZ=" + value))
				var e *skel.Error
				if !errors.As(err, &e) || !strings.Contains(e.Log, value) || strings.Count(e.Log, "0z") != strings.Count(e.Log, value) {
					t.Errorf("goroutine %d got %v with\n%s", g, err, e.Log)
				}
			}
		}()
	}
	wg.Wait()
}

// attachWithTracefs runs in its own mount namespace.
func attachWithTracefs() error {
	if _, err := os.Stat("/sys/kernel/tracing/events"); err != nil {
		if err := unix.Mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, ""); err != nil {
			return err
		}
	}
	open, err := tracepoint.Open()
	if err != nil {
		return err
	}
	open.Rodata.MyPid = testkit.PID()
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	for range 10 {
		unix.Getpgid(0)
	}
	if s.Bss.Hits < 10 {
		return fmt.Errorf("%d hits", s.Bss.Hits)
	}
	return nil
}

func attachWithoutTracefs() error {
	for _, dir := range []string{"/sys/kernel/debug/tracing", "/sys/kernel/debug", "/sys/kernel/tracing"} {
		_ = unix.Unmount(dir, unix.MNT_DETACH)
	}
	s, err := tracepoint.OpenAndLoad()
	if err != nil {
		return err
	}
	defer s.Close()
	err = s.Attach()
	const want = "tracepoint_bpf: program handle_tp: attach to syscalls/sys_enter_getpgid: no such file or directory"
	const hint = "mount -t tracefs tracefs /sys/kernel/tracing"
	if !errors.Is(err, unix.ENOENT) || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), hint) {
		return fmt.Errorf("Attach: error %w", err)
	}
	return nil
}

func TestTracepointWithTracefs(t *testing.T)    { mountChild(t, "tracefs") }
func TestTracepointWithoutTracefs(t *testing.T) { mountChild(t, "no-tracefs") }

// mountChild runs a child that may mount and unmount.
func mountChild(t *testing.T, name string) {
	needRoot(t)
	cmd := children.Command(t, name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if out, err := cmd.CombinedOutput(); err != nil {
		if errors.Is(err, syscall.EPERM) {
			t.Skip("this process may not make a mount namespace")
		}
		t.Errorf("%v: %s", err, out)
	}
}
