package layout

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// maxElements and maxText limit what Text shows: elements of an array, and bytes in
// total.
const (
	maxElements = 64
	maxText     = 4096
)

// Text returns the exported fields of the struct that p points to, with their names:
// {Pid:7 Comm:"sh" Counts:[1 2 3]}. The fields that text names are C strings. An array
// of more than 64 elements is cut after the 64th, and a text of more than 4 KiB after 4
// KiB.
func Text(p any, text ...string) string {
	v := reflect.ValueOf(p)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return "<nil>"
	}
	w := textWriter{}
	w.structure(v.Elem(), text)
	if len(w.b) > maxText {
		return string(append(w.b[:maxText], "..."...))
	}
	return string(w.b)
}

type textWriter struct{ b []byte }

func (w *textWriter) full() bool { return len(w.b) > maxText }

func (w *textWriter) add(s string) { w.b = append(w.b, s...) }

func (w *textWriter) structure(v reflect.Value, text []string) {
	w.add("{")
	first := true
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || w.full() {
			continue
		}
		if !first {
			w.add(" ")
		}
		first = false
		w.add(f.Name + ":")
		w.value(v.Field(i), slices.Contains(text, f.Name))
	}
	w.add("}")
}

// value writes one value; text is true if its bytes are a C string.
func (w *textWriter) value(v reflect.Value, text bool) {
	if s, ok := stringer(v); ok {
		w.add(s.String())
		return
	}
	switch v.Kind() {
	case reflect.Array:
		w.array(v, text)
	case reflect.Struct:
		w.structure(v, nil)
	case reflect.Bool:
		w.b = strconv.AppendBool(w.b, v.Bool())
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.b = strconv.AppendInt(w.b, v.Int(), 10)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		w.b = strconv.AppendUint(w.b, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		w.b = strconv.AppendFloat(w.b, v.Float(), 'g', -1, v.Type().Bits())
	default: // generated types do not contain others
		w.add("?")
	}
}

// stringer is a value's own String, of a struct or an enum.
func stringer(v reflect.Value) (fmt.Stringer, bool) {
	if v.CanAddr() {
		v = v.Addr() // a large struct has it on the pointer
	}
	s, ok := v.Interface().(fmt.Stringer)
	return s, ok
}

func (w *textWriter) array(v reflect.Value, text bool) {
	if text && v.Type().Elem().Kind() == reflect.Uint8 {
		b := v.Slice(0, min(v.Len(), maxText)).Bytes()
		w.b = strconv.AppendQuote(w.b, CString(b))
		return
	}
	w.add("[")
	for i := range v.Len() {
		if i > 0 {
			w.add(" ")
		}
		if i == maxElements || w.full() {
			w.add(fmt.Sprintf("...(%d in all)", v.Len()))
			break
		}
		w.value(v.Index(i), text)
	}
	w.add("]")
}
