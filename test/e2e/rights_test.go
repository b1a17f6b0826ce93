package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// homeAccount is the account of the lab's credentials.
const homeAccount = "123456789012"

// rights are the roles for the lab's commands, with exactly the policies that `crr
// policy --for` prints.
type rights struct {
	mu sync.Mutex
	// sessions are environments by task.
	sessions map[access.Task][]string
	// granted are documents by the ARN of a role.
	granted map[string][]string
	// deploying are the policies for deploying a configuration.
	deploying []access.Policy
	config    string
	// ever are all actions that were granted for a task.
	ever map[access.Task]map[string]bool
}

func newRights() *rights {
	return &rights{sessions: map[access.Task][]string{}, granted: map[string][]string{}, ever: map[access.Task]map[string]bool{}}
}

// deployers are the operations of the engine that call AWS.
var deployers = []string{"up", "preview", "refresh", "destroy"}

// envOf returns the environment of a command: that of a role with the permissions
// for its task, or the administrator's.
func (l *lab) envOf(name string, args []string, input []byte) []string {
	l.t.Helper()
	if len(args) == 0 || l.administers {
		return l.env
	}
	switch {
	case l.inGovCloud():
		return l.env
	case name == "pulumi" && slices.Contains(deployers, args[0]) && l.configured:
		return l.entitled(access.ToDeploy, l.policiesToDeploy())
	case name == "crr" && taskOfCommand(args[0]) != "":
		from, ok := sourceOf(args, input)
		if !ok {
			return l.env
		}
		task := taskOfCommand(args[0])
		return l.entitled(task, l.policiesFor(task, from, input))
	default:
		return l.env
	}
}

// inGovCloud reports whether the stack is in the partition in which the emulator's
// role ARNs have another partition.
func (l *lab) inGovCloud() bool {
	config, _ := os.ReadFile(filepath.Join(l.dir, "Pulumi.test.yaml")) // there may be none
	return bytes.Contains(config, []byte("us-gov-"))
}

// taskOfCommand returns the task of a crr command, or "".
func taskOfCommand(name string) access.Task {
	switch task := access.Task(name); {
	case name == "destroy-check" || name == "schedule-key-deletion":
		return access.ToTearDown
	case slices.Contains(access.Tasks, task):
		return task
	default:
		return ""
	}
}

// policiesToDeploy returns the policies for the deployed stack and for its file.
// They are printed again when the file changes.
func (l *lab) policiesToDeploy() []access.Policy {
	l.t.Helper()
	config, err := os.ReadFile(filepath.Join(l.dir, "Pulumi.test.yaml"))
	require.NoError(l.t, err)
	l.rights.mu.Lock()
	defer l.rights.mu.Unlock()
	if l.rights.config != string(config) {
		l.rights.config = string(config)
		l.rights.deploying = l.policiesFor(access.ToDeploy, []string{"--config", "Pulumi.test.yaml", "--stack", "test", "--account", homeAccount}, nil)
	}
	return l.rights.deploying
}

// sourceOf returns the flags that select the subject of a command.
func sourceOf(args []string, input []byte) (flags []string, ok bool) {
	for i, arg := range args {
		if (arg == "--stack" || arg == "--descriptor") && i+1 < len(args) {
			return args[i : i+2], true
		}
		if arg == "--state" { // for a destroyed stack, except for its file
			return []string{"--config", "Pulumi.test.yaml", "--account", homeAccount}, true
		}
	}
	return nil, len(input) > 0
}

// policiesFor has crr print the policies of a task. If it rejects the configuration,
// so does the program.
func (l *lab) policiesFor(task access.Task, from []string, input []byte) []access.Policy {
	l.t.Helper()
	command := exec.CommandContext(l.t.Context(), lookPath(l.env, "crr"), append([]string{"policy", "--for", string(task), "--output", "json"}, from...)...)
	command.Dir, command.Env, command.Stdin = l.dir, l.env, bytes.NewReader(input)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	printed, err := command.Output()
	if err != nil {
		l.t.Logf("crr policy --for %s: %s", task, complaint.String())
		return nil
	}
	var policies []access.Policy
	require.NoError(l.t, json.Unmarshal(printed, &policies))
	return policies
}

// roleFor returns the ARN of the role for a task in the lab.
func roleFor(task access.Task) string {
	return "arn:aws:iam::" + homeAccount + ":role/lab-" + string(task)
}

// settle waits until a change in IAM has an effect, which takes seconds if the local
// AWS is harsh.
func (l *lab) settle() {
	if l.harsh {
		time.Sleep(4 * time.Second)
	}
}

// entitled returns the environment of a role with exactly these policies.
func (l *lab) entitled(task access.Task, policies []access.Policy) []string {
	l.t.Helper()
	if len(policies) == 0 {
		return l.env
	}
	l.rights.mu.Lock()
	defer l.rights.mu.Unlock()
	own := roleFor(task)
	for _, each := range policies {
		role := each.Principal
		if role == "" {
			role = own
		}
		l.grantRole(task, role, each)
	}
	l.settle()
	if _, open := l.rights.sessions[task]; !open {
		session, err := sts.NewFromConfig(configOf(l.t, l.env, "us-east-1")).AssumeRole(l.t.Context(), &sts.AssumeRoleInput{RoleArn: &own, RoleSessionName: aws.String("lab")})
		require.NoError(l.t, err)
		l.rights.sessions[task] = []string{
			"AWS_ACCESS_KEY_ID=" + aws.ToString(session.Credentials.AccessKeyId), "AWS_SECRET_ACCESS_KEY=" + aws.ToString(session.Credentials.SecretAccessKey),
			"AWS_SESSION_TOKEN=" + aws.ToString(session.Credentials.SessionToken),
		}
	}
	return slices.Concat(l.env, l.rights.sessions[task])
}

// grantRole replaces the policy of a role, and creates the role if necessary.
func (l *lab) grantRole(task access.Task, arn string, granted access.Policy) {
	l.t.Helper()
	var documents []string
	if l.rights.ever[task] == nil {
		l.rights.ever[task] = map[string]bool{}
	}
	for _, document := range granted.Documents {
		for _, statement := range document.Statement {
			for _, action := range statement.Action {
				l.rights.ever[task][action] = true
			}
		}
		documents = append(documents, document.JSON())
	}
	if slices.Equal(l.rights.granted[arn], documents) {
		return
	}
	ctx, client, name := l.t.Context(), l.ofAccount(awsid.AccountOf(arn)).iam, arn[strings.LastIndex(arn, "/")+1:]
	if _, made := l.rights.granted[arn]; !made {
		_, err := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "` + homeAccount + `"}, "Action": "sts:AssumeRole"}]}`)})
		require.NoError(l.t, err)
	}
	for i, document := range documents {
		_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String(fmt.Sprintf("part-%d", i)), PolicyDocument: &document})
		require.NoError(l.t, err)
	}
	for i := len(documents); i < len(l.rights.granted[arn]); i++ {
		_, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &name, PolicyName: aws.String(fmt.Sprintf("part-%d", i))})
		require.NoError(l.t, err)
	}
	l.rights.granted[arn] = documents
}

func (l *lab) ofAccount(account string) clients {
	if account == homeAccount {
		return l.in("us-east-1")
	}
	return l.inAccount(account, "us-east-1")
}

// isOfLab reports whether a role is one of the lab's command roles.
func isOfLab(role string) bool { return strings.HasPrefix(role, "lab-") || role == "deploy" }

// decision is a decision of the local AWS for one of the lab's roles.
type decision struct {
	role, action, resource string
	allowed                bool
	reason                 string
}

var decided = regexp.MustCompile(`msg=authorization principal=arn:[\w-]+:sts::(\d+):assumed-role/([^/]+)/\S+ action=(\S+) resource=(\S+) allowed=(\w+) reason="?([^"\n]+)`)

// decisions returns all decisions so far.
func (l *lab) decisions() []decision {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.local(), "localaws", "daemon.log"))
	require.NoError(l.t, err)
	var all []decision
	for _, match := range decided.FindAllStringSubmatch(string(text), -1) {
		role := "arn:aws:iam::" + match[1] + ":role/" + match[2]
		if _, ours := l.rights.granted[role]; ours {
			all = append(all, decision{role, match[3], match[4], match[5] == "true", match[6]})
		}
	}
	return all
}

// assertRightsSufficed fails if a policy that crr printed was insufficient. Denials
// by bucket and key policies are left to the tests.
func (l *lab) assertRightsSufficed() {
	l.t.Helper()
	if l.mayLack {
		return
	}
	var lacked []string
	for _, each := range l.decisions() {
		if !each.allowed && each.reason == string(policy.ImplicitDenyIdentity) {
			lacked = append(lacked, each.role+" lacks "+each.action+" on "+each.resource)
		}
	}
	slices.Sort(lacked)
	assert.Empty(l.t, slices.Compact(lacked), "the policies that crr prints do not suffice")
}
