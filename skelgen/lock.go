package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// lockLimit is how long another skelgen may keep a folder. It takes milliseconds.
const lockLimit = 30 * time.Second

// withLockedFolders creates the folders, waits until no other skelgen works in them, and
// calls f. If f fails, it removes the folders that it created and that are empty.
func withLockedFolders(dirs []string, f func() error) error {
	deadline := time.Now().Add(lockLimit)
	for try := 1; ; try++ {
		made, err := createFolders(dirs)
		if err == nil {
			var unlock func()
			if unlock, err = lockFolders(dirs, syscall.LOCK_EX, deadline); err == nil {
				defer unlock()
				if err = f(); err == nil {
					return nil
				}
			}
		}
		removeEmptyFolders(made)
		// Another skelgen that failed has removed the folder that it had made.
		if !errors.Is(err, errFolderRemoved) || try == 50 {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// errFolderRemoved is wrapped if a folder was removed or replaced before it could be
// locked: the next try creates it again.
var errFolderRemoved = errors.New("another skelgen process removed it")

func folderRemoved(dir string) error {
	return fmt.Errorf("%s: cannot create the folder: %w", dir, errFolderRemoved)
}

// lockFolders locks each folder itself, so that no lock file is left behind. All
// processes lock in the same order, and lock a folder with two names once. On a file
// system without such locks (NFS), it takes none.
func lockFolders(dirs []string, lockType int, deadline time.Time) (unlock func(), err error) {
	type folder struct {
		dir string
		id  fs.FileInfo
	}
	var list []folder
	for _, dir := range dirs {
		id, err := os.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, folderRemoved(dir)
		case err != nil:
			return nil, plainPathError(err)
		case !slices.ContainsFunc(list, func(f folder) bool { return os.SameFile(f.id, id) }):
			list = append(list, folder{dir, id})
		}
	}
	slices.SortFunc(list, func(a, b folder) int {
		x, y := a.id.Sys().(*syscall.Stat_t), b.id.Sys().(*syscall.Stat_t)
		return cmp.Or(cmp.Compare(x.Dev, y.Dev), cmp.Compare(x.Ino, y.Ino))
	})
	var files []*os.File
	unlock = func() {
		for _, f := range files {
			f.Close()
		}
	}
	for _, folder := range list {
		f, err := lockFolder(folder.dir, lockType, deadline)
		if err != nil {
			unlock()
			return nil, err
		}
		files = append(files, f)
	}
	return unlock, nil
}

func lockFolder(dir string, lockType int, deadline time.Time) (*os.File, error) {
	f, err := os.Open(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, folderRemoved(dir)
	case err != nil:
		return nil, plainPathError(err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), lockType|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			break
		}
		if time.Now().After(deadline) {
			f.Close()
			return nil, fmt.Errorf("%s: another skelgen has been writing to this folder for %v: wait until it ends, or stop it", dir, lockLimit)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err != nil {
		return f, nil // no such locks here
	}
	locked, err := f.Stat()
	if err == nil {
		var now fs.FileInfo
		if now, err = os.Stat(dir); err == nil && os.SameFile(locked, now) {
			return f, nil
		}
	}
	f.Close()
	return nil, folderRemoved(dir)
}

// createdFolder is a new folder, and the topmost folder that was created for it.
type createdFolder struct{ top, dir string }

func createFolders(dirs []string) (made []createdFolder, err error) {
	for _, dir := range dirs {
		top, err := createFolder(dir)
		if top != "" {
			made = append(made, createdFolder{top, dir})
		}
		if err != nil {
			return made, err
		}
	}
	return made, nil
}

// createFolder creates dir, and returns the topmost folder that it had to create.
func createFolder(dir string) (made string, err error) {
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		made = d
	}
	err = os.MkdirAll(dir, 0o777)
	if errors.Is(err, fs.ErrNotExist) {
		return made, folderRemoved(dir)
	}
	return made, plainPathError(err)
}

func removeEmptyFolders(made []createdFolder) {
	for _, m := range slices.Backward(made) {
		for d := filepath.Clean(m.dir); os.Remove(d) == nil && d != m.top; d = filepath.Dir(d) {
		}
	}
}
