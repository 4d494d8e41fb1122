package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5/stdlib"
)

// runSQL executes the statements on standard input, and prints their rows.
func runSQL(ctx context.Context, o *options) error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	c, err := connect(ctx, o.url)
	if err != nil {
		return err
	}
	defer c.Close()
	conn, err := c.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return printRows(ctx, conn, string(text))
}

// run executes the SQL of the file that --then names, on the connection of a
// command that has done its work: so the caller needs no second connection.
func (o *options) run(ctx context.Context, conn *sql.Conn) error {
	if o.then == "" {
		return nil
	}
	text, err := os.ReadFile(o.then)
	if err != nil {
		return err
	}
	return printRows(ctx, conn, string(text))
}

// printRows executes SQL, and prints the rows that it gives, a tab between the
// columns. All of it is one transaction, unless it says otherwise.
func printRows(ctx context.Context, conn *sql.Conn, text string) error {
	var out bytes.Buffer
	err := conn.Raw(func(dc any) error {
		p, ok := dc.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("not a connection of this driver: %T", dc)
		}
		results, err := p.Conn().PgConn().Exec(ctx, text).ReadAll()
		for _, r := range results {
			for _, row := range r.Rows {
				out.Write(bytes.Join(row, []byte("\t")))
				out.WriteByte('\n')
			}
		}
		return err
	})
	if err != nil {
		return no{err}
	}
	return output(out.String())
}
