// Package verify checks that a deployment replicates: it reads the live settings,
// evaluates them with the model, replicates probe objects and tries uploads that
// must be rejected.
package verify
