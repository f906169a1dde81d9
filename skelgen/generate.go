package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/bpfskel/bpfskel/skelgen/internal/emit/cheader"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

func generateCommand() *cli.Command {
	return &cli.Command{
		Name:      "generate",
		Usage:     "write a Go package and a C header for a BPF object",
		UsageText: "skelgen generate [options] OBJ",
		Description: `For x.bpf.o the folder x beside it gets x.skel.h, x_types.go, x_skel.go, and
x_libbpf.go and x_nolibbpf.go for builds with and without libbpf: all of them or,
after an error, none. The same object gives the same bytes. With --embed, a copy of
x.bpf.o takes the place of x.skel.h, and the package has no C. With --light also
x_light.go and x.light, the calls that load the object: programs that are built
without cgo, or with -tags bpfskel_light, load it without libbpf.

EXAMPLES:
   build/bin/skelgen generate --out build/example/maps skelgen/testdata/maps/maps.bpf.o
   build/bin/skelgen generate --embed --out build/example/embed skelgen/testdata/maps/maps.bpf.o
   build/bin/skelgen generate --light --out build/example/light skelgen/testdata/maps/maps.bpf.o`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "the package's folder `DIR` (default: the package's name, beside OBJ)"},
			&cli.StringFlag{Name: "name", Usage: "the skeleton's `C_NAME` (default: from the file's name)"},
			&cli.StringFlag{Name: "package", Usage: "the Go package's name `GO_NAME` (default: from the file's name)"},
			&cli.StringSliceFlag{Name: "type", Usage: "also generate the types whose C names match `GLOB`; may be repeated"},
			&cli.StringFlag{Name: "goarch", Usage: "generate the files for `ARCH`, such as arm64, in a package with files for several architectures"},
			&cli.BoolFlag{Name: "embed", Usage: "generate a package without C: it embeds a copy of the object and has no header"},
			&cli.BoolFlag{Name: "light", Usage: "also generate a back end that works without libbpf and cgo"},
			&cli.BoolFlag{Name: "static", Usage: "also generate the static variables of mapped sections"},
			&cli.StringFlag{Name: "depfile", Usage: "also write a make rule to `FILE`, with the generated files as targets of OBJ"},
			&cli.BoolFlag{Name: "check", Usage: "write nothing; exit with status 1 if files on disk are stale or left over"},
		},
		Action: func(c *cli.Context) error {
			path, name, err := objectArgs(c)
			if err != nil {
				return err
			}
			return generate(c, path, name)
		},
	}
}

func generate(c *cli.Context, path, name string) error {
	if isPipe(path) && c.String("out") == "" {
		return fmt.Errorf("%s is a pipe: set the package's folder with --out", path)
	}
	pkg, err := packageName(c, path)
	if err == nil {
		err = checkArch(c.String("goarch"))
	}
	if err != nil {
		return err
	}
	if isPipe(path) && name == "" {
		name = pkg + "_bpf" // the same name as for a file
	}
	obj, err := readObject(path, load.Options{Name: name, Members: true})
	if err != nil {
		return err
	}
	if isPipe(path) {
		obj.File = pkg + ".bpf.o" // the pipe's own name changes from run to run
	}
	var loader *model.Light
	if c.Bool("light") {
		if loader, err = readLoader(path, obj); err != nil {
			return err
		}
	}
	files, warnings, err := render(obj, loader, pkg, c)
	if err != nil {
		return withPath(path, err)
	}
	o := output{dir: c.String("out"), pkg: pkg, arch: c.String("goarch"), object: path, depfilePath: c.String("depfile"), files: files}
	if o.dir == "" {
		o.dir = filepath.Join(filepath.Dir(path), pkg)
	}
	if c.Bool("check") {
		err = o.check()
	} else {
		err = o.write()
	}
	if err == nil {
		warn(c.App.ErrWriter, path, warnings)
	}
	return err
}

func packageName(c *cli.Context, path string) (string, error) {
	pkg := c.String("package")
	switch {
	case pkg == "" && isPipe(path):
		return ident.Package(filepath.Clean(c.String("out"))), nil
	case pkg == "":
		return ident.Package(path), nil
	}
	if !ident.Importable(pkg) {
		return "", fmt.Errorf("--package %s: Go cannot import a package of that name", pkg)
	}
	return pkg, nil
}

// render checks the model, and makes every file of the package from it. loader is nil
// unless the package is light.
func render(obj *model.Object, loader *model.Light, pkg string, c *cli.Context) (files []file, warnings []string, err error) {
	if !obj.HasBTF {
		return nil, nil, errors.New("the object has no BTF, so its types are unknown: compile it with clang -g")
	}
	warnings, err = ident.CheckC(obj)
	if err == nil {
		err = obj.CheckArch(c.String("goarch"))
	}
	if err != nil {
		return nil, nil, err
	}
	if w := obj.ArchWarning(c.String("goarch")); w != "" {
		warnings = append(warnings, w)
	}
	opts := gotype.Options{Extra: c.StringSlice("type"), Static: c.Bool("static"), GoArch: c.String("goarch")}
	types, err := gotype.New(obj, opts)
	if err != nil {
		return nil, nil, err
	}
	if obj.Generation, err = generation(obj, pkg, opts, loader != nil); err != nil {
		return nil, nil, err
	}
	warnings = append(append(obj.Warnings, warnings...), types.Warnings...)
	arch, suffix := c.String("goarch"), ""
	if arch != "" {
		suffix = "_" + arch // Go takes the suffix for a build constraint
	}
	// The object is in the C header, or in a file that the Go package embeds.
	objectFile, backEnd := pkg+suffix+".skel.h", gopkg.Libbpf
	renderObject := func() ([]byte, error) { return cheader.Skeleton(obj) }
	if c.Bool("embed") {
		objectFile, backEnd = pkg+suffix+".bpf.o", gopkg.Embedded
		renderObject = func() ([]byte, error) { return obj.Bytes, nil }
	}
	type renderer struct {
		name   string
		render func() ([]byte, error)
	}
	light := loader != nil
	list := []renderer{
		{objectFile, renderObject},
		{pkg + "_skel" + suffix + ".go", func() ([]byte, error) { return gopkg.Skel(pkg, obj, types) }},
		{pkg + "_types" + suffix + ".go", func() ([]byte, error) { return gopkg.Types(pkg, obj, types) }},
		{pkg + "_libbpf" + suffix + ".go", func() ([]byte, error) { return backEnd(pkg, obj, types, objectFile, arch, light) }},
		{pkg + "_nolibbpf" + suffix + ".go", func() ([]byte, error) { return gopkg.NoLibbpf(pkg, obj, types, arch, light) }},
	}
	if light {
		name, data := pkg+suffix+".light", encodeLoader(obj, loader)
		list = append(list,
			renderer{name, func() ([]byte, error) { return data, nil }},
			renderer{pkg + "_light" + suffix + ".go", func() ([]byte, error) { return gopkg.Light(pkg, obj, types, loader, name, data, arch) }})
	}
	for _, r := range list {
		data, err := r.render()
		if err != nil {
			return nil, nil, err
		}
		files = append(files, file{r.name, data})
	}
	return files, warnings, nil
}
