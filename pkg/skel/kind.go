package skel

// Kinds of map that are told apart (enum bpf_map_type).
const (
	kindHash           = 1
	kindArray          = 2
	kindProgArray      = 3
	kindPerfEventArray = 4
	kindPerCPUHash     = 5
	kindPerCPUArray    = 6
	kindCgroupArray    = 8
	kindLRUHash        = 9
	kindLRUPerCPUHash  = 10
	kindLPMTrie        = 11
	kindArrayOfMaps    = 12
	kindHashOfMaps     = 13
	kindDevmap         = 14
	kindSockmap        = 15
	kindCPUMap         = 16
	kindXskmap         = 17
	kindReuseportArray = 20
	kindPerCPUCgroup   = 21
	kindStructOps      = 26
	kindArena          = 33
)

// kinds is a set of kinds of map.
type kinds uint64

func kindsOf(list ...uint32) (set kinds) {
	for _, k := range list {
		set |= 1 << k
	}
	return set
}

func (set kinds) has(kind uint32) bool { return set>>kind&1 != 0 }

var (
	// perCPUKinds have one value for each possible CPU.
	perCPUKinds = kindsOf(kindPerCPUHash, kindPerCPUArray, kindLRUPerCPUHash, kindPerCPUCgroup)
	// plainKinds do not block: their calls are made by Go itself.
	plainKinds = perCPUKinds | kindsOf(kindHash, kindArray, kindLRUHash, kindLPMTrie)
	// mapOfMapsKinds have maps for values.
	mapOfMapsKinds = kindsOf(kindArrayOfMaps, kindHashOfMaps)
	// arrayKinds have an index for a key.
	arrayKinds = kindsOf(kindArray, kindPerCPUArray, kindProgArray, kindPerfEventArray, kindCgroupArray,
		kindArrayOfMaps, kindDevmap, kindSockmap, kindCPUMap, kindXskmap, kindReuseportArray)
)
