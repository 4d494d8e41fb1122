package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5/stdlib"
)

// runSQL executes the statements on standard input, and prints the rows that
// they give, a tab between the columns. All of it is one transaction, unless it
// says otherwise.
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
	var out bytes.Buffer
	err = conn.Raw(func(dc any) error {
		p, ok := dc.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("not a connection of this driver: %T", dc)
		}
		results, err := p.Conn().PgConn().Exec(ctx, string(text)).ReadAll()
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
