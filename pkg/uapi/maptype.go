package uapi

// MapType is a kind of map. (enum bpf_map_type, libbpf_bpf_map_type_str)
type MapType uint32

const (
	MapTypeUnspec MapType = iota
	MapTypeHash
	MapTypeArray
	MapTypeProgArray
	MapTypePerfEventArray
	MapTypePerCPUHash
	MapTypePerCPUArray
	MapTypeStackTrace
	MapTypeCgroupArray
	MapTypeLRUHash
	MapTypeLRUPerCPUHash
	MapTypeLPMTrie
	MapTypeArrayOfMaps
	MapTypeHashOfMaps
	MapTypeDevMap
	MapTypeSockMap
	MapTypeCPUMap
	MapTypeXSKMap
	MapTypeSockHash
	MapTypeCgroupStorage // MapTypeCgrpStorage is better
	MapTypeReuseportSockArray
	MapTypePerCPUCgroupStorage // MapTypeCgrpStorage is better
	MapTypeQueue
	MapTypeStack
	MapTypeSkStorage
	MapTypeDevMapHash
	MapTypeStructOps
	MapTypeRingBuf
	MapTypeInodeStorage
	MapTypeTaskStorage
	MapTypeBloomFilter
	MapTypeUserRingBuf
	MapTypeCgrpStorage
	MapTypeArena
	MapTypeInsnArray
	MapTypeRHash
)

var mapTypes = enum[MapType]{"map_type", "BPF_MAP_TYPE_", []row[MapType]{
	{MapTypeUnspec, "unspec", 0},
	{MapTypeHash, "hash", 0},
	{MapTypeArray, "array", 0},
	{MapTypeProgArray, "prog_array", 0},
	{MapTypePerfEventArray, "perf_event_array", 0},
	{MapTypePerCPUHash, "percpu_hash", 0},
	{MapTypePerCPUArray, "percpu_array", 0},
	{MapTypeStackTrace, "stack_trace", 0},
	{MapTypeCgroupArray, "cgroup_array", 0},
	{MapTypeLRUHash, "lru_hash", 0},
	{MapTypeLRUPerCPUHash, "lru_percpu_hash", 0},
	{MapTypeLPMTrie, "lpm_trie", 0},
	{MapTypeArrayOfMaps, "array_of_maps", 0},
	{MapTypeHashOfMaps, "hash_of_maps", 0},
	{MapTypeDevMap, "devmap", 0},
	{MapTypeSockMap, "sockmap", 0},
	{MapTypeCPUMap, "cpumap", 0},
	{MapTypeXSKMap, "xskmap", 0},
	{MapTypeSockHash, "sockhash", 0},
	{MapTypeCgroupStorage, "cgroup_storage", 0},
	{MapTypeCgroupStorage, "cgroup_storage_deprecated", 0},
	{MapTypeReuseportSockArray, "reuseport_sockarray", 0},
	{MapTypePerCPUCgroupStorage, "percpu_cgroup_storage", 0},
	{MapTypePerCPUCgroupStorage, "percpu_cgroup_storage_deprecated", 607},
	{MapTypeQueue, "queue", 0},
	{MapTypeStack, "stack", 0},
	{MapTypeSkStorage, "sk_storage", 0},
	{MapTypeDevMapHash, "devmap_hash", 0},
	{MapTypeStructOps, "struct_ops", 0},
	{MapTypeRingBuf, "ringbuf", 0},
	{MapTypeInodeStorage, "inode_storage", 0},
	{MapTypeTaskStorage, "task_storage", 0},
	{MapTypeBloomFilter, "bloom_filter", 0},
	{MapTypeUserRingBuf, "user_ringbuf", 0},
	{MapTypeCgrpStorage, "cgrp_storage", 0},
	{MapTypeArena, "arena", 609},
	{MapTypeInsnArray, "insn_array", 619},
	{MapTypeRHash, "rhash", 702},
}}

// String returns libbpf's name, such as "percpu_hash"; "map_type(99)" for an unknown number.
func (t MapType) String() string { return mapTypes.text(t) }
