package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// output is a package to write to its folder.
type output struct {
	dir, pkg    string
	arch        string // "" for all architectures
	object      string // the path of the object that it is made of
	depfilePath string // the path of the file with a rule for make, "" for none
	files       []file
}

// write writes the files into the folder, and replaces those of earlier runs.
func (o *output) write() error {
	dirs := []string{o.dir}
	if o.depfilePath != "" {
		dirs = append(dirs, filepath.Dir(o.depfilePath))
	}
	return withLockedFolders(dirs, func() error {
		old, err := o.prepare()
		if err != nil {
			return err
		}
		sets := []fileSet{{dir: o.dir, files: o.files, remove: old}}
		if o.depfilePath == "" {
			return replaceFiles(sets)
		}
		text, err := depfile(o.dir, o.files, o.object)
		if err != nil {
			return err
		}
		sets = append(sets, fileSet{dir: dirs[1], files: []file{{filepath.Base(o.depfilePath), text}}})
		if err := replaceFiles(sets); err != nil {
			return err
		}
		return o.updateTimes()
	})
}

// check compares the folder with the files, and writes nothing.
func (o *output) check() error {
	unlock, err := lockFolders([]string{o.dir}, syscall.LOCK_SH, time.Now().Add(lockLimit))
	if err == nil {
		defer unlock()
	} else if !errors.Is(err, errFolderRemoved) { // if there is no folder, all files are stale
		return err
	}
	old, err := o.prepare()
	if err != nil {
		return err
	}
	var faults []string
	if names := staleFiles(o.dir, o.files); len(names) > 0 {
		faults = append(faults, "stale: "+strings.Join(names, ", "))
	}
	if names := append(old, temporaryFiles(o.dir)...); len(names) > 0 {
		faults = append(faults, "left over: "+strings.Join(names, ", "))
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s: %s; generate again from %s", o.dir, strings.Join(faults, "; "), o.object)
	}
	return nil
}

// prepare adds the files that depend on the rest of the folder, refuses a folder that the
// package cannot be written to, and returns the files of earlier runs that no longer
// belong to the package.
func (o *output) prepare() (old []string, err error) {
	if err := checkArchMix(o.dir, o.pkg, o.arch); err != nil {
		return nil, err
	}
	if o.arch != "" {
		f, err := unsupportedFile(o.dir, o.pkg, o.arch)
		if err != nil {
			return nil, err
		}
		o.files = append(o.files, f)
	}
	if err := checkFolder(o.dir, o.pkg, o.files); err != nil {
		return nil, err
	}
	return o.leftoverFiles()
}

// leftoverFiles returns the names of files that skelgen wrote for the package but that no
// longer belong to it: the compiler would treat them as part of it.
func (o *output) leftoverFiles() (names []string, err error) {
	entries, err := os.ReadDir(o.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, plainPathError(err)
	}
	others, err := packageArchs(o.dir, o.pkg)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if !o.isPackageFile(name) || slices.ContainsFunc(o.files, func(f file) bool { return f.name == name }) {
			continue
		}
		if arch := archOf(name); o.arch != "" && arch != o.arch && slices.Contains(others, arch) {
			continue // a file of another architecture
		}
		path := filepath.Join(o.dir, name)
		if data, err := os.ReadFile(path); err == nil && writtenBySkelgen(o.dir, o.pkg, name, data) && !sameFile(path, o.object) {
			names = append(names, name)
		}
	}
	return names, nil
}

// isPackageFile reports whether skelgen uses name for a file of the package.
func (o *output) isPackageFile(name string) bool {
	rest, ok := strings.CutPrefix(name, o.pkg)
	for _, end := range []string{".skel.h", ".bpf.o", ".light"} {
		if strings.HasSuffix(name, end) {
			return ok && (rest == end || archOf(name) != "" && rest == "_"+archOf(name)+end)
		}
	}
	return ok && strings.HasPrefix(rest, "_") && strings.HasSuffix(rest, ".go")
}

// archOf returns the architecture in a file's name, or "".
func archOf(name string) string {
	base := name
	for _, end := range []string{".go", ".skel.h", ".bpf.o", ".light"} {
		base = strings.TrimSuffix(base, end)
	}
	if arch := base[strings.LastIndex(base, "_")+1:]; slices.Contains(archs, arch) {
		return arch
	}
	return ""
}

// utimeNow is UTIME_NOW of utimensat(2).
const utimeNow = 1<<30 - 1

// updateTimes updates the time of files that are older than the object, so that make,
// which compares times, does not run again for a file that already had its bytes.
func (o *output) updateTimes() error {
	object, err := os.Stat(o.object)
	if err != nil {
		return plainPathError(err)
	}
	// Now by the clock that file systems use, which lags behind time.Now.
	now := []syscall.Timespec{{Nsec: utimeNow}, {Nsec: utimeNow}}
	if object.ModTime().After(time.Now()) {
		later := syscall.NsecToTimespec(object.ModTime().UnixNano())
		now = []syscall.Timespec{later, later}
	}
	for _, f := range o.files {
		path := filepath.Join(o.dir, f.name)
		info, err := os.Stat(path)
		if err == nil && info.ModTime().Before(object.ModTime()) {
			if err = syscall.UtimesNano(path, now); err != nil {
				err = &fs.PathError{Op: "touch", Path: path, Err: err}
			}
		}
		if err != nil {
			return plainPathError(err)
		}
	}
	return nil
}
