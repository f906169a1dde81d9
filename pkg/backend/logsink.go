package backend

import "sync"

// sink is one per process, because libraries such as libbpf have one print function per
// process.
var sink struct {
	mu     sync.RWMutex
	max    Level
	f      func(Log)
	levels []func(max Level)
}

// SetLogSink makes f be called with the messages that a back end printed, after each
// call that made it print, in the goroutine of that call. Messages above max are left
// out. A nil f removes the sink.
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

// OnLogLevel makes set be called with the highest level that is wanted, now and when it
// changes. Back ends call it.
func OnLogLevel(set func(max Level)) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if sink.f == nil {
		sink.max = LevelInfo
	}
	sink.levels = append(sink.levels, set)
	set(sink.max)
}

// Emit passes a log to the sink. Back ends call it.
func Emit(log Log) {
	sink.mu.RLock()
	f := sink.f
	sink.mu.RUnlock()
	if f != nil && len(log) > 0 {
		f(log)
	}
}
