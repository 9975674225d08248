//go:build noengine

package engine

// linked tells whether this program can load a library. Built with noengine it is static, and runs where there is no C
// library, as in a container's image that holds nothing else.
const linked = false

func serve(string, string, int) error { return &UnsupportedPlatformError{Platform: withoutEngine} }
