// Command rclone is rclone reduced to the comparison of buckets. It is a module of
// its own, so that only the benchmark depends on it.
package main

import (
	_ "github.com/rclone/rclone/backend/s3" // registers itself, as does the next one
	"github.com/rclone/rclone/cmd"
	_ "github.com/rclone/rclone/cmd/check"
)

func main() { cmd.Main() }
