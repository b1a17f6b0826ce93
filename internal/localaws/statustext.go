package localaws

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Summary returns a short description of the running local AWS.
func (s Status) Summary() string {
	emulator := s.emulator()
	return fmt.Sprintf("local AWS at %s, on %s\nuse it:  . %s\nend it:  crr local stop --dir %s\n",
		s.Proxy, emulator, quoteIfNeeded(s.Env), quoteIfNeeded(s.Dir))
}

// WriteTable writes the status as a table.
func (s Status) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range s.rows() {
		fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	return table.Flush()
}

// renewing is the advice for another build.
const renewing = "run `crr local stop` and `crr local start` to replace it; its data will be lost"

func (s Status) rows() [][2]string {
	rows := [][2]string{{"state", s.word()}}
	if s.Problem != "" {
		rows = append(rows, [2]string{"problem", s.Problem})
	}
	if s.StartedAt != nil {
		rows = append(rows,
			[2]string{"uptime", (time.Duration(s.Uptime) * time.Second).String()},
			[2]string{"instance", s.Instance},
			[2]string{"temperament", s.Temperament},
			[2]string{"proxy", s.Proxy},
			[2]string{"backend", s.emulator()},
			[2]string{"process", fmt.Sprint(s.PID)})
		if s.OtherBuild {
			rows = append(rows, [2]string{"build", "not that of this crr: " + renewing})
		}
		for _, fault := range s.Faults {
			rows = append(rows, [2]string{"fault " + fault.ID, fault.String()})
		}
	} else {
		rows = append(rows, [2]string{"moto", orNone(s.Moto, s.MotoLooked)})
	}
	return append(rows,
		[2]string{"env file", s.Env},
		[2]string{"certificate", s.CABundle},
		[2]string{"log", s.Log},
		[2]string{"moto log", s.MotoLog},
		[2]string{"AWS provider", orNone(s.Provider.Path, s.Provider.Looked)})
}

// orNone returns what was found, or the places that were searched.
func orNone(found string, looked []string) string {
	if found == "" {
		return "none; looked for in " + strings.Join(looked, ", ")
	}
	return found
}

func (s Status) word() string {
	switch {
	case s.Running:
		return "running"
	case s.Problem != "":
		return "not well"
	default:
		return "stopped"
	}
}

func (s Status) emulator() string {
	if s.External {
		return s.Backend + " (not started by crr)"
	}
	return fmt.Sprintf("%s (%s, process %d)", s.Backend, s.Moto, s.MotoPID)
}

func quoteIfNeeded(path string) string {
	if strings.ContainsAny(path, " '\"\\$`&;()<>|*?[]#~!{}\t\n") {
		return quote(path)
	}
	return path
}
