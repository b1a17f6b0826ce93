package main

import "errors"

// The exit statuses of every command.
const (
	exitOK       = 0
	exitFailed   = 1
	exitNoAnswer = 2
)

// errFailed is returned when a command completed and the thing it checked failed.
var errFailed = errors.New("failed")
