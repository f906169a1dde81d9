package layout

// Integer is any integer type, including a generated enum.
type Integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Bits returns the bitfield of n bits (1 to 64) that begins at bit off of b, in
// little-endian objects: bit 0 is the lowest of b[0]. A signed T is sign-extended. It
// panics if the field is not inside b.
func Bits[T Integer](b []byte, off, n uint) T {
	var v uint64
	for i := uint(0); i < n; {
		at, in := (off+i)/8, (off+i)%8
		v |= uint64(b[at]>>in) << i
		i += 8 - in
	}
	return extend[T](v, n)
}

// PutBits stores the low n bits of v as that bitfield. Other bits of the same bytes are
// read and written back, so two goroutines or CPUs must not set neighbors at the same
// time, as in C.
func PutBits[T Integer](b []byte, off, n uint, v T) {
	rest := uint64(v)
	for n > 0 {
		at, in := off/8, off%8
		take := min(8-in, n)
		mask := byte(1<<take-1) << in
		b[at] = b[at]&^mask | byte(rest)<<in&mask
		rest >>= take
		off, n = off+take, n-take
	}
}

// BitsBE is Bits in big-endian objects: bit 0 is the highest of b[0].
func BitsBE[T Integer](b []byte, off, n uint) T {
	var v uint64
	for left := n; left > 0; {
		in := off % 8
		take := min(8-in, left)
		v = v<<take | uint64(b[off/8]>>(8-in-take))&(1<<take-1)
		off, left = off+take, left-take
	}
	return extend[T](v, n)
}

// PutBitsBE is PutBits in big-endian objects.
func PutBitsBE[T Integer](b []byte, off, n uint, v T) {
	rest := uint64(v)
	for n > 0 {
		last := off + n - 1
		room := last%8 + 1
		take := min(room, n)
		shift := 8 - room
		mask := byte(1<<take-1) << shift
		b[last/8] = b[last/8]&^mask | byte(rest)<<shift&mask
		rest >>= take
		n -= take
	}
}

// extend truncates v to n bits and, for a signed T, extends the sign.
func extend[T Integer](v uint64, n uint) T {
	if n >= 64 {
		return T(v)
	}
	v &= 1<<n - 1
	if signed := ^T(0) < 0; signed && n > 0 && v>>(n-1) == 1 {
		v |= ^uint64(0) << n
	}
	return T(v)
}

// Bits128 is Bits for a bitfield of an unsigned 128-bit type, n being 65 to 128.
func Bits128(b []byte, off, n uint) Uint128 {
	return Uint128{Lo: Bits[uint64](b, off, 64), Hi: Bits[uint64](b, off+64, n-64)}
}

// PutBits128 is PutBits for a bitfield of an unsigned 128-bit type.
func PutBits128(b []byte, off, n uint, v Uint128) {
	PutBits(b, off, 64, v.Lo)
	PutBits(b, off+64, n-64, v.Hi)
}

// Bits128BE is BitsBE for a bitfield of an unsigned 128-bit type.
func Bits128BE(b []byte, off, n uint) Uint128 {
	return Uint128{Hi: BitsBE[uint64](b, off, n-64), Lo: BitsBE[uint64](b, off+n-64, 64)}
}

// PutBits128BE is PutBitsBE for a bitfield of an unsigned 128-bit type.
func PutBits128BE(b []byte, off, n uint, v Uint128) {
	PutBitsBE(b, off, n-64, v.Hi)
	PutBitsBE(b, off+n-64, 64, v.Lo)
}

// Signed128 extends the sign of an n-bit value.
func Signed128(v Uint128, n uint) Int128 {
	return Int128{Lo: v.Lo, Hi: extend[int64](v.Hi, n-64)}
}
