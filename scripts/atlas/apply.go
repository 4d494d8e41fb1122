package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlclient"
	"github.com/jackc/pgx/v5/pgconn"
)

var orders = map[string]migrate.ExecOrder{
	"linear": migrate.ExecOrderLinear, "linear-skip": migrate.ExecOrderLinearSkip, "non-linear": migrate.ExecOrderNonLinear,
}

// applying is one run of apply: its connection, directory and options.
type applying struct {
	*options
	conn *sql.Conn
	dir  *directory
	opts []migrate.ExecutorOption
}

func apply(ctx context.Context, o *options) error {
	limit := 0
	for _, a := range o.args {
		n, err := strconv.Atoi(a)
		if err != nil || n < 1 {
			return fmt.Errorf("not a number of migrations: %q", a)
		}
		limit = n
	}
	order, ok := orders[o.order]
	if !ok || o.txMode != "file" && o.txMode != "none" {
		return fmt.Errorf("not known: --exec-order %q --tx-mode %q", o.order, o.txMode)
	}
	dir, c, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	// The lock of the vendor's command, with the same key. The server releases it
	// with the connection at the latest.
	unlock, err := c.Driver.Lock(ctx, "atlas_migrate_execute", o.lockTimeout)
	if err != nil {
		return fmt.Errorf("acquiring database lock: %w", err)
	}
	defer unlock()
	// Everything runs on one connection: what a file sets stays for the next, and
	// BEGIN and COMMIT of a file's own meet.
	conn, err := c.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// The library's queries run on that connection, too: the other one has the lock.
	if c.Driver, err = postgres.Open(conn); err != nil {
		return err
	}
	if err := versions(dir); err != nil {
		return err
	}
	revs := &revisions{db: conn, schema: o.revisions}
	if err := o.begin(ctx, o.clean(c, conn), dir, revs); err != nil {
		return err
	}
	rep := &report{env: newEnv(c, o.dir), Start: time.Now()}
	prog, err := newProgress(ctx, rep, o.progress, c, conn)
	if err != nil {
		return err
	}
	defer prog.stop()
	opts := []migrate.ExecutorOption{
		migrate.WithExecOrder(order), migrate.WithAllowDirty(o.allowDirty), migrate.WithBaselineVersion(o.baseline),
		migrate.WithOperatorVersion("atlas-make engine " + version()), migrate.WithLogger(prog),
	}
	ex, err := migrate.NewExecutor(o.clean(c, conn), dir, revs, opts...)
	if err != nil {
		return err
	}
	// Pending also writes the baseline's row.
	pending, err := ex.Pending(ctx)
	nothing := errors.Is(err, migrate.ErrNoPendingFiles)
	if err != nil && !nothing {
		if errors.As(err, new(*migrate.HistoryNonLinearError)) || errors.As(err, new(*migrate.MissingMigrationError)) {
			err = no{err}
		}
		return err
	}
	before, err := revs.ReadRevisions(ctx)
	if err != nil {
		return err
	}
	if nothing {
		migrate.LogNoPendingFiles(rep, before)
		if err := rep.print(o.format); err != nil {
			return err
		}
		return o.run(ctx, conn)
	}
	if limit > 0 && limit < len(pending) {
		pending = pending[:limit]
	}
	migrate.LogIntro(rep, before, pending)
	a := &applying{o, conn, dir, opts}
	for _, f := range pending {
		if err = a.file(ctx, f); err != nil {
			rep.fail(f, err)
			break
		}
	}
	rep.done()
	prog.stop()
	if err = errors.Join(err, rep.print(o.format)); err != nil {
		return err
	}
	return o.run(ctx, conn)
}

// begin makes the table of revisions where there is none, unless the library
// would refuse the database next: a run that is refused leaves nothing behind.
func (o *options) begin(ctx context.Context, drv clean, dir *directory, revs *revisions) error {
	_, there, err := revs.exists(ctx)
	if err != nil || there {
		return err
	}
	var refused *migrate.NotCleanError
	switch err := drv.CheckClean(ctx, revs.Ident()); {
	case errors.As(err, &refused):
		return fmt.Errorf("%w. baseline version or allow-dirty is required", err)
	case err != nil:
		return err
	}
	at := func(f migrate.File) bool { return f.Version() == o.baseline }
	if o.baseline != "" && !slices.ContainsFunc(migrate.SkipCheckpointFiles(dir.files), at) {
		return fmt.Errorf("baseline version %q not found", o.baseline)
	}
	return revs.create(ctx)
}

// clean is a driver with a check of its own that the database is empty: the
// library's sees only tables that the user has a right on, and reads them with all
// their columns. With --allow-dirty or --baseline nothing is checked.
type clean struct {
	pg
	db     schema.ExecQuerier
	schema string
	dirty  bool
}

func (o *options) clean(c *sqlclient.Client, db schema.ExecQuerier) clean {
	return clean{pg{c.Driver}, db, c.URL.Schema, o.allowDirty || o.baseline != ""}
}

// CheckClean is the library's interface. Tables of extensions do not count.
func (d clean) CheckClean(ctx context.Context, revs *migrate.TableIdent) error {
	if d.dirty {
		return nil
	}
	rows, err := d.db.QueryContext(ctx, `SELECT format('found table "%s" in schema "%s"', c.relname, n.nspname)
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND $1::text IN ('', n.nspname::text)
		AND (n.nspname::text, c.relname::text) <> ($2::text, $3::text)
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
			AND d.objid = c.oid AND d.deptype = 'e')
	ORDER BY n.nspname, c.relname LIMIT 1`, d.schema, revs.Schema, revs.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var found string
	if err := rows.Scan(&found); err != nil {
		return err
	}
	return &migrate.NotCleanError{Reason: found}
}

// versions refuses two files of one version: the second would be taken for the
// first, of which there is a row already.
func versions(dir migrate.Dir) error {
	files, err := dir.Files()
	if err != nil {
		return err
	}
	names := make(map[string]string, len(files))
	for _, f := range files {
		if other, ok := names[f.Version()]; ok {
			return no{fmt.Errorf("%s and %s have the same version, %s: give the later one a version of its own (make rebase-migrations)", other, f.Name(), f.Version())}
		}
		names[f.Version()] = f.Name()
	}
	return nil
}

// refusal is the error of a statement that is not allowed.
type refusal struct {
	stmt string
	error
}

func (r refusal) Unwrap() error { return no{r.error} }

// mode is the file's own txmode, or that of the command.
func (a *applying) mode(f migrate.File) (string, error) {
	l, ok := f.(*migrate.LocalFile)
	if !ok {
		return a.txMode, nil
	}
	switch m := l.Directive("txmode"); {
	case len(m) == 0:
		return a.txMode, nil
	case len(m) > 1:
		return "", no{fmt.Errorf("%s: multiple txmode values: %s; it is none or file, and once", f.Name(), strings.Join(m, ", "))}
	case m[0] == "none" || m[0] == "file":
		return m[0], nil
	case m[0] == "all":
		return "", no{fmt.Errorf("%s: txmode all is not allowed in a file: it is none or file", f.Name())}
	default:
		return "", no{fmt.Errorf("%s: unknown txmode %q: it is none or file", f.Name(), m[0])}
	}
}

// file executes one file, in a transaction of its own unless it, or the
// command, says otherwise.
func (a *applying) file(ctx context.Context, f migrate.File) error {
	mode, err := a.mode(f)
	if err != nil {
		return err
	}
	stmts, err := scan(f)
	if err != nil {
		return no{fmt.Errorf("scanning statements from %q: %w", f.Name(), err)}
	}
	hash, err := a.dir.sum.SumByName(f.Name())
	if err != nil {
		return err
	}
	revs := &revisions{schema: a.revisions, file: f.Name(), hash: hash, stmts: stmts}
	if mode == "none" {
		return a.bare(ctx, f, revs)
	}
	for _, s := range stmts {
		// The statements after it would run outside a transaction, and the revision
		// would not match what is committed.
		if endsTransaction(s) {
			return refusal{s.Text, fmt.Errorf("%s:%d: %q would end the file's transaction: take it out, or begin the file with the line '-- atlas:txmode none' and an empty one",
				f.Name(), line(f, s), s.Text)}
		}
	}
	return a.wrapped(ctx, f, revs)
}

// execute has the library run the file's statements.
func (a *applying) execute(ctx context.Context, db schema.ExecQuerier, f migrate.File, revs *revisions) error {
	drv, err := postgres.Open(db)
	if err != nil {
		return err
	}
	ex, err := migrate.NewExecutor(pg{drv}, a.dir, revs, a.opts...)
	if err != nil {
		return err
	}
	return ex.Execute(ctx, f)
}

// bare executes a file outside a transaction.
func (a *applying) bare(ctx context.Context, f migrate.File, revs *revisions) error {
	revs.db, revs.failed = a.conn, func() bool { return inTransaction(a.conn) == 'E' }
	err := a.execute(ctx, a.conn, f, revs)
	if inTransaction(a.conn) != 'I' {
		// The revision was written in that transaction, and is rolled back with it.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		_, e := a.conn.ExecContext(end, "ROLLBACK")
		if err == nil {
			err = fmt.Errorf("%s: its own transaction is not ended, and was rolled back: COMMIT is missing", f.Name())
		}
		err = errors.Join(err, e)
	}
	return verdict(ctx, err)
}

// wrapped executes a file, and writes its revision, in a transaction. A signal
// cancels the statement, not the transaction, which is then rolled back here.
func (a *applying) wrapped(ctx context.Context, f migrate.File, revs *revisions) error {
	tx, err := a.conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	// After a panic of the library's the connection cannot be closed while the
	// transaction is open, and the panic would be hidden.
	defer tx.Rollback()
	revs.db, revs.hold = tx, true
	if err = a.execute(ctx, tx, f, revs); err == nil {
		err = revs.flush(ctx)
	}
	if err == nil {
		// Deferred constraints are checked here.
		if err = tx.Commit(); err == nil {
			return nil
		}
	}
	if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
		err = fmt.Errorf("%w (rolling back: %v)", err, e)
	}
	return verdict(ctx, err)
}

// verdict marks an error as a no (exit code 1) where the server, or the library,
// refused the file. After a signal or a lost connection it is none.
func verdict(ctx context.Context, err error) error {
	var refused *pgconn.PgError
	var changed migrate.HistoryChangedError
	if ctx.Err() == nil && (errors.As(err, &refused) && !strings.HasPrefix(refused.Code, "57P") || errors.As(err, &changed)) {
		return no{err}
	}
	return err
}
