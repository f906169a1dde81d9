package cheader

// The embedded object is one C string, cut into lines of at most lineWidth
// characters: a zero byte takes 2, others 4.
const (
	lineWidth   = 78
	embedFactor = 5 // bytes of text per byte, at most
)

// byteEscapes are the forms in which each byte is written in the string.
var byteEscapes = func() (table [256]string) {
	const digits = "0123456789abcdef"
	table[0] = `\0`
	for b := 1; b < len(table); b++ {
		table[b] = `\x` + string([]byte{digits[b>>4], digits[b&15]})
	}
	return table
}()

// embed appends the object's bytes as the inside of a C string.
func (h *header) embed(data []byte) {
	buf, width := h.buf, 0
	for _, b := range data {
		e := byteEscapes[b]
		if width += len(e); width > lineWidth {
			buf = append(buf, '\\', '\n')
			width = len(e)
		}
		buf = append(buf, e...)
	}
	h.buf = buf
}
