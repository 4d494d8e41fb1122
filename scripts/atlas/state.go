package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlclient"
	"github.com/hashicorp/hcl/v2/hclparse"
)

// directory keeps files and checksums: the library reads and hashes the whole
// directory again for each file it applies.
type directory struct {
	*migrate.LocalDir
	files []migrate.File
	sum   migrate.HashFile
}

func (d *directory) Files() ([]migrate.File, error)      { return d.files, nil }
func (d *directory) Checksum() (migrate.HashFile, error) { return d.sum, nil }

func localDir(s string) (*migrate.LocalDir, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "file" {
		return nil, fmt.Errorf("--dir: not of the form file://DIR: %q", s)
	}
	return migrate.NewLocalDir(filepath.Join(u.Host, u.Path))
}

// openDir opens a directory that matches its atlas.sum.
func openDir(s string) (*directory, error) {
	d, err := localDir(s)
	if err != nil {
		return nil, err
	}
	if err := migrate.Validate(d); err != nil {
		return nil, no{fmt.Errorf("%s: %s", d.Path(), sumError(err))}
	}
	files, err := d.Files()
	if err != nil {
		return nil, err
	}
	sum, err := d.Checksum()
	return &directory{d, files, sum}, err
}

// sumError says where atlas.sum and the files part.
func sumError(err error) string {
	if e := (*migrate.ChecksumError)(nil); errors.As(err, &e) {
		return fmt.Sprintf("%s (atlas.sum): L%d: %s was %s", err, e.Line, e.File, e.Reason)
	}
	return err.Error()
}

// state is what an address describes, and how far it reaches.
type state struct {
	*schema.Realm
	schema string // the one schema of the connection, or ""
	hcl    bool
}

// read reads a database, a directory of migrations, a file of SQL or of HCL;
// the latter three with the help of the empty database dev.
func read(ctx context.Context, s string, dev *sqlclient.Client, o *options) (*state, error) {
	u, err := address(s)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "file" {
		c, err := connect(ctx, s)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		r, err := reader(c, o).ReadState(ctx)
		return &state{r, c.URL.Schema, false}, err
	}
	if dev == nil {
		return nil, fmt.Errorf("--dev-url is needed to read %s", s)
	}
	path := filepath.Join(u.Host, u.Path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	var dir migrate.Dir
	switch {
	case info.IsDir():
		dir, err = openDir(s)
	case filepath.Ext(path) == ".hcl":
		return readHCL(ctx, path, dev)
	default:
		dir, err = fileDir(path)
	}
	if err != nil {
		return nil, err
	}
	ex, err := migrate.NewExecutor(pg{dev.Driver}, dir, migrate.NopRevisionReadWriter{})
	if err != nil {
		return nil, err
	}
	// The library wants the database empty, and empties it again.
	r, err := ex.Replay(ctx, reader(dev, o))
	if e := (*migrate.StmtExecError)(nil); errors.As(err, &e) {
		err = no{err}
	}
	return &state{r, dev.URL.Schema, false}, err
}

// reader reads what a connection reaches: its one schema, or all.
func reader(c *sqlclient.Client, o *options) migrate.StateReader {
	if c.URL.Schema != "" {
		return migrate.SchemaConn(c.Driver, "", &schema.InspectOptions{Exclude: o.exclude})
	}
	return migrate.RealmConn(c.Driver, &schema.InspectRealmOption{Schemas: o.schemas, Exclude: o.exclude})
}

// fileDir is a directory in memory, of one file.
func fileDir(path string) (migrate.Dir, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := &migrate.MemDir{}
	if err := d.WriteFile(filepath.Base(path), text); err != nil {
		return nil, err
	}
	sum, err := d.Checksum()
	if err != nil {
		return nil, err
	}
	return d, migrate.WriteSumFile(d, sum)
}

func readHCL(ctx context.Context, path string, dev *sqlclient.Client) (*state, error) {
	parser, realm := hclparse.NewParser(), &schema.Realm{}
	if _, diag := parser.ParseHCLFile(path); diag.HasErrors() {
		return nil, diag
	}
	if err := dev.Eval(parser, realm, nil); err != nil {
		return nil, err
	}
	n, ok := dev.Driver.(schema.Normalizer)
	if !ok {
		return nil, errors.New("this database cannot read HCL")
	}
	if dev.URL.Schema == "" || len(realm.Schemas) == 0 {
		r, err := n.NormalizeRealm(ctx, realm)
		return &state{r, "", true}, err
	}
	if len(realm.Schemas) > 1 {
		return nil, fmt.Errorf("%s has several schemas, the dev database is limited to %q", path, dev.URL.Schema)
	}
	s, err := n.NormalizeSchema(ctx, realm.Schemas[0])
	realm.Schemas[0] = s
	return &state{realm, dev.URL.Schema, true}, err
}
