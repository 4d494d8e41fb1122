package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"text/template"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqlclient"
)

// The fields, and their order, are those that the vendor's command prints for
// {{ json . }}.
type (
	env struct {
		Driver string
		URL    *sqlclient.URL
		Dir    string
	}
	name struct {
		Name, Version, Description string `json:",omitempty"`
	}
	stmtError struct{ Stmt, Text string }
	file      struct {
		name
		Start, End time.Time
		Skipped    int        `json:",omitempty"`
		Applied    []string   `json:",omitempty"` // the one that failed is the last of them
		Error      *stmtError `json:",omitempty"`
	}
	report struct {
		env
		Pending         []name  `json:",omitempty"`
		Applied         []*file `json:",omitempty"`
		Current, Target string  `json:",omitempty"`
		Start, End      time.Time
		Error           string `json:",omitempty"`
		Message         string `json:",omitempty"`
	}
)

// newEnv leaves the password out.
func newEnv(c *sqlclient.Client, dir string) env {
	u := *c.URL.URL
	if q := u.Query(); q.Has("password") {
		q.Del("password")
		u.RawQuery = q.Encode()
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	return env{c.Name, &sqlclient.URL{URL: &u, Schema: c.URL.Schema}, dir}
}

func named(f migrate.File) name { return name{f.Name(), f.Version(), f.Desc()} }

func names(all []migrate.File) (out []name) {
	for _, f := range all {
		out = append(out, named(f))
	}
	return out
}

func (r *report) last() *file {
	if n := len(r.Applied); n > 0 {
		return r.Applied[n-1]
	}
	return nil
}

// done notes the end of the last file and of the run.
func (r *report) done() {
	r.End = time.Now()
	if f := r.last(); f != nil && f.End.IsZero() {
		f.End = r.End
	}
}

// fail notes why f, and with it the run, failed. An error before the first
// statement, or after the last one, has no log entry.
func (r *report) fail(f migrate.File, err error) {
	r.Error = plain(err.Error())
	var refused refusal
	errors.As(err, &refused)
	if last := r.last(); last == nil || last.Name != f.Name() {
		r.done()
		r.Applied = append(r.Applied, &file{name: named(f), Start: time.Now(), Error: &stmtError{refused.stmt, r.Error}})
	} else if last.Error == nil {
		last.Error = &stmtError{Text: r.Error}
	}
}

// Log receives the executor's log entries.
func (r *report) Log(e migrate.LogEntry) {
	switch e := e.(type) {
	case migrate.LogExecution:
		r.Current, r.Target, r.Pending = e.From, e.To, names(e.Files)
	case migrate.LogFile:
		r.done()
		r.Applied = append(r.Applied, &file{name: named(e.File), Start: time.Now(), Skipped: e.Skip})
	case migrate.LogStmt:
		f := r.last()
		f.Applied = append(f.Applied, e.SQL)
	case migrate.LogError:
		if f := r.last(); f != nil {
			f.Error = &stmtError{e.SQL, plain(e.Error.Error())}
		}
	case migrate.LogDone:
		r.done()
	}
}

func (r *report) print(format string) error {
	switch {
	case r.Error != "":
	case len(r.Applied) == 0:
		r.Message = "No migration files to execute"
	default:
		r.Message = fmt.Sprintf("Migrated to version %s from %s (%d migrations in total)", r.Target, r.Current, len(r.Pending))
	}
	if format == "" {
		format = "{{ range .Applied }}{{ if not .Error }}applied {{ .Name }} ({{ len .Applied }} statements)\n{{ end }}{{ end }}{{ with .Message }}{{ . }}\n{{ end }}"
		return print(format, r, nil)
	}
	if err := print(format, r, nil); err != nil || r.Error == "" {
		return err
	}
	return errReported
}

// print executes a format; "json" is known in it.
func print(format string, data any, funcs template.FuncMap) error {
	t, err := template.New("format").Funcs(template.FuncMap{"json": func(v any) (string, error) {
		b, err := json.Marshal(v)
		return string(b), err
	}}).Funcs(funcs).Parse(format)
	if err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return errors.Join(errors.New("--format"), err)
	}
	return output(b.String())
}
