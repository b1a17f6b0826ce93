// Command rclone is rclone with what it takes to compare buckets, and no more:
// a module of its own, so that it weighs on nobody but the benchmark.
package main

import (
	_ "github.com/rclone/rclone/backend/s3" // registers itself, as the next one
	"github.com/rclone/rclone/cmd"
	_ "github.com/rclone/rclone/cmd/check"
)

func main() { cmd.Main() }
