// Package webpage writes self-contained HTML pages: one file with its style and
// charts that loads no other resources, for phones and print, in light and dark mode.
package webpage
