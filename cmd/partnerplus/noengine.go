//go:build noengine

package main

// A static program may run where there is nothing else: the time zones are in it.
import _ "time/tzdata"
