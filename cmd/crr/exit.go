package main

import "errors"

// The exit statuses of every command.
const (
	exitOK       = 0
	exitNotWell  = 1
	exitNoAnswer = 2
)

// errNotWell is what a command returns when it could answer, and the answer is
// that the thing checked is not well.
var errNotWell = errors.New("not well")
