// Package pure holds the tests of maps and rings that internal/test/nocgo builds without cgo, and runs on maps and programs
// that its own process loaded and pinned. With cgo the package is empty.
package pure
