//go:build !linux

package skel

import "syscall"

func setEventProgram(int, int) error { return syscall.ENOSYS }

func enableEvent(int, bool) error { return syscall.ENOSYS }
