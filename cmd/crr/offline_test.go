package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

const offlineDir = "testdata/offline/"

// offlineCases are command lines and their exit statuses. Their output is
// compared with golden files, as a table and as JSON.
var offlineCases = map[string]struct {
	args   string
	status int
}{
	"explain-config":           {"explain --config Pulumi.finance.yaml --replication-name data finance/q3.pdf --tag class=critical --encryption aws:kms", exitOK},
	"explain-not":              {"explain --config Pulumi.finance.yaml --replication-name data scratch/a.tmp", exitFailed},
	"explain-one-destination":  {"explain --config Pulumi.finance.yaml --replication-name data scratch/a.tmp --size 10KB --destination dr", exitOK},
	"explain-late-tags":        {"explain --replication replication.json finance/q3.pdf --tag-later class=critical --existing --encryption SSE-C", exitFailed},
	"explain-delete-marker":    {"explain --descriptor deployed.json --replication-name data q3.pdf --delete-marker", exitOK},
	"explain-change-back":      {"explain --descriptor deployed.json --replication-name data-from-dr q3.pdf --event tags --replica", exitOK},
	"explain-unknown":          {"explain --replication onward.json q3.pdf", exitNoAnswer},
	"explain-policies":         {"explain --replication data=replication.json q3.pdf --encryption aws:kms --destination data-dr --role-policy role-policy.json --bucket-policy data-dr=bucket-policy.json", exitFailed},
	"explain-organization":     {"explain --replication data=replication.json q3.pdf --encryption aws:kms --destination data-dr --bucket-policy data-dr=organization-policy.json", exitNoAnswer},
	"explain-two-way":          {"explain --config Pulumi.hub.yaml q3.pdf --encryption aws:kms", exitOK},
	"explain-way-back":         {"explain --config Pulumi.hub.yaml --replication-name shared-from-eu q3.pdf --encryption aws:kms", exitOK},
	"explain-unknown-region":   {"explain --config Pulumi.typo.yaml q3.pdf --encryption aws:kms", exitOK},
	"explain-failure":          {"explain --failure dstputobjectnotpermitted", exitOK},
	"explain-failures":         {"explain --failures", exitOK},
	"lint-config":              {"lint --config Pulumi.finance.yaml", exitFailed},
	"lint-warnings":            {"lint --config Pulumi.finance.yaml --severity warning", exitFailed},
	"lint-descriptor":          {"lint --descriptor deployed.json", exitFailed},
	"lint-chain-with-policies": {"lint --replication data=replication.json --replication data-dr=onward.json --role-policy replication=role-policy.json --bucket-policy data-dr=bucket-policy.json", exitFailed},
	"lint-organization":        {"lint --replication data=replication.json --bucket-policy data-dr=organization-policy.json", exitOK},
	"policy-config":            {"policy --config Pulumi.finance.yaml", exitOK},
	"policy-fan-in":            {"policy --config Pulumi.fanin.yaml", exitOK},
	"policy-found":             {"policy --replication data=replication.json --source-key arn:aws:kms:us-east-1:111111111111:key/11111111-1111-1111-1111-111111111111", exitOK},
	"policy-found-without-kms": {"policy --replication data=plain.json", exitOK},
	"policy-for-deploy":        {"policy --for deploy --config Pulumi.watched.yaml --account 111111111111", exitOK},
	"policy-for-verify":        {"policy --for verify --config Pulumi.watched.yaml", exitOK},
	"policy-for-status":        {"policy --for status --descriptor deployed.json", exitOK},
	"policy-for-compare":       {"policy --for compare --config Pulumi.finance.yaml --account 111111111111", exitOK},
	"policy-for-canary":        {"policy --for canary --config Pulumi.watched.yaml --account 111111111111", exitOK},
	"lint-two-way":             {"lint --config Pulumi.hub.yaml", exitOK},
	"lint-unknown-region":      {"lint --config Pulumi.typo.yaml --severity warning", exitFailed},
	"explain-terraform":        {"explain --replication terraform.tfstate.json q3.pdf --bucket-policy data-dr=terraform.tfstate.json --role-policy terraform.tfstate.json --encryption AES256", exitFailed},
	"explain-none":             {"explain --replication data=unreplicated.json q3.pdf", exitFailed},
	"lint-none":                {"lint --replication data=unreplicated.json", exitFailed},
	"lint-template":            {"lint --replication Data=template.yaml --severity warning", exitFailed},
	"explain-first-schema":     {"explain --replication first-schema.json a/b --encryption AES256", exitOK},
	"lint-refused":             {"lint --replication refused.json --severity error", exitFailed},
}

// offlineFile is the name of a file of the tests among the words of a command
// line.
var offlineFile = regexp.MustCompile(`([\w.-]+\.(json|yaml))$`)

func offlineArgs(line, output string) []string {
	words := strings.Fields(line)
	for i, word := range words {
		words[i] = offlineFile.ReplaceAllString(word, offlineDir+"$1")
	}
	return append(words, "--output", output)
}

func TestOffline_Golden(t *testing.T) {
	t.Parallel()
	for name, test := range offlineCases {
		for _, output := range []string{outputTable, outputJSON} {
			t.Run(name+"/"+output, func(t *testing.T) {
				t.Parallel()
				status, out, messages := crr(t, offlineArgs(test.args, output)...)
				assert.Equal(t, test.status, status, messages)
				assert.Equal(t, status == exitNoAnswer, messages != "", "messages are about what went wrong: %s", messages)
				golden.Assert(t, out, filepath.Join("offline", name+"."+output))
			})
		}
	}
}

// Tables fit a page of 100 columns, but for what has to stay whole.
func TestOffline_TablesFitThePage(t *testing.T) {
	t.Parallel()
	for name, test := range offlineCases {
		_, out, _ := crr(t, offlineArgs(test.args, outputTable)...)
		for _, line := range strings.Split(out, "\n") {
			if len([]rune(line)) > 100 {
				whole := strings.Contains(line, "https://") || strings.Contains(line, `"arn:aws:`) || strings.HasPrefix(line, "  check")
				assert.True(t, whole, "%s: %q has %d columns", name, line, len([]rune(line)))
			}
			assert.Equal(t, strings.TrimRight(line, " "), line, "%s: %q ends in blanks", name, line)
		}
	}
}

func TestOffline_JSONIsOneValue(t *testing.T) {
	t.Parallel()
	for name, test := range offlineCases {
		_, out, _ := crr(t, offlineArgs(test.args, outputJSON)...)
		assert.True(t, json.Valid([]byte(out)), name)
	}
}

func TestOffline_WrongUseSaysTheWayOut(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"explain":                                "no object given",
		"explain --config Pulumi.finance.yaml a": "pick one with --replication-name: data, logs",
		"explain --config Pulumi.finance.yaml a --replication-name no":                                     `there is no replication "no"; there is data, logs`,
		"explain --config Pulumi.finance.yaml a b":                                                         "accepts at most 1 arg",
		"explain --replication replication.json a --destination no":                                        `there is no destination "no"; there is data-dr, data-archive`,
		"explain --replication replication.json a --tag class":                                             "write key=value",
		"explain --replication replication.json a --size big":                                              "is not a size",
		"explain --replication replication.json a --size -1":                                               "is not a size",
		"explain --replication replication.json a --encryption kms":                                        "use one of none|AES256|aws:kms",
		"explain --replication replication.json a --event gone":                                            "use one of written|delete-marker",
		"explain --replication replication.json a --storage-class COLD":                                    "use one of STANDARD",
		"explain --replication refused.json a":                                                             "S3 refuses such a replication configuration",
		"explain --failure DstKmsKeyInvalid":                                                               "did you mean DstKmsKeyInvalidState?",
		"explain --failure DstKmsKeyInvalidState a":                                                        "omit the key",
		"explain --failure DstKmsKeyInvalidState --config Pulumi.finance.yaml":                             "omit the key",
		"explain --failures --failure DstKmsKeyInvalidState":                                               "none of the others can be",
		"policy --replication replication.json":                                                            "the bucket name is missing; use --replication my-bucket=",
		"policy --replication data=replication.json":                                                       "(everything): is for objects that are encrypted with KMS",
		"policy --replication data=deployed.json":                                                          "give it with --descriptor",
		"policy --config Pulumi.finance.yaml --source-key x":                                               "--source-key requires --replication",
		"policy --replication data=unreplicated.json":                                                      "no replication configuration, so nothing to grant",
		"explain --replication replication.json a --owner-grants yes":                                      "--owner-grants requires --owner",
		"explain --replication replication.json a --owner 1 --owner-grants maybe":                          "use one of yes|no",
		"explain --config no.yaml a":                                                                       "no such file",
		"explain --config replication.json a":                                                              "it has no config",
		"explain --config Pulumi.finance.yaml --stack dev a":                                               "none of the others can be",
		"lint --replication replication.json --replication onward.json":                                    "with several files, name the source bucket of each",
		"lint --replication replication.json --bucket-policy bucket-policy.json":                           "say whose policy it is",
		"lint --replication replication.json --bucket-policy x=bucket-policy.json":                         `there is no "x" in the replication`,
		"lint --replication replication.json --role-policy replication.json":                               "is not a policy",
		"lint --replication a=replication.json --replication b=onward.json --role-policy role-policy.json": "there are several roles",
		"lint --replication replication.json --role-policy no=role-policy.json":                            `no replication has a role "no"`,
		"lint --replication deployed.json":                                                                 "give it with --descriptor",
		"lint --descriptor replication.json":                                                               "this is not the descriptor",
		"lint --config Pulumi.finance.yaml --severity all":                                                 "use one of error|warning|info",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			status, out, messages := crr(t, offlineArgs(line, outputTable)...)
			assert.Equal(t, exitNoAnswer, status)
			assert.Empty(t, out)
			assert.Contains(t, messages, says)
		})
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"": 0, "500": 500, "500b": 500, "64KB": 65536, "2 MB": 2 << 20, "3gb": 3 << 30, "1TB": 1 << 40, "99999999999": 99999999999} {
		size, err := parseSize(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, size, text)
	}
}

// Every command named in a help or failure text exists.
func TestOffline_TextsNameOnlyCommandsThatExist(t *testing.T) {
	t.Parallel()
	commands := map[string]bool{}
	for _, command := range newRootCommand(streams{}).Commands() {
		commands[command.Name()] = true
	}
	texts := fmt.Sprint(model.Failures(), model.Reasons())
	_, help, _ := crr(t, "explain", "--help")
	_, more, _ := crr(t, "lint", "--help")
	for _, match := range regexp.MustCompile("(?:`|\n  |{|\\| )crr ([a-z]+)").FindAllStringSubmatch(texts+help+more, -1) {
		assert.True(t, commands[match[1]], "there is no crr %s", match[1])
	}
}
