//go:build race

package skel_test

// The race detector keeps memory of its own.
const raceDetector = true
