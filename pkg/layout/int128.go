package layout

import "math/big"

// Big returns the value as an arbitrary-precision integer.
func (v Uint128) Big() *big.Int {
	return new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(v.Hi), 64), new(big.Int).SetUint64(v.Lo))
}

// String returns the value in decimal.
func (v Uint128) String() string { return v.Big().String() }

// Big returns the value as an arbitrary-precision integer.
func (v Int128) Big() *big.Int {
	return new(big.Int).Add(new(big.Int).Lsh(big.NewInt(v.Hi), 64), new(big.Int).SetUint64(v.Lo))
}

// String returns the value in decimal.
func (v Int128) String() string { return v.Big().String() }
