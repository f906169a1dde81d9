package lightfile

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
)

var orders = []interface {
	binary.ByteOrder
	binary.AppendByteOrder
}{binary.LittleEndian, binary.BigEndian}

// blobOf puts a file's extents back in their places.
func blobOf(f *File) []byte {
	blob := make([]byte, f.BlobSize)
	for _, e := range f.Extents {
		copy(blob[e.Offset:], e.Data)
	}
	return blob
}

func TestAFileHoldsWhatWasWritten(t *testing.T) {
	long := append(append(bytes.Repeat([]byte{1}, 40), make([]byte, 4000)...), 2, 0, 0, 3)
	for name, c := range map[string]struct {
		blob    []byte
		extents int
	}{
		"nothing":                       {nil, 0},
		"zeros alone":                   {make([]byte, 100), 0},
		"no zeros":                      {[]byte("text"), 1},
		"a short gap":                   {append(append([]byte{1}, make([]byte, gap-1)...), 1), 1},
		"a gap as long as the entries":  {append(append([]byte{1}, make([]byte, gap)...), 1), 2},
		"zeros before, between, behind": {append(append(make([]byte, 50), long...), make([]byte, 50)...), 2},
		"one byte at the very end":      {append(make([]byte, 64), 9), 1},
	} {
		for _, order := range orders {
			insns := bytes.Repeat([]byte("instrucs"), 3)
			f, err := Decode(order, string(Encode(order, insns, c.blob)))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if f.Insns != string(insns) || !bytes.Equal(blobOf(f), c.blob) || len(f.Extents) != c.extents || f.Order != order {
				t.Errorf("%s: %d extents, want %d; blob %x", name, len(f.Extents), c.extents, blobOf(f))
			}
		}
	}
}

func TestAnyBlobComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		blob := make([]byte, r.IntN(400))
		for i := range blob {
			if r.IntN(20) == 0 {
				blob[i] = byte(r.Uint32())
			}
		}
		file := Encode(binary.LittleEndian, nil, blob)
		f, err := Decode(binary.LittleEndian, string(file))
		if err != nil || !bytes.Equal(blobOf(f), blob) {
			t.Fatalf("%x: %v", blob, err)
		}
	}
}

// A section of a gigabyte that is all zeros does not make a large file.
func TestZerosAreNotStored(t *testing.T) {
	blob := make([]byte, 8<<20)
	blob[5<<20] = 1
	if n := len(Encode(binary.LittleEndian, nil, blob)); n > 100 {
		t.Errorf("%d bytes", n)
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	order := binary.LittleEndian
	good := string(Encode(order, []byte("12345678"), append(append([]byte{1}, make([]byte, 40)...), 2)))
	set := func(at int, value uint32) string {
		b := []byte(good)
		order.PutUint32(b[at:], value)
		return string(b)
	}
	table := headerSize + insnSize
	for name, file := range map[string]string{
		"empty":                        "",
		"another file":                 "\x7fELF" + strings.Repeat("x", 100),
		"another version":              "BPFLIGH\x02" + good[8:],
		"cut in the header":            good[:headerSize-1],
		"cut in the instructions":      good[:headerSize+3],
		"cut in the extents":           good[:table+4],
		"cut in the data":              good[:len(good)-1],
		"one byte too many":            good + "x",
		"too many instructions":        set(8, 1<<31),
		"more extents than bytes":      set(16, 1<<31),
		"a blob that is too small":     set(12, 41),
		"an extent beyond the blob":    set(table, 1<<31),
		"an extent of another's bytes": set(table+8, 0),
		"an extent without an end":     set(table+4, 1<<32-1),
	} {
		if f, err := Decode(order, file); err == nil {
			t.Errorf("%s: %+v", name, f)
		} else if !strings.Contains(err.Error(), "run skelgen generate again") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Decode(binary.BigEndian, good); err == nil || !strings.Contains(err.Error(), "byte order") {
		t.Errorf("the other byte order: %v", err)
	}
}

// Every file that Decode accepts has its extents in order, inside the blob.
func FuzzDecode(f *testing.F) {
	f.Add(Encode(binary.LittleEndian, []byte("12345678"), []byte("blob")))
	f.Add(Encode(binary.LittleEndian, nil, append(append([]byte{1}, make([]byte, 40)...), 2)))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, order := range orders {
			file, err := Decode(order, string(data))
			if err != nil {
				continue
			}
			end := 0
			for _, e := range file.Extents {
				if e.Offset < end || e.Offset > file.BlobSize || len(e.Data) > file.BlobSize-e.Offset {
					t.Fatalf("extent at %d with %d bytes, after %d, in a blob of %d", e.Offset, len(e.Data), end, file.BlobSize)
				}
				end = e.Offset + len(e.Data)
			}
			if len(file.Insns)%insnSize != 0 {
				t.Fatalf("%d bytes of instructions", len(file.Insns))
			}
		}
	})
}
