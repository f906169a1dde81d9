// Package layouttest compares the layout of generated Go types with what a C
// compiler says about the same declarations: sizes, offsets, and the bytes that
// an assignment to each member leaves behind, in Go and in C.
package layouttest
