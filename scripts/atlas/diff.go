package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"text/template"

	"ariga.io/atlas/schemahcl"
	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlclient"
)

// policy is how two databases are compared. Expressions of both sides come from a
// server, and are compared as text: otherwise a changed CHECK would not be seen.
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

// schemaDiff prints the SQL that makes of one database the other.
func schemaDiff(ctx context.Context, o *options) error {
	policy, err := o.policy()
	if err != nil {
		return err
	}
	var sides [2]*sqlclient.Client
	var realms [2]*schema.Realm
	var errs [2]error
	// Both are read at once: the server does most of the work, with a process each.
	var both sync.WaitGroup
	for i, address := range []string{o.from, o.to} {
		both.Add(1)
		go func() {
			defer both.Done()
			if sides[i], errs[i] = connect(ctx, address); errs[i] == nil {
				realms[i], errs[i] = o.read(ctx, sides[i])
			}
		}()
	}
	both.Wait()
	for i, name := range []string{"--from", "--to"} {
		if sides[i] != nil {
			defer sides[i].Close()
		}
		if errs[i] != nil {
			return fmt.Errorf("%s: %w", name, errs[i])
		}
	}
	from, to := sides[0], sides[1]
	var changes []schema.Change
	switch {
	case from.URL.Schema == "" && to.URL.Schema == "":
		changes, err = to.RealmDiff(realms[0], realms[1], policy...)
	case from.URL.Schema == "" || to.URL.Schema == "":
		err = errors.New("one side is limited to a schema (search_path), the other is not")
	default:
		// The two schemas may have different names: their contents are compared.
		a, b := realms[0].Schemas[0], realms[1].Schemas[0]
		a.Name, b.Name = "", ""
		changes, err = to.SchemaDiff(a, b, policy...)
	}
	if err != nil {
		return err
	}
	if o.format == "" {
		o.format = "{{ with .Changes }}{{ sql $ }}{{ else }}Schemas are synced, no changes to be made.\n{{ end }}"
	}
	return print(o.format, struct{ Changes []schema.Change }{changes}, template.FuncMap{
		"sql": func(_ any, indent ...string) (string, error) {
			return statements(ctx, to, changes, strings.Join(indent, ""))
		},
	})
}

// read reads what a connection reaches: its one schema, or those that are asked
// for, or all.
func (o *options) read(ctx context.Context, c *sqlclient.Client) (*schema.Realm, error) {
	if c.URL.Schema == "" {
		return c.InspectRealm(ctx, &schema.InspectRealmOption{Schemas: o.schemas})
	}
	s, err := c.InspectSchema(ctx, "", nil)
	if err != nil {
		return nil, err
	}
	return s.Realm, nil
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
