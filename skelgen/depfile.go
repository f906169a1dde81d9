package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// depfile returns the rule "files: object", and a rule without prerequisites for the
// object, so that make continues if the object was removed. An object that the package
// embeds in place is not a target.
func depfile(dir string, files []file, object string) ([]byte, error) {
	if isPipe(object) {
		return nil, fmt.Errorf("--depfile: %s is a pipe, so make cannot compare its time", object)
	}
	var rule []string
	for _, f := range files {
		if sameFile(filepath.Join(dir, f.name), object) {
			continue
		}
		target, err := escapeForMake(filepath.Join(dir, f.name))
		if err != nil {
			return nil, err
		}
		rule = append(rule, target)
	}
	object, err := escapeForMake(object)
	if err != nil {
		return nil, err
	}
	return []byte(strings.Join(rule, " ") + ": " + object + "\n\n" + object + ":\n"), nil
}

// notEscapable are characters that are special to make in a rule, and that cannot be
// escaped in both targets and prerequisites.
const notEscapable = "\n\r\t\\=;|&%*?["

var makeEscapes = strings.NewReplacer(" ", `\ `, "#", `\#`, ":", `\:`, "$", "$$")

// escapeForMake returns a path as make(1) and ninja read it in a rule.
func escapeForMake(path string) (string, error) {
	bad := strings.IndexAny(path, notEscapable)
	switch {
	case strings.HasPrefix(path, "~"):
		bad = 0
	case bad < 0 && strings.HasSuffix(path, " "):
		bad = len(path) - 1
	case bad < 0 && strings.HasSuffix(path, ")"): // a member of an archive
		bad = strings.Index(path, "(")
	}
	if bad >= 0 {
		return "", fmt.Errorf("--depfile: make cannot read %q in the path %q: choose another folder or name", path[bad], path)
	}
	return makeEscapes.Replace(path), nil
}
