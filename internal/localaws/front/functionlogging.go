package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// functionLogging stores the logging configuration of functions, which the emulator
// drops: every preview would show a change.
type functionLogging struct {
	mu   sync.Mutex
	kept map[string]json.RawMessage
}

func newFunctionLogging() *functionLogging {
	return &functionLogging{kept: map[string]json.RawMessage{}}
}

// keep stores the setting from a request that creates or updates a function.
func (l *functionLogging) keep(functionARN string, request []byte) {
	var asked struct{ LoggingConfig json.RawMessage }
	if json.Unmarshal(request, &asked) != nil || asked.LoggingConfig == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept[functionARN] = asked.LoggingConfig
}

// amend adds the setting to a response that describes a function.
func (l *functionLogging) amend(functionARN string, answer *http.Response) error {
	l.mu.Lock()
	setting, known := l.kept[functionARN]
	l.mu.Unlock()
	if !known || answer.StatusCode >= http.StatusMultipleChoices {
		return nil
	}
	body, err := readAnswer(answer)
	if err != nil {
		return err
	}
	var described map[string]json.RawMessage
	if err := json.Unmarshal(body, &described); err != nil {
		return fmt.Errorf("reading the emulator's description of %s: %w", functionARN, err)
	}
	if err := addLogging(described, setting); err != nil {
		return fmt.Errorf("describing %s: %w", functionARN, err)
	}
	if body, err = json.Marshal(described); err != nil {
		return fmt.Errorf("describing %s: %w", functionARN, err)
	}
	replaceAnswer(answer, body)
	return nil
}

// addLogging adds the setting to the configuration of a function, which GetFunction
// wraps and other calls do not.
func addLogging(described map[string]json.RawMessage, setting json.RawMessage) error {
	wrapped, is := described["Configuration"]
	if !is {
		described["LoggingConfig"] = setting
		return nil
	}
	var configuration map[string]json.RawMessage
	if err := json.Unmarshal(wrapped, &configuration); err != nil {
		return err
	}
	configuration["LoggingConfig"] = setting
	var err error
	described["Configuration"], err = json.Marshal(configuration)
	return err
}
