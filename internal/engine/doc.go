// Package engine runs the embedded warehouse: ClickHouse as a shared library
// (libchdb.so, pinned in deploy/engine) in a child process of this same binary,
// serving HTTP on a loopback port.
//
// It finds the library, holds a folder against a second engine, starts the child,
// tells others where it listens, restarts it when it dies and ends it. The child
// ends by itself when its parent does, because the parent holds the other end of
// its standard input.
//
// Its own users are written anew at every start; an operator's are in files of the
// folder users.d beside them, as a server has them.
//
// It must not know what the warehouse holds: no SQL beyond a ping, no schema, no
// configuration file.
package engine
