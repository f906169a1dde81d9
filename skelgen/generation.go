package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// generation identifies the input of a package's files: the object's bytes, the options
// and the version of the run time. It does not depend on the generated text, so that a
// new word in a template does not change it.
func generation(obj *model.Object, pkg string, opts gotype.Options, light bool) (string, error) {
	options, err := json.Marshal(struct {
		Format        int
		Name, Package string
		Types         gotype.Options
		Light         bool `json:",omitempty"`
	}{gopkg.RunTime, obj.Name, pkg, opts, light})
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(append(options, '\n'))
	h.Write(obj.Bytes)
	return hex.EncodeToString(h.Sum(nil)[:4]), nil
}
