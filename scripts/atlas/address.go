package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"ariga.io/atlas/sql/sqlclient"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
)

// secrets are what must never be printed: passwords, as written and as meant.
var secrets []string

// address resolves env:NAME, which often comes from a file and has its line end,
// and remembers the password.
func address(s string) (*url.URL, error) {
	name, fromEnv := strings.CutPrefix(s, "env:")
	if fromEnv {
		if s = strings.TrimSpace(os.Getenv(name)); s == "" {
			return nil, fmt.Errorf("%s is not set in the environment", name)
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" {
		// The parser's own words quote the address, and with it the password.
		return nil, errors.New("an address is missing or not valid; in user and password, @ is written %40, : %3A, / %2F, ? %3F, # %23, % %25")
	}
	p, _ := u.User.Password()
	for _, p := range []string{p, u.Query().Get("password")} {
		// One of two letters would take half of a message with it.
		if len(p) > 2 {
			secrets = append(secrets, s, p, url.QueryEscape(p), url.PathEscape(p))
		}
	}
	return u, nil
}

// The client's own form of a server's error and of a failed connection.
var (
	serverError = regexp.MustCompile(`(?:ERROR|FATAL|PANIC): (.*?) \(SQLSTATE ([0-9A-Z]{5})\)`)
	connecting  = regexp.MustCompile("failed to connect to `[^`]*`:\\s*")
)

// plain makes an error fit for people: without secrets, in the server's words.
func plain(s string) string {
	for _, secret := range secrets {
		s = strings.ReplaceAll(s, secret, "***")
	}
	s = connecting.ReplaceAllString(s, "connecting: ")
	return serverError.ReplaceAllString(s, "$1 ($2)")
}

// connect opens the database of an address.
func connect(ctx context.Context, s string) (*sqlclient.Client, error) {
	if s == "" {
		return nil, errors.New("an address is missing: give --url or --dev-url, or set DATABASE_URL or DEV_URL")
	}
	u, err := address(s)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, fmt.Errorf("not an address of PostgreSQL: %s://", u.Scheme)
	}
	c, err := sqlclient.OpenURL(ctx, u)
	if want := u.Query().Get("search_path"); err == nil && want != "" {
		if err = sameSearchPath(ctx, c, want); err != nil {
			c.Close()
		}
	}
	return c, err
}

// sameSearchPath: a proxy may ignore what a session begins with. Then the tables
// would be made in another schema than the one that was asked for; unless that one
// is where the session is anyway.
func sameSearchPath(ctx context.Context, c *sqlclient.Client, want string) (err error) {
	var is, at string
	err = c.DB.QueryRowContext(ctx, "SELECT current_setting('search_path'), coalesce(current_schema(), '')").Scan(&is, &at)
	if err == nil && is != want && at != want {
		err = fmt.Errorf("the session's search_path is %s, not %s as in the address: a proxy ignores what a session begins with (PgBouncer's ignore_startup_parameters); fix: ALTER ROLE ... SET search_path = %s, or the server's own address", is, want, want)
	}
	return err
}

// The library opens a driver of this name. It is pgx: it gets through an error
// of any length, and a cancelled statement leaves it with a usable connection.
func init() { sql.Register("postgres", pgDriver{}) }

type pgDriver struct{}

func (pgDriver) Open(string) (driver.Conn, error) { return nil, errors.New("not used") }

func (pgDriver) OpenConnector(dsn string) (driver.Connector, error) {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New(plain(err.Error()))
	}
	// Encrypted unless the address says otherwise: without a word of it pgx
	// would go on in clear text where the server has no TLS.
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New("not a valid address")
	}
	if !u.Query().Has("sslmode") && os.Getenv("PGSSLMODE") == "" && c.TLSConfig != nil {
		c.Fallbacks = encrypted(c.Fallbacks)
	}
	// No prepared statements that a proxy would have to remember.
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	// A signal cancels in the server, and the connection lives on for the rollback
	// and the revision.
	c.BuildContextWatcherHandler = func(p *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: p, DeadlineDelay: 15 * time.Second}
	}
	return stdlib.GetConnector(*c), nil
}

// encrypted leaves out the ways to the server that are in clear text.
func encrypted(all []*pgconn.FallbackConfig) (out []*pgconn.FallbackConfig) {
	for _, f := range all {
		if f.TLSConfig != nil || strings.HasPrefix(f.Host, "/") {
			out = append(out, f)
		}
	}
	return out
}

// inTransaction is the state of a connection: 'I' idle, 'T' in a transaction,
// 'E' in one that failed.
func inTransaction(c *sql.Conn) (state byte) {
	state = 'I'
	c.Raw(func(dc any) error {
		if p, ok := dc.(*stdlib.Conn); ok && !p.Conn().IsClosed() {
			state = p.Conn().PgConn().TxStatus()
		}
		return nil
	})
	return state
}
