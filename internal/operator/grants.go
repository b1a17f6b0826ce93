package operator

import (
	"encoding/json"
	"io"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

const comment = "# "

// WriteGrants writes what policies must grant: each document as it can be
// copied, below what is to be done with it.
func WriteGrants(w io.Writer, grants []model.Grant) error {
	p := &page{w: w}
	for i, grant := range grants {
		if i > 0 {
			p.line("")
		}
		p.line(comment + grant.Resource)
		for _, line := range wrap(grant.Note, pageWidth-len(comment)) {
			p.line(comment + line)
		}
		p.document(grant)
	}
	return p.err
}

func (p *page) document(grant model.Grant) {
	if p.err != nil {
		return
	}
	encoder := json.NewEncoder(p.w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	p.err = encoder.Encode(grant.Document)
}
