// Package verify tells whether a deployment replicates: it reads how everything
// stands, lets the model judge it, replicates probe objects and tries what must
// be refused.
package verify
