package webpage

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

//go:embed page.html.tmpl page.css
var files embed.FS

// Mood is how bad something is; it decides the colour.
type Mood string

// The moods.
const (
	Good     Mood = "good"
	Bad      Mood = "bad"
	Doubtful Mood = "doubtful"
)

// Page is what every page has.
type Page struct {
	Title string
	// Verdict in a few words, and how bad it is.
	Verdict string
	Mood    Mood
	// Lead is a sentence below the title.
	Lead      string
	Generated time.Time
	// Content is what the page's own template writes.
	Content any
}

// prose is a text with its commands, which stand in backquotes, set as code.
func prose(text string) template.HTML {
	var html strings.Builder
	for i, part := range strings.Split(text, "`") {
		part = template.HTMLEscapeString(part)
		if i%2 == 1 {
			part = "<code>" + part + "</code>"
		}
		html.WriteString(part)
	}
	return template.HTML(html.String()) //nolint:gosec // escaped above
}

// Write writes a page. Its own template writes the content; it may use the
// template chart, for a [Chart], and the functions moment, for a time, and prose,
// for a text with commands.
func Write(w io.Writer, content string, page Page) error {
	css, err := files.ReadFile("page.css")
	if err != nil {
		return fmt.Errorf("reading the style of the page: %w", err)
	}
	page.Generated = page.Generated.UTC()
	t, err := template.New("page.html.tmpl").Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(css) }, //nolint:gosec // our own file
		"moment": words.Moment,
		"prose":  prose,
	}).ParseFS(files, "page.html.tmpl")
	if err != nil {
		return fmt.Errorf("reading the template of the page: %w", err)
	}
	if _, err := t.New("content").Parse(content); err != nil {
		return fmt.Errorf("reading the template of the content: %w", err)
	}
	return t.Execute(w, page)
}
