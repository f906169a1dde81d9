// Calls, with bpf2go and cilium/ebpf.
package main

import (
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"syscall"

	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	spec, err := loadCalls()
	if err != nil {
		return err
	}
	var vars callsVariableSpecs
	if err := spec.Assign(&vars); err != nil {
		return err
	}
	if err := vars.OnlyPid.Set(uint32(os.Getpid())); err != nil {
		return err
	}
	if err := vars.OnlyCall.Set(uint32(syscall.SYS_GETPGID)); err != nil {
		return err
	}
	var objs callsObjects
	if err := spec.LoadAndAssign(&objs, nil); err != nil {
		return err
	}
	defer objs.Close()
	r, err := ringbuf.NewReader(objs.Events)
	if err != nil {
		return err
	}
	defer r.Close()
	enter, err := link.Tracepoint("raw_syscalls", "sys_enter", objs.HandleEnter, nil)
	if err != nil {
		return err
	}
	defer enter.Close()
	exit, err := link.Tracepoint("raw_syscalls", "sys_exit", objs.HandleExit, nil)
	if err != nil {
		return err
	}
	defer exit.Close()
	for _, pid := range []int{0, 0, -1, 0, -1, 0, 0} {
		syscall.Getpgid(pid)
	}
	var calls, failures uint64
	if err := objs.Calls.Get(&calls); err != nil {
		return err
	}
	if err := objs.Failures.Get(&failures); err != nil {
		return err
	}
	for range calls {
		record, err := r.Read()
		if err != nil {
			return err
		}
		var e callsEvent
		if _, err := binary.Decode(record.RawSample, binary.NativeEndian, &e); err != nil {
			return err
		}
		fmt.Printf("call %d: error %d\n", e.Number, e.Error)
	}
	fmt.Printf("%d calls, %d failures\n", calls, failures)
	var code uint32
	var count uint64
	results := objs.Results.Iterate()
	for results.Next(&code, &count) {
		fmt.Printf("error %d: %d times\n", code, count)
	}
	return results.Err()
}
