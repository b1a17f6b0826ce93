package model

import "fmt"

// lintClass finds storage classes that cost more than they seem to, or are not
// there when they are needed.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
func (l *linter) lintClass(group *candidates, c *candidate) {
	class := c.rule.Destination.StorageClass
	if archives(class) {
		l.about(c, "class-archive", class)
	}
	switch class {
	case "REDUCED_REDUNDANCY":
		l.about(c, "class-reduced-redundancy")
	case "ONEZONE_IA":
		l.about(c, "class-one-zone")
	}
	terms, has := classTerms[class]
	if !has {
		return
	}
	if kept := group.facts.NoncurrentDays; kept > 0 && kept < terms.minimumDays {
		l.about(c, "class-minimum-duration", class, terms.minimumDays, kept)
		return
	}
	l.about(c, "class-minimums", class, terms)
}

// String is such as "at least 128 KB and 30 days".
func (t terms) String() string {
	if t.minimumSize == 0 {
		return fmt.Sprintf("at least %d days", t.minimumDays)
	}
	return fmt.Sprintf("at least %d KB and %d days", t.minimumSize/1024, t.minimumDays)
}
