//go:build linux

package light

import (
	"bytes"
	"io"
	"os"
	"strconv"
)

const kallsymsFile = "/proc/kallsyms"

// kernelSymbol is what the kernel says of a name: an address, 0 if the process may not see it,
// or several.
type kernelSymbol struct {
	address   uint64
	ambiguous bool
}

// readKallsyms returns the symbols whose names are keys of wanted. It reads the file once, which has hundreds of
// thousands of lines.
func readKallsyms(wanted map[string]bool) (map[string]kernelSymbol, error) {
	f, err := os.Open(kallsymsFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return scanKallsyms(f, wanted)
}

func scanKallsyms(r io.Reader, wanted map[string]bool) (map[string]kernelSymbol, error) {
	found := map[string]kernelSymbol{}
	buf := make([]byte, 256<<10)
	for kept := 0; ; {
		n, err := r.Read(buf[kept:])
		data := buf[:kept+n]
		for {
			end := bytes.IndexByte(data, '\n')
			if end < 0 {
				break
			}
			takeSymbol(data[:end], wanted, found)
			data = data[end+1:]
		}
		if kept = copy(buf, data); kept == len(buf) {
			return nil, io.ErrShortBuffer
		}
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// takeSymbol reads a line: "ffffffff81000000 T _text", and for a module's symbol a tab and
// the module's name. clang's link-time optimization may add a suffix to the names of data.
func takeSymbol(line []byte, wanted map[string]bool, found map[string]kernelSymbol) {
	space := bytes.IndexByte(line, ' ')
	if space < 0 || len(line) < space+4 {
		return
	}
	name := line[space+3:]
	if tab := bytes.IndexByte(name, '\t'); tab >= 0 {
		name = name[:tab]
	}
	if line[space+1] == 'd' {
		name, _, _ = bytes.Cut(name, []byte(".llvm."))
	}
	if !wanted[string(name)] {
		return
	}
	address, err := strconv.ParseUint(string(line[:space]), 16, 64)
	if err != nil {
		return
	}
	before, ok := found[string(name)]
	found[string(name)] = kernelSymbol{address, ok && (before.ambiguous || before.address != address)}
}

// symbolNames lists the names that the loader looks up there: it loads the address of each
// before it calls the helper.
func (o *object) symbolNames() map[string]bool {
	names := map[string]bool{}
	m := machine{insns: o.file.Insns}
	name := ""
	for i := range len(m.insns) / 8 {
		switch in := m.insn(i); {
		case in.code == loadImm64 && in.source == pseudoBlob && in.dst == 1 && (i+1)*8 < len(m.insns):
			name = o.textAt(int(uint32(m.insn(i + 1).imm)))
		case in.code == classJmp|callHelper && in.imm == helperKallsyms:
			names[name] = true
		}
	}
	return names
}

// textAt reads a string in the blob.
func (o *object) textAt(offset int) string {
	for _, e := range o.file.Extents {
		if at := offset - e.Offset; at >= 0 && at < len(e.Data) {
			text := e.Data[at:]
			for i := range len(text) {
				if text[i] == 0 {
					return text[:i]
				}
			}
			return text // the zeros after it are not stored
		}
	}
	return ""
}
