package report

import "runtime"

// chunkSize is how many findings, or rows of a table, are made text of at once.
const chunkSize = 512

// inChunks makes text of n things, chunk by chunk on all processors, and writes the chunks
// in their order. So no more of them are held than are made at once.
func inChunks(n int, text func(from, to int) ([]byte, error), write func([]byte) error) error {
	type made struct {
		text []byte
		err  error
	}
	queue, stop := make(chan chan made, runtime.GOMAXPROCS(0)), make(chan struct{})
	defer close(stop)
	go func() {
		defer close(queue)
		for from := 0; from < n; from += chunkSize {
			chunk := make(chan made, 1)
			select {
			case queue <- chunk:
			case <-stop:
				return
			}
			go func() {
				b, err := text(from, min(from+chunkSize, n))
				chunk <- made{b, err}
			}()
		}
	}()
	for chunk := range queue {
		m := <-chunk
		if m.err != nil {
			return m.err
		}
		if err := write(m.text); err != nil {
			return err
		}
	}
	return nil
}
