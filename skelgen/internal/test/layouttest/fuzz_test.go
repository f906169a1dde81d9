//go:build cgo

package layouttest

import (
	"flag"
	"math/rand"
	"strconv"
	"testing"
)

var (
	declarations = flag.Int("types", 300, "number of random declarations")
	seed         = flag.Int64("seed", 1, "seed of the first batch; the next has the next")
)

// perBatch is how many declarations share an object: a C and a Go compiler run
// costs more than a declaration.
const perBatch = 100

// TestRandom compares random declarations. A batch that fails is run again with
// -run TestRandom -types 100 -seed its seed.
func TestRandom(t *testing.T) {
	left, next := *declarations, *seed
	if testing.Short() {
		left = min(left, perBatch)
	}
	members := 0
	for left > 0 && !t.Failed() {
		n := min(left, perBatch)
		t.Run("seed "+strconv.FormatInt(next, 10), func(t *testing.T) {
			g := &generator{r: rand.New(rand.NewSource(next)), used: map[string]bool{}}
			g.frozen = next%2 == 1
			for i := range n {
				g.declaration("v" + strconv.Itoa(i))
			}
			n, _ := compile(t, g.out.String()).compare(t, next, "amd64", "386")
			members += n
		})
		left, next = left-n, next+1
	}
	t.Logf("seeds %d to %d: %d declarations, %d members", *seed, next-1, *declarations-left, members)
}
