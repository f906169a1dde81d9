package gopkg

import (
	"bytes"
	_ "embed"
	"strings"
)

// Elsewhere renders the file that a package of several architectures has for all others:
// the two types without fields, and an Open that says why it fails. archs are the GOARCH
// names of the package, sorted.
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
