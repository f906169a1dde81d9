// Package skel is the run time of the packages that skelgen generates: the life cycle
// of a skeleton, its maps, programs and links. Applications use it through a generated
// package, whose fields have the types of this package.
//
// Open reads the object and returns an OpenSkel; its Load loads the object into the kernel
// and returns a Skel. Both have a Close method. All methods may be called from any number
// of goroutines, including Close: it waits for calls in progress, and every later call
// returns ErrClosed.
//
// # Section memory
//
// The section pointers of a skeleton, such as s.Bss and open.Rodata, point to memory
// that the kernel and the BPF programs share. Nothing synchronizes it, and Go's race
// detector does not see it. Use sync/atomic on its 32- and 64-bit integers, and Load and
// Store on smaller ones.
//
// A pointer that was copied out of a section is valid until Close, or until the section
// is resized. Pointers into read-only sections, and into an arena, that were taken before
// load are valid until Load. Close sets the skeleton's own pointers to nil, but it cannot
// reach copies: using one after that is a memory fault. A fault ends the program, unless
// the goroutine asked for a panic, which recover can catch:
//
//	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
//
// The access does not fault if something else has been mapped at the address since.
//
// # Generated types
//
// Structs have C's layout. A char array is a [N]byte: CString and PutCString read and
// write its text. A union, a bitfield and a member that is not aligned have methods
// instead of a field, and a struct that contains them is made from its members in one
// expression: for struct flags, FlagsFields{Ready: true}.Pack().
//
// A read-only section of a Skel is a view, with a method for each variable:
// s.Rodata.MyPid() is an integer, s.Rodata.Table(i) an element of an array, with its
// length TableLen and its iterator TableAll, and s.Rodata.Config() a view of a struct.
// Value returns a copy of the data that a view reads, and String formats them:
// fmt.Println(s.Rodata).
//
// # Closing
//
// The garbage collector does not close anything: a pointer into mapped memory does not
// keep its skeleton alive. Call Close.
//
// # Errors
//
// Errors name the operation, the object, and the map or program. They carry the messages
// that libbpf printed during the call, and wrap a syscall.Errno or one of libbpf's own
// codes. The package prints nothing; SetLogger redirects libbpf's messages.
package skel
