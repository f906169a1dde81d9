package load

// advice says what to do about a refusal of libbpf's, where that is known.
func advice(reason string) string {
	return ""
}
