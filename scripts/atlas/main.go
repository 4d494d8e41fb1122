// Command atlas does what atlas-make asks of Atlas, for PostgreSQL: it hashes,
// validates, compares, applies and lints migrations with the planner and the
// executor of the vendor's library ariga.io/atlas. It takes the flags of the
// vendor's command and prints the same JSON.
//
// An address is a URL, or env:NAME, which stands for the environment's variable
// NAME: so no secret is in an argument list.
//
// Exit codes: 0 done or yes, 1 the honest no (a statement failed, the directory
// does not match its atlas.sum), 2 it could not be done.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

const usage = `usage: atlas version
       atlas migrate hash     --dir file://DIR
       atlas migrate validate --dir file://DIR
       atlas migrate lint     --dir file://DIR --dev-url ADDRESS --latest N [--throwaway]
       atlas migrate status   --dir file://DIR --url ADDRESS
       atlas migrate apply    [N] --dir file://DIR --url ADDRESS [--baseline VERSION | --allow-dirty]
                              [--tx-mode file|none] [--lock-timeout 10s] [--progress DESCRIPTOR]
                              [--exec-order linear|linear-skip|non-linear]
       atlas schema diff      --from ADDRESS --to ADDRESS [--concurrent-index create,drop]
                              [--schema NAME] (as often as needed)
       atlas schema run       --url ADDRESS <SQL
status, apply:                --revisions-schema NAME --then FILE
lint, status, apply, diff:    --format TEMPLATE
An ADDRESS is a URL, or env:NAME for a variable of the environment; --url is
env:DATABASE_URL and --dev-url env:DEV_URL where they are not given. --then: the
SQL in FILE is run on the same connection when the rest is done, and its rows are
printed. --throwaway: nobody wants the dev database afterwards, so it is not emptied
again.
`

// command is one of the verbs above.
type command func(context.Context, *options) error

var commands = map[string]command{
	"migrate hash": hash, "migrate validate": validate, "migrate lint": lint,
	"migrate status": status, "migrate apply": apply,
	"schema diff": schemaDiff, "schema run": runSQL,
}

// options are the flags of all commands.
type options struct {
	args                    []string
	dir, url, dev, from, to string
	format, revisions, then string
	baseline, txMode, order string
	allowDirty, throwaway   bool
	lockTimeout             time.Duration
	latest, progress        uint
	schemas, indexing       list
}

// list is a flag that may be given several times, or with commas.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, strings.Split(s, ",")...); return nil }

// no is the error whose exit code is 1; of any other it is 2.
type no struct{ error }

func (n no) Unwrap() error { return n.error }

// errReported stands for an error that the report on stdout has already.
var errReported = errors.New("reported")

func main() {
	// The first signal cancels: the server ends the running statement, its file
	// is rolled back. The second one kills, as a signal does by default.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:])
	if err == nil {
		return
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintln(os.Stderr, "Error:", plain(err.Error()))
	}
	if errors.As(err, new(no)) {
		os.Exit(1)
	}
	os.Exit(2)
}

func run(ctx context.Context, args []string) error {
	if len(args) == 1 {
		switch args[0] {
		case "version", "-V", "--version":
			return output("atlas engine version " + version() + "\n")
		case "help", "-h", "--help":
			return output(usage)
		}
	}
	if len(args) < 2 || commands[args[0]+" "+args[1]] == nil {
		return errors.New("no such command\n" + strings.TrimSpace(usage))
	}
	do := commands[args[0]+" "+args[1]]
	o, err := parse(args[2:])
	if err != nil {
		return err
	}
	return do(ctx, o)
}

// given is NAME's address where the environment has one: the default of a flag.
func given(name string) string {
	if os.Getenv(name) == "" {
		return ""
	}
	return "env:" + name
}

func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.dir, "dir", "file://migrations", "")
	f.StringVar(&o.url, "url", given("DATABASE_URL"), "")
	f.StringVar(&o.dev, "dev-url", given("DEV_URL"), "")
	f.StringVar(&o.from, "from", "", "")
	f.StringVar(&o.to, "to", "", "")
	f.StringVar(&o.format, "format", "", "")
	f.StringVar(&o.revisions, "revisions-schema", "atlas_schema_revisions", "")
	f.StringVar(&o.then, "then", "", "")
	f.StringVar(&o.baseline, "baseline", "", "")
	f.StringVar(&o.txMode, "tx-mode", "file", "")
	f.StringVar(&o.order, "exec-order", "linear", "")
	f.UintVar(&o.progress, "progress", 0, "")
	f.BoolVar(&o.allowDirty, "allow-dirty", false, "")
	f.DurationVar(&o.lockTimeout, "lock-timeout", 10*time.Second, "")
	f.UintVar(&o.latest, "latest", 0, "")
	f.BoolVar(&o.throwaway, "throwaway", false, "")
	f.Var(&o.schemas, "schema", "")
	f.Var(&o.indexing, "concurrent-index", "")
	// A number stands before the flags, or after "--".
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.args, args = append(o.args, args[0]), args[1:]
	}
	if err := f.Parse(args); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, strings.TrimSpace(usage))
	}
	if o.args = append(o.args, f.Args()...); len(o.args) > 1 {
		return nil, fmt.Errorf("too many arguments: %q\n%s", o.args, strings.TrimSpace(usage))
	}
	return o, nil
}

// version is the library's, whose planner and executor these are.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "ariga.io/atlas" {
				return d.Version
			}
		}
	}
	return "unknown"
}

// output writes to stdout; what did not get there is an error.
func output(s string) error {
	_, err := os.Stdout.WriteString(s)
	return err
}
