// Command vmmatrix reads the output of the tests in the guests of test-vm.sh, and prints the failures, a matrix of
// features by kernel, and the counts.
//
//	vmmatrix -tests N [-page FILE [-write]] DIR KERNEL...
//
// DIR holds KERNEL.log for each kernel, the output of N test binaries. The page FILE has the matrix as Markdown; if it
// differs, vmmatrix fails, or with -write replaces it. It also fails if a guest died or a binary did not end.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	tests := flag.Int("tests", 0, "number of test binaries that each guest runs")
	page := flag.String("page", "", "compare the matrix with the one in `FILE`")
	write := flag.Bool("write", false, "write the matrix to the page instead")
	flag.Parse()
	if flag.NArg() < 2 || *tests < 1 {
		fmt.Fprintln(os.Stderr, "usage: vmmatrix -tests N [-page FILE [-write]] DIR KERNEL...")
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
		guests = append(guests, parseLog(f, kernel, *tests))
		f.Close()
	}
	table := matrix(guests)
	ok := report(os.Stdout, guests)
	fmt.Print("\n", table, "\n")
	if *page != "" && ok {
		if err := updatePage(*page, table, *write); err != nil {
			fmt.Println("FAIL:", err)
			ok = false
		}
	}
	printTotal(os.Stdout, guests)
	if !ok {
		os.Exit(1)
	}
}
