//go:build !(armbe || arm64be || m68k || mips || mips64 || mips64p32 || ppc || ppc64 || s390 || s390x || shbe || sparc || sparc64)

package layout

import "structs"

// Uint128 is C's unsigned __int128. C aligns it to 16 bytes, Go to 8 at most.
type Uint128 struct {
	_      structs.HostLayout
	Lo, Hi uint64
}

// Int128 is C's __int128. C aligns it to 16 bytes, Go to 8 at most.
type Int128 struct {
	_  structs.HostLayout
	Lo uint64
	Hi int64
}
