package layout_test

import (
	"fmt"

	"github.com/bpfskel/bpfskel/pkg/layout"
)

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
