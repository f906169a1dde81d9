package backend

import "sync"

// sink is the process's, because the libraries beneath print for the process.
var sink struct {
	mu     sync.RWMutex
	max    Level
	f      func(Log)
	levels []func(max Level)
}

// SetLogSink has f called with what a back end printed, after each call that made it
// print, in the goroutine of that call. Messages above max are left out. A nil f ends
// it.
func SetLogSink(max Level, f func(Log)) {
	if f == nil {
		max = LevelInfo
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	sink.max, sink.f = max, f
	for _, set := range sink.levels {
		set(max)
	}
}

// OnLogLevel has set called with the highest level that is wanted, now and when it
// changes. It is for back ends.
func OnLogLevel(set func(max Level)) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if sink.f == nil {
		sink.max = LevelInfo
	}
	sink.levels = append(sink.levels, set)
	set(sink.max)
}

// Emit hands a log to the sink. It is for back ends.
func Emit(log Log) {
	sink.mu.RLock()
	f := sink.f
	sink.mu.RUnlock()
	if f != nil && len(log) > 0 {
		f(log)
	}
}
