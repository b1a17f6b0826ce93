package report

import (
	_ "embed" // the template
	"fmt"
	"io"
	"strings"
	"text/template"
)

//go:embed report.md.tmpl
var markdownTemplate string

// markdown escapes text.
var markdown = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", ">", "&gt;", "[", `\[`, "]", `\]`, "#", `\#`, "\n", " ", "\r", " ",
)

// WriteMarkdown writes the report as GitHub Flavored Markdown.
func WriteMarkdown(w io.Writer, r Report) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"title": func() string { return title }, "text": markdown.Replace,
		"gap": gapText, "change": changeText, "alarmGap": alarmGapText, "evidence": evidenceText, "event": eventText,
	}).Parse(markdownTemplate)
	if err != nil {
		return fmt.Errorf("reading the template of the report: %w", err)
	}
	return t.Execute(w, r)
}
