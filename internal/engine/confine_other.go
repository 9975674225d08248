//go:build !linux

package engine

import "errors"

func confine(string) error { return errors.New("only Linux can") }
