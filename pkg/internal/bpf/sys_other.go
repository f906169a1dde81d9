//go:build !linux

package bpf

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Only Linux has bpf(2).

func call(uapi.Cmd, unsafe.Pointer, uintptr) (int, Errno) { return -1, errUnsupported }

func quickCall(uapi.Cmd, unsafe.Pointer, uintptr) Errno { return errUnsupported }

func callFD(uapi.Cmd, unsafe.Pointer, uintptr) (int, error) { return -1, errUnsupported }

func readKernelFile(string) ([]byte, error) { return nil, errUnsupported }

func readKernelLink(string) (string, error) { return "", errUnsupported }

const errBadState = errBadFD

func isPerfEvent(int) bool { return false }

func withoutSignals(f func()) { f() }

func raiseMemlock() bool { return false }
