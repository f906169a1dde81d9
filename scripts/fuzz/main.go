// Command fuzz runs the generator on damaged BPF objects and judges how each run
// ends: with success or with a one-line error, within ten seconds, and with
// nothing left behind. The same seed gives the same objects.
//
// Objects that the generator did not survive well are kept in -keep.
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
	command string
	keep    string
	seed    uint64
	first   int
	n       int
	jobs    int
}

func main() {
	var s settings
	flag.StringVar(&s.command, "skelgen", "build/bin/skelgen", "the generator")
	flag.StringVar(&s.keep, "keep", "build/fuzz", "folder for the objects of failed runs")
	flag.Uint64Var(&s.seed, "seed", 1, "which objects to make")
	flag.IntVar(&s.first, "first", 0, "number of the first run, to repeat one")
	flag.IntVar(&s.n, "n", 2000, "number of runs")
	flag.IntVar(&s.jobs, "j", 2, "runs at a time")
	flag.Parse()
	if err := fuzz(s, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func fuzz(s settings, paths []string) error {
	command, err := filepath.Abs(s.command)
	if err != nil {
		return err
	}
	seeds, err := readObjects(paths)
	if err != nil {
		return err
	}
	if err := checkForms(command, seeds); err != nil {
		return err
	}
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		counts = map[string]int{}
		failed int
		first  error
	)
	numbers := make(chan int)
	for range max(s.jobs, 1) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range numbers {
				c := newCase(s.seed, i, seeds)
				v, err := c.run(command)
				mu.Lock()
				if err != nil && first == nil {
					first = err
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
	for i := range s.n {
		numbers <- s.first + i
	}
	close(numbers)
	wg.Wait()
	fmt.Printf("%d runs, seed %d: %s; %d failed\n", s.n, s.seed, describe(counts), failed)
	if first == nil && failed > 0 {
		first = errors.New("the objects of failed runs are in " + s.keep)
	}
	return first
}

// checkForms runs the generator on whole objects: where none gets through, the
// run would prove nothing.
func checkForms(command string, seeds []object) error {
	for _, f := range forms {
		accepted := 0
		for _, o := range seeds {
			v, err := damaged{name: o.name, data: o.data, form: f}.run(command)
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
			return fmt.Errorf("%s %s accepts no object at all", command, strings.Join(f.args, " "))
		}
	}
	return nil
}

// object is a whole object that damaged ones are made of.
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
		return nil, errors.New("which objects? none are named")
	}
	return list, nil
}

// damaged is one run: an object, what was done to it, and a way to call the
// generator.
type damaged struct {
	name string
	what string
	data []byte
	form form
}

// newCase makes run number i of a seed. It depends on nothing else, so that a
// single run can be repeated.
func newCase(seed uint64, i int, seeds []object) damaged {
	r := rand.New(rand.NewPCG(seed, uint64(i)))
	o := seeds[r.IntN(len(seeds))]
	m := mutations[r.IntN(len(mutations))]
	return damaged{
		name: o.name,
		what: m.name,
		data: m.apply(r, append([]byte(nil), o.data...)),
		form: forms[r.IntN(len(forms))],
	}
}

// keep stores the object and says how the run is repeated by hand.
func (c damaged) keep(dir string, v verdict) string {
	path := filepath.Join(dir, c.name)
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
	return fmt.Sprintf("%s (%s; %s %s)", v.problem, c.what, strings.Join(c.form.args, " "), path)
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
