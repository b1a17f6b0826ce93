package operator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// errNoPulumi says what to do on a machine without Pulumi.
var errNoPulumi = errors.New("pulumi is not on the PATH; install it, or name a file with --descriptor or --config")

// askPulumi runs Pulumi's command line, which asks nothing back. Where it fails,
// the complaint is what it said.
func askPulumi(ctx context.Context, args ...string) (output []byte, complaint string, err error) {
	command := exec.CommandContext(ctx, "pulumi", append(args, "--non-interactive")...)
	var said bytes.Buffer
	command.Stderr = &said
	output, err = command.Output()
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return nil, "", errNoPulumi
	default:
		return output, strings.TrimSpace(said.String()), err
	}
}

// selectedStack is the name of the stack that is selected in the Pulumi project of
// this folder, as `pulumi stack select` keeps it.
func selectedStack(ctx context.Context) (string, error) {
	name, complaint, err := askPulumi(ctx, "stack", "--show-name")
	if err == nil {
		return strings.TrimSpace(string(name)), nil
	}
	if complaint == "" {
		complaint = err.Error()
	}
	return "", fmt.Errorf("say which deployment: --stack NAME, --descriptor FILE, or a descriptor on standard input; without any of them, it is the stack "+
		"that is selected in this folder, and Pulumi says: %s", strings.TrimPrefix(complaint, "error: "))
}
