package backend

// NoReason are the texts that are matched as a part of a message.
func NoReason() []string { return unrelatedWarnings }

// Surroundings are the texts that surround a name, each with the function that finds
// the name in a message.
func Surroundings() map[string]func(message string) (name string, ok bool) {
	all := map[string]func(string) (string, bool){}
	for _, t := range append(append([]pattern{programWarning}, mapWarnings...), externWarnings...) {
		all[t.before+"..."+t.after] = t.cutPrefix
	}
	for _, texts := range topics {
		for _, t := range texts {
			all[t.before+"..."+t.after] = t.cut
		}
	}
	return all
}

// Topics returns how many texts each topic has.
func Topics() (counts []int) {
	for _, texts := range topics {
		counts = append(counts, len(texts))
	}
	return counts
}
