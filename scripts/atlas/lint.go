package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/schemahcl"
	"ariga.io/atlas/sql/migrate"
	_ "ariga.io/atlas/sql/postgres/postgrescheck" // its analysers
	"ariga.io/atlas/sql/sqlcheck"
	"ariga.io/atlas/sql/sqlclient"
)

// The fields are those that the vendor's command prints.
type (
	lintReport struct {
		Env   env
		Steps []*step       `json:",omitempty"`
		Files []*fileReport `json:",omitempty"`
	}
	step struct {
		Name   string      `json:",omitempty"`
		Text   string      `json:",omitempty"`
		Error  string      `json:",omitempty"`
		Result *fileReport `json:",omitempty"`
	}
	fileReport struct {
		Name    string            `json:",omitempty"`
		Text    string            `json:",omitempty"`
		Reports []sqlcheck.Report `json:",omitempty"`
		Error   string            `json:",omitempty"`
	}
)

// linter replays files in the dev database and keeps what each one changed.
type linter struct {
	*options
	dev    *sqlclient.Client
	report *lintReport
}

// lint analyses the newest files. Its exit code is 1 only where the files do not
// match their atlas.sum or do not run; lint.levels decides about findings.
func lint(ctx context.Context, o *options) error {
	if o.latest == 0 {
		return errors.New("--latest is missing: how many of the newest files are to be analysed")
	}
	d, err := localDir(o.dir)
	if err != nil {
		return err
	}
	all, err := d.Files()
	if err != nil {
		return err
	}
	// The analysers' own severity is switched off: lint.levels decides.
	analyzers, err := sqlcheck.AnalyzerFor("postgres", &schemahcl.Resource{Children: []*schemahcl.Resource{
		{Type: "destructive", Attrs: []*schemahcl.Attr{schemahcl.BoolAttr("error", false)}},
	}})
	if err != nil {
		return err
	}
	dev, err := connect(ctx, o.dev)
	if err != nil {
		return err
	}
	defer dev.Close()
	// What a file sets stays for the next one.
	dev.DB.SetMaxIdleConns(1)
	l := &linter{o, dev, &lintReport{Env: newEnv(dev, d.Path())}}
	if err = l.sum(d); err == nil {
		n := max(0, len(all)-int(o.latest))
		l.step("Detect New Migration Files", fmt.Sprintf("Found %d new migration files (from %d total)", len(all)-n, len(all)), nil)
		err = l.files(ctx, all[:n], all[n:], analyzers)
	}
	if err != nil && !errors.As(err, new(no)) {
		return err
	}
	if o.format == "" {
		o.format = "{{ range .Files }}{{ $f := .Name }}{{ with .Error }}{{ $f }}: {{ . }}\n{{ end }}{{ range .Reports }}{{ range .Diagnostics }}{{ $f }}: {{ .Text }} ({{ .Code }})\n{{ end }}{{ end }}{{ end }}"
	}
	if e := print(o.format, l.report, nil); e != nil {
		return e
	}
	if err != nil {
		return errors.Join(errReported, err)
	}
	return nil
}

func (l *linter) step(name, text string, result *fileReport) {
	l.report.Steps = append(l.report.Steps, &step{Name: name, Text: text, Result: result})
}

// stop notes the error of a file, after which nothing more is looked at.
func (l *linter) stop(name, text, file, where string, err error) error {
	e := plain(err.Error())
	l.report.Files = append(l.report.Files, &fileReport{Name: file, Error: where + e})
	l.report.Steps = append(l.report.Steps, &step{Name: name, Text: text, Error: e})
	return no{err}
}

// sum holds the files against atlas.sum, where there is one.
func (l *linter) sum(d *migrate.LocalDir) error {
	switch err := migrate.Validate(d); {
	case errors.Is(err, migrate.ErrChecksumNotFound):
	case err != nil:
		return l.stop("Migration Integrity Check", "File atlas.sum is invalid", migrate.HashFileName, "", errors.New(sumError(err)))
	default:
		l.step("Migration Integrity Check", "File atlas.sum is valid", nil)
	}
	return nil
}

func (l *linter) files(ctx context.Context, old, added []migrate.File, analyzers []sqlcheck.Analyzer) (err error) {
	// No other run uses a database that is thrown away: it needs no lock.
	if !l.throwaway {
		unlock, err := l.dev.Driver.Lock(ctx, "atlas_lint", 0)
		if err != nil {
			return fmt.Errorf("acquiring database lock: %w", err)
		}
		defer unlock()
	}
	// The library requires an empty database, and empties it again.
	restore, err := l.dev.Driver.Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("the dev database: %w", err)
	}
	if !l.throwaway {
		defer func() { err = errors.Join(err, restore(context.WithoutCancel(ctx))) }()
	}
	const replay = "Replay Migration Files"
	for _, f := range fromCheckpoint(old) {
		if err := l.each(ctx, f, nil); err != nil {
			return l.stop(replay, "Failed loading changes on dev database", f.Name(), "", err)
		}
	}
	now, err := l.read(ctx, l.dev)
	if err != nil {
		return err
	}
	checks, skipped := make([]*sqlcheck.File, len(added)), make([]string, len(added))
	for i, f := range added {
		checks[i] = &sqlcheck.File{File: f, From: now, To: now}
		if ck, ok := f.(migrate.CheckpointFile); ok && ck.IsCheckpoint() {
			continue // a checkpoint runs in new databases only, and changes no old one
		}
		if skipped[i], err = l.load(ctx, checks[i]); err != nil {
			return l.stop(replay, "Failed loading changes on dev database", f.Name(), "", err)
		}
		now = checks[i].To
	}
	l.step(replay, fmt.Sprintf("Loaded %d changes on dev database", len(added)), nil)
	for i, f := range checks {
		l.analyze(ctx, f, skipped[i], analyzers)
	}
	return nil
}

// fromCheckpoint leaves out what comes before the last checkpoint.
func fromCheckpoint(all []migrate.File) []migrate.File {
	for i := len(all) - 1; i >= 0; i-- {
		if ck, ok := all[i].(migrate.CheckpointFile); ok && ck.IsCheckpoint() {
			return all[i:]
		}
	}
	return all
}

// each runs a file's statements, and calls a function after each one.
func (l *linter) each(ctx context.Context, f migrate.File, then func(*migrate.Stmt) error) error {
	stmts, err := scan(f)
	if err != nil {
		return fmt.Errorf("scanning statements: %w", err)
	}
	for _, s := range stmts {
		if _, err := l.dev.ExecContext(ctx, s.Text); err != nil {
			return fmt.Errorf("executing statement: %s: %w", s.Text, err)
		}
		if then == nil {
			continue
		}
		if err := then(s); err != nil {
			return err
		}
	}
	return nil
}

// load runs a new file and keeps what each statement changed. Where the library
// cannot compare two states, that statement has no changes: the report says so,
// and the other statements are analysed all the same.
func (l *linter) load(ctx context.Context, f *sqlcheck.File) (skipped string, err error) {
	now := f.From
	err = l.each(ctx, f.File, func(s *migrate.Stmt) error {
		next, err := l.read(ctx, l.dev)
		if err != nil {
			return err
		}
		changes, err := l.dev.RealmDiff(now, next)
		if err != nil {
			skipped += fmt.Sprintf("; line %d was not analysed: %s", line(f.File, s), plain(err.Error()))
		}
		f.Changes = append(f.Changes, &sqlcheck.Change{Stmt: s, Changes: changes})
		now = next
		return nil
	})
	if err != nil {
		return "", err
	}
	f.To = now
	if f.Sum, err = l.dev.RealmDiff(f.From, now); err != nil {
		f.Sum = nil
	}
	return skipped, nil
}

// analyze asks each analyser about a file.
func (l *linter) analyze(ctx context.Context, f *sqlcheck.File, skipped string, analyzers []sqlcheck.Analyzer) {
	quiet, all := nolint(f)
	if all {
		return
	}
	r := &fileReport{Name: f.Name(), Text: string(f.Bytes())}
	var failures []string
	for _, a := range analyzers {
		name := ""
		if n, ok := a.(sqlcheck.NamedAnalyzer); ok {
			name = n.Name()
		}
		write := func(rep sqlcheck.Report) {
			rep.Diagnostics = slices.DeleteFunc(rep.Diagnostics, func(d sqlcheck.Diagnostic) bool {
				rules := quiet[d.Pos]
				return slices.Contains(rules, "") || slices.Contains(rules, d.Code) || slices.Contains(rules, name)
			})
			if len(rep.Diagnostics) > 0 {
				r.Reports = append(r.Reports, sqlcheck.Report{Text: rep.Text, Diagnostics: rep.Diagnostics})
			}
		}
		if err := ask(ctx, a, &sqlcheck.Pass{File: f, Dev: l.dev, Reporter: sqlcheck.ReportWriterFunc(write)}); err != nil {
			failures = append(failures, fmt.Sprintf("%s: %v", name, err))
		}
	}
	r.Error = strings.Join(failures, "; ")
	l.report.Files = append(l.report.Files, r)
	l.step("Analyze "+f.Name(), fmt.Sprintf("%d reports were found in analysis%s", len(r.Reports), skipped), r)
}

// ask calls an analyser, and turns a panic of it into an error.
func ask(ctx context.Context, a sqlcheck.Analyzer, p *sqlcheck.Pass) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("crashed: %v", r)
		}
	}()
	return a.Analyze(ctx, p)
}

// nolint is what the file's comments silence: by a statement's offset the codes
// and analysers, "" for all of them; or the whole file.
func nolint(f *sqlcheck.File) (quiet map[int][]string, all bool) {
	quiet = make(map[int][]string)
	var whole []string
	if l, ok := f.File.(*migrate.LocalFile); ok {
		whole = l.Directive("nolint")
		if len(whole) == 1 && whole[0] == "" {
			return nil, true
		}
	}
	for _, c := range f.Changes {
		for _, d := range append(slices.Clone(whole), c.Stmt.Directive("nolint")...) {
			quiet[c.Stmt.Pos] = append(quiet[c.Stmt.Pos], strings.Split(d, " ")...)
		}
	}
	return quiet, false
}
