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
	return fmt.Errorf("--goarch %s: Go does not have this architecture on Linux: choose one of %s", arch, strings.Join(archs, ", "))
}

// packageArchs returns the architectures for which dir has files of the package.
func packageArchs(dir, pkg string) ([]string, error) {
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

// unsupportedFile returns the file for all architectures except arch and those that
// already have files of the package in dir.
func unsupportedFile(dir, pkg, arch string) (file, error) {
	have, err := packageArchs(dir, pkg)
	if err != nil {
		return file{}, err
	}
	if !slices.Contains(have, arch) {
		have = append(have, arch)
	}
	slices.Sort(have)
	data, err := gopkg.Unsupported(pkg, have)
	return file{pkg + "_unsupported.go", data}, err
}

// checkArchMix refuses a folder with the other kind of package: with files for every
// architecture if arch is a single one, and vice versa.
func checkArchMix(dir, pkg, arch string) error {
	if arch != "" {
		if _, err := os.Stat(filepath.Join(dir, pkg+"_types.go")); err == nil {
			return fmt.Errorf("%s holds the package %s for all architectures: remove it, or omit --goarch", dir, pkg)
		}
		return nil
	}
	have, err := packageArchs(dir, pkg)
	if err == nil && len(have) > 0 {
		err = fmt.Errorf("%s holds the package %s for single architectures: remove it, or set --goarch", dir, pkg)
	}
	return err
}
