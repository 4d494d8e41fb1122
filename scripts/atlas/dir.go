package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqlclient"
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

// CheckpointFiles would have the library read the directory once more.
func (d *directory) CheckpointFiles() ([]migrate.File, error) {
	var found []migrate.File
	for _, f := range d.files {
		if c, ok := f.(migrate.CheckpointFile); ok && c.IsCheckpoint() {
			found = append(found, f)
		}
	}
	return found, nil
}

func localDir(s string) (*migrate.LocalDir, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "file" {
		return nil, fmt.Errorf("--dir: not of the form file://DIR: %q", s)
	}
	return migrate.NewLocalDir(filepath.Join(u.Host, u.Path))
}

// openDir opens a directory that matches its atlas.sum. Each file is read once.
func openDir(s string) (*directory, error) {
	l, err := localDir(s)
	if err != nil {
		return nil, err
	}
	d := &directory{LocalDir: l}
	if d.files, err = l.Files(); err != nil {
		return nil, err
	}
	if d.sum, err = migrate.NewHashFile(d.files); err != nil {
		return nil, err
	}
	if err := migrate.Validate(d); err != nil {
		return nil, no{fmt.Errorf("%s: %s", d.Path(), sumError(err))}
	}
	return d, nil
}

// open opens the directory and the database that a command is about.
func (o *options) open(ctx context.Context) (*directory, *sqlclient.Client, error) {
	d, err := openDir(o.dir)
	if err != nil {
		return nil, nil, err
	}
	c, err := connect(ctx, o.url)
	return d, c, err
}

// sumError says where atlas.sum and the files part.
func sumError(err error) string {
	if e := (*migrate.ChecksumError)(nil); errors.As(err, &e) {
		return fmt.Sprintf("%s (atlas.sum): L%d: %s was %s", err, e.Line, e.File, e.Reason)
	}
	return err.Error()
}

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

func validate(_ context.Context, o *options) error {
	_, err := openDir(o.dir)
	return err
}
