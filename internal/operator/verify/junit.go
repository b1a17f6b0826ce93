package verify

import (
	"fmt"
	"io"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// WriteJUnit writes a report as JUnit XML, with a suite for each replication.
// Unknown checks are errors, not failures.
func WriteJUnit(w io.Writer, report *Report) error {
	suites := junit.Testsuites{Name: "crr verify", Time: seconds(report.Seconds)}
	for _, checks := range byReplication(report.Checks) {
		suite := junit.Testsuite{Name: checks[0].Replication, ID: len(suites.Suites), Time: seconds(report.Seconds)}
		suite.SetTimestamp(report.Started.UTC())
		for _, check := range checks {
			suite.AddTestcase(testcase(check))
		}
		suites.AddSuite(suite)
	}
	return suites.WriteXML(w)
}

func testcase(check *Check) junit.Testcase {
	c := junit.Testcase{Name: check.Name, Classname: check.Replication + "." + check.About, Time: seconds(check.Seconds)}
	result := &junit.Result{Message: check.Reason, Type: check.Failure, Data: check.Fix}
	switch {
	case check.Status == Skipped:
		c.Skipped = result
	case check.Status == Fail && check.Unknown:
		c.Error = result
	case check.Status == Fail:
		c.Failure = result
	}
	return c
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
