// Command fuzz runs the generator on damaged BPF objects, and on valid ones with hostile names. Each run must end with
// success or a one-line error, within ten seconds, and leave no file or process behind. Generated files must not contain
// code that is not in a template, and a sample of the packages is compiled and vetted. The same seed makes the same
// objects.
//
// Objects with a bad result are kept in the folder -keep.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

type settings struct {
	generator string
	keep      string
	root      string
	seed      uint64
	first     int
	n         int // damaged objects
	hostile   int // objects with hostile names
	compile   int // packages of these
	jobs      int
}

func main() {
	var s settings
	flag.StringVar(&s.generator, "skelgen", "build/bin/skelgen", "path of the generator")
	flag.StringVar(&s.keep, "keep", "build/fuzz", "folder for the objects of failed runs")
	flag.StringVar(&s.root, "root", ".", "the checkout whose packages the generated ones import")
	flag.Uint64Var(&s.seed, "seed", 1, "seed of the random numbers that determine the objects")
	flag.IntVar(&s.first, "first", 0, "number of the first run: with -n 1, repeat a single run")
	flag.IntVar(&s.n, "n", 2000, "number of runs with damaged objects")
	flag.IntVar(&s.hostile, "hostile", 2000, "number of runs with hostile names")
	flag.IntVar(&s.compile, "compile", 100, "number of generated packages to compile")
	flag.IntVar(&s.jobs, "j", 2, "number of runs at the same time")
	flag.Parse()
	if err := fuzz(s, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func fuzz(s settings, paths []string) error {
	command, err := filepath.Abs(s.generator)
	if err != nil {
		return err
	}
	s.generator = command
	seeds, err := readObjects(paths)
	if err != nil {
		return err
	}
	if err := checkCommandLines(command, seeds); err != nil {
		return err
	}
	damage := func(i int) fuzzCase { return newCase(s.seed, i, seeds) }
	failed, err := s.campaign("damaged objects", s.n, damage)
	if err != nil {
		return err
	}
	worse, err := s.fuzzNames(seeds)
	if err == nil && failed+worse > 0 {
		err = errors.New("the objects of failed runs are in " + s.keep)
	}
	return err
}

// fuzzNames runs the generator on objects with hostile names, and compiles an evenly spaced sample of the packages.
func (s settings) fuzzNames(seeds []object) (failed int, err error) {
	if s.hostile == 0 {
		return 0, nil
	}
	h, err := newNameFuzzer(seeds)
	if err != nil {
		return 0, err
	}
	sample, err := newSample(filepath.Join(s.keep, "packages"), s.root, s.compile)
	if err != nil {
		return 0, err
	}
	// About a fifth of the runs write a package.
	stride := max(s.hostile/max(6*s.compile, 1), 1)
	failed, err = s.campaign("objects with hostile names", s.hostile, func(i int) fuzzCase {
		c := h.newCase(s.seed, i)
		c.after = func(c fuzzCase, dir string) (string, error) {
			fault, err := injectedCode(dir)
			if err == nil && fault == "" && i%stride == 0 {
				err = sample.add(i, c, dir)
			}
			return fault, err
		}
		return c
	})
	if err != nil || s.compile == 0 {
		return failed, err
	}
	faults, err := sample.compile()
	for n, text := range faults {
		fmt.Printf("run %d: %s\n", sample.runs[n], sample.cases[n].keep(s.keep, verdict{problem: text}))
	}
	fmt.Printf("%d packages compiled and vetted, %d failed\n", len(sample.cases), len(faults))
	return failed + len(faults), err
}

// campaign makes n runs, and returns the number that failed. It returns an error only if a run could not be made.
func (s settings) campaign(objects string, n int, newCase func(i int) fuzzCase) (failed int, err error) {
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		counts = map[string]int{}
	)
	numbers := make(chan int)
	for range max(s.jobs, 1) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range numbers {
				c := newCase(i)
				v, e := c.run(s.generator)
				mu.Lock()
				if e != nil && err == nil {
					err = e
				}
				counts[v.outcome]++
				if v.problem != "" {
					failed++
					fmt.Printf("run %d: %s\n", i, c.keep(s.keep, v))
				}
				mu.Unlock()
			}
		}()
	}
	for i := range n {
		numbers <- s.first + i
	}
	close(numbers)
	wg.Wait()
	fmt.Printf("%d runs on %s, seed %d: %s; %d failed\n", n, objects, s.seed, describe(counts), failed)
	return failed, err
}

// checkCommandLines runs the generator on undamaged objects: if it rejected all of them, the campaign would prove nothing.
func checkCommandLines(command string, seeds []object) error {
	for _, f := range commandLines {
		accepted := 0
		for _, o := range seeds {
			v, err := fuzzCase{name: o.name, data: o.data, command: f}.run(command)
			if err != nil {
				return err
			}
			if v.problem != "" {
				return fmt.Errorf("%s, not damaged: %s %s", o.name, strings.Join(f.args, " "), v.problem)
			}
			if v.outcome == "accepted" {
				accepted++
			}
		}
		if accepted == 0 {
			return fmt.Errorf("%s %s accepts no object", command, strings.Join(f.args, " "))
		}
	}
	return nil
}

// object is an undamaged object from which damaged ones are made.
type object struct {
	name string
	data []byte
}

func readObjects(paths []string) ([]object, error) {
	var list []object
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		list = append(list, object{filepath.Base(p), data})
	}
	if len(list) == 0 {
		return nil, errors.New("no objects: pass the paths of BPF objects")
	}
	return list, nil
}

// fuzzCase is one run: an object, the damage, and a way to call the generator.
type fuzzCase struct {
	name        string
	description string
	data        []byte
	command     commandLine

	// after checks the folder that a successful run has written, and describes the fault, if any.
	after func(c fuzzCase, dir string) (fault string, err error)
}

// newCase makes run number i of a seed. It depends on nothing else, so that a single run can be repeated.
func newCase(seed uint64, i int, seeds []object) fuzzCase {
	r := rand.New(rand.NewPCG(seed, uint64(i)))
	o := seeds[r.IntN(len(seeds))]
	m := mutations[r.IntN(len(mutations))]
	return fuzzCase{
		name:        o.name,
		description: m.name,
		data:        m.apply(r, append([]byte(nil), o.data...)),
		command:     commandLines[r.IntN(len(commandLines))],
	}
}

// keep stores the object and prints how to repeat the run by hand.
func (c fuzzCase) keep(dir string, v verdict) string {
	path := filepath.Join(dir, strings.ToValidUTF8(c.name, "_"))
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		for i := 1; exists(path); i++ {
			path = filepath.Join(dir, fmt.Sprintf("%d-%s", i, c.name))
		}
		err = os.WriteFile(path, c.data, 0o644)
	}
	if err != nil {
		path = err.Error()
	}
	return fmt.Sprintf("%s (%s; %s %s)", v.problem, c.description, strings.Join(c.command.args, " "), path)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func describe(counts map[string]int) string {
	var parts []string
	for outcome, n := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", n, outcome))
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}
