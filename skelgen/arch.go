package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
)

// archs are the GOARCH names of Linux. As the last part of a file's name each is
// a build constraint.
var archs = []string{
	"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le",
	"mipsle", "ppc64", "ppc64le", "riscv64", "s390x",
}

func checkArch(arch string) error {
	if arch == "" || slices.Contains(archs, arch) {
		return nil
	}
	return fmt.Errorf("--goarch %s: not an architecture of Go's on Linux: %s", arch, strings.Join(archs, ", "))
}

// archsIn returns the architectures for which dir has files of the package.
func archsIn(dir, pkg string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, plainPathError(err)
	}
	var have []string
	for _, e := range entries {
		name, types := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".go"), pkg+"_types_")
		if types && slices.Contains(archs, name) {
			have = append(have, name)
		}
	}
	return have, nil
}

// archFile returns the file for all architectures except arch and those that already
// have their own files in dir.
func archFile(dir, pkg, arch string) (file, error) {
	have, err := archsIn(dir, pkg)
	if err != nil {
		return file{}, err
	}
	if !slices.Contains(have, arch) {
		have = append(have, arch)
	}
	slices.Sort(have)
	data, err := gopkg.Elsewhere(pkg, have)
	return file{pkg + "_elsewhere.go", data}, err
}

// checkOneKind refuses a folder with the other kind of package: with files for
// every architecture if arch is a single one, and the other way round.
func checkOneKind(dir, pkg, arch string) error {
	if arch != "" {
		if _, err := os.Stat(filepath.Join(dir, pkg+"_types.go")); err == nil {
			return fmt.Errorf("%s holds %s for all architectures: remove it, or leave out --goarch", dir, pkg)
		}
		return nil
	}
	have, err := archsIn(dir, pkg)
	if err == nil && len(have) > 0 {
		err = fmt.Errorf("%s holds %s for single architectures: remove it, or give --goarch", dir, pkg)
	}
	return err
}
