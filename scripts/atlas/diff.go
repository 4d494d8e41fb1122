package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"ariga.io/atlas/schemahcl"
	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlclient"
)

func hash(_ context.Context, o *options) error {
	d, err := localDir(o.dir)
	if err != nil {
		return err
	}
	sum, err := d.Checksum()
	if err != nil {
		return err
	}
	return migrate.WriteSumFile(d, sum)
}

func validate(ctx context.Context, o *options) error {
	if _, err := openDir(o.dir); err != nil || o.dev == "" {
		return err
	}
	dev, err := connect(ctx, o.dev)
	if err != nil {
		return err
	}
	defer dev.Close()
	_, err = read(ctx, o.dir, dev, o)
	return err
}

// policy is how two states are compared. Both come from a server, so that their
// expressions can be compared as text; a changed CHECK goes unseen without that.
func (o *options) policy() ([]schema.DiffOption, error) {
	opts := []schema.DiffOption{schema.DiffNormalized()}
	if len(o.indexing) == 0 {
		return opts, nil
	}
	index := &schemahcl.Resource{Type: "concurrent_index"}
	for _, what := range o.indexing {
		if what != "create" && what != "drop" {
			return nil, fmt.Errorf("--concurrent-index: create or drop, not %q", what)
		}
		index.SetAttr(schemahcl.BoolAttr(what, true))
	}
	return append(opts, func(d *schema.DiffOptions) {
		d.Extra = schemahcl.DefaultExtension{Extra: schemahcl.Resource{Children: []*schemahcl.Resource{index}}}
	}), nil
}

func schemaDiff(ctx context.Context, o *options) (err error) {
	policy, err := o.policy()
	if err != nil {
		return err
	}
	// Who plans the changes: the dev database, or with two databases the second.
	// It is asked only where a file has to be read.
	var c *sqlclient.Client
	if o.dev != "" && (strings.HasPrefix(o.from, "file:") || strings.HasPrefix(o.to, "file:")) {
		if c, err = connect(ctx, o.dev); err != nil {
			return err
		}
		defer c.Close()
	}
	// Files before databases: one may be a pipe, that has an end when the other
	// side is ready.
	var from, to *state
	sides := []func() error{
		func() (err error) { from, err = read(ctx, o.from, c, o); return at("--from", err) },
		func() (err error) { to, err = read(ctx, o.to, c, o); return at("--to", err) },
	}
	if strings.HasPrefix(o.to, "file:") {
		slices.Reverse(sides)
	}
	for _, side := range sides {
		if err := side(); err != nil {
			return err
		}
	}
	if c == nil {
		if c, err = connect(ctx, o.to); err != nil {
			return err
		}
		defer c.Close()
	}
	changes, err := compare(c, from, to, policy)
	if err != nil {
		return err
	}
	if o.format == "" {
		o.format = "{{ with .Changes }}{{ sql $ }}{{ else }}Schemas are synced, no changes to be made.\n{{ end }}"
	}
	return print(o.format, struct{ Changes []schema.Change }{changes}, template.FuncMap{
		"sql": func(_ any, indent ...string) (string, error) {
			return statements(ctx, c, changes, strings.Join(indent, ""))
		},
	})
}

// at says which side an error belongs to.
func at(side string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", side, err)
}

func compare(c *sqlclient.Client, from, to *state, policy []schema.DiffOption) ([]schema.Change, error) {
	switch {
	case from.hcl || to.hcl || from.schema == "" && to.schema == "":
		return c.RealmDiff(from.Realm, to.Realm, policy...)
	case from.schema == "" || to.schema == "":
		return nil, errors.New("one side is limited to a schema (search_path), the other is not")
	}
	// The two schemas may have different names: what is in them is compared.
	from.Schemas[0].Name, to.Schemas[0].Name = "", ""
	return c.SchemaDiff(from.Schemas[0], to.Schemas[0], policy...)
}

// statements is the SQL that makes the changes.
func statements(ctx context.Context, c *sqlclient.Client, changes []schema.Change, indent string) (string, error) {
	p, err := c.PlanChanges(ctx, "plan", changes, func(po *migrate.PlanOptions) {
		po.Mode, po.Indent = migrate.PlanModeDump, indent
		if c.URL.Schema != "" {
			po.SchemaQualifier = new(string) // one schema: its name is left out
		}
	})
	if err != nil {
		return "", err
	}
	f, err := migrate.DefaultFormatter.FormatFile(p)
	if err != nil {
		return "", err
	}
	return string(f.Bytes()), nil
}

func migrateDiff(ctx context.Context, o *options) error {
	policy, err := o.policy()
	if err != nil {
		return err
	}
	name := strings.Join(o.args, "")
	if strings.ContainsAny(name, "/\n") {
		return fmt.Errorf("not a name: %q", name)
	}
	d, err := openDir(o.dir)
	if err != nil {
		return err
	}
	dev, err := connect(ctx, o.dev)
	if err != nil {
		return err
	}
	defer dev.Close()
	unlock, err := dev.Driver.Lock(ctx, "atlas_migrate_diff", o.lockTimeout)
	if err != nil {
		return fmt.Errorf("acquiring database lock: %w", err)
	}
	defer unlock()
	to, err := read(ctx, o.to, dev, o)
	if err != nil {
		return at("--to", err)
	}
	opts := []migrate.PlannerOption{migrate.PlanWithDiffOptions(policy...)}
	plan := (*migrate.Planner).Plan
	if dev.URL.Schema != "" {
		opts = append(opts, migrate.PlanWithSchemaQualifier(""))
		plan = (*migrate.Planner).PlanSchema
	}
	planner := migrate.NewPlanner(pg{dev.Driver}, d.LocalDir, opts...)
	p, err := plan(planner, ctx, name, migrate.Realm(to.Realm))
	if errors.Is(err, migrate.ErrNoPlan) {
		return output("The migration directory is synced with the desired state, no changes to be made\n")
	}
	if err != nil {
		return err
	}
	return planner.WritePlan(p)
}
