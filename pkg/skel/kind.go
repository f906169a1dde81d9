package skel

// Kinds of map that are told apart (enum bpf_map_type).
const (
	kindHash                 = 1
	kindArray                = 2
	kindPerCPUHash           = 5
	kindPerCPUArray          = 6
	kindLRUHash              = 9
	kindLRUPerCPUHash        = 10
	kindLPMTrie              = 11
	kindPerCPUCgroup         = 21
	kindStructOps            = 26
	kindArena                = 33
	plainKinds               = 1<<kindHash | 1<<kindArray | 1<<kindLRUHash | 1<<kindLPMTrie | perCPUKinds
	perCPUKinds       uint64 = 1<<kindPerCPUHash | 1<<kindPerCPUArray | 1<<kindLRUPerCPUHash | 1<<kindPerCPUCgroup
)

// plain kinds of map do not block: their calls are made by Go itself.
func plain(kind uint32) bool { return plainKinds>>kind&1 != 0 }

// perCPU kinds of map have one value for each possible CPU.
func perCPU(kind uint32) bool { return perCPUKinds>>kind&1 != 0 }
