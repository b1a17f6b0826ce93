package compare

import (
	"compress/gzip"
	"context"
	"crypto/md5" //nolint:gosec // S3 Inventory says nothing else
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// columns of a report, by their names.
type columns map[string]int

// feed hands on all versions of all files of the report.
func (r *report) feed(ctx context.Context) feed {
	return func(take func(Version) error) error {
		for _, file := range r.manifest.Files {
			if err := r.readFile(ctx, file, take); err != nil {
				return fmt.Errorf("reading the inventory file %s: %w", file.Key, err)
			}
		}
		return nil
	}
}

func (r *report) readFile(ctx context.Context, file manifestFile, take func(Version) error) error {
	body, err := r.open(ctx, file.Key)
	if err != nil {
		return err
	}
	defer body.Close()
	sum := md5.New() //nolint:gosec // see above
	if err := readCSV(io.TeeReader(body, sum), r.manifest.columns, r.bucket.current, take); err != nil {
		return err
	}
	if found := hex.EncodeToString(sum.Sum(nil)); file.MD5 != "" && found != file.MD5 {
		return fmt.Errorf("its MD5 is %s, and the manifest says %s: it is not the file of the report", found, file.MD5)
	}
	return nil
}

// readCSV reads one file of a report, to its last byte.
func readCSV(compressed io.Reader, columns columns, current bool, take func(Version) error) error {
	plain, err := gzip.NewReader(compressed)
	if err != nil {
		return fmt.Errorf("it is not compressed by gzip: %w", err)
	}
	limited := &budget{from: plain}
	records := csv.NewReader(limited)
	records.ReuseRecord, records.FieldsPerRecord = true, len(columns)
	for {
		limited.left = mostOfARecord
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			_, err = io.Copy(io.Discard, compressed)
			return err
		}
		if err != nil {
			return err
		}
		version, err := columns.version(record)
		if err != nil {
			return err
		}
		if current {
			if !version.Current || version.Marker {
				continue
			}
			version.CurrentID, version.ID = version.ID, ""
		}
		if err := take(version); err != nil {
			return err
		}
	}
}

// mostOfARecord in bytes, of which a key takes three times 1,024 at most.
const mostOfARecord = 64 << 10

// budget ends a record that never ends: a small file may unpack to gigabytes.
type budget struct {
	from io.Reader
	left int
}

func (b *budget) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a record is longer than %d bytes: it is not a report of S3 Inventory", mostOfARecord)
	}
	n, err := b.from.Read(into)
	b.left -= n
	return n, err
}

// isTrue reads what the documentation writes as True, TRUE and true.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
func isTrue(text string) bool { return strings.EqualFold(text, "true") }

// version reads a record. Keys are URL-encoded.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
func (c columns) version(record []string) (Version, error) {
	text := func(name string) string {
		if index, has := c[name]; has && index < len(record) {
			return strings.Clone(record[index]) // the record is used again
		}
		return ""
	}
	_, versioned := c["IsLatest"]
	v := Version{
		ID: text("VersionId"), ETag: strings.Trim(text("ETag"), `"`), Class: text("StorageClass"), Modified: text("LastModifiedDate"),
		Status: text("ReplicationStatus"), Encryption: text("EncryptionStatus"), Marker: isTrue(text("IsDeleteMarker")), Current: !versioned || isTrue(text("IsLatest")),
	}
	var err error
	if v.Key, err = url.QueryUnescape(text("Key")); err != nil || v.Key == "" {
		return Version{}, fmt.Errorf("%q is no key as S3 Inventory writes them", text("Key"))
	}
	size := text("Size")
	if size == "" && v.Marker {
		return v, nil
	}
	if v.Size, err = strconv.ParseInt(size, 10, 64); err != nil || v.Size < 0 {
		return Version{}, fmt.Errorf("%s: %q is no size", v.Key, size)
	}
	return v, nil
}
