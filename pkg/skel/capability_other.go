//go:build !linux

package skel

func capabilityHint(error) string { return "" }
