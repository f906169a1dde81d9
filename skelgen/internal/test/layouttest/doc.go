// Package layouttest compares the layout of generated Go types with a C compiler's
// layout of the same declarations: sizes, offsets, and the bytes that an assignment
// to each member leaves behind, in Go and in C.
package layouttest
