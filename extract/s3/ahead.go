package s3

import (
	"io"
)

// partBytes is how much of an object one of several requests at once asks for.
const partBytes = 8 << 20

// ahead reads an object in parts, several of them at once, and gives them in their order. It holds no more parts than
// are fetched at once.
type ahead struct {
	object *object
	next   int64   // where the next part to ask for begins
	parts  []*part // asked for, in their order; the first is read from
	idle   [][]byte
	err    error
}

// part is a run of the object's bytes.
type part struct {
	bytes []byte // what is left of it
	whole []byte
	done  chan error
	ready bool
}

func (a *ahead) Read(p []byte) (int, error) {
	for {
		if a.err != nil {
			return 0, a.err
		}
		a.ask()
		if len(a.parts) == 0 {
			return 0, io.EOF
		}
		first := a.parts[0]
		if !first.ready {
			if err := <-first.done; err != nil {
				a.err = err
				a.object.cancel() // the parts that follow are of no use
				continue
			}
			first.ready = true
		}
		n := copy(p, first.bytes)
		first.bytes = first.bytes[n:]
		if len(first.bytes) == 0 {
			a.idle, a.parts = append(a.idle, first.whole), a.parts[1:]
		}
		return n, nil
	}
}

// ask keeps as many requests going as the source allows.
func (a *ahead) ask() {
	size := a.object.unit.Size
	for len(a.parts) < a.object.source.spec.Parallel && a.next < size {
		var buffer []byte
		if n := len(a.idle); n > 0 {
			buffer, a.idle = a.idle[n-1], a.idle[:n-1]
		} else {
			buffer = make([]byte, min(partBytes, size))
		}
		end := min(a.next+partBytes, size)
		p := &part{whole: buffer, bytes: buffer[:end-a.next], done: make(chan error, 1)}
		d := &download{object: a.object, offset: a.next, end: end}
		go func() {
			_, err := io.ReadFull(d, p.bytes)
			d.close()
			p.done <- err
		}()
		a.parts, a.next = append(a.parts, p), end
	}
}
