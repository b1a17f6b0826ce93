// Package minio tests crr with a third-party S3 server that replicates by itself:
// two MinIO servers, each acting as a region of AWS.
//
// It is a module of its own, because it builds MinIO. MinIO's licence is the AGPL:
// these tests only start it as a program.
package minio
