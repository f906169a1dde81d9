//go:build !linux

package skel

import "fmt"

func isBPFFS(string) bool { return false }

func interfaceHint(attachRequest, error) string { return "" }

func cgroupHint(attachRequest, error) string { return "" }

func fdName(fd int) string { return fmt.Sprintf("fd %d", fd) }

func isFrozen(int) bool { return false }
