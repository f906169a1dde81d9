package uapi

// ProgFlags are the flags of BPF_PROG_LOAD.
type ProgFlags uint32

const (
	ProgFlagStrictAlignment   ProgFlags = 1 << 0 // check alignment as on machines that need it
	ProgFlagAnyAlignment      ProgFlags = 1 << 1 // do not check alignment
	ProgFlagTestRndHi32       ProgFlags = 1 << 2 // for tests of the verifier
	ProgFlagTestStateFreq     ProgFlags = 1 << 3 // for tests of the verifier
	ProgFlagSleepable         ProgFlags = 1 << 4 // the program may sleep
	ProgFlagXDPHasFrags       ProgFlags = 1 << 5 // the program takes packets in several buffers
	ProgFlagXDPDevBoundOnly   ProgFlags = 1 << 6 // the program runs on one device, whose metadata it reads
	ProgFlagTestRegInvariants ProgFlags = 1 << 7 // for tests of the verifier
)

var progFlags = []row[ProgFlags]{
	{ProgFlagStrictAlignment, "BPF_F_STRICT_ALIGNMENT", 0},
	{ProgFlagAnyAlignment, "BPF_F_ANY_ALIGNMENT", 0},
	{ProgFlagTestRndHi32, "BPF_F_TEST_RND_HI32", 0},
	{ProgFlagTestStateFreq, "BPF_F_TEST_STATE_FREQ", 0},
	{ProgFlagSleepable, "BPF_F_SLEEPABLE", 0},
	{ProgFlagXDPHasFrags, "BPF_F_XDP_HAS_FRAGS", 0},
	{ProgFlagXDPDevBoundOnly, "BPF_F_XDP_DEV_BOUND_ONLY", 0},
	{ProgFlagTestRegInvariants, "BPF_F_TEST_REG_INVARIANTS", 0},
}

// String returns the kernel's names of the flags that are set, joined by "|".
func (f ProgFlags) String() string { return flagText(progFlags, f) }

// RunFlags are the flags of BPF_PROG_TEST_RUN.
type RunFlags uint32

const (
	RunOnCPU               RunFlags = 1 << 0 // run on the CPU that the options name
	RunXDPLiveFrames       RunFlags = 1 << 1 // send the packets on
	RunSkbChecksumComplete RunFlags = 1 << 2 // set a complete checksum in the packet, and check it afterwards
)

var runFlags = []row[RunFlags]{
	{RunOnCPU, "BPF_F_TEST_RUN_ON_CPU", 0},
	{RunXDPLiveFrames, "BPF_F_TEST_XDP_LIVE_FRAMES", 0},
	{RunSkbChecksumComplete, "BPF_F_TEST_SKB_CHECKSUM_COMPLETE", 0},
}

// String returns the kernel's names of the flags that are set, joined by "|".
func (f RunFlags) String() string { return flagText(runFlags, f) }

// LogLevel is how much the verifier and the BTF loader log: flags.
type LogLevel uint32

const (
	LogLevel1 LogLevel = 1 << 0 // the instructions of the path that fails
	LogLevel2 LogLevel = 1 << 1 // the instructions of all paths
	LogStats  LogLevel = 1 << 2 // counts and times
	LogFixed  LogLevel = 1 << 3 // keep the start of a log that is too long, not its end
)

var logLevels = []row[LogLevel]{
	{LogLevel1, "BPF_LOG_LEVEL1", 0},
	{LogLevel2, "BPF_LOG_LEVEL2", 0},
	{LogStats, "BPF_LOG_STATS", 0},
	{LogFixed, "BPF_LOG_FIXED", 0},
}

// String returns the kernel's names of the flags that are set, joined by "|".
func (f LogLevel) String() string { return flagText(logLevels, f) }
