// Package webpage writes pages that stand alone: one file with its style and
// its charts in it, which asks nobody for anything, reads well on a phone and on
// paper, and follows the reader's choice of light or dark.
package webpage
