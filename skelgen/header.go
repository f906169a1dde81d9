package main

import (
	"errors"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/bpfskel/bpfskel/cgo/guard"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/cheader"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

func headerCommand() *cli.Command {
	return &cli.Command{
		Name:      "header",
		Usage:     "print the C skeleton alone, as bpftool gen skeleton does",
		UsageText: "skelgen header [--name C_NAME] [--subskeleton | --light] OBJ",
		Description: `The header replaces bpftool's: it has the same declarations, in the same order,
with the same names. The arguments may have bpftool's form, OBJ name NAME.
With --light the header has the object's loader instead of the object, and needs no
libbpf: it is, byte for byte, the header of a bpftool with the same libbpf version.

EXAMPLES:
   build/bin/skelgen header skelgen/testdata/maps/maps.bpf.o > build/minimal.skel.h
   build/bin/skelgen header --light skelgen/testdata/maps/maps.bpf.o > build/minimal.lskel.h`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "the skeleton's `C_NAME` (default: from the file's name)"},
			&cli.BoolFlag{Name: "light", Usage: "print a light skeleton, as bpftool gen skeleton -L does"},
			&cli.BoolFlag{Name: "subskeleton", Usage: "print a subskeleton, as bpftool gen subskeleton does"},
		},
		Action: func(c *cli.Context) error {
			path, name, err := objectArgs(c)
			if err != nil {
				return err
			}
			sub := c.Bool("subskeleton")
			if sub && c.Bool("light") {
				return usageError(c, errors.New("--subskeleton and --light exclude each other"), true)
			}
			obj, err := readObject(path, load.Options{Name: name, Subskeleton: sub})
			if err != nil {
				return err
			}
			render := cheader.Skeleton
			switch {
			case sub:
				render = cheader.Subskeleton
			case c.Bool("light"):
				render = func(obj *model.Object) ([]byte, error) { return lightHeader(path, obj) }
			}
			out, err := checkAndRender(c, path, obj, render)
			if err != nil {
				return err
			}
			_, err = c.App.Writer.Write(out)
			return err
		},
	}
}

// checkAndRender validates a model before its first byte is rendered.
func checkAndRender(c *cli.Context, path string, obj *model.Object,
	render func(*model.Object) ([]byte, error)) ([]byte, error) {
	warnings, err := ident.CheckC(obj)
	if err != nil {
		return nil, withPath(path, err)
	}
	out, err := render(obj)
	if err != nil {
		return nil, withPath(path, err)
	}
	warn(c.App.ErrWriter, path, append(obj.Warnings, warnings...))
	return out, nil
}

// lightHeader has libbpf write the object's loader, and renders the header with it.
func lightHeader(path string, obj *model.Object) ([]byte, error) {
	if err := load.CheckLoader(obj); err != nil {
		return nil, err
	}
	var insns, blob []byte
	var images map[int][]byte
	var err error
	guard.Call("skelgen: "+path, readLimit, func() { insns, blob, images, err = load.Loader(obj) })
	if err != nil {
		return nil, err
	}
	obj.Warnings = append(obj.Warnings, cheader.LightWarnings(obj)...)
	return cheader.Light(obj, insns, blob, images, os.Getpagesize())
}
