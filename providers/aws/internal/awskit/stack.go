package awskit

// callStack is what a call of the SDK takes of a goroutine's stack, in bytes: its
// middleware is some sixty functions deep.
const callStack = 24 << 10

// reserveStack makes the stack of a new goroutine large enough for calls, at once and
// while there is nothing on it. Left to itself it grows four times during the first
// call and is copied each time, which is a quarter of the CPU time of that call.
//
//go:noinline
func reserveStack() {
	var room [callStack]byte
	use(&room)
}

// use keeps the compiler from doing without the room.
//
//go:noinline
func use(*[callStack]byte) {}
