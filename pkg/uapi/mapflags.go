package uapi

// MapFlags are the flags of BPF_MAP_CREATE.
type MapFlags uint32

const (
	MapFlagNoPrealloc    MapFlags = 1 << 0  // allocate elements when they are created
	MapFlagNoCommonLRU   MapFlags = 1 << 1  // one list per CPU in LRU maps
	MapFlagNUMANode      MapFlags = 1 << 2  // allocate on the node that the map names
	MapFlagReadOnly      MapFlags = 1 << 3  // read-only for user space
	MapFlagWriteOnly     MapFlags = 1 << 4  // write-only for user space
	MapFlagStackBuildID  MapFlags = 1 << 5  // build ids and offsets in stack traces, not addresses
	MapFlagZeroSeed      MapFlags = 1 << 6  // no random seed of the hash, for tests
	MapFlagReadOnlyProg  MapFlags = 1 << 7  // read-only for programs
	MapFlagWriteOnlyProg MapFlags = 1 << 8  // write-only for programs
	MapFlagClone         MapFlags = 1 << 9  // socket storage is copied to accepted sockets
	MapFlagMmapable      MapFlags = 1 << 10 // user space may map the values
	MapFlagPreserveElems MapFlags = 1 << 11 // perf events outlive the fd that put them in
	MapFlagInnerMap      MapFlags = 1 << 12 // inner maps may differ in max_entries
	MapFlagLink          MapFlags = 1 << 13 // a struct_ops map that a link registers
	MapFlagPathFD        MapFlags = 1 << 14 // the path is relative to a file descriptor
	MapFlagVTypeBTFObjFD MapFlags = 1 << 15 // the value type is in the BTF of a module
	MapFlagTokenFD       MapFlags = 1 << 16 // a BPF token is given
	MapFlagSegvOnFault   MapFlags = 1 << 17 // a fault in an arena is SIGSEGV, not a new page
	MapFlagNoUserConv    MapFlags = 1 << 18 // arena pointers are not translated for user space
	MapFlagRBOverwrite   MapFlags = 1 << 19 // a full ring buffer overwrites its oldest records
)

var mapFlags = []row[MapFlags]{
	{MapFlagNoPrealloc, "BPF_F_NO_PREALLOC", 0},
	{MapFlagNoCommonLRU, "BPF_F_NO_COMMON_LRU", 0},
	{MapFlagNUMANode, "BPF_F_NUMA_NODE", 0},
	{MapFlagReadOnly, "BPF_F_RDONLY", 0},
	{MapFlagWriteOnly, "BPF_F_WRONLY", 0},
	{MapFlagStackBuildID, "BPF_F_STACK_BUILD_ID", 0},
	{MapFlagZeroSeed, "BPF_F_ZERO_SEED", 0},
	{MapFlagReadOnlyProg, "BPF_F_RDONLY_PROG", 0},
	{MapFlagWriteOnlyProg, "BPF_F_WRONLY_PROG", 0},
	{MapFlagClone, "BPF_F_CLONE", 0},
	{MapFlagMmapable, "BPF_F_MMAPABLE", 0},
	{MapFlagPreserveElems, "BPF_F_PRESERVE_ELEMS", 0},
	{MapFlagInnerMap, "BPF_F_INNER_MAP", 0},
	{MapFlagLink, "BPF_F_LINK", 0},
	{MapFlagPathFD, "BPF_F_PATH_FD", 0},
	{MapFlagVTypeBTFObjFD, "BPF_F_VTYPE_BTF_OBJ_FD", 609},
	{MapFlagTokenFD, "BPF_F_TOKEN_FD", 609},
	{MapFlagSegvOnFault, "BPF_F_SEGV_ON_FAULT", 609},
	{MapFlagNoUserConv, "BPF_F_NO_USER_CONV", 609},
	{MapFlagRBOverwrite, "BPF_F_RB_OVERWRITE", 619},
}

// String returns the kernel's names of the flags that are set, joined by "|".
func (f MapFlags) String() string { return flagText(mapFlags, f) }

// ElemFlags are the flags of BPF_MAP_UPDATE_ELEM and the other commands on elements.
type ElemFlags uint64

const (
	ElemAny     ElemFlags = 0      // create or update
	ElemNoExist ElemFlags = 1 << 0 // create only
	ElemExist   ElemFlags = 1 << 1 // update only
	ElemLock    ElemFlags = 1 << 2 // hold the spin lock in the value
	ElemCPU     ElemFlags = 1 << 3 // one CPU of a per-CPU map: its number is in the upper 32 bits
	ElemAllCPUs ElemFlags = 1 << 4 // the same value for all CPUs of a per-CPU map
)

var elemFlags = []row[ElemFlags]{
	{ElemAny, "BPF_ANY", 0},
	{ElemNoExist, "BPF_NOEXIST", 0},
	{ElemExist, "BPF_EXIST", 0},
	{ElemLock, "BPF_F_LOCK", 0},
	{ElemCPU, "BPF_F_CPU", 700},
	{ElemAllCPUs, "BPF_F_ALL_CPUS", 700},
}

// String returns the kernel's names of the flags that are set, joined by "|".
func (f ElemFlags) String() string { return flagText(elemFlags, f) }
