package layout_test

import (
	"fmt"

	"github.com/bpfskel/bpfskel/pkg/layout"
)

// A bitfield of three bits that begins at bit 2, as generated accessors read and write it.
func ExampleBits() {
	flags := []byte{0b0101_0111}
	fmt.Println(layout.Bits[uint8](flags, 2, 3))
	layout.PutBits(flags, 2, 3, uint8(0b010))
	fmt.Printf("%08b\n", flags[0])
	// Output:
	// 5
	// 01001011
}

// A member of a union, in the storage that a generated type has for it.
func ExampleAt() {
	var storage struct {
		data [1]uint64
	}
	*layout.At[uint32](&storage, 4) = 7
	fmt.Println(*layout.At[uint32](&storage, 4), *layout.At[uint32](&storage, 0))
	// Output: 7 0
}

// A 32-bit integer at an odd offset of a packed struct.
func ExamplePut() {
	packed := make([]byte, 5)
	layout.Put(packed[1:], uint32(300))
	fmt.Println(layout.Get[uint32](packed[1:]))
	// Output: 300
}

func ExamplePutCString() {
	var comm [16]byte // char comm[16]
	if err := layout.PutCString(comm[:], "sshd"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(layout.CString(comm[:]))
	fmt.Println(layout.PutCString(comm[:], "a name that is too long"))
	// Output:
	// sshd
	// a text of 23 bytes and its NUL do not fit into 16 bytes: invalid argument
}
