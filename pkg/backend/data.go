package backend

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Spec is a generated package's description of its object.
type Spec struct {
	// Name is the skeleton's C name.
	Name string
	// Archs are the GOARCH values that the object supports, nil for all of its byte
	// order, which BigEndian reports.
	Archs     []string
	BigEndian bool
	// Maps and Programs are in the order of the indices in generated code.
	Maps     []MapSpec
	Programs []string
	// Sections are those that have a Go type.
	Sections []Section
	// Functions finds functions of files that back ends do not find. It is nil if the
	// object has no programs of type kprobe: then the program is linked without it.
	Functions FunctionFinder
}

// FunctionFinder finds functions of files after the back end's own search failed, with why.
// Its error is why if it cannot say more.
type FunctionFinder interface {
	// FindOne returns the offset of a function.
	FindOne(path, name string, why error) (uint64, error)
	// Find returns the offsets of the functions that match pattern or, if it is "", have
	// the given names.
	Find(path, pattern string, names []string, why error) ([]uint64, error)
	// Attach attaches a program to the functions that its section names: all that match
	// function, or the given offset in it ("+0x10"), as the kind of section says.
	Attach(p Program, path, function, offset string, why error) (Link, error)
}

// MapSpec is a map of the object.
type MapSpec struct {
	Name   string // libbpf's name for it
	Memory bool   // its data can be mapped
	Link   bool   // it can be attached: a struct_ops map
}

// Section is a data section that has a Go type.
type Section struct {
	Map    int     // the index of its map
	Bytes  int     // the section's size in the object
	Size   uintptr // the Go type's size in bytes, with padding up to the next word
	Frozen bool    // read-only once loaded: seen through a view
}

// OpenOptions are options of Open; zero values are unset.
type OpenOptions struct {
	KernelBTF   string  // a file with the kernel's types, for CO-RE
	Kconfig     string  // lines that override the kernel's configuration
	PinRoot     string  // the folder of maps that are pinned by name
	TokenPath   *string // of the file system that a BPF token is taken from; "" forbids a token
	LogSize     int     // bytes of a kernel log buffer for the whole object
	LogLevel    uapi.LogLevel
	RelaxedMaps bool // accept unknown attributes of maps
	// Borrowed is used instead of the embedded object.
	Borrowed *Borrowed
	// Err is the reason why the options are invalid; Open returns it.
	Err error
}

// Borrowed is an object that other code has opened with the same library, and closes
// after the Object's Close.
type Borrowed struct {
	Object unsafe.Pointer
	Loaded bool   // Load has nothing to do
	OnLoad func() // called when Load has loaded it
}

// Targets of Program, each with a method. bpf_get_attach_cookie returns the Cookie. A PID is -1
// for all processes and 0 for this one. Mode is libbpf's enum probe_attach_mode.
type (
	// Tracepoint is a tracepoint of tracefs.
	Tracepoint struct {
		Category, Name string
		Cookie         uint64
	}
	// Kprobe is a function of the kernel, or the address Offset if it is "".
	Kprobe struct {
		Function       string
		Offset, Cookie uint64
		Return         bool
		Mode           int
	}
	// KprobeMulti is all functions that match Pattern, or the Targets if it is "".
	KprobeMulti struct {
		Pattern string
		Targets
	}
	// Ksyscall is a system call.
	Ksyscall struct {
		Name   string
		Cookie uint64
		Return bool
	}
	// Uprobe is a function of a file, or an offset in it.
	Uprobe struct {
		PID                        int
		Path, Function             string
		Offset, RefCounter, Cookie uint64
		Return                     bool
		Mode                       int
	}
	// UprobeMulti is all functions of a file that match Pattern, or the Targets if it
	// is "".
	UprobeMulti struct {
		PID           int
		Path, Pattern string
		Targets
	}
	// USDT is a static tracepoint of a file.
	USDT struct {
		PID                  int
		Path, Provider, Name string
		Cookie               uint64
	}
	// Freplace is a function of the program behind Program; with 0 and "", the function
	// that the program was loaded for.
	Freplace struct {
		Program  int
		Function string
	}
)

// Targets are the targets of a multi-probe. Lists that are not empty have the same
// length.
type Targets struct {
	Names     []string
	Locations []uint64 // addresses in the kernel, or offsets in a file
	// RefCounters and Cookies have one element per element of Names or Locations.
	RefCounters, Cookies []uint64
	Return, Session      bool
	Unique               bool // the pattern may match one function only
}

// TCHook is a struct bpf_tc_hook.
type TCHook struct {
	Ifindex               int
	Point, Parent, Handle uint32
	Qdisc                 string
}

// TCFilter is a filter that runs a program. Handle and Priority may be 0.
type TCFilter struct {
	Program          int
	Handle, Priority uint32
	Replace          bool
}

// UnsupportedError reports an option or a target that a back end does not support.
type UnsupportedError struct {
	Backend, Option string
}

// Error names the missing option or target.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("the back end %s does not support %s", e.Backend, e.Option)
}

// Unwrap returns EOPNOTSUPP, which is errors.ErrUnsupported too.
func (e *UnsupportedError) Unwrap() error { return syscall.EOPNOTSUPP }
