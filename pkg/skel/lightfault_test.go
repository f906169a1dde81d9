//go:build linux && (!cgo || bpfskel_light)

package skel_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/skels/pinned"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func init() {
	children["load basic"] = func() error { return loadOnce("basic_bpf", basic.Open) }
	children["load kinds"] = func() error { return loadOnce("kinds_bpf", kinds.Open) }
	children["load pinned"] = func() error {
		dir := os.Getenv(pinRoot)
		return errors.Join(loadOnce("pinned_bpf", pinned.Open, skel.WithPinRoot(dir)), checkPin(dir+"/kept"))
	}
}

// pinRoot is the variable with the folder for pins.
const pinRoot = "BPFSKEL_TEST_PINS"

// loaded says that the last load of this process succeeded.
var loaded bool

// loadOnce loads an object, where a call may fail. It prints an error that is as expected,
// and returns one that is not.
func loadOnce[S interface{ Close() error }, O interface {
	Load() (S, error)
	Close() error
}](object string, open func(...skel.OpenOption) (O, error), opts ...skel.OpenOption) error {
	before, err := countResources()
	if err != nil {
		return err
	}
	o, failure := open(opts...)
	if failure == nil {
		var s S
		if s, failure = o.Load(); failure == nil {
			loaded = true
			failure = s.Close()
		}
	}
	if after, err := countResources(); err != nil || after != before {
		return fmt.Errorf("the process holds %+v, before %+v, %v, after %v", after, before, err, failure)
	}
	if failure == nil {
		fmt.Println("no error")
		return nil
	}
	fmt.Println(failure)
	var errno syscall.Errno
	var v *skel.VerifierError
	var e *skel.Error
	switch {
	case !errors.As(failure, &errno):
		return fmt.Errorf("an error without an errno: %w", failure)
	case errors.As(failure, &v) && v.Object == object && v.Program != "":
	case errors.As(failure, &e) && e.Object == object && e.Op == "load" && (e.Map != "" || e.Program != ""):
	default:
		return fmt.Errorf("an error that names nothing: %w", failure)
	}
	return nil
}

// checkPin wants a pin after a load that succeeded, and none after one that failed.
func checkPin(path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) == loaded {
		return fmt.Errorf("loaded: %v, and the pin: %w", loaded, err)
	}
	_ = os.Remove(path) // there may be none
	return nil
}

var bpfCommand = regexp.MustCompile(`bpf\((BPF_\w+)`)

// TestEveryCallOfALoaderFails makes each call of three loads fail, once and for good: of an
// object with every kind of section, one with maps of maps and every kind of map, and one
// with a pin. Calls that the load repeats in another way, or can do without, may fail
// unnoticed; the error of any other names the map or program.
func TestEveryCallOfALoaderFails(t *testing.T) {
	repeated := map[string]bool{
		"BPF_BTF_LOAD": true, "BPF_MAP_CREATE": true, "BPF_PROG_LOAD": true,
		"BPF_PROG_BIND_MAP": true, "BPF_OBJ_GET_INFO_BY_FD": true,
	}
	t.Setenv(pinRoot, bpffs(t))
	seen := map[string]int{}
	for _, name := range []string{"load basic", "load kinds", "load pinned"} {
		for _, more := range []string{"", "+"} {
			testFaults(t, name, func(f fault) {
				cmd := bpfCommand.FindStringSubmatch(f.hit)
				if cmd == nil {
					t.Fatalf("no command in %v", f)
				}
				if cmd[1] == "BPF_PROG_TEST_RUN" {
					return // the test's own, which asks for its PID in a container
				}
				seen[cmd[1]]++
				dispensable := cmd[1] == "BPF_PROG_BIND_MAP" || cmd[1] == "BPF_OBJ_GET_INFO_BY_FD"
				if strings.HasPrefix(f.said, "no error") && !dispensable && (more != "" || !repeated[cmd[1]]) {
					t.Errorf("%v%s went unnoticed", f, more)
				}
			}, more)
		}
	}
	for _, cmd := range []string{
		"BPF_BTF_LOAD", "BPF_MAP_CREATE", "BPF_MAP_UPDATE_ELEM", "BPF_MAP_FREEZE", "BPF_PROG_LOAD", "BPF_PROG_BIND_MAP", "BPF_OBJ_GET", "BPF_OBJ_PIN",
	} {
		if seen[cmd] == 0 {
			t.Errorf("no call was %s", cmd)
		}
	}
	t.Logf("%v", seen)
}
