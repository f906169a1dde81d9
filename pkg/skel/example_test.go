package skel_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/skels/refused"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// myPID is os.Getpid(), except in a container, where programs see another PID of the
// process.
var myPID = testkit.PID()

// The whole life of a skeleton.
func Example() {
	open, err := basic.Open() // nothing is in the kernel yet
	if err != nil {
		log.Fatal(err)
	}
	defer open.Close()

	open.Rodata.MyPid = myPID // a constant for the verifier
	open.Data.Step = 5
	s, err := open.Load()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	if err := s.Attach(); err != nil {
		log.Fatal(err)
	}
	os.Getppid() // a system call, which the program counts
	fmt.Println("counted:", s.Bss.Hits > 0)
	fmt.Println("in steps of", s.Bss.LastStep, "for", s.Rodata.MyPid() == myPID)
	// Output:
	// counted: true
	// in steps of 5 for true
}

func ExampleOpenMap() {
	open, err := kinds.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer open.Close()
	if err := open.Maps.Hash.SetMaxEntries(4096); err != nil {
		log.Fatal(err)
	}
	if err := open.Maps.Large.SetAutocreate(false); err != nil {
		log.Fatal(err)
	}
	s, err := open.Load()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	fmt.Println(s.Maps.Hash.MaxEntries(), s.Maps.Large.FD())
	// Output: 4096 -1
}

func ExampleMap_Lookup() {
	s, err := basic.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	key := basic.Key{Id: 1}
	if _, err := s.Maps.Counts.Lookup(&key); errors.Is(err, skel.ErrNotExist) {
		fmt.Println("not there")
	}
	value := uint64(7)
	if err := s.Maps.Counts.Update(&key, &value, skel.NoExist); err != nil {
		log.Fatal(err)
	}
	count, err := s.Maps.Counts.Lookup(&key)
	fmt.Println(count, err)
	// Output:
	// not there
	// 7 <nil>
}

func ExampleMap_Iter() {
	s, err := kinds.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	it := s.Maps.First.Iter()
	for key, value := range it.All() {
		fmt.Println(key, value)
	}
	if err := it.Err(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 0 0
	// 1 0
	// 2 0
}

func ExampleMap_LookupBatch() {
	s, err := kinds.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Maps.First.UpdateBatch([]uint32{0, 1, 2}, []uint64{10, 20, 30}); err != nil {
		log.Fatal(err)
	}
	var pos skel.BatchPos
	keys, values := make([]uint32, 2), make([]uint64, 2)
	for !pos.Done() {
		n, err := s.Maps.First.LookupBatch(&pos, keys, values)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(keys[:n], values[:n])
	}
	// Output:
	// [0 1] [10 20]
	// [2] [30]
}

func ExamplePerCPUMap() {
	s, err := kinds.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	cpus, err := skel.PossibleCPUs()
	if err != nil {
		log.Fatal(err)
	}
	key, values := uint32(1), make([]uint64, cpus)
	for cpu := range values {
		values[cpu] = 10
	}
	if err := s.Maps.PercpuHash.Update(&key, values); err != nil {
		log.Fatal(err)
	}
	values, err = s.Maps.PercpuHash.Lookup(&key)
	if err != nil {
		log.Fatal(err)
	}
	var sum uint64
	for _, v := range values {
		sum += v
	}
	fmt.Println(sum == 10*uint64(cpus))
	// Output: true
}

func ExampleMapOfMaps() {
	s, err := kinds.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	inner, err := s.Maps.OuterArray.Create() // like the one that the object declares
	if err != nil {
		log.Fatal(err)
	}
	defer inner.Close()
	key, value := uint32(2), uint64(42)
	if err := skel.TypedMap[uint32, uint64](inner).Update(&key, &value); err != nil {
		log.Fatal(err)
	}
	if err := s.Maps.OuterArray.Update(&key, inner); err != nil {
		log.Fatal(err)
	}
	found, err := s.Maps.OuterArray.Lookup(&key)
	if err != nil {
		log.Fatal(err)
	}
	defer found.Close()
	fmt.Println(skel.TypedMap[uint32, uint64](found).Lookup(&key))
	// Output: 42 <nil>
}

func ExampleVerifierError() {
	_, err := refused.OpenAndLoad()
	var v *skel.VerifierError
	if errors.As(err, &v) {
		fmt.Println(v.Program, v.Err, v.Truncated, len(v.Log) > 1000)
	}
	// Output: bad permission denied false true
}

func ExampleWithKconfig() {
	s, err := basic.OpenAndLoad(skel.WithKconfig("CONFIG_HZ=123"))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	fmt.Println(s.Kconfig.ConfigHz())
	// Output: 123
}

func ExampleProgram_TestRun() {
	s, err := kinds.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	packet := make([]byte, 64)
	r, err := s.Progs.Target.TestRun(skel.RunOptions{Data: packet, Repeat: 100})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Return)
	// Output: 2
}

func ExampleProgram_AttachRawTracepoint() {
	open, err := attach.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer open.Close()
	if err := open.Progs.RawTp.SetAutoload(true); err != nil {
		log.Fatal(err)
	}
	s, err := open.Load()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	link, err := s.Progs.RawTp.AttachRawTracepoint("sys_enter", nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := s.Links.RawTp.Adopt(link); err != nil { // where Attach would have put it
		log.Fatal(err)
	}
	info, err := s.Links.RawTp.Info()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Type, info.Name)
	// Output: raw_tracepoint sys_enter
}

func ExampleLink_Iterate() {
	open, err := attach.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer open.Close()
	if err := open.Progs.IterTask.SetAutoload(true); err != nil {
		log.Fatal(err)
	}
	s, err := open.Load()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	link, err := s.Progs.IterTask.AttachIter(nil) // all tasks
	if err != nil {
		log.Fatal(err)
	}
	r, err := link.Iterate()
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r) // the program prints a line per task
	if err != nil {
		log.Fatal(err)
	}
	me := fmt.Sprintf("%d %d\n", myPID, myPID)
	fmt.Println("this process is there:", strings.Contains(string(text), me))
	// Output: this process is there: true
}

func ExampleObject_AttachEach() {
	s, err := basic.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	results, err := s.AttachEach()
	if err != nil {
		fmt.Println(err) // of all that failed
	}
	for _, r := range results {
		fmt.Println(r.Program, r.Link.Attached(), r.Err)
	}
	// Output:
	// handle_raw true <nil>
	// handle_exit true <nil>
	// run false <nil>
	// nowhere false <nil>
	// not_loaded false <nil>
}

func ExampleErrClosed() {
	s, err := basic.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	if err := s.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Attach() == skel.ErrClosed, s.Bss == nil, slices.Collect(s.Maps.Counts.Keys()))
	// Output: true true []
}
