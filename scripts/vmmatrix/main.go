// Command vmmatrix reads what the tests printed in the guests of test-vm.sh: the
// failures, a matrix of what works on which kernel, and the counts.
//
//	vmmatrix -tests N [-out FILE] DIR KERNEL...
//
// DIR holds KERNEL.log for each kernel, made by N test binaries. FILE gets the
// matrix as Markdown. A guest that died, or a binary that did not end, is a
// failure.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	tests := flag.Int("tests", 0, "how many test binaries each guest runs")
	out := flag.String("out", "", "write the matrix to `FILE` too")
	flag.Parse()
	if flag.NArg() < 2 || *tests < 1 {
		fmt.Fprintln(os.Stderr, "usage: vmmatrix -tests N [-out FILE] DIR KERNEL...")
		os.Exit(2)
	}
	dir, kernels := flag.Arg(0), flag.Args()[1:]
	var guests []*guest
	for _, kernel := range kernels {
		f, err := os.Open(filepath.Join(dir, kernel+".log"))
		if err != nil {
			fmt.Fprintln(os.Stderr, "vmmatrix:", err)
			os.Exit(1)
		}
		guests = append(guests, read(f, kernel, *tests))
		f.Close()
	}
	table := matrix(guests)
	ok := report(os.Stdout, guests)
	fmt.Print("\n", table, "\n")
	if *out != "" {
		if err := os.WriteFile(*out, []byte(table), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "vmmatrix:", err)
			os.Exit(1)
		}
	}
	total(os.Stdout, guests)
	if !ok {
		os.Exit(1)
	}
}
