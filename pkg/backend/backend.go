package backend

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Backend opens objects.
type Backend interface {
	// Name is the back end's name in errors, such as "libbpf".
	Name() string
	// Open reads the object that spec describes, without loading it into the kernel.
	Open(spec *Spec, o OpenOptions) (Object, error)
}

// Object is an object that is open, and after Load in the kernel. Maps and programs are
// named by their index in the Spec. Methods that change it are called by one goroutine
// at a time.
type Object interface {
	Map(i int) Map
	Program(i int) Program
	// Load creates the maps and loads the programs. After a failure, only Close and
	// methods that describe the failure may be called.
	Load() error
	// Close frees everything. All links are destroyed before it.
	Close()
	// ELF is a copy of the object file.
	ELF() []byte
	// KernelLog returns the kernel's log from the buffer of OpenOptions.LogSize, and
	// the buffer's size in bytes, 0 if there is none.
	KernelLog() (log string, size int)
	// BTFFD is the descriptor of the object's BTF in the kernel, 0 if it has none.
	// The object owns it.
	BTFFD() int
}

// Map is one map of an Object, and lives as long as the Object. Sizes are in bytes.
type Map interface {
	Name() string
	// FD is negative before load, and if the map was not created. The object owns it.
	FD() int

	// The shape of the map: as the object declares it, then as setters, a pin or a
	// reused descriptor change it.
	Type() uapi.MapType
	KeySize() uint32
	ValueSize() uint32
	MaxEntries() uint32
	Flags() uapi.MapFlags
	NUMANode() uint32
	Ifindex() uint32
	Extra() uint64
	KeyTypeID() uint32
	ValueTypeID() uint32
	Autocreate() bool
	Autoattach() bool
	// Internal reports whether the map is a data section.
	Internal() bool
	PinPath() string
	// Pinned reports whether the map is at its pin path: load pinned it, or found it
	// there.
	Pinned() bool
	// Inner is the template of a map of maps.
	Inner() (Map, bool)

	// Setters, before load.
	SetType(uapi.MapType) error
	SetKeySize(uint32) error
	// SetValueSize moves the memory of a data section: read InitialValue again.
	SetValueSize(uint32) error
	SetMaxEntries(uint32) error
	SetFlags(uapi.MapFlags) error
	SetNUMANode(uint32) error
	SetExtra(uint64) error
	SetAutocreate(bool) error
	SetAutoattach(bool) error
	SetPinPath(string) error
	// SetInnerFD makes the map behind fd, which stays open until after load, the
	// template.
	SetInnerFD(fd int) error
	// ReuseFD makes load use the map behind fd, which the caller keeps.
	ReuseFD(fd int) error
	SetInitialValue([]byte) error

	// InitialValue is the memory that will initialize the map, until load or a resize;
	// nil if there is none.
	InitialValue() []byte
	// Memory is the address at which a section's data are mapped: before load the image
	// that will initialize it, afterwards the map itself. It is nil if there is none.
	Memory() unsafe.Pointer
	// Remap puts the kernel's map at the address of its initial image, which is size
	// bytes long, for maps that load reused. After an error the image remains.
	Remap(at unsafe.Pointer, size int, readonly bool) error
	// DenyAccess makes every use of an initial image a memory fault.
	DenyAccess(at unsafe.Pointer, size int)

	// Attach registers a struct_ops map.
	Attach() (Link, error)
	// AutoAttach is Attach as a skeleton's attach calls it: it returns nil, without an
	// error, if the map is not attached automatically.
	AutoAttach() (Link, error)
}

// Program is one program of an Object, and lives as long as the Object.
type Program interface {
	Name() string
	Section() string
	// FD is negative before load, and if the program was not loaded. The object owns
	// it.
	FD() int
	Type() uapi.ProgType
	AttachType() uapi.AttachType
	Flags() uapi.ProgFlags
	LogLevel() uapi.LogLevel
	Autoload() bool
	Autoattach() bool

	// Setters, before load.
	SetType(uapi.ProgType) error
	SetAttachType(uapi.AttachType) error
	SetFlags(uapi.ProgFlags) error
	SetLogLevel(uapi.LogLevel) error
	SetAutoload(bool) error
	SetAutoattach(bool) error
	// SetLogBuffer sets a buffer of size bytes for the verifier's log of the program; 0
	// removes it.
	SetLogBuffer(size int) error
	// SetAttachTarget names a function of the program behind target, which is open
	// until load, or of the kernel for 0.
	SetAttachTarget(target int, function string) error
	// LogBuffer returns the verifier's log from that buffer, and its size, 0 if there
	// is none.
	LogBuffer() (log string, size int)

	// Attach attaches the program as its section says.
	Attach() (Link, error)
	// AutoAttach is Attach as a skeleton's attach calls it: it returns nil, without an
	// error, for a program without autoload or autoattach, or if its section does not
	// name a target.
	AutoAttach() (Link, error)

	// Each kind of target in data.go has a method, so that the linker leaves out the
	// kinds that nobody attaches to. A back end that lacks one returns an
	// UnsupportedError.
	AttachTracepoint(Tracepoint) (Link, error)
	AttachKprobe(Kprobe) (Link, error)
	AttachKprobeMulti(KprobeMulti) (Link, error)
	AttachKsyscall(Ksyscall) (Link, error)
	AttachUprobe(Uprobe) (Link, error)
	AttachUprobeMulti(UprobeMulti) (Link, error)
	AttachUSDT(USDT) (Link, error)
	AttachFreplace(Freplace) (Link, error)
}

// Link is an attachment.
type Link interface {
	// FD is the link's file descriptor, which it owns; -1 if it does not own one.
	FD() int
	// Destroy detaches, unless the link is disconnected or pinned, and frees it.
	Destroy() error
	// Disconnect makes Destroy leave the attachment in place.
	Disconnect()
	Pin(path string) error
	Unpin() error
	// PinPath is "" if the link is not pinned.
	PinPath() string
}

// MapUpdater is a Link of a struct_ops map that can get another map.
type MapUpdater interface {
	UpdateMap(Map) error
}

// TC attaches programs to hooks of tc, by netlink, in the network namespace of the
// calling thread.
type TC interface {
	Create(TCHook) error
	Destroy(TCHook) error
	// Attach adds a filter and returns its handle and priority.
	Attach(h TCHook, f TCFilter) (handle, priority uint32, err error)
	// Detach removes a filter in the network namespace behind netns, or in the thread's
	// own if netns is -1. The error is ENOENT if the filter does not run the program
	// with the given id.
	Detach(h TCHook, handle, priority, program uint32, netns int) error
	// Query returns the id of a filter's program.
	Query(h TCHook, handle, priority uint32) (program uint32, err error)
}

// Native is an Object or Program with a C struct beneath, for other bindings of the
// same library.
type Native interface {
	Native() unsafe.Pointer
}
