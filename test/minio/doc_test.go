// Package minio compares crr with an S3 server that is not ours and that
// replicates by itself: two MinIO servers, each taken for a region of AWS.
//
// It is a module of its own, since it builds MinIO. MinIO's licence is the
// AGPL: it is a program that these tests start, and part of nothing else.
package minio
