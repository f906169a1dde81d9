package gopkg

import (
	"bytes"
	_ "embed"
	"strings"
)

// Elsewhere renders the file of a package for the architectures that it does not
// support: the two types without fields, and an Open that returns an error with the
// reason. archs are the supported GOARCH names, sorted.
func Elsewhere(pkgName string, archs []string) ([]byte, error) {
	var b bytes.Buffer
	err := elsewhere.Execute(&b, map[string]string{
		"Package":    pkgName,
		"Constraint": "!(" + strings.Join(archs, " || ") + ")",
		"Archs":      strings.Join(archs, ", "),
	})
	if err != nil {
		return nil, err
	}
	return typesFormat(b.Bytes())
}

//go:embed elsewhere.go.tmpl
var elsewhereText string

var elsewhere = escaped("elsewhere", elsewhereText)
