package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// table is the name that Atlas gives to its table of revisions.
const table = "atlas_schema_revisions"

// revisions reads and writes that table, column for column as the vendor's
// command does: each can go on where the other stopped.
type revisions struct {
	db     schema.ExecQuerier
	schema string
	// In a transaction only the last state of a row is ever seen, so it is kept
	// until flush. The executor writes it after each statement, with the hashes
	// of all statements so far: quadratic otherwise.
	hold bool
	held *migrate.Revision
	// failed says whether a transaction of the file's own has failed. Then the row
	// stays as it is in the database, since everything else is rolled back.
	failed func() bool
	// The file at hand: its name, hash and statements, as they are now.
	file, hash string
	stmts      []*migrate.Stmt
	// What ReadRevisions has read.
	rows []*migrate.Revision
}

// many: outside a transaction the row is written after each statement. Once more
// statements than this are done, the row holds the hash of the last one alone, which
// covers all before it; with every hash the time would grow with the square of their
// number. At the end, and where a statement fails, all hashes are written. The
// vendor's command needs all of them: after a kill it cannot go on from such a row.
const many = 200

var _ migrate.RevisionReadWriter = (*revisions)(nil)

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func (r *revisions) name() string { return quote(r.schema) + "." + quote(table) }

// Ident names the table to the library.
func (r *revisions) Ident() *migrate.TableIdent {
	return &migrate.TableIdent{Name: table, Schema: r.schema}
}

// exists says whether the schema and the table exist. The query needs no right;
// CREATE ... IF NOT EXISTS would need CREATE, also where it has nothing to do.
func (r *revisions) exists(ctx context.Context) (space, there bool, err error) {
	rows, err := r.db.QueryContext(ctx, "SELECT to_regnamespace($1) IS NOT NULL, to_regclass($2) IS NOT NULL", quote(r.schema), r.name())
	if err != nil {
		return
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&space, &there)
	}
	if err == nil {
		err = rows.Err()
	}
	return
}

func (r *revisions) create(ctx context.Context) error {
	space, there, err := r.exists(ctx)
	if err != nil || there {
		return err
	}
	if !space {
		if _, err := r.db.ExecContext(ctx, "CREATE SCHEMA "+quote(r.schema)); err != nil {
			return err
		}
	}
	_, err = r.db.ExecContext(ctx, "CREATE TABLE "+r.name()+` (
	version varchar NOT NULL PRIMARY KEY, description varchar NOT NULL, type bigint NOT NULL DEFAULT 2,
	applied bigint NOT NULL DEFAULT 0, total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL,
	execution_time bigint NOT NULL, error text, error_stmt text, hash varchar NOT NULL, partial_hashes jsonb,
	operator_version varchar NOT NULL)`)
	return err
}

// all leaves out the row by which the vendor's command only identifies the table.
func (r *revisions) all(ctx context.Context) ([]*migrate.Revision, error) {
	return r.read(ctx, "version <> $1", ".atlas_cloud_identifier")
}

// ReadRevisions sets the total of a row that has ended to what was applied.
// Rows are read once between two writes: apply holds the lock, so no other run writes.
func (r *revisions) ReadRevisions(ctx context.Context) ([]*migrate.Revision, error) {
	if r.rows != nil {
		return r.rows, nil
	}
	revs, err := r.all(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range revs {
		if ended(v) {
			v.Total = v.Applied
		}
	}
	r.rows = revs
	return revs, nil
}

// ended: only success clears the hashes, so such a row is complete, whatever its
// total (see ReadRevision).
func ended(v *migrate.Revision) bool {
	return v.Applied > 0 && len(v.PartialHashes) == 0 && v.Error == ""
}

// ReadRevision reads the row of the file at hand.
func (r *revisions) ReadRevision(ctx context.Context, version string) (*migrate.Revision, error) {
	revs, err := r.read(ctx, "version = $1", version)
	if err != nil {
		return nil, err
	}
	if len(revs) == 0 {
		return nil, migrate.ErrRevisionNotExist
	}
	// Of a file that stopped in the middle, and was corrected since, the library keeps
	// hash and total of the broken text. If the number of statements is another one,
	// the library then reports success, and panics in every later run; so does the
	// vendor's command.
	v, n := revs[0], len(r.stmts)
	known := v.PartialHashes
	last := len(known) == 1 && v.Applied > 1 // of all that was applied, the last one alone (see many)
	if v.Applied > n || v.Applied > len(known) && v.Applied < n && !last {
		return nil, fmt.Errorf("revision %s: %d statements were applied, %d are known by their hashes, and the file has %d: it was changed", v.Version, v.Applied, len(known), n)
	}
	// The library compares them too, but only after it has written the row.
	h, sums := sha256.New(), make([]string, v.Applied)
	for i := range sums {
		h.Write([]byte(r.stmts[i].Text))
		sums[i] = "h1:" + base64.StdEncoding.EncodeToString(h.Sum(nil))
		if !last && i < len(known) && "h1:"+strings.TrimPrefix(known[i], "h1:") != sums[i] {
			return nil, migrate.HistoryChangedError{File: r.file, Stmt: i + 1}
		}
	}
	if last && known[0] != sums[v.Applied-1] {
		return nil, no{fmt.Errorf("history changed: the first %d statements of %s are not those that were applied", v.Applied, r.file)}
	}
	v.PartialHashes = sums
	v.Hash, v.Total = r.hash, n
	return v, nil
}

// read sorts by bytes, whatever the database's collation: so does the library.
func (r *revisions) read(ctx context.Context, where, arg string) ([]*migrate.Revision, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT version, description, type, applied, total, executed_at, execution_time,
	coalesce(error, ''), coalesce(error_stmt, ''), hash, coalesce(partial_hashes, 'null'), operator_version
	FROM `+r.name()+` WHERE `+where+` ORDER BY version COLLATE "C"`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var revs []*migrate.Revision
	for rows.Next() {
		var v migrate.Revision
		var hashes []byte
		if err := rows.Scan(&v.Version, &v.Description, &v.Type, &v.Applied, &v.Total, &v.ExecutedAt, &v.ExecutionTime,
			&v.Error, &v.ErrorStmt, &v.Hash, &hashes, &v.OperatorVersion); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(hashes, &v.PartialHashes); err != nil {
			return nil, fmt.Errorf("revision %s: partial_hashes: %w", v.Version, err)
		}
		revs = append(revs, &v)
	}
	return revs, rows.Err()
}

// WriteRevision writes the row; description and executed_at stay what they were
// at first, as with the vendor's command.
func (r *revisions) WriteRevision(ctx context.Context, v *migrate.Revision) error {
	r.rows = nil
	if r.hold {
		r.held = v
		return nil
	}
	if r.failed != nil && r.failed() {
		return nil
	}
	keep := v.PartialHashes
	if n := len(keep); n > many && v.Error == "" {
		keep = keep[n-1:]
	}
	hashes, err := json.Marshal(keep)
	if err != nil {
		return err
	}
	// Outside a transaction a statement that is done is recorded, also when a
	// signal came meanwhile; else it would be run a second time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	_, err = r.db.ExecContext(ctx, "INSERT INTO "+r.name()+` (version, description, type, applied, total, executed_at,
	execution_time, error, error_stmt, hash, partial_hashes, operator_version)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
	ON CONFLICT (version) DO UPDATE SET type = excluded.type, applied = excluded.applied, total = excluded.total,
	execution_time = excluded.execution_time, error = excluded.error, error_stmt = excluded.error_stmt,
	hash = excluded.hash, partial_hashes = excluded.partial_hashes, operator_version = excluded.operator_version`,
		v.Version, v.Description, int64(v.Type), v.Applied, v.Total, v.ExecutedAt, int64(v.ExecutionTime),
		plain(v.Error), v.ErrorStmt, v.Hash, string(hashes), v.OperatorVersion)
	return err
}

// flush writes the row that was kept, as the last thing in the transaction.
func (r *revisions) flush(ctx context.Context) error {
	r.hold = false
	return r.WriteRevision(ctx, r.held)
}

// DeleteRevision is part of the library's interface.
func (r *revisions) DeleteRevision(ctx context.Context, version string) error {
	r.rows = nil
	_, err := r.db.ExecContext(ctx, "DELETE FROM "+r.name()+" WHERE version = $1", version)
	return err
}
