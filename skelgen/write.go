package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// fileSet describes one folder after a run: it has files with these bytes, and none
// with a name in remove.
type fileSet struct {
	dir    string
	files  []file
	remove []string
}

// writeFiles makes the folders match their sets, or after an error leaves all of
// them as they were.
func writeFiles(sets ...fileSet) error {
	var dirs []string
	for _, s := range sets {
		dirs = append(dirs, s.dir)
	}
	return withLockedFolders(dirs, func() error { return replaceFiles(sets) })
}

// replaceFiles is writeFiles in folders that are locked. It does not touch a file that
// already has its bytes.
func replaceFiles(sets []fileSet) (err error) {
	w := &fileWriter{}
	defer func() {
		if err != nil {
			w.rollback()
		}
		w.clean()
	}()
	for _, s := range sets {
		removeTemporary(s.dir)
	}
	for _, s := range sets {
		for _, name := range s.remove {
			if err = w.stage(filepath.Join(s.dir, name), nil); err != nil {
				return err
			}
		}
		for _, f := range s.files {
			if err = w.stage(filepath.Join(s.dir, f.name), f.data); err != nil {
				return err
			}
		}
	}
	return w.commit()
}

// temporaryName matches the names of staged files and of copies of old ones. A killed
// run leaves them behind; the next run in that folder removes them.
var temporaryName = regexp.MustCompile(`^\.skelgen-[0-9]+$`)

func temporaryFiles(dir string) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if temporaryName.MatchString(e.Name()) && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names
}

func removeTemporary(dir string) {
	for _, name := range temporaryFiles(dir) {
		os.Remove(filepath.Join(dir, name))
	}
}

// fileWriter stages files beside their final paths, and moves them there at the end.
type fileWriter struct {
	staged    []stagedFile
	committed int
}

// stagedFile is a file to change: temp is the path of the new bytes, "" to remove the
// file; old is the path of a copy of the present file, "" if there is none.
type stagedFile struct{ path, temp, old string }

// stage prepares to write data to the file at path, or to remove it if data is nil.
func (w *fileWriter) stage(path string, data []byte) error {
	old, err := os.ReadFile(path)
	exists := err == nil
	if !exists && !errors.Is(err, fs.ErrNotExist) {
		return plainPathError(err)
	}
	if exists && data != nil && bytes.Equal(old, data) || !exists && data == nil {
		return nil
	}
	mode := fs.FileMode(0o644)
	s := stagedFile{path: path}
	w.staged = append(w.staged, s)
	last := &w.staged[len(w.staged)-1]
	if exists {
		info, err := os.Stat(path)
		if err != nil {
			return plainPathError(err)
		}
		mode = info.Mode().Perm()
		if last.old, err = writeTemporary(filepath.Dir(path), old, mode); err != nil {
			return err
		}
		// If rollback restores the file, its time has not changed.
		if err := os.Chtimes(last.old, info.ModTime(), info.ModTime()); err != nil {
			return plainPathError(err)
		}
	}
	if data == nil {
		return nil
	}
	last.temp, err = writeTemporary(filepath.Dir(path), data, mode)
	return err
}

func writeTemporary(dir string, data []byte, mode fs.FileMode) (path string, err error) {
	f, err := os.CreateTemp(dir, ".skelgen-*")
	if err != nil {
		return "", plainPathError(err)
	}
	_, err = f.Write(data)
	return f.Name(), plainPathError(errors.Join(err, f.Chmod(mode), f.Close()))
}

func (w *fileWriter) commit() error {
	for _, s := range w.staged {
		var err error
		if s.temp != "" {
			err = os.Rename(s.temp, s.path)
		} else {
			err = os.Remove(s.path)
		}
		if err != nil {
			return plainPathError(err)
		}
		w.committed++
	}
	return nil
}

// rollback restores the files that commit has replaced.
func (w *fileWriter) rollback() {
	for _, s := range w.staged[:w.committed] {
		if s.old != "" {
			os.Rename(s.old, s.path)
		} else {
			os.Remove(s.path)
		}
	}
}

// clean removes the temporary files.
func (w *fileWriter) clean() {
	for _, s := range w.staged {
		for _, path := range []string{s.temp, s.old} {
			if path != "" {
				os.Remove(path)
			}
		}
	}
}
