//go:build !linux

package skel

import "syscall"

func threadNetns() string { return "" }

func openNetns(string) (int, error) { return -1, syscall.ENOSYS }
