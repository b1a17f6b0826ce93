package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The bounds of a command on any input. The time is for a busy machine.
const (
	malformedTime   = 30 * time.Second
	malformedMemory = 200 << 20
)

// inChild is set where the test binary reads the inputs, one after the other, so
// that what it takes can be measured.
const inChild = "CRR_TEST_MALFORMED"

// fileReaders are command lines that read a file F, with a good one to spoil.
func fileReaders(t *testing.T) map[string]struct{ args, seed string } {
	t.Helper()
	read := func(name string) string {
		data, err := os.ReadFile(offlineDir + name)
		require.NoError(t, err)
		return string(data)
	}
	policy := func(flag string) string {
		return "lint --replication data=" + offlineDir + "replication.json " + flag
	}
	return map[string]struct{ args, seed string }{
		"configuration":        {"explain a --replication data=F", read("replication.json")},
		"configuration, lint":  {"lint --replication data=F", read("replication.json")},
		"configuration, XML":   {"explain a --replication data=F", `<?xml version="1.0"?><ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role>arn:aws:iam::111111111111:role/r</Role><Rule><ID>all</ID><Priority>1</Priority><Status>Enabled</Status><Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::dr</Bucket></Destination></Rule></ReplicationConfiguration>`},
		"template":             {"explain a --replication Data=F", read("template.yaml")},
		"state":                {"lint --replication data=F", read("terraform.tfstate.json")},
		"state, as a policy":   {policy("--bucket-policy data-dr=F"), read("terraform.tfstate.json")},
		"policy of the role":   {policy("--role-policy F"), read("role-policy.json")},
		"policy of a bucket":   {policy("--bucket-policy data-dr=F"), read("bucket-policy.json")},
		"trust policy":         {policy("--trust-policy F"), read("bucket-policy.json")},
		"boundary":             {policy("--permissions-boundary F"), read("role-policy.json")},
		"SCP":                  {policy("--scp F"), read("role-policy.json")},
		"RCP":                  {policy("--rcp F"), read("bucket-policy.json")},
		"stack file":           {"lint --config F", read("Pulumi.finance.yaml")},
		"stack file, policy":   {"policy --config F", read("Pulumi.fanin.yaml")},
		"descriptor":           {"explain a --descriptor F --replication-name data", read("deployed.json")},
		"descriptor, describe": {"describe --descriptor F", read("deployed.json")},
		"facts":                {policy("--facts F"), "buckets: {data: {region: us-east-1, objectLock: true, noncurrentDays: 3}}\nkeys: {}\nalarms: [{name: a, metric: b, dimensions: [c]}]\nnotifies: true\n"},
	}
}

var (
	digits = regexp.MustCompile(`\d+`)
	quoted = regexp.MustCompile(`"[^"]*"`)
)

// spoiled are inputs that a good one makes.
func spoiled(seed string) map[string]string {
	random := rand.New(rand.NewPCG(1, uint64(len(seed)))) //nolint:gosec // the same inputs every time
	inputs := map[string]string{
		"nothing": "", "space": " \n\t", "null": "null", "a number": "1", "a text": `"x"`, "a list": "[]", "an object": "{}", "a list of lists": "[[[]]]",
		"NUL":          seed[:len(seed)/2] + "\x00" + seed[len(seed)/2:],
		"no UTF-8":     seed[:len(seed)/2] + "\xff\xfe" + seed[len(seed)/2:],
		"UTF-8 BOM":    "\xef\xbb\xbf" + seed,
		"UTF-16":       asUTF16(seed),
		"odd UTF-16":   asUTF16(seed) + "x",
		"twice":        seed + seed,
		"CRLF":         strings.ReplaceAll(seed, "\n", "\r\n"),
		"huge numbers": digits.ReplaceAllString(seed, "99999999999999999999999999999999e99999"),
		"negative":     digits.ReplaceAllString(seed, "-1"),
		"no texts":     quoted.ReplaceAllString(seed, "1"),
		"empty texts":  quoted.ReplaceAllString(seed, `""`),
		"long texts":   quoted.ReplaceAllString(seed, `"`+strings.Repeat("x", 2000)+`"`),
		"escapes":      quoted.ReplaceAllString(seed, `"\u001b[31m"`),
		"tabs":         strings.ReplaceAll(seed, "  ", "\t"),
		"no ends":      strings.NewReplacer("}", "", "]", "", "</", "<").Replace(seed),
		"no starts":    strings.NewReplacer("{", "", "[", "", "<", "").Replace(seed),
		"swapped":      strings.NewReplacer("{", "[", "}", "]", "[", "{", "]", "}").Replace(seed),
		"every twice":  doubled(seed),
	}
	for i := 1; i < 6; i++ {
		inputs[fmt.Sprintf("cut at %d/6", i)] = seed[:len(seed)*i/6]
		inputs[fmt.Sprintf("from %d/6", i)] = seed[len(seed)*i/6:]
	}
	for i := range 6 {
		changed := []byte(seed)
		for range 1 + i*3 {
			changed[random.IntN(len(changed))] = byte(random.IntN(256))
		}
		inputs[fmt.Sprintf("changed bytes %d", i)] = string(changed)
	}
	var tree any
	if json.Unmarshal([]byte(seed), &tree) == nil {
		for i, value := range []any{nil, true, 1e300, "x", []any{}, map[string]any{}, []any{map[string]any{"a": nil}}} {
			inputs[fmt.Sprintf("other types %d", i)] = string(withLeaves(tree, value))
		}
	}
	return inputs
}

func asUTF16(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// doubled has every line twice.
func doubled(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(line + line)
	}
	return b.String()
}

// withLeaves is a tree with a value in place of everything that has none below.
func withLeaves(tree, value any) []byte {
	var replace func(any) any
	replace = func(tree any) any {
		switch tree := tree.(type) {
		case []any:
			list := make([]any, len(tree))
			for i := range tree {
				list[i] = replace(tree[i])
			}
			return list
		case map[string]any:
			object := map[string]any{}
			for key := range tree {
				object[key] = replace(tree[key])
			}
			return object
		default:
			return value
		}
	}
	data, err := json.Marshal(replace(tree))
	if err != nil {
		panic(err)
	}
	return data
}

// bombs are inputs that a careless reader takes much time or memory for.
func bombs(size int) map[string]func() string {
	fill := func(text string) string { return strings.Repeat(text, size/len(text)) }
	laughs := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		laughs += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), i-1)
	}
	return map[string]func() string{
		"open lists":         func() string { return fill("[") },
		"open objects":       func() string { return fill(`{"a":`) },
		"open elements":      func() string { return fill("<Rule>") },
		"open filters":       func() string { return "<ReplicationConfiguration>" + fill("<Rule><Filter>") },
		"nested lists":       func() string { return strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) },
		"nested in YAML":     func() string { return fill("- ") },
		"keys in YAML":       func() string { return fill("? ") },
		"lines of YAML":      func() string { return fill("a:\n") },
		"a list of YAML":     func() string { return "- x\n" + fill("- x\n") },
		"tags of YAML":       func() string { return fill("!a ") },
		"comments":           func() string { return fill("# a\n") },
		"aliases":            func() string { return laughs },
		"aliases in a stack": func() string { return laughs + "config: {'crr:replications': *a11}\n" },
		"an alias to itself": func() string { return "&a [*a, *a]\n" },
		"a key of itself":    func() string { return "a: &a {<<: *a}\n" },
		"merges":             func() string { return "a: &a {b: c}\n" + fill("? {<<: *a}\n") },
		"a complex key":      func() string { return "? [a, {b: c}]\n: d\n" },
		"binary":             func() string { return "Role: !!binary " + fill("AAAA") + "\n" },
		"infinite":           func() string { return "Role: .inf\nRules: .nan\nconfig: .inf\n" },
		"numbers":            func() string { return "[" + fill("0,") + "0]" },
		"rules":              func() string { return `{"Rules":[` + fill("{},") + "{}]}" },
		"rules of XML": func() string {
			return "<ReplicationConfiguration>" + fill("<Rule></Rule>") + "</ReplicationConfiguration>"
		},
		"statements": func() string { return `{"Version":"2012-10-17","Statement":[` + fill("{},") + "{}]}" },
		"actions": func() string {
			return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + fill(`"*",`) + `"*"],"Resource":"*"}]}`
		},
		"wildcards": func() string {
			return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::` + fill("*a") + `b"}]}`
		},
		"resources":          func() string { return `{"version":4,"terraform_version":"1","resources":[` + fill("{},") + "{}]}" },
		"modules":            func() string { return `{"format_version":"1.0","values":{"root_module":` + fill(`{"child_modules":[`) },
		"templates":          func() string { return `{"TemplateBody":` + fill(`{"TemplateBody":`) },
		"replications":       func() string { return `{"config":{"crr:replications":[` + fill("{},") + "{}]}}" },
		"replications, YAML": func() string { return "config:\n  crr:replications:\n" + fill("  - {}\n") },
		"descriptors":        func() string { return "[" + fill("{},") + "{}]" },
		"destinations":       func() string { return `{"version":1,"destinations":[` + fill("{},") + "{}]}" },
		"one text":           func() string { return `"` + fill("a") + `"` },
		"one key":            func() string { return `{"` + fill("a") + `":1}` },
		"one number":         func() string { return fill("9") },
		"one line":           func() string { return fill("a") },
		"spaces":             func() string { return fill(" ") },
		"NULs":               func() string { return fill("\x00") },
		"entities": func() string {
			return `<!DOCTYPE x [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><ReplicationConfiguration><Role>&b;</Role></ReplicationConfiguration>`
		},
		"an external entity": func() string {
			return `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ReplicationConfiguration><Role>&a;</Role></ReplicationConfiguration>`
		},
		"attributes":          func() string { return "<ReplicationConfiguration " + fill(`a="b" `) + "/>" },
		"a processing target": func() string { return "<?" + fill("a") },
		"a comment of XML":    func() string { return "<!--" + fill("a") },
	}
}

// flagLines are command lines with texts that flags do not expect.
func flagLines() []string {
	var lines []string
	const about = "explain a --replication data=" + offlineDir + "replication.json "
	for _, value := range []string{"", "=", "==", "a=", "=a", "\x00", "\xff", "\x1b[31m", "-1", "1e999", "99999999999999999999KB", "ä", strings.Repeat("a", 1<<16), "/dev/zero", "/", "-"} {
		for _, flag := range []string{
			"--tag", "--tag-later", "--size", "--storage-class", "--archive-tier", "--encryption", "--kms-key", "--event", "--owner", "--destination",
			"--replication-name", "--facts", "--source-key", "--role-policy", "--bucket-policy", "--key-policy", "--trust-policy", "--scp", "--rcp", "--output",
		} {
			lines = append(lines, about+flag+"="+value)
		}
		lines = append(lines, "explain --failure="+value, "lint --severity="+value, "lint --replication="+value, "lint --config="+value, "lint --descriptor="+value, "policy --for="+value)
	}
	return lines
}

// serve runs the command lines that it reads, one after the other, and answers
// each with what it took. It ends the process at the first that takes too long.
func serve(t *testing.T) {
	t.Helper()
	lines := json.NewDecoder(os.Stdin)
	nothing, err := os.Open(os.DevNull)
	require.NoError(t, err)
	os.Stdin = nothing
	for {
		var args []string
		if err := lines.Decode(&args); err != nil {
			return
		}
		ended := time.AfterFunc(malformedTime, func() {
			fmt.Println("it takes more than", malformedTime)
			os.Exit(3)
		})
		runtime.GC() // a command starts with the memory of no other
		var out bytes.Buffer
		status := run(t.Context(), args, streams{out: &out, err: io.Discard})
		ended.Stop()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		switch {
		case status != exitOK && status != exitFailed && status != exitNoAnswer:
			fmt.Println("its status is", status)
		case strings.Contains(out.String(), "\x1b"):
			fmt.Println("it writes an escape to the terminal")
		case memory.Sys > malformedMemory:
			fmt.Println("it takes", memory.Sys>>20, "MB")
		default:
			fmt.Println("ok", memory.Sys>>20, "MB")
		}
	}
}

// server is the test binary that serves.
type server struct {
	t       *testing.T
	command *exec.Cmd
	lines   *json.Encoder
	answers *bufio.Scanner
	errors  bytes.Buffer
	count   int
}

func startServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, command: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMalformedInputs$", "-test.timeout=20m")}
	s.command.Env = append(os.Environ(), inChild+"=1")
	s.command.Stderr = &s.errors
	input, err := s.command.StdinPipe()
	require.NoError(t, err)
	output, err := s.command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.command.Start())
	t.Cleanup(func() {
		_ = input.Close()
		_ = s.command.Wait()
	})
	s.lines, s.answers = json.NewEncoder(input), bufio.NewScanner(output)
	return s
}

func (s *server) run(name string, args []string) {
	s.t.Helper()
	s.count++
	began := time.Now()
	require.NoError(s.t, s.lines.Encode(args), "%s: %s", name, &s.errors)
	require.True(s.t, s.answers.Scan(), "%s: %s", name, &s.errors)
	answer := s.answers.Text()
	require.Regexp(s.t, "^ok", answer, name)
	if testing.Verbose() {
		s.t.Log(answer, time.Since(began).Round(time.Millisecond), name)
	}
}

// No input of any reader makes a command panic, hang, or take all of the memory.
func TestMalformedInputs(t *testing.T) {
	if os.Getenv(inChild) != "" {
		serve(t)
		return
	}
	t.Parallel()
	child := startServer(t)
	file := filepath.Join(t.TempDir(), "F")
	all := fileReaders(t)
	for _, reader := range slices.Sorted(maps.Keys(all)) {
		args := strings.Fields(all[reader].args)
		for i := range args {
			if args[i] == "F" || strings.HasSuffix(args[i], "=F") {
				args[i] = strings.TrimSuffix(args[i], "F") + file
			}
		}
		read := func(name, text string) {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
			child.run(reader+": "+name, args)
		}
		for name, text := range spoiled(all[reader].seed) {
			read(name, text)
		}
		for name, text := range bombs(1 << 18) {
			read("bomb: "+name, text())
		}
		if reader == "configuration" || reader == "stack file" {
			for name, text := range bombs(10 << 20) {
				read("large bomb: "+name, text())
			}
		}
	}
	for _, line := range flagLines() {
		child.run(line[:min(len(line), 100)], strings.Fields(line))
	}
	assert.Greater(t, child.count, 500)
}
