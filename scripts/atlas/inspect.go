package main

import (
	"context"
	"encoding/json"
	"strings"
	"text/template"

	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlclient"
)

// inspected is what a template of inspect sees, and the JSON of it.
type inspected struct{ Realm *schema.Realm }

// inspect prints what an address describes, by a template or as HCL.
func inspect(ctx context.Context, o *options) error {
	var dev *sqlclient.Client
	if strings.HasPrefix(o.url, "file:") && o.dev != "" {
		c, err := connect(ctx, o.dev)
		if err != nil {
			return err
		}
		defer c.Close()
		dev = c
	}
	s, err := read(ctx, o.url, dev, o)
	if err != nil {
		return err
	}
	if o.format == "" {
		o.format = "{{ hcl }}"
	}
	return print(o.format, &inspected{s.Realm}, template.FuncMap{"hcl": func() (string, error) {
		c := dev
		if c == nil {
			var err error
			if c, err = connect(ctx, o.url); err != nil {
				return "", err
			}
			defer c.Close()
		}
		b, err := c.MarshalSpec(s.Realm)
		return string(b), err
	}})
}

// The vendor's JSON of a schema.
type (
	jsonColumn struct {
		Name string `json:"name"`
		Type string `json:"type,omitempty"`
		Null bool   `json:"null,omitempty"`
	}
	jsonPart struct {
		Desc   bool   `json:"desc,omitempty"`
		Column string `json:"column,omitempty"`
		Expr   string `json:"expr,omitempty"`
	}
	jsonIndex struct {
		Name   string     `json:"name,omitempty"`
		Unique bool       `json:"unique,omitempty"`
		Parts  []jsonPart `json:"parts,omitempty"`
	}
	jsonKey struct {
		Name       string   `json:"name"`
		Columns    []string `json:"columns,omitempty"`
		References struct {
			Table   string   `json:"table"`
			Columns []string `json:"columns,omitempty"`
		} `json:"references"`
	}
	jsonTable struct {
		Name        string       `json:"name"`
		Columns     []jsonColumn `json:"columns,omitempty"`
		Indexes     []jsonIndex  `json:"indexes,omitempty"`
		PrimaryKey  *jsonIndex   `json:"primary_key,omitempty"`
		ForeignKeys []jsonKey    `json:"foreign_keys,omitempty"`
		Comment     string       `json:"comment,omitempty"`
	}
	jsonSchema struct {
		Name    string      `json:"name"`
		Tables  []jsonTable `json:"tables,omitempty"`
		Comment string      `json:"comment,omitempty"`
	}
)

// MarshalJSON is the vendor's.
func (i *inspected) MarshalJSON() ([]byte, error) {
	var all struct {
		Schemas []jsonSchema `json:"schemas,omitempty"`
	}
	for _, s := range i.Realm.Schemas {
		out := jsonSchema{Name: s.Name, Comment: commentOf(s.Attrs)}
		for _, t := range s.Tables {
			out.Tables = append(out.Tables, tableJSON(t))
		}
		all.Schemas = append(all.Schemas, out)
	}
	return json.Marshal(all)
}

func tableJSON(t *schema.Table) jsonTable {
	out := jsonTable{Name: t.Name, Comment: commentOf(t.Attrs)}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, jsonColumn{c.Name, c.Type.Raw, c.Type.Null})
	}
	for _, x := range t.Indexes {
		out.Indexes = append(out.Indexes, jsonIndex{x.Name, x.Unique, parts(x)})
	}
	if t.PrimaryKey != nil {
		out.PrimaryKey = &jsonIndex{Parts: parts(t.PrimaryKey)}
	}
	for _, f := range t.ForeignKeys {
		key := jsonKey{Name: f.Symbol, Columns: names(f.Columns)}
		key.References.Table, key.References.Columns = f.RefTable.Name, names(f.RefColumns)
		out.ForeignKeys = append(out.ForeignKeys, key)
	}
	return out
}

func parts(x *schema.Index) (out []jsonPart) {
	for _, p := range x.Parts {
		part := jsonPart{Desc: p.Desc}
		switch e := p.X.(type) {
		case nil:
			part.Column = p.C.Name
		case *schema.Literal:
			part.Expr = e.V
		case *schema.RawExpr:
			part.Expr = e.X
		}
		out = append(out, part)
	}
	return out
}

func names(columns []*schema.Column) (out []string) {
	for _, c := range columns {
		out = append(out, c.Name)
	}
	return out
}

func commentOf(attrs []schema.Attr) string {
	for _, a := range attrs {
		if c, ok := a.(*schema.Comment); ok {
			return c.Text
		}
	}
	return ""
}
