// Calls, with libbpfgo.
package main

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"syscall"
	"unsafe"

	"github.com/aquasecurity/libbpfgo"
)

//go:embed calls.bpf.o
var object []byte

type event struct {
	Number uint32
	Error  int32
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	m, err := libbpfgo.NewModuleFromBufferArgs(libbpfgo.NewModuleArgs{
		BPFObjBuff: object, BPFObjName: "calls", SkipMemlockBump: true,
	})
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.InitGlobalVariable("only_pid", uint32(os.Getpid())); err != nil {
		return err
	}
	if err := m.InitGlobalVariable("only_call", uint32(syscall.SYS_GETPGID)); err != nil {
		return err
	}
	if err := m.BPFLoadObject(); err != nil {
		return err
	}
	records := make(chan []byte, 16)
	r, err := m.InitRingBuf("events", records)
	if err != nil {
		return err
	}
	r.Poll(100)
	if err := m.AttachPrograms(); err != nil {
		return err
	}
	for _, pid := range []int{0, 0, -1, 0, -1, 0, 0} {
		syscall.Getpgid(pid)
	}
	if err := m.DetachPrograms(); err != nil {
		return err
	}
	bss, err := m.GetMap(".bss")
	if err != nil {
		return err
	}
	var zero uint32
	section, err := bss.GetValue(unsafe.Pointer(&zero))
	if err != nil {
		return err
	}
	// The offsets of calls and failures, as the compiler has laid them out.
	calls := binary.NativeEndian.Uint64(section[0:])
	failures := binary.NativeEndian.Uint64(section[8:])
	for range calls {
		record := <-records
		var e event
		if _, err := binary.Decode(record, binary.NativeEndian, &e); err != nil {
			return err
		}
		fmt.Printf("call %d: error %d\n", e.Number, e.Error)
	}
	fmt.Printf("%d calls, %d failures\n", calls, failures)
	results, err := m.GetMap("results")
	if err != nil {
		return err
	}
	it := results.Iterator()
	for it.Next() {
		key := binary.NativeEndian.Uint32(it.Key())
		value, err := results.GetValue(unsafe.Pointer(&key))
		if err != nil {
			return err
		}
		fmt.Printf("error %d: %d times\n", key, binary.NativeEndian.Uint64(value))
	}
	return it.Err()
}
