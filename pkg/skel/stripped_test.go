package skel_test

import (
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

const libraryText = `
#define FUNCTION(f) __attribute__((noinline)) int f(int n) { __asm__ volatile("" ::: "memory"); return n; }
FUNCTION(target_one)
FUNCTION(target_two)
static __attribute__((noinline, used)) int target_hidden(int n) { return n; }
`

const callerText = `
#include <stdlib.h>
int target_one(int), target_two(int);
int main(int argc, char **argv)
{
	for (int i = atoi(argv[1]); i > 0; i--) {
		target_one(i);
		target_two(i);
	}
	return 0;
}
`

// strippedFile is a file to watch, and a program that calls its functions.
type strippedFile struct {
	file, program string
	one, two      string // what its functions are called
	pattern       string // of both
}

func (f strippedFile) call(t *testing.T) {
	t.Helper()
	if out, err := exec.Command(f.program, "10").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func command(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is needed for a program to be watched", name)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func strippedLibrary(t *testing.T) strippedFile {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "lib.c"), []byte(libraryText), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "main.c"), []byte(callerText), 0o600))
	command(t, dir, "cc", "-O1", "-s", "-shared", "-fPIC", "-o", "libtarget.so", "lib.c")
	command(t, dir, "cc", "-O1", "-o", "main", "main.c", "-L.", "-ltarget", "-Wl,-rpath,"+dir)
	return strippedFile{filepath.Join(dir, "libtarget.so"), filepath.Join(dir, "main"), "target_one", "target_two", "target_*"}
}

func strippedGo(t *testing.T, args ...string) strippedFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), "target")
	args = append([]string{"build", "-o", path}, args...)
	command(t, "testdata/gotarget", "go", append(args, "main.go")...)
	return strippedFile{path, path, "main.target_one", "main.(*server).handle", "main.*target_*"}
}

var strippedFiles = map[string]func(*testing.T) strippedFile{
	"library that exports them": strippedLibrary,
	"Go":                        func(t *testing.T) strippedFile { return strippedGo(t, "-ldflags=-s -w") },
	"Go, independent of position": func(t *testing.T) strippedFile {
		return strippedGo(t, "-buildmode=pie", "-ldflags=-s -w")
	},
	"Go, linked by C": func(t *testing.T) strippedFile {
		needLibbpf(t, "a build with cgo")
		return strippedGo(t, "-ldflags=-s -w -linkmode=external")
	},
	"Go, linked by C, independent of position": func(t *testing.T) strippedFile {
		needLibbpf(t, "a build with cgo")
		return strippedGo(t, "-buildmode=pie", "-ldflags=-s -w -linkmode=external")
	},
}

func TestUprobesOfStrippedFiles(t *testing.T) {
	needRoot(t)
	for name, build := range strippedFiles {
		t.Run(name, func(t *testing.T) {
			f := build(t)
			hasNoSymtab(t, f.file)
			t.Run("one function", func(t *testing.T) {
				s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe })
				must(t, err)
				runs(t, s, f, 10, func() (*skel.Link, error) { return s.Progs.Uprobe.AttachUprobe(f.file, f.one, nil) })
				runs(t, s, f, 10, func() (*skel.Link, error) { return s.Progs.Uprobe.AttachUprobe(f.file, f.two, nil) })
			})
			t.Run("several", func(t *testing.T) {
				needKernel(t, 6, 6, "earlier ones have no uprobe.multi")
				s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.UprobeMulti })
				must(t, err)
				multi := s.Progs.UprobeMulti
				runs(t, s, f, 20, func() (*skel.Link, error) {
					return multi.AttachUprobeMulti(f.file, "", &skel.UprobeMultiOptions{Functions: []string{f.one, f.two}})
				})
				runs(t, s, f, 10, func() (*skel.Link, error) {
					return multi.AttachUprobeMulti(f.file, "", &skel.UprobeMultiOptions{Functions: []string{f.two}, Cookies: []uint64{cookie}})
				})
				if s.Bss.Cookie != cookie {
					t.Errorf("it saw the cookie %#x", s.Bss.Cookie)
				}
				runs(t, s, f, 20, func() (*skel.Link, error) { return multi.AttachUprobeMulti(f.file, f.pattern, nil) })
				_, err = multi.AttachUprobeMulti(f.file, "nothing_*", nil)
				notFound(t, err, "nothing_*")
				_, err = multi.AttachUprobeMulti(f.file, "", &skel.UprobeMultiOptions{Functions: []string{f.one, "not_there"}})
				notFound(t, err, "not_there")
			})
		})
	}
}

// The sections of these programs name functions of ./target.
func TestSectionsOfStrippedFiles(t *testing.T) {
	needRoot(t)
	f := strippedGo(t, "-ldflags=-s -w")
	t.Chdir(filepath.Dir(f.file))
	for name, c := range map[string]struct {
		prog func(*attach.OpenProgs) *skel.OpenProgram
		live func(*attach.Progs) *skel.Program
		link func(*attach.Skel) *skel.Link
		runs uint64
	}{
		"one function": {
			func(p *attach.OpenProgs) *skel.OpenProgram { return p.UprobeNamed },
			func(p *attach.Progs) *skel.Program { return p.UprobeNamed },
			func(s *attach.Skel) *skel.Link { return s.Links.UprobeNamed }, 10,
		},
		"several": {
			func(p *attach.OpenProgs) *skel.OpenProgram { return p.UprobeMultiNamed },
			func(p *attach.Progs) *skel.Program { return p.UprobeMultiNamed },
			func(s *attach.Skel) *skel.Link { return s.Links.UprobeMultiNamed }, 20,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "several" {
				needKernel(t, 6, 6, "earlier ones have no uprobe.multi")
			}
			s, err := loadAttach(t, c.prog)
			must(t, err)
			link := c.link(s)
			runs(t, s, f, c.runs, func() (*skel.Link, error) { return link, s.Attach() })
			runs(t, s, f, c.runs, func() (*skel.Link, error) {
				_, err := s.AttachEach()
				return link, err
			})
			runs(t, s, f, c.runs, c.live(&s.Progs).Attach)
			must(t, os.Rename(f.file, f.file+".away"))
			defer func() { must(t, os.Rename(f.file+".away", f.file)) }()
			if err := s.Attach(); !errors.Is(err, syscall.ENOENT) || link.Attached() {
				t.Errorf("without the file: %v", err)
			}
		})
	}
}

// runs checks how often the program runs while the file's functions are called.
func runs(t *testing.T, s *attach.Skel, f strippedFile, want uint64, attach func() (*skel.Link, error)) {
	t.Helper()
	link, err := attach()
	must(t, err)
	before := s.Bss.Runs
	f.call(t)
	if got := s.Bss.Runs - before; got != want {
		t.Errorf("%d runs, want %d", got, want)
	}
	must(t, link.Close())
}

func notFound(t *testing.T, err error, name string) {
	t.Helper()
	if !errors.Is(err, syscall.ENOENT) || !strings.Contains(err.Error(), name) {
		t.Errorf("got %v, want ENOENT and %s", err, name)
	}
}

func hasNoSymtab(t *testing.T, file string) {
	t.Helper()
	f, err := elf.Open(file)
	must(t, err)
	defer f.Close()
	if f.SectionByType(elf.SHT_SYMTAB) != nil {
		t.Fatal("the file is not stripped")
	}
}

func TestErrorOfUprobesInFilesWithoutSymbols(t *testing.T) {
	needRoot(t)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "main.c"), []byte("int main(void) { return 0; }"), 0o600))
	command(t, dir, "cc", "-s", "-o", "main", "main.c", "-static", "-nostartfiles", "-Wl,-e,0")
	path := filepath.Join(dir, "main")
	hasNoSymtab(t, path)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe })
	must(t, err)
	_, err = s.Progs.Uprobe.AttachUprobe(path, "main", nil)
	notFound(t, err, path+" is stripped")
	_, err = s.Progs.Uprobe.AttachUprobe(path+"2", "main", nil)
	if !errors.Is(err, syscall.ENOENT) || strings.Contains(err.Error(), "symbols") {
		t.Errorf("a file that does not exist: %v", err)
	}
}
