package live

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/smithy-go/logging"
	"golang.org/x/term"
)

// load are the options of the SDK.
func (o Options) load(clock *patience) []func(*config.LoadOptions) error {
	load := []func(*config.LoadOptions) error{
		config.WithDefaultRegion(homeRegion), config.WithLogger(logging.Nop{}),
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	if len(o.ConfigFiles) > 0 {
		load = append(load, config.WithSharedConfigFiles(o.ConfigFiles))
	}
	if len(o.CredentialFiles) > 0 {
		load = append(load, config.WithSharedCredentialsFiles(o.CredentialFiles))
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		load = append(load, config.WithAssumeRoleCredentialOptions(func(options *stscreds.AssumeRoleOptions) {
			options.TokenProvider = clock.askCode
		}))
	}
	return load
}

// patience ends what takes too long, but does not count the time that a user
// takes to answer.
type patience struct {
	limit time.Duration
	end   func()
	timer *time.Timer
}

func (p *patience) start() {
	if p.limit > 0 {
		p.timer = time.AfterFunc(p.limit, p.end)
	}
}

func (p *patience) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}

// askCode asks for the code of an MFA device. Standard output is for results.
func (p *patience) askCode() (string, error) {
	p.stop()
	defer p.start()
	fmt.Fprint(os.Stderr, "Code of the MFA device: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("reading the code of the MFA device: %w", err)
	}
	return strings.TrimSpace(line), nil
}
