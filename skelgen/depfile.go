package main

import (
	"path/filepath"
	"strings"
)

// forMake is how make(1) and ninja read names with these characters in a rule.
var forMake = strings.NewReplacer(" ", `\ `, "#", `\#`, "$", "$$")

// depfile is the rule "what was written: the object", and one without
// prerequisites for the object, so that make goes on where it was removed.
func depfile(dir string, files []file, object string) []byte {
	var b strings.Builder
	for _, f := range files {
		b.WriteString(forMake.Replace(filepath.Join(dir, f.name)) + " ")
	}
	object = forMake.Replace(object)
	return []byte(strings.TrimSuffix(b.String(), " ") + ": " + object + "\n\n" + object + ":\n")
}
