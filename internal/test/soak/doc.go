// Package soak holds one test: skeletons are opened, used and closed in several goroutines, beside a loop that starts
// processes and under the CPU profiler. No call may fail, and the process may not grow. make soak runs it for an hour.
package soak
