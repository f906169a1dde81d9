package layout

import "iter"

// Each iterates over n elements; at returns the element with index i.
func Each[T any](n int, at func(i int) T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := range n {
			if !yield(i, at(i)) {
				return
			}
		}
	}
}
