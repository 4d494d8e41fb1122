package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/postgres"
)

// pg is the library's driver with a scanner of ours in front.
type pg struct{ migrate.Driver }

// ScanStmts is the library's interface.
func (pg) ScanStmts(text string) ([]*migrate.Stmt, error) { return split(text) }

func scan(f migrate.File) ([]*migrate.Stmt, error) { return migrate.FileStmtDecls(pg{}, f) }

// The file at hand is asked for more than once.
var last struct {
	text  string
	stmts []*migrate.Stmt
	err   error
}

// split cuts a file into statements. The library's scanner goes wrong over
// E'it\'s', nested comments, a backquote, a$b$c and more. But where its
// statements are whole ones, they count: their number and hashes are in the
// table of revisions, and what one program began the other must be able to end.
func split(text string) ([]*migrate.Stmt, error) {
	if last.text != text || text == "" {
		last.stmts, last.err = choose(text)
		last.text = text
	}
	return last.stmts, last.err
}

func choose(text string) ([]*migrate.Stmt, error) {
	theirs, theirErr := (&postgres.Driver{}).ScanStmts(text)
	if delimiter.MatchString(text) {
		return theirs, theirErr
	}
	ours, err := lex(text)
	if err != nil {
		return nil, err
	}
	if theirErr != nil {
		return ours, nil
	}
	// Whole is one of ours, or BEGIN with all that follows up to its END.
	starts, ends := make(map[int]int, len(ours)), make(map[int]bool, len(ours))
	for _, s := range ours {
		end := s.Pos + len(s.Text)
		starts[s.Pos], ends[end] = end, true
	}
	for _, s := range theirs {
		end := s.Pos + len(s.Text)
		if starts[s.Pos] != end && !(ends[end] && block.MatchString(s.Text)) {
			return ours, nil
		}
	}
	return theirs, nil
}

var (
	delimiter  = regexp.MustCompile(`(?i)^(--\s*atlas:delimiter\b)|(^|\n)delimiter `)
	dollar     = regexp.MustCompile(`^\$([A-Za-z_\x80-\x{10FFFF}][A-Za-z0-9_\x80-\x{10FFFF}]*)?\$`)
	routine    = regexp.MustCompile(`(?i)^create\s+(or\s+replace\s+)?(function|procedure)\b`)
	block      = regexp.MustCompile(`(?i)^begin\s`)
	copyStdin  = regexp.MustCompile(`(?is)^copy\b.*\bfrom\s+stdin\b`)
	errNotEnds = errors.New("does not end")
)

// lexer is the state of lex within a statement.
type lexer struct {
	text           string
	begin          int // of the statement, or -1 between two
	parens, blocks int
	comments       []string // those before the statement, without an empty line
	stmts          []*migrate.Stmt
}

// lex cuts by PostgreSQL's lexical rules (standard_conforming_strings on).
// Comments before a statement do not belong to it.
func lex(text string) ([]*migrate.Stmt, error) {
	l := &lexer{text: text, begin: -1}
	i := 0
	if strings.HasPrefix(text, "\ufeff") {
		i = len("\ufeff")
	}
	for i < len(text) {
		n, err := l.next(text[i:], i)
		if err != nil {
			return nil, err
		}
		i += n
	}
	if l.begin < 0 {
		return l.stmts, nil
	}
	if l.parens > 0 || l.blocks > 0 {
		return nil, onLine(text, l.begin, fmt.Errorf("statement %w", errNotEnds))
	}
	return l.stmts, l.emit(len(text))
}

// next takes one token, or more, from the rest of the text.
func (l *lexer) next(rest string, i int) (n int, err error) {
	switch {
	case strings.HasPrefix(rest, "--"):
		if n = strings.IndexByte(rest, '\n') + 1; n == 0 {
			// The last line, without an end. The library counts it as a statement (the
			// server takes it for an empty one), and we must count as it does.
			if n = len(rest); l.begin < 0 {
				l.begin = i
			}
			return n, nil
		}
		l.comment(rest[:n])
		return n, nil
	case strings.HasPrefix(rest, "/*"):
		if n = comment(rest); n == 0 {
			return 0, onLine(l.text, i, fmt.Errorf("comment %w", errNotEnds))
		}
		l.comment(rest[:n])
		return n, nil
	}
	if n = span(rest, isSpace); n > 0 {
		if l.begin < 0 && strings.Contains(rest[:n], "\n") && (strings.Count(rest[:n], "\n") > 1 || l.lineComment()) {
			l.comments = nil
		}
		return n, nil
	}
	if l.begin < 0 {
		l.begin = i
	}
	switch c := rest[0]; {
	case c == '\'' || c == '"':
		n = quoted(rest, c, false)
	case (c == 'E' || c == 'e') && len(rest) > 1 && rest[1] == '\'':
		if n = quoted(rest[1:], '\'', true); n > 0 {
			n++
		}
	case c == '$' && dollar.MatchString(rest):
		tag := dollar.FindString(rest)
		if end := strings.Index(rest[len(tag):], tag); end >= 0 {
			n = end + 2*len(tag)
		}
	case isWord(c) && (c < '0' || c > '9'):
		n = span(rest, isWord)
		l.word(strings.ToLower(rest[:n]))
	case c == '(':
		l.parens, n = l.parens+1, 1
	case c == ')':
		if l.parens--; l.parens < 0 {
			return 0, onLine(l.text, i, errors.New("')' without '('"))
		}
		n = 1
	case c == ';' && l.parens == 0 && l.blocks == 0:
		return 1, l.emit(i + 1)
	default:
		n = 1
	}
	if n == 0 {
		return 0, onLine(l.text, i, fmt.Errorf("unclosed quote %q", rest[0]))
	}
	return n, nil
}

// word counts the blocks of a routine's body: BEGIN ATOMIC ...; ...; END, with
// CASE ... END in it.
func (l *lexer) word(w string) {
	switch {
	case w == "begin" && routine.MatchString(l.text[l.begin:]):
		l.blocks++
	case w == "case" && l.blocks > 0:
		l.blocks++
	case w == "end" && l.blocks > 0:
		l.blocks--
	}
}

// comment keeps one that stands before a statement, for its directives.
func (l *lexer) comment(s string) {
	if l.begin < 0 {
		l.comments = append(l.comments, s)
	}
}

// lineComment tells that the last comment ended its line.
func (l *lexer) lineComment() bool {
	n := len(l.comments)
	return n > 0 && strings.HasSuffix(l.comments[n-1], "\n")
}

func (l *lexer) emit(end int) error {
	s := strings.TrimSpace(l.text[l.begin:end])
	switch {
	case strings.HasPrefix(s, `\`):
		return onLine(l.text, l.begin, errors.New("a command of psql, which the server does not know"))
	case copyStdin.MatchString(s):
		return onLine(l.text, l.begin, errors.New("COPY FROM stdin needs psql: write INSERT"))
	}
	l.stmts = append(l.stmts, &migrate.Stmt{Pos: l.begin, Text: s, Comments: l.comments})
	l.begin, l.parens, l.blocks, l.comments = -1, 0, 0, nil
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// isWord tells what a name may hold, digits and $ not at its start.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

// span is how far s begins with such bytes.
func span(s string, is func(byte) bool) (n int) {
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

// comment is the length of the comment that s begins with; comments nest.
func comment(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// quoted is the length of the text or name in quotes that s begins with. A
// doubled quote is one of the text.
func quoted(s string, q byte, backslash bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && backslash:
			i++
		case s[i] == q && i+1 < len(s) && s[i+1] == q:
			i++
		case s[i] == q:
			return i + 1
		}
	}
	return 0
}

// onLine says where an error is, as the library does: LINE:COLUMN.
func onLine(text string, pos int, err error) error {
	before := text[:pos]
	return fmt.Errorf("%d:%d: %w", 1+strings.Count(before, "\n"), pos-strings.LastIndex(before, "\n"), err)
}
