// Package moto finds, installs and runs the moto server, the AWS emulator that
// the local AWS starts where it is given no other. https://docs.getmoto.org
package moto
