// Package moto finds, installs and runs the moto server, the default emulator of the
// local AWS. https://docs.getmoto.org
package moto
