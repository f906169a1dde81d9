package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// loaderCalls are the commands in a loader, in its order.
type loaderCalls struct {
	maps     []mapCall
	programs []programCall
	images   map[int]imageRange // by map
}

// mapCall is a BPF_MAP_CREATE with its union bpf_attr at attr in the blob.
type mapCall struct {
	attr uint32
	kind uapi.MapType
}

// eachMap visits the attributes with which each map of obj is created, and those of its
// template before it.
func (c *loaderCalls) eachMap(obj *model.Object, blob []byte, visit func(i int, m *model.Map, inner bool, attr []byte)) error {
	next := 0
	for i := range obj.Maps {
		for _, m := range []*model.Map{obj.Maps[i].Inner, &obj.Maps[i]} {
			if m == nil {
				continue
			}
			if next == len(c.maps) || c.maps[next].kind != m.Type {
				return fmt.Errorf("libbpf's loader does not create map %s in its order", m.Name)
			}
			visit(i, m, m != &obj.Maps[i], blob[c.maps[next].attr:][:attrMapEnd])
			next++
		}
	}
	if next != len(c.maps) {
		return errors.New("libbpf's loader creates more maps than the object has")
	}
	return nil
}

type programCall struct{ name, target string }

type imageRange struct{ at, size uint32 }

// Offsets in union bpf_attr.
const (
	attrMaxEntries = 12 // BPF_MAP_CREATE
	attrMapExtra   = 64
	attrMapEnd     = 72
	attrProgName   = 48 // BPF_PROG_LOAD
	attrProgEnd    = 64
)

// The loader's context: its header, then the descriptors of the maps (struct
// bpf_loader_ctx and bpf_map_desc in skel_internal.h).
const (
	contextHeader = 24
	mapDesc       = 16
	initialValue  = 8
)

// The instructions that are recognized, and what they call.
const (
	opMov      = 0xb7 // rX = immediate
	opLoadImm  = 0x18 // rX = address in the blob
	opLoadU64  = 0x79
	opCall     = 0x85
	inBlob     = 6 // BPF_PSEUDO_MAP_IDX_VALUE, the second register of opLoadImm
	callBPF    = 166
	callFind   = 167
	regContext = 6
	regRelo    = 8 // the instruction that a relocation patches
)

type loaderInsn struct {
	code, dst, src uint8
	off            int16
	imm            int32
}

func decodeInsns(order binary.ByteOrder, insns []byte) []loaderInsn {
	out := make([]loaderInsn, len(insns)/8)
	for i := range out {
		b := insns[i*8:]
		out[i] = loaderInsn{b[0], b[1] & 15, b[1] >> 4, int16(order.Uint16(b[2:])), int32(order.Uint32(b[4:]))}
		if order == binary.BigEndian {
			out[i].dst, out[i].src = out[i].src, out[i].dst
		}
	}
	return out
}

// readLoader finds the commands by the patterns of libbpf's gen_loader.c. The loader is
// a straight line but for its error branches, so that its order is the order of the
// commands.
func readLoader(order binary.ByteOrder, insns, blob []byte) (*loaderCalls, error) {
	r := loaderReader{order: order, blob: blob, list: decodeInsns(order, insns)}
	r.out.images = map[int]imageRange{}
	for i := range r.list {
		if err := r.insn(i); err != nil {
			return nil, err
		}
	}
	return &r.out, nil
}

type loaderReader struct {
	order      binary.ByteOrder
	blob       []byte
	list       []loaderInsn
	out        loaderCalls
	relocating bool   // between a program's first relocation and its load
	target     string // of the next program
}

func (r *loaderReader) insn(i int) error {
	in := r.list[i]
	switch {
	case in.code == opLoadU64 && in.src == regContext:
		return r.image(i)
	case in.code == opLoadImm && in.dst == regRelo:
		r.relocating = true
	case in.code == opCall && in.imm == callFind && !r.relocating:
		// r1 = name; r2 = its size; r3 = kind; r4 = 0; call
		if i < 5 {
			return errLoader
		}
		name, err := r.bytes(i-5, uint32(r.list[i-3].imm))
		if err != nil {
			return err
		}
		r.target = cString(name)
	case in.code == opCall && in.imm == callBPF:
		return r.command(i)
	}
	return nil
}

// image reads: r3 = context.maps[n].initial_value; if it is 0 skip 8; r1 = value; r2 = size.
func (r *loaderReader) image(i int) error {
	n := int(r.list[i].off) - contextHeader - initialValue
	if n < 0 || n%mapDesc != 0 {
		return nil // the buffer of the log
	}
	if i+4 >= len(r.list) || r.list[i+4].code != opMov || r.list[i+4].dst != 2 {
		return errLoader
	}
	size := uint32(r.list[i+4].imm)
	if _, err := r.bytes(i+2, size); err != nil {
		return err
	}
	r.out.images[n/mapDesc] = imageRange{uint32(r.list[i+3].imm), size}
	return nil
}

// command reads: r1 = command; r2 = attr; r3 = size; call.
func (r *loaderReader) command(i int) error {
	if i < 4 || r.list[i-4].code != opMov || r.list[i-4].dst != 1 {
		return errLoader
	}
	switch uapi.Cmd(r.list[i-4].imm) {
	case uapi.CmdMapCreate:
		attr, err := r.bytes(i-3, attrMapEnd)
		if err != nil {
			return err
		}
		r.out.maps = append(r.out.maps, mapCall{uint32(r.list[i-2].imm), uapi.MapType(r.order.Uint32(attr))})
	case uapi.CmdProgLoad:
		attr, err := r.bytes(i-3, attrProgEnd)
		if err != nil {
			return err
		}
		r.out.programs = append(r.out.programs, programCall{cString(attr[attrProgName:]), r.target})
		r.relocating, r.target = false, ""
	}
	return nil
}

// bytes returns the part of the blob whose address instruction i loads.
func (r *loaderReader) bytes(i int, size uint32) ([]byte, error) {
	if in := r.list[i]; in.code != opLoadImm || in.src != inBlob || i+1 >= len(r.list) {
		return nil, errLoader
	}
	at := uint32(r.list[i+1].imm)
	if uint64(at)+uint64(size) > uint64(len(r.blob)) {
		return nil, fmt.Errorf("libbpf's loader uses %d bytes at %d of %d", size, at, len(r.blob))
	}
	return r.blob[at:][:size], nil
}

func cString(b []byte) string {
	text, _, _ := bytes.Cut(b, []byte{0})
	return string(text)
}

var errLoader = errors.New("libbpf's loader has another form than that of libbpf 1.5 to 1.7")
