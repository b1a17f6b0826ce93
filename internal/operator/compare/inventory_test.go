package compare

import (
	"bytes"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // as S3 Inventory does
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/cannedlist"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const schema = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, ReplicationStatus"

// inventory are the objects of a report, by their keys in the bucket reports.
// Its records are in no order, as S3's may be.
func inventory(t *testing.T, name, bucket string, objects cannedlist.Slice) map[string][]byte {
	t.Helper()
	var files [3]bytes.Buffer
	var writers [3]*csv.Writer
	var packers [3]*gzip.Writer
	for i := range files {
		packers[i] = gzip.NewWriter(&files[i])
		writers[i] = csv.NewWriter(packers[i])
	}
	for _, i := range rand.Perm(len(objects)) {
		o := objects[i]
		size := strconv.FormatInt(o.Size, 10)
		if o.Marker {
			size = ""
		}
		require.NoError(t, writers[i%3].Write([]string{
			bucket, url.QueryEscape(o.Key), o.Version, strconv.FormatBool(o.Current), strconv.FormatBool(o.Marker), size,
			"2026-01-02T03:04:05.000Z", o.ETag, "STANDARD", o.Status,
		}))
	}
	report := manifest{SourceBucket: bucket, FileFormat: "CSV", FileSchema: schema}
	stored := map[string][]byte{}
	for i := range files {
		writers[i].Flush()
		require.NoError(t, packers[i].Close())
		sum := md5.Sum(files[i].Bytes()) //nolint:gosec // as S3 Inventory does
		key := fmt.Sprintf("%s/data/%d.csv.gz", name, i)
		stored[key] = files[i].Bytes()
		report.Files = append(report.Files, manifestFile{Key: key, MD5: hex.EncodeToString(sum[:])})
	}
	data, err := json.Marshal(report)
	require.NoError(t, err)
	stored[name+"/manifest.json"] = data
	return stored
}

// stock makes a server have the objects of the bucket reports.
func stock(server *cannedlist.Server, reports ...map[string][]byte) {
	server.Before = func(w http.ResponseWriter, r *http.Request) bool {
		key, ours := strings.CutPrefix(r.URL.Path, "/reports/")
		if !ours {
			return false
		}
		for _, report := range reports {
			if data, has := report[key]; has {
				_, _ = w.Write(data)
				return true
			}
		}
		w.WriteHeader(http.StatusNotFound)
		return true
	}
}

var manifests = map[string]string{"source": "s3://reports/a/manifest.json", "dr": "s3://reports/b/manifest.json"}

// Reports lead to the same result as lists.
func TestInventory_SaysWhatListsSay(t *testing.T) {
	t.Parallel()
	bucket := keys(5000)
	source, destination := without(bucket, 101), without(bucket, 97)
	server, at := serve(t, source, destination)
	stock(server, inventory(t, "a", "data", source), inventory(t, "b", "data-dr", destination))
	for _, current := range []bool{false, true} {
		var fromLists, fromReports collected
		want, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, fromLists.options(Options{Current: current}))
		require.NoError(t, err)
		got, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, fromReports.options(Options{Current: current, Inventory: manifests}))
		require.NoError(t, err)
		assert.Equal(t, want.Destinations[0].Reasons, got.Destinations[0].Reasons)
		assert.Equal(t, want.Destinations[0].Versions, got.Destinations[0].Versions)
		assert.ElementsMatch(t, fromLists, fromReports)
	}
}

func TestInventory_RefusesHalfAReport(t *testing.T) {
	t.Parallel()
	bucket := keys(100)
	for name, test := range map[string]struct {
		change func(report map[string][]byte)
		says   string
	}{
		"a file is missing": {func(r map[string][]byte) { delete(r, "b/data/1.csv.gz") }, "reading the inventory s3://reports/b/data/1.csv.gz"},
		"a file is cut off": {func(r map[string][]byte) { r["b/data/1.csv.gz"] = r["b/data/1.csv.gz"][:100] }, "unexpected EOF"},
		"another file":      {func(r map[string][]byte) { r["b/data/1.csv.gz"] = r["b/data/2.csv.gz"] }, "it is not the file of the report"},
		"another bucket":    {replace("data-dr", "other"), "is a report of the bucket other; the bucket of dr is data-dr"},
		"no ETags":          {replace(" ETag", " Else"), "the report lacks ETag"},
		"one version":       {replace("VersionId, IsLatest, IsDeleteMarker, ", ""), "the report lacks VersionId, IsLatest, IsDeleteMarker"},
		"Parquet":           {replace(`"CSV"`, `"Parquet"`), "configure S3 Inventory to write CSV"},
		"no manifest":       {func(r map[string][]byte) { r["b/manifest.json"] = []byte("{}") }, "this is not the manifest.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, at := serve(t, bucket, bucket)
			report := inventory(t, "b", "data-dr", bucket)
			test.change(report)
			stock(server, inventory(t, "a", "data", bucket), report)
			var found collected
			_, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{Inventory: manifests}))
			assert.ErrorContains(t, err, test.says)
		})
	}
}

func replace(old, fresh string) func(map[string][]byte) {
	return func(report map[string][]byte) {
		report["b/manifest.json"] = bytes.ReplaceAll(report["b/manifest.json"], []byte(old), []byte(fresh))
	}
}

func TestInventory_WantsAReportOfEveryPlace(t *testing.T) {
	t.Parallel()
	_, at := serve(t, keys(1), keys(1))
	for says, given := range map[string]map[string]string{
		"the report of dr": {"source": "s3://a/b"},
		`there is no bucket named "d"; there are: dr, sour`: {"source": "s3://a/b", "d": "s3://a/b"},
	} {
		var found collected
		_, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{Inventory: given}))
		assert.ErrorContains(t, err, says)
	}
	for _, wrong := range []string{"", "source", "source=", "source=s3://bucket", "source=https://bucket/key", "=s3://b/k"} {
		_, err := ParseInventories([]string{wrong})
		assert.ErrorContains(t, err, "use NAME=s3://bucket/path/manifest.json", wrong)
	}
	_, err := ParseInventories([]string{"a=s3://b/c", "a=s3://b/d"})
	assert.ErrorContains(t, err, "twice")
}

// FuzzInventory feeds a manifest and a file of records: whatever they hold, the
// reader ends without a panic, and hands on nothing but versions with keys.
func FuzzInventory(f *testing.F) {
	good, err := json.Marshal(manifest{SourceBucket: "b", FileFormat: "CSV", FileSchema: schema})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, []byte(`"b","a+b%2F","v","true","false","7","2026-01-02T03:04:05.000Z","e","STANDARD","COMPLETED"`+"\n"), false)
	f.Add([]byte(`{"sourceBucket":"b","fileFormat":"CSV","fileSchema":"Key,Size,ETag,StorageClass,Key"}`), []byte("a,1,e,s,b\n"), true)
	f.Fuzz(func(t *testing.T, document, records []byte, current bool) {
		m, err := parseManifest(document, current)
		if err != nil {
			return
		}
		var packed bytes.Buffer
		packer := gzip.NewWriter(&packed)
		_, _ = packer.Write(records) // to memory
		_ = packer.Close()
		_ = readCSV(&packed, m.columns, current, func(version Version) error {
			assert.NotEmpty(t, version.Key)
			assert.GreaterOrEqual(t, version.Size, int64(0))
			return nil
		})
		_ = readCSV(bytes.NewReader(records), m.columns, current, func(Version) error { return nil })
	})
}

// compressed are records as a report holds them.
func compressed(t *testing.T, text string) *bytes.Buffer {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &packed
}

func TestReadCSV_ReadsTrueInAnyCase(t *testing.T) {
	t.Parallel()
	for _, yes := range []string{"true", "True", "TRUE"} {
		var found []Version
		err := readCSV(compressed(t, "a,"+yes+","+yes+",\n"), columns{"Key": 0, "IsLatest": 1, "IsDeleteMarker": 2, "Size": 3}, false, func(v Version) error {
			found = append(found, v)
			return nil
		})
		require.NoError(t, err, yes)
		assert.True(t, found[0].Current && found[0].Marker, yes)
	}
}

func TestReadCSV_EndsARecordThatNeverEnds(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"one long field":     strings.Repeat("a", 4<<20),
		"an open quote":      `"` + strings.Repeat("a\n", 4<<20),
		"after good records": "a,1\nb,2\n" + strings.Repeat("c", 4<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := readCSV(compressed(t, text), columns{"Key": 0, "Size": 1}, false, func(Version) error { return nil })
			assert.ErrorContains(t, err, "a record is longer than")
		})
	}
}

func TestRun_EmptyReportsSayNothing(t *testing.T) {
	t.Parallel()
	c := newComparison([]*pair{{source: deployedPlace("source", "data", "us-east-1"), destination: deployedPlace("dr", "data-dr", "us-west-2")}}, 1, nil)
	assert.ErrorContains(t, c.mustHold(), "are empty")
	c.pairs[0].done.Source = 1
	assert.NoError(t, c.mustHold())
}
