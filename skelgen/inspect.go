package main

import (
	"github.com/urfave/cli/v2"

	"github.com/bpfskel/bpfskel/skelgen/internal/emit/report"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

func inspectCommand() *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Usage:     "list the maps, programs and variables of an object",
		UsageText: "skelgen inspect [--json] OBJ",
		Description: `Sizes are in bytes. With --json, the output includes the types.

EXAMPLE:
   build/bin/skelgen inspect skelgen/testdata/maps/maps.bpf.o`,
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print one JSON value instead of tables"}},
		Action: func(c *cli.Context) error {
			path, name, err := objectArgs(c)
			if err != nil {
				return err
			}
			if name == "" && isPipe(path) {
				name = "object" // the pipe's own name is a number
			}
			obj, err := readObject(path, load.Options{Name: name})
			if err != nil {
				return err
			}
			r := report.New(obj, func(m *model.Map) bool { _, ok := ident.SectionC(m); return ok })
			out := r.Text()
			if c.Bool("json") {
				if out, err = r.JSON(); err != nil {
					return err
				}
			}
			warn(c.App.ErrWriter, path, obj.Warnings)
			_, err = c.App.Writer.Write(out)
			return err
		},
	}
}
