package libbpf

import "strings"

// What libbpf prints when the kernel refuses a map or a program, around its name.
const (
	mapPrefix   = "map '"
	mapFailed   = "': failed to "
	progPrefix  = "prog '"
	progFailed  = "': BPF program load failed"
	verifierLog = "': -- BEGIN PROG LOAD LOG --\n"
	verifierEnd = "-- END PROG LOAD LOG --"
)

// FailedProgram is the name of the program that could not be loaded, "" where
// the load failed for another reason.
func (l Log) FailedProgram() string {
	for _, m := range l {
		rest, ok := strings.CutPrefix(m.Text, progPrefix)
		if !ok || m.Level != LevelWarn {
			continue
		}
		if name, _, ok := strings.Cut(rest, progFailed); ok && !strings.Contains(name, "\n") {
			return name
		}
	}
	return ""
}

// FailedMap is the name of the map that could not be created or filled, "" where
// the load failed for another reason.
func (l Log) FailedMap() string {
	for _, m := range l {
		rest, ok := strings.CutPrefix(m.Text, mapPrefix)
		if name, _, failed := strings.Cut(rest, mapFailed); ok && failed && m.Level == LevelWarn {
			return name
		}
	}
	return ""
}

// VerifierLog is the verifier's log of a program that could not be loaded; ""
// where libbpf printed none, because the caller has set a buffer for it.
func (l Log) VerifierLog(program string) string {
	for _, m := range l {
		if m.Level != LevelWarn {
			continue
		}
		if text, ok := strings.CutPrefix(m.Text, progPrefix+program+verifierLog); ok {
			return strings.TrimSuffix(text, verifierEnd)
		}
	}
	return ""
}
