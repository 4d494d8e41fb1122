package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqlclient"
)

// progress writes, line by line, which statement runs when one takes longer, how
// long, and whose lock it waits for.
type progress struct {
	*report
	out   *os.File
	pool  *sqlclient.Client
	pid   int
	end   context.CancelFunc
	ended chan struct{}

	mu    sync.Mutex
	file  migrate.File
	n, of int
	what  func() string // which statement runs, in words
	since time.Time     // and since when; zero: none does
}

// newProgress begins to write to an open file descriptor; with 0, it does nothing.
func newProgress(ctx context.Context, rep *report, fd uint, pool *sqlclient.Client, conn *sql.Conn) (*progress, error) {
	p := &progress{report: rep, pool: pool, end: func() {}, ended: make(chan struct{})}
	if fd == 0 {
		close(p.ended)
		return p, nil
	}
	p.out = os.NewFile(uintptr(fd), "progress")
	if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&p.pid); err != nil {
		return nil, err
	}
	ctx, p.end = context.WithCancel(context.WithoutCancel(ctx))
	go p.watch(ctx)
	return p, nil
}

func (p *progress) stop() {
	p.end()
	<-p.ended
}

// Log receives the executor's log entries, and passes them on to the report.
func (p *progress) Log(e migrate.LogEntry) {
	p.report.Log(e)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case migrate.LogFile:
		p.file, p.n, p.of = e.File, e.Skip, 0
	case migrate.LogStmt:
		if p.of == 0 && p.out != nil {
			stmts, _ := scan(p.file)
			p.of = len(stmts)
		}
		p.n++
		name, n, of := p.file.Name(), p.n, p.of
		p.what = func() string { return fmt.Sprintf("%s %d/%d: %s", name, n, of, brief(e.SQL)) }
		p.since = time.Now()
	case migrate.LogError, migrate.LogDone:
		p.since = time.Time{}
	}
}

func (p *progress) watch(ctx context.Context) {
	defer close(p.ended)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var told time.Time // the start of the statement that was last reported
	var again time.Duration
	var asked time.Time
	blocker := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p.mu.Lock()
		what, since := p.what, p.since
		p.mu.Unlock()
		runs := time.Since(since)
		if since.IsZero() || runs < 500*time.Millisecond {
			continue
		}
		if since != told {
			p.say("  " + what())
			told, again, blocker, asked = since, 5*time.Second, 0, time.Time{}
		}
		if time.Since(asked) >= time.Second {
			asked = time.Now()
			if by := p.blockedBy(ctx); by != blocker {
				if blocker = by; by != 0 {
					p.say(fmt.Sprintf("    waits for a lock that the database's process %d holds", by))
				}
			}
		}
		if runs >= again {
			p.say(fmt.Sprintf("    %d s", int(runs.Seconds())))
			again = 2 * runs
		}
	}
}

func (p *progress) say(line string) { fmt.Fprintln(p.out, line) }

// blockedBy asks on a connection of its own; a failure is no error.
func (p *progress) blockedBy(ctx context.Context) (pid int) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if p.pool.DB.QueryRowContext(ctx, "SELECT coalesce(min(b), 0) FROM unnest(pg_blocking_pids($1)) b", p.pid).Scan(&pid) != nil {
		return 0
	}
	return pid
}

var (
	blanks   = regexp.MustCompile(`\s+`)
	password = regexp.MustCompile(`(?i)(password\s*'.*)$`)
)

// brief is a statement for people: one line, not long, no password.
func brief(s string) string {
	s = strings.TrimSpace(blanks.ReplaceAllString(s, " "))
	s = password.ReplaceAllString(s, "PASSWORD ***")
	if r := []rune(s); len(r) > 70 {
		s = string(r[:67]) + "..."
	}
	return s
}
