package main

import (
	"github.com/urfave/cli/v2"

	"github.com/bpfskel/bpfskel/skelgen/internal/emit/cheader"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

func headerCommand() *cli.Command {
	return &cli.Command{
		Name:      "header",
		Usage:     "print the C skeleton alone, as bpftool gen skeleton does",
		UsageText: "skelgen header [--name C_NAME] [--subskeleton] OBJ",
		Description: `The header replaces bpftool's: it has the same declarations, in the same order,
with the same names. The arguments may have bpftool's form, OBJ name NAME.

EXAMPLE:
   build/bin/skelgen header skelgen/testdata/maps/maps.bpf.o > build/minimal.skel.h`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "the skeleton's `C_NAME` (default: from the file's name)"},
			&cli.BoolFlag{Name: "subskeleton", Usage: "print a subskeleton, as bpftool gen subskeleton does"},
		},
		Action: func(c *cli.Context) error {
			path, name, err := objectArgs(c)
			if err != nil {
				return err
			}
			sub := c.Bool("subskeleton")
			obj, err := readObject(path, load.Options{Name: name, Subskeleton: sub})
			if err != nil {
				return err
			}
			render := cheader.Skeleton
			if sub {
				render = cheader.Subskeleton
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
