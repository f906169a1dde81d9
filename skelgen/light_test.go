package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
)

// lightObject has everything that libbpf takes from the machine that writes a loader.
const lightObject = "internal/load/testdata/light.bpf.o"

// otherMachine runs its arguments where other things are to be seen than here: 64
// processors, another configuration, symbols at other addresses or none, a pin.
const otherMachine = `set -eu
d=$(mktemp -d)
mount --make-rprivate /
mount -t tmpfs none "$d"
over() { [ ! -e "$2" ] || mount --bind "$1" "$2"; }
echo 0-63 >"$d/possible"
over "$d/possible" /sys/devices/system/cpu/possible
printf 'CONFIG_DEFAULT_HOSTNAME="other"\nCONFIG_BPFSKEL_CHAR=y\nCONFIG_BPFSKEL_TRISTATE=m\n' | gzip >"$d/config"
over "$d/config" /proc/config.gz
printf "$KALLSYMS" >"$d/kallsyms"
over "$d/kallsyms" /proc/kallsyms
exec "$@"
`

// The same object makes the same files on every machine, for every user.
func TestLightPackagesAreTheSameOnEveryMachine(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("root is needed to hide parts of this machine")
	}
	dir := t.TempDir()
	object, command := filepath.Join(dir, "light.bpf.o"), filepath.Join(dir, "skelgen")
	for from, to := range map[string]string{lightObject: object, skelgen: command} {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, data, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(filepath.Dir(dir), 0o755)
	os.Chmod(dir, 0o777)
	generate := func(out string, prefix ...string) map[string]string {
		t.Helper()
		args := append(prefix, command, "generate", "--light", "--out", out, object)
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "LIBBPF_BPF_TOKEN_PATH=/nonexistent", `KALLSYMS=`)
		if strings.HasSuffix(out, "symbols") {
			cmd.Env = append(cmd.Env, `KALLSYMS=ffffffff81000000 T bpf_link_fops\nffffffff81000010 t bpf_link_fops\nffffffff81000020 T socket_file_ops\n`)
		}
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", out, err, msg)
		}
		files := map[string]string{}
		for _, name := range namesIn(t, filepath.Join(dir, out)) {
			data, err := os.ReadFile(filepath.Join(dir, out, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(data)
		}
		return files
	}
	want := generate("here")
	if want["light.light"] == "" || want["light_light.go"] == "" {
		t.Fatal("no light package")
	}
	elsewhere := []string{"unshare", "-m", "sh", "-c", otherMachine, "sh"}
	nobody := []string{"setpriv", "--reuid=65534", "--clear-groups"}
	for out, prefix := range map[string][]string{
		"other_without_symbols":    elsewhere,
		"other_with_symbols":       elsewhere,
		"other_kernel":             {"setarch", "--uname-2.6"},
		"nobody":                   nobody,
		"other_nobody_and_symbols": slices.Concat(elsewhere, nobody),
	} {
		for name, text := range generate(out, prefix...) {
			if text != want[name] {
				t.Errorf("%s: another %s", out, name)
			}
		}
	}
}

// eachLightPackage generates the light packages of the fixtures that can have one.
func eachLightPackage(t *testing.T, dir string, args ...string) (packages []string) {
	t.Helper()
	objects, err := filepath.Glob(filepath.Join("testdata", "*", "*.bpf.o"))
	if err != nil || len(objects) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, object := range append(objects, lightObject) {
		name := filepath.Base(filepath.Dir(object))
		if object == lightObject {
			name = "light"
		}
		if slices.Contains([]string{"nobtf", "arena", "structops", "structops_many"}, name) {
			continue
		}
		call := slices.Concat([]string{"generate", "--light", "--out", filepath.Join(dir, name)}, args, []string{object})
		if _, stderr, status := invoke(t, ".", call...); status != 0 {
			t.Fatalf("%s: %s", name, stderr)
		}
		packages = append(packages, name)
	}
	return packages
}

func TestLightPackagesCompile(t *testing.T) {
	for form, args := range map[string][]string{"with a header": nil, "embedded": {"--embed"}} {
		dir := t.TempDir()
		eachLightPackage(t, dir, args...)
		usermod.Write(t, dir, "fixtures", nil)
		for _, c := range []struct{ name, verb, env, tags string }{
			{"without cgo", "vet", "CGO_ENABLED=0", ""},
			{"with cgo and the tag", "vet", "CGO_ENABLED=1", "bpfskel_light"},
			{"linux/386", "build", "CGO_ENABLED=0 GOARCH=386", ""},
			{"linux/s390x", "build", "CGO_ENABLED=0 GOARCH=s390x", ""},
			{"darwin/arm64", "build", "CGO_ENABLED=0 GOOS=darwin GOARCH=arm64", ""},
		} {
			t.Run(form+", "+c.name, func(t *testing.T) {
				if out, err := usermod.Go(dir, strings.Fields(c.env), c.verb, "-tags="+c.tags, "./..."); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}

// Exactly one back end is in every build.
func TestALightPackageHasOneBackEnd(t *testing.T) {
	dir := t.TempDir()
	usermod.Write(t, dir, "user", nil)
	for _, c := range []struct{ name, object, args, suffix string }{
		{"plain", plainObject, "", ""},
		{"embedded", plainObject, "--embed", ""},
		{"tied", registersObject, "", ""},
		{"suffixed", registersObject, "--goarch amd64", "_amd64"},
	} {
		args := slices.Concat([]string{"generate", "--light", "--package", "x", "--out", c.name}, strings.Fields(c.args), []string{filepath.Join(usermod.Root(t), "skelgen", c.object)})
		if _, stderr, status := invoke(t, dir, args...); status != 0 {
			t.Fatal(stderr)
		}
		for env, want := range map[string]string{
			"GOARCH=amd64 CGO_ENABLED=1":                             "libbpf",
			"GOARCH=amd64 CGO_ENABLED=1 GOFLAGS=-tags=bpfskel_light": "light",
			"GOARCH=amd64 CGO_ENABLED=0":                             "light",
			"GOARCH=amd64 CGO_ENABLED=0 GOOS=darwin":                 "nolibbpf",
		} {
			out, err := usermod.Go(dir, strings.Fields(env), "list", "-f", "{{.GoFiles}} {{.CgoFiles}}", "./"+c.name)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var got []string
			for _, kind := range []string{"libbpf", "light", "nolibbpf"} {
				if strings.Contains(out, "x_"+kind+c.suffix+".go") {
					got = append(got, kind)
				}
			}
			if !slices.Equal(got, []string{want}) {
				t.Errorf("%s, %s: %q, want %s\n%s", c.name, env, got, want, out)
			}
		}
	}
}

// The loaders of two architectures make one package.
func TestALightPackageOfTwoArchitectures(t *testing.T) {
	dir := t.TempDir()
	usermod.Write(t, dir, "probe", nil)
	object := filepath.Join(t.TempDir(), "probe.bpf.o")
	for _, flags := range []string{"--light", "--light --embed", ""} {
		for arch, source := range map[string]string{"amd64": archSource, "arm64": "#define ARM\n" + archSource} {
			compile(t, source, object)
			args := slices.Concat([]string{"generate", "--out", "probe", "--goarch", arch}, strings.Fields(flags), []string{object})
			if _, stderr, status := invoke(t, dir, args...); status != 0 {
				t.Fatal(stderr)
			}
		}
		names := namesIn(t, filepath.Join(dir, "probe"))
		for _, name := range []string{"probe_amd64.light", "probe_arm64.light", "probe_light_amd64.go", "probe_light_arm64.go"} {
			if slices.Contains(names, name) != (flags != "") {
				t.Errorf("%q: %v", flags, names)
			}
		}
		for _, env := range []string{"GOARCH=amd64", "GOARCH=arm64", "GOARCH=riscv64", "GOARCH=arm64 GOOS=darwin"} {
			if out, err := usermod.Go(dir, append(strings.Fields(env), "CGO_ENABLED=0"), "build", "./probe"); err != nil {
				t.Errorf("%q, %s: %v\n%s", flags, env, err, out)
			}
		}
	}
}

// A package becomes light and is so no longer: --check reports what is stale or left
// over, and generating removes it.
func TestAPackageBecomesLight(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.bpf.o"), fixture(t), 0o666); err != nil {
		t.Fatal(err)
	}
	plain := []string{"x.skel.h", "x_libbpf.go", "x_nolibbpf.go", "x_skel.go", "x_types.go"}
	light := []string{"x.light", "x.skel.h", "x_libbpf.go", "x_light.go", "x_nolibbpf.go", "x_skel.go", "x_types.go"}
	embedded := []string{"x.bpf.o", "x.light", "x_libbpf.go", "x_light.go", "x_nolibbpf.go", "x_skel.go", "x_types.go"}
	for _, c := range []struct {
		name, flags string
		want        []string
		left        string // what --check reports before
	}{
		{"at first not", "", plain, "stale"},
		{"then light", "--light", light, "stale: x_skel.go, x_types.go, x_libbpf.go, x_nolibbpf.go, x.light, x_light.go"},
		{"embedded too", "--light --embed", embedded, "left over: x.skel.h"},
		{"and back", "", plain, "left over: x.bpf.o, x.light, x_light.go"},
	} {
		args := append(strings.Fields(c.flags), "--out", "x", "--depfile", "x.d", "x.bpf.o")
		_, stderr, status := invoke(t, dir, append([]string{"generate", "--check"}, args...)...)
		oneLineError(t, stderr, status)
		for _, name := range strings.Fields(strings.ReplaceAll(c.left, ",", "")) {
			if !strings.Contains(stderr, name) {
				t.Errorf("%s: --check does not say %q: %s", c.name, c.left, stderr)
			}
		}
		if _, stderr, status := invoke(t, dir, append([]string{"generate"}, args...)...); status != 0 {
			t.Fatalf("%s: %s", c.name, stderr)
		}
		if got := namesIn(t, filepath.Join(dir, "x")); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		rule, err := os.ReadFile(filepath.Join(dir, "x.d"))
		if err != nil || bytes.Contains(rule, []byte("x/x.light")) != slices.Contains(c.want, "x.light") {
			t.Errorf("%s: %v, %s", c.name, err, rule)
		}
		if _, stderr, status := invoke(t, dir, append([]string{"generate", "--check"}, args...)...); status != 0 {
			t.Errorf("%s: %s", c.name, stderr)
		}
	}
}

// A file x.light that skelgen did not write is not overwritten.
func TestALoaderOfOthersStays(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "x", "x.light")
	for path, data := range map[string][]byte{filepath.Join(dir, "x.bpf.o"): fixture(t), mine: []byte("mine")} {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	_, stderr, status := invoke(t, dir, "generate", "--light", "x.bpf.o")
	oneLineError(t, stderr, status, "x/x.light", "was not written by skelgen")
	if _, stderr, status := invoke(t, dir, "generate", "x.bpf.o"); status != 0 {
		t.Error(stderr)
	}
	if data, err := os.ReadFile(mine); err != nil || string(data) != "mine" {
		t.Errorf("%q, %v", data, err)
	}
}

// The back end's Go file and the rest of the package are of one generation.
func TestLightFilesOfTwoGenerationsDoNotCompileTogether(t *testing.T) {
	module := t.TempDir()
	usermod.Write(t, module, "mixed", nil)
	object := filepath.Join(t.TempDir(), "x.bpf.o")
	for name, source := range map[string]string{"old": "int first = 1;\n", "new": "int first = 1, second = 2;\n"} {
		compile(t, source, object)
		if _, stderr, status := invoke(t, module, "generate", "--light", "--out", name+"/x", object); status != 0 {
			t.Fatal(stderr)
		}
	}
	stray, err := os.ReadFile(filepath.Join(module, "old", "x", "x_light.go"))
	if err == nil {
		err = os.WriteFile(filepath.Join(module, "new", "x", "x_light.go"), stray, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out, err := usermod.Go(module, []string{"CGO_ENABLED=0"}, "build", "./new/x"); err == nil || !strings.Contains(out, "undefined: generation_") {
		t.Errorf("%v\n%s", err, out)
	}
}
