//go:build !unix

package skel

import "syscall"

func dupFD(int) (int, error) { return -1, syscall.ENOSYS }

func closeFD(int) error { return syscall.ENOSYS }
