package skel_test

import (
	"errors"
	"math"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func TestQueueAndStack(t *testing.T) {
	s := loadKinds(t)
	q, st := s.Maps.Queue, s.Maps.Stack
	if _, err := q.Pop(); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("Pop of an empty queue returned %v", err)
	}
	for i := range uint32(4) {
		must(t, q.Push(&kinds.Value{Level: i}))
		must(t, st.Push(&i))
	}
	if err := q.Push(&kinds.Value{Level: 4}); !errors.Is(err, syscall.E2BIG) {
		t.Errorf("Push to a full queue returned %v", err)
	}
	must(t, q.Push(&kinds.Value{Level: 4}, skel.Exist))
	if v, err := q.Peek(); err != nil || v.Level != 1 {
		t.Errorf("Peek returned %v, %v", v, err)
	}
	if v, err := q.Pop(); err != nil || v.Level != 1 {
		t.Errorf("Pop returned %v, %v", v, err)
	}
	if v, err := st.Pop(); err != nil || v != 3 {
		t.Errorf("Pop of the stack returned %v, %v", v, err)
	}
}

func TestBloomFilter(t *testing.T) {
	b := loadKinds(t).Maps.Bloom
	value := uint64(12345)
	if may, err := b.MayHave(&value); may || err != nil {
		t.Errorf("empty, it returned %v, %v", may, err)
	}
	must(t, b.Add(&value))
	if may, err := b.MayHave(&value); !may || err != nil {
		t.Errorf("it returned %v, %v", may, err)
	}
}

func TestMapsOfMaps(t *testing.T) {
	s := loadKinds(t)
	key, index := kinds.Key{Id: 7}, uint32(2)
	in, err := s.Maps.OuterHash.Create()
	must(t, err)
	defer in.Close()
	typed := skel.TypedMap[uint32, uint64](in)
	must(t, typed.Update(&index, ptr(uint64(99))))
	must(t, s.Maps.OuterHash.Update(&key, in))
	if _, err := s.Maps.OuterHash.Lookup(&kinds.Key{}); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("a missing key: error %v", err)
	}
	must(t, in.Close())
	if _, err := typed.Lookup(&index); err != skel.ErrClosed {
		t.Errorf("the closed map: error %v", err)
	}
	again, err := s.Maps.OuterHash.Lookup(&key)
	must(t, err)
	defer again.Close()
	if v, err := skel.TypedMap[uint32, uint64](again).Lookup(&index); err != nil || v != 99 {
		t.Errorf("the map from the map returned %d, %v", v, err)
	}
	if v := skel.TypedMap[uint32, uint32](again); second(v.Lookup(&index)) == nil {
		t.Error("a wrong type for the value was accepted")
	}
	must(t, s.Maps.OuterHash.Delete(&key))

	must(t, s.Maps.OuterArray.Update(&index, s.Maps.First))
	it, n := s.Maps.OuterArray.IDs(), 0
	for range it.All() {
		n++
	}
	if n != 2 || it.Err() != nil { // one put there by the object itself
		t.Errorf("the array has %d maps, %v", n, it.Err())
	}
	if err := s.Maps.OuterArray.Update(&index, s.Maps.Hash); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a map of another kind: error %v", err)
	}
}

func TestBatches(t *testing.T) {
	m := loadKinds(t).Maps.Hash
	keys, values := make([]kinds.Key, 100), make([]kinds.Value, 100)
	for i := range keys {
		keys[i].Id, values[i].Count = uint32(i), uint64(i)
	}
	if n, err := m.UpdateBatch(keys, values); n != 100 || err != nil {
		t.Fatalf("UpdateBatch returned %d, %v", n, err)
	}
	count := func(look func(*skel.BatchPos, []kinds.Key, []kinds.Value) (int, error)) {
		t.Helper()
		k, v := make([]kinds.Key, 30), make([]kinds.Value, 30)
		seen := map[uint32]bool{}
		var pos skel.BatchPos
		for !pos.Done() {
			n, err := look(&pos, k, v)
			must(t, err)
			for i := range n {
				if uint64(k[i].Id) != v[i].Count {
					t.Errorf("key %d has count %d", k[i].Id, v[i].Count)
				}
				seen[k[i].Id] = true
			}
		}
		if len(seen) != 100 {
			t.Errorf("%d of 100 keys were seen", len(seen))
		}
	}
	count(m.LookupBatch)
	count(m.LookupAndDeleteBatch)
	if n, err := m.Len(); n != 0 || err != nil {
		t.Errorf("Len returned %d, %v", n, err)
	}
	if n, err := m.UpdateBatch(keys[:10], values[:10]); n != 10 || err != nil {
		t.Errorf("UpdateBatch returned %d, %v", n, err)
	}
	if n, err := m.DeleteBatch(keys[5:15]); n != 5 || !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("DeleteBatch returned %d, %v", n, err)
	}
	if _, err := m.UpdateBatch(keys, values[:1]); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("keys without values: error %v", err)
	}
}

func TestRawMap(t *testing.T) {
	s := loadKinds(t)
	bss := s.Maps.Bss
	if _, err := bss.Lookup(make([]byte, 3)); err == nil || !strings.Contains(err.Error(), "the key has 3 bytes, but the map's keys have 4") {
		t.Errorf("a short key: error %v", err)
	}
	if err := bss.Update(make([]byte, 4), make([]byte, 1)); err == nil || !strings.Contains(err.Error(), "the value has 1 bytes, but the map's values have ") {
		t.Errorf("a short value: error %v", err)
	}
	key, err := bss.NextKey(nil)
	must(t, err)
	if _, err := bss.NextKey(key); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("after the last key: %v", err)
	}
	group, noGroup := uint32(0), uint32(math.MaxUint32)
	if err := s.Maps.Raw.Update(&group, &noGroup); !errors.Is(err, syscall.EBADF) {
		t.Errorf("no cgroup: error %v", err)
	}
	value, err := bss.Lookup(make([]byte, 4))
	must(t, err)
	value[0] = 77
	must(t, bss.Update(make([]byte, 4), value))
	if s.Bss.JumpedTo != 77 {
		t.Errorf("the section shows %d", s.Bss.JumpedTo)
	}
}
