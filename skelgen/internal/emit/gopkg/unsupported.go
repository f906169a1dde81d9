package gopkg

import (
	"bytes"
	_ "embed"
	"strings"
)

// Unsupported renders the file of a package for the architectures that it does not
// support: the two types without fields, and an Open that returns an error with the
// reason. archs are the supported GOARCH names, sorted.
func Unsupported(pkgName string, archs []string) ([]byte, error) {
	var b bytes.Buffer
	err := unsupportedTemplate.Execute(&b, map[string]string{
		"Package":    pkgName,
		"Constraint": "!(" + strings.Join(archs, " || ") + ")",
		"Archs":      strings.Join(archs, ", "),
	})
	if err != nil {
		return nil, err
	}
	return formatSource(b.Bytes())
}

//go:embed unsupported.go.tmpl
var unsupportedText string

var unsupportedTemplate = parseEscaped("unsupported", unsupportedText)
