package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// generatedFormat counts the versions of skelgen whose files do not fit together,
// although they are made from the same object with the same options.
const generatedFormat = 1

// generation identifies what the files of a package are generated from: the
// object's bytes and the options. It does not depend on the generated text, so
// that a new word in a template leaves it as it is.
func generation(obj *model.Object, pkg string, opts gotype.Options) (string, error) {
	options, err := json.Marshal(struct {
		Format        int
		Name, Package string
		Types         gotype.Options
	}{generatedFormat, obj.Name, pkg, opts})
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(append(options, '\n'))
	h.Write(obj.Bytes)
	return hex.EncodeToString(h.Sum(nil)[:4]), nil
}
