package gotype

import "fmt"

// check verifies that Go's rules put every field at its C offset, on 64-bit
// systems and on 32-bit ones that align to at most 4 bytes.
func (b *builder) check() error {
	for _, d := range b.out.Decls {
		s, ok := d.(*Struct)
		if !ok {
			continue
		}
		if s.Size > maxSize {
			return fmt.Errorf("%s has %d bytes, more than a Go type can have on 32-bit systems", s.C, s.Size)
		}
		end := 0
		for _, f := range s.Fields {
			if f.Offset != end || f.Offset%max(f.Align, 1) != 0 || f.Align > s.Align {
				return fmt.Errorf("%s: field %s is at %d, not %d", s.C, f.Name, end, f.Offset)
			}
			end = f.Offset + f.Size
		}
		if end != s.Size || s.Size%s.Align != 0 {
			return fmt.Errorf("%s has %d bytes in Go, aligned to %d, not %d", s.C, end, s.Align, s.Size)
		}
	}
	return nil
}
