package main

import (
	"context"
	"errors"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqlclient"
)

// statusReport has the fields of the vendor's.
type statusReport struct {
	Env                            env
	Available, OutOfOrder, Pending []name              `json:",omitempty"`
	Applied                        []*migrate.Revision `json:",omitempty"`
	Current, Next                  string              `json:",omitempty"`
	Count, Total                   int                 `json:",omitempty"` // of the last one, where it is partial
	Status, Error, SQL             string              `json:",omitempty"`
}

func status(ctx context.Context, o *options) error {
	dir, c, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	conn, err := c.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	revs := &revisions{db: conn, schema: o.revisions}
	_, there, err := revs.exists(ctx)
	if err != nil {
		return err
	}
	r := &statusReport{Env: newEnv(c, o.dir+"?format=atlas"), Status: "PENDING"}
	if there {
		err = r.fill(ctx, c, dir, revs)
	} else {
		var all []migrate.File
		all, err = migrate.FilesFromLastCheckpoint(dir)
		r.Available, r.Pending, r.Current = names(all), names(all), "No migration applied yet"
	}
	if err != nil {
		return err
	}
	switch {
	case r.OutOfOrder != nil:
	case len(r.Pending) == 0:
		r.Status, r.Next = "OK", "Already at latest version"
	default:
		r.Next = r.Pending[0].Version
	}
	if o.format == "" {
		o.format = "{{ .Status }}: at {{ .Current }}{{ with .Next }}, next {{ . }}{{ end }}, {{ len .Pending }} pending{{ if .Total }}, {{ .Count }} of {{ .Total }} statements{{ end }}\n"
	}
	if err := print(o.format, r, nil); err != nil {
		return err
	}
	return o.run(ctx, conn)
}

// fill compares the directory with the revisions.
func (r *statusReport) fill(ctx context.Context, c *sqlclient.Client, dir *directory, revs *revisions) error {
	ex, err := migrate.NewExecutor(clean{pg{c.Driver}, revs.db, c.URL.Schema, false}, dir, revs)
	if err != nil {
		return err
	}
	// The rows as they are: mstate sees by the total which file was corrected.
	if r.Applied, err = revs.all(ctx); err != nil {
		return err
	}
	pending, err := ex.Pending(ctx)
	r.Pending = names(pending)
	if order := (*migrate.HistoryNonLinearError)(nil); errors.As(err, &order) {
		r.Error, r.Pending, r.OutOfOrder = err.Error(), names(order.Pending), names(order.OutOfOrder)
		r.Current = r.Applied[len(r.Applied)-1].Version
		return nil
	}
	if err != nil && !errors.Is(err, migrate.ErrNoPendingFiles) {
		return err
	}
	r.Available, r.Current = r.Pending, "No migration applied yet"
	if len(r.Applied) == 0 {
		return nil
	}
	r.Available = names(dir.files)
	last := r.Applied[len(r.Applied)-1]
	if len(r.Pending) != len(r.Available) {
		r.Current = last.Version
	}
	if last.Type.Has(migrate.RevisionTypeResolved) || last.Applied >= last.Total || ended(last) {
		return nil
	}
	oneLine := strings.NewReplacer("\n", " ")
	r.SQL, r.Error, r.Count = oneLine.Replace(last.ErrorStmt), oneLine.Replace(last.Error), last.Applied
	for _, f := range dir.files {
		if f.Version() == last.Version {
			stmts, err := scan(f)
			if err != nil {
				return err
			}
			r.Total = len(stmts)
		}
	}
	return nil
}
