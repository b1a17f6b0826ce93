package dashboardpicture

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// markdown draws the little of Markdown that the dashboards use: headings, lists,
// tables of two columns and paragraphs; in them bold, code and links.
func (c *canvas) markdown(box rectangle, text string) {
	y := box.y
	table := false
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		heading := len(line) - len(strings.TrimLeft(line, "#"))
		switch {
		case strings.HasPrefix(line, "|--"):
			table = true // the line above it was the head
		case strings.HasPrefix(line, "|"):
			y = c.tableRow(box, y, line, table)
		case heading > 0:
			size := []float64{0, 20, 16}[heading]
			c.text(box.x, y+size, textStyle{size: size, bold: true}, strings.TrimSpace(line[heading:]))
			y += size + 10
		case strings.HasPrefix(line, "* "):
			c.text(box.x+2, y+textSize, textStyle{}, "•")
			y = c.paragraph(rectangle{box.x + 14, y, box.w - 14, 0}, line[2:], textStyle{})
		case line == "":
			y += 7
		default:
			y = c.paragraph(rectangle{box.x, y, box.w, 0}, line, textStyle{})
		}
	}
}

func (c *canvas) tableRow(box rectangle, y float64, line string, body bool) float64 {
	const first, padding = 0.47, 6.0
	cells := strings.Split(strings.Trim(line, "| "), " | ")
	left := c.paragraph(rectangle{box.x, y, box.w * first, 0}, cells[0], textStyle{bold: !body})
	right := c.paragraph(rectangle{box.x + box.w*first, y, box.w * (1 - first), 0}, cells[1], textStyle{bold: !body})
	bottom := max(left, right)
	c.line(`<path d="M%s %sh%s" stroke="#eaeded"/>`, number(box.x), number(bottom), number(box.w))
	return bottom + padding
}

// pieces of a line that differ in style.
var pieces = regexp.MustCompile("\\*\\*[^*]+\\*\\*|`[^`]+`|\\[[^\\]]+\\]\\([^)]+\\)")

type piece struct {
	text  string
	style textStyle
}

func split(line string, style textStyle) []piece {
	var all []piece
	for line != "" {
		found := pieces.FindStringIndex(line)
		if found == nil {
			return append(all, piece{line, style})
		}
		if found[0] > 0 {
			all = append(all, piece{line[:found[0]], style})
		}
		all = append(all, special(line[found[0]:found[1]], style))
		line = line[found[1]:]
	}
	return all
}

func special(text string, style textStyle) piece {
	switch text[0] {
	case '*':
		style.bold = true
		return piece{strings.Trim(text, "*"), style}
	case '`':
		style.mono, style.size = true, 12
		return piece{strings.Trim(text, "`"), style}
	default:
		style.fill = "#0073bb"
		return piece{text[1:strings.Index(text, "](")], style}
	}
}

const (
	lineHeight = 19.0
	textSize   = 13.0
)

// paragraph wraps a line of text and returns where the next one begins.
func (c *canvas) paragraph(box rectangle, line string, style textStyle) float64 {
	style.size = textSize
	var row []piece
	used, y := 0.0, box.y
	flush := func() {
		c.row(box.x, y+textSize, row)
		row, used, y = nil, 0, y+lineHeight
	}
	for _, part := range split(line, style) {
		for _, word := range strings.SplitAfter(part.text, " ") {
			next := piece{word, part.style}
			if used > 0 && used+next.width(strings.TrimRight(word, " ")) > box.w {
				flush()
			}
			row, used = append(row, next), used+next.width(word)
		}
	}
	flush()
	return y
}

// row is one text, so that the browser sets its pieces next to one another:
// only it knows how wide they are.
func (c *canvas) row(x, y float64, row []piece) {
	var spans strings.Builder
	for begin := 0; begin < len(row); {
		end, text := begin, ""
		for ; end < len(row) && row[end].style == row[begin].style; end++ {
			text += row[end].text
		}
		fmt.Fprintf(&spans, `<tspan%s>%s</tspan>`, row[begin].style.attributes(), html.EscapeString(text))
		begin = end
	}
	c.line(`<text x="%s" y="%s" xml:space="preserve">%s</text>`, number(x), number(y), spans.String())
}

func (p piece) width(text string) float64 {
	if p.style.mono {
		return float64(len([]rune(text))) * p.style.size * 0.602
	}
	width := widthOf(text, p.style.size)
	if p.style.bold {
		width *= 1.06
	}
	return width
}

// widthOf is about how wide a text is in a font without serifs, and rather too
// much than too little: which font a browser takes, nobody knows.
func widthOf(text string, size float64) float64 {
	width := 0.0
	for _, letter := range text {
		switch {
		case strings.ContainsRune("iljtfr.,:;|!'()[] -/", letter):
			width += 0.34
		case strings.ContainsRune("mwMW—…", letter):
			width += 0.87
		case letter >= 'A' && letter <= 'Z':
			width += 0.69
		default:
			width += 0.56
		}
	}
	return width * size
}
