// Package mapkind assigns a type of package skel to each kind of map. The generator
// declares maps with this type, and the run time checks the kernel's map against it.
package mapkind

import "github.com/bpfskel/bpfskel/pkg/uapi"

// A GoType is a type of package skel.
type GoType struct {
	Name string // "PerCPUMap"
	// Key and Value report whether the type of keys, or values, is a type parameter.
	Key, Value bool
}

// Only types contains this assignment. The kernel reads and writes different numbers of
// bytes, or things other than bytes, for kinds of different types.
var types = [...]GoType{
	uapi.MapTypeUnspec:              {"RawMap", false, false},
	uapi.MapTypeHash:                {"Map", true, true},
	uapi.MapTypeArray:               {"Map", true, true},
	uapi.MapTypeProgArray:           {"ProgArray", false, false},
	uapi.MapTypePerfEventArray:      {"PerfEventArray", false, false},
	uapi.MapTypePerCPUHash:          {"PerCPUMap", true, true},
	uapi.MapTypePerCPUArray:         {"PerCPUMap", true, true},
	uapi.MapTypeStackTrace:          {"Map", true, true},
	uapi.MapTypeCgroupArray:         {"Map", true, true},
	uapi.MapTypeLRUHash:             {"Map", true, true},
	uapi.MapTypeLRUPerCPUHash:       {"PerCPUMap", true, true},
	uapi.MapTypeLPMTrie:             {"Map", true, true},
	uapi.MapTypeArrayOfMaps:         {"MapOfMaps", true, false},
	uapi.MapTypeHashOfMaps:          {"MapOfMaps", true, false},
	uapi.MapTypeDevMap:              {"Map", true, true},
	uapi.MapTypeSockMap:             {"Map", true, true},
	uapi.MapTypeCPUMap:              {"Map", true, true},
	uapi.MapTypeXSKMap:              {"Map", true, true},
	uapi.MapTypeSockHash:            {"Map", true, true},
	uapi.MapTypeCgroupStorage:       {"Map", true, true},
	uapi.MapTypeReuseportSockArray:  {"Map", true, true},
	uapi.MapTypePerCPUCgroupStorage: {"PerCPUMap", true, true},
	uapi.MapTypeQueue:               {"Queue", false, true},
	uapi.MapTypeStack:               {"Queue", false, true},
	uapi.MapTypeSkStorage:           {"Map", true, true},
	uapi.MapTypeDevMapHash:          {"Map", true, true},
	uapi.MapTypeStructOps:           {"StructOps", false, false},
	uapi.MapTypeRingBuf:             {"RingBuf", false, false},
	uapi.MapTypeInodeStorage:        {"Map", true, true},
	uapi.MapTypeTaskStorage:         {"Map", true, true},
	uapi.MapTypeBloomFilter:         {"Bloom", false, true},
	uapi.MapTypeUserRingBuf:         {"UserRingBuf", false, false},
	uapi.MapTypeCgrpStorage:         {"Map", true, true},
	uapi.MapTypeArena:               {"RawMap", false, false},
	uapi.MapTypeInsnArray:           {"Map", true, true},
	uapi.MapTypeRHash:               {"Map", true, true},
}

// Of returns the type of a kind, which is RawMap for an unknown kind.
func Of(kind uapi.MapType) GoType {
	if int(kind) >= len(types) {
		kind = uapi.MapTypeUnspec
	}
	return types[kind]
}

// Named returns the kinds that have the type of that name.
func Named(name string) (kinds []uapi.MapType) {
	for kind, t := range types {
		if t.Name == name {
			kinds = append(kinds, uapi.MapType(kind))
		}
	}
	return kinds
}
