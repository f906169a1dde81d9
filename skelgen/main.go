// Command skelgen makes skeletons of compiled BPF objects: a C header that takes
// the place of bpftool's, and a Go package over the same libbpf.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
)

func main() {
	if err := run(os.Args, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "skelgen:", oneLine(err))
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	app := &cli.App{
		Name:        "skelgen",
		Usage:       "BPF skeletons for C and Go over the real libbpf",
		Description: "Flags come before the object. Only --type may be repeated.",
		Version:     version(),
		Writer:      stdout,
		ErrWriter:   stderr,
		// Run returns every error; nothing else exits or prints.
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageError,
		DisableSliceFlagSeparator: true,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return fmt.Errorf("%q is not a command, see skelgen --help", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
		Commands: []*cli.Command{
			generateCommand(), headerCommand(), inspectCommand(), vmlinuxCommand(), envCommand(),
		},
	}
	if err := checkRepeatedFlags(app, args); err != nil {
		return err
	}
	for _, c := range app.Commands {
		c.OnUsageError = usageError
		c.HideHelpCommand = true
		c.CustomHelpTemplate = commandHelp
	}
	return app.Run(args)
}

// commandHelp describes the arguments of one command. Examples are in the
// description, and work when pasted into a shell in a checkout after "make".
const commandHelp = `NAME:
   {{.HelpName}} - {{.Usage}}

USAGE:
   {{.UsageText}}

{{.Description}}
{{if .VisibleFlags}}
OPTIONS:{{range .VisibleFlags}}
   {{.}}{{end}}
{{end}}`

func usageError(c *cli.Context, err error, _ bool) error {
	help := "skelgen"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "skelgen" {
		help += " " + c.Command.Name
	}
	return fmt.Errorf("%w, see %s --help", err, help)
}

// objectArgs parses the arguments after the flags: the object and, in bpftool's form
// "OBJ name NAME", the skeleton's C name.
func objectArgs(c *cli.Context) (obj, name string, err error) {
	args := c.Args().Slice()
	if len(args) == 0 {
		return "", "", usageError(c, errors.New("the argument OBJ is missing"), true)
	}
	if err := checkFlagOrder(c, args); err != nil {
		return "", "", err
	}
	obj, rest := args[0], args[1:]
	if len(rest) > 0 && rest[0] == "name" {
		if len(rest) < 2 {
			return "", "", usageError(c, errors.New("a name must follow \"name\""), true)
		}
		name, rest = rest[1], rest[2:]
	}
	if len(rest) > 0 {
		return "", "", usageError(c, fmt.Errorf("unexpected argument %q: pass one object", rest[0]), true)
	}
	if flag := c.String("name"); flag != "" {
		if name != "" {
			return "", "", usageError(c, errors.New("the skeleton's name is set twice"), true)
		}
		name = flag
	}
	return obj, name, nil
}

// checkFlagOrder refuses flags after the first argument, which the flag parser takes for
// arguments.
func checkFlagOrder(c *cli.Context, args []string) error {
	for _, a := range args[1:] {
		if strings.HasPrefix(a, "-") {
			return usageError(c, fmt.Errorf("the flag %s must come before %s", a, args[0]), true)
		}
	}
	return nil
}

// oneLine joins an error's lines: scripts read one.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
