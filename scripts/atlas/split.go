package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/postgres"
)

// pg is the library's driver with a scanner of ours in front.
type pg struct{ migrate.Driver }

// ScanStmts is the library's interface.
func (pg) ScanStmts(text string) ([]*migrate.Stmt, error) { return split(text) }

func scan(f migrate.File) ([]*migrate.Stmt, error) { return migrate.FileStmtDecls(pg{}, f) }

// The library asks for the statements of one file more than once.
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
	switch {
	case err != nil:
		return nil, err
	case theirErr == nil && whole(theirs, ours.stmts):
		return theirs, nil
	}
	return ours.stmts, nil
}

// whole says whether each statement of the library's is one of ours, or BEGIN with
// all that follows up to its END, and whether none of ours is missing.
func whole(theirs, ours []*migrate.Stmt) bool {
	for _, s := range theirs {
		if len(ours) == 0 || ours[0].Pos != s.Pos {
			return false
		}
		n := 1
		for n < len(ours) && ends(ours[n-1]) < ends(s) {
			n++
		}
		if ends(ours[n-1]) != ends(s) || n > 1 && !block.MatchString(s.Text) {
			return false
		}
		ours = ours[n:]
	}
	return len(ours) == 0
}

// ends is where a statement ends in its file.
func ends(s *migrate.Stmt) int { return s.Pos + len(s.Text) }

var (
	delimiter = regexp.MustCompile(`(?i)^(--\s*atlas:delimiter\b)|(^|\n)delimiter `)
	dollar    = regexp.MustCompile(`^\$([A-Za-z_\x80-\x{10FFFF}][A-Za-z0-9_\x80-\x{10FFFF}]*)?\$`)
	block     = regexp.MustCompile(`(?i)^begin\s`)
	// A string may continue after its quote: on another line, and after comments.
	goesOn = regexp.MustCompile(`^(?:[ \t\f\v]|--[^\r\n]*)*[\r\n](?:[\s\v]|--[^\r\n]*[\r\n])*'`)
	// What a statement begins with, by its words.
	routine   = regexp.MustCompile(`^create (or replace )?(function|procedure)\b`)
	copyStdin = regexp.MustCompile(`^copy\b.* from stdin\b`)
	// Statements that end a transaction, or begin another one.
	ending = regexp.MustCompile(`^(commit|end|abort|rollback|prepare transaction)\b`)
	going  = regexp.MustCompile(`^(commit|rollback) prepared\b|^rollback( work| transaction)? to\b`)
)

// endsTransaction says whether a statement, or one of several that a delimiter
// of the file's own holds together, ends the transaction it is in.
func endsTransaction(s *migrate.Stmt) bool {
	l, err := lex(s.Text)
	return err == nil && slices.ContainsFunc(l.words, func(w string) bool { return ending.MatchString(w) && !going.MatchString(w) })
}

// lexer is the state of lex within a statement.
type lexer struct {
	text           string
	begin          int // of the statement, or -1 between two
	parens, blocks int
	said           []string // its words, in small letters: the first few, and all of COPY
	before         string   // the token before, where it was a word
	comments       []string // those before the statement, without an empty line
	stmts          []*migrate.Stmt
	words          []string // what was said in each of them
}

// lex cuts by PostgreSQL's lexical rules (standard_conforming_strings on).
// Comments before a statement do not belong to it.
func lex(text string) (*lexer, error) {
	l := &lexer{text: text, begin: -1}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, onLine(text, i, errors.New("a byte of value 0, which PostgreSQL does not take"))
	}
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
		return l, nil
	}
	if l.parens > 0 || l.blocks > 0 {
		return nil, onLine(text, l.begin, errors.New("statement does not end"))
	}
	return l, l.emit(len(text))
}

// next takes one token, or more, from the rest of the text.
func (l *lexer) next(rest string, i int) (n int, err error) {
	switch {
	case strings.HasPrefix(rest, "--"):
		if n = strings.IndexAny(rest, "\r\n") + 1; n == 0 {
			// The last line, without an end. The library counts it as a statement (the
			// server takes it for an empty one), and we must count as it does.
			if n = len(rest); l.begin < 0 {
				l.begin = i
			}
			return n, nil
		}
		if strings.HasPrefix(rest[n-1:], "\r\n") {
			n++
		}
		l.comment(rest[:n])
		return n, nil
	case strings.HasPrefix(rest, "/*"):
		if n = comment(rest); n == 0 {
			return 0, onLine(l.text, i, errors.New("comment does not end"))
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
	before := l.before
	l.before = ""
	switch c := rest[0]; {
	case c == '\'' || c == '"':
		n = quoted(rest, c, false)
	case (c == 'E' || c == 'e') && len(rest) > 1 && rest[1] == '\'':
		if n = quoted(rest[1:], '\'', true); n > 0 {
			n++
		}
	case c == '$':
		// A tag and all up to it, or a parameter.
		tag := dollar.FindString(rest)
		if end := strings.Index(rest[len(tag):], tag); end >= 0 {
			n = max(1, end+2*len(tag))
		}
	case isWord(c) && (c < '0' || c > '9'):
		n = span(rest, isWord)
		l.word(before, strings.ToLower(rest[:n]))
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
// CASE ... END in it. After AS any of them is a name.
func (l *lexer) word(before, w string) {
	if len(l.said) < 5 || l.said[0] == "copy" {
		l.said = append(l.said, w)
	}
	l.before = w
	switch {
	case w == "atomic" && before == "begin" && routine.MatchString(strings.Join(l.said, " ")):
		l.blocks++
	case l.blocks == 0 || before == "as":
	case w == "case":
		l.blocks++
	case w == "end":
		l.blocks--
	}
}

// comment keeps a comment that stands before a statement, for its directives.
func (l *lexer) comment(s string) {
	if l.begin < 0 {
		l.comments = append(l.comments, s)
	}
}

// lineComment says whether the last comment ended its line.
func (l *lexer) lineComment() bool {
	n := len(l.comments)
	return n > 0 && strings.HasSuffix(l.comments[n-1], "\n")
}

func (l *lexer) emit(end int) error {
	s, words := strings.TrimSpace(l.text[l.begin:end]), strings.Join(l.said, " ")
	switch {
	case strings.HasPrefix(s, `\`):
		return onLine(l.text, l.begin, errors.New("a command of psql, which the server does not know"))
	case copyStdin.MatchString(words):
		return onLine(l.text, l.begin, errors.New("COPY FROM stdin needs psql: write INSERT"))
	}
	l.stmts = append(l.stmts, &migrate.Stmt{Pos: l.begin, Text: s, Comments: l.comments})
	l.words = append(l.words, words)
	l.begin, l.parens, l.blocks, l.said, l.comments = -1, 0, 0, nil, nil
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// isWord says whether a name may hold the byte; digits and $ not at its start.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

// span is the number of such bytes that s begins with.
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
		case s[i] == q && backslash && goesOn.MatchString(s[i+1:]):
			i += len(goesOn.FindString(s[i+1:]))
		case s[i] == q:
			return i + 1
		}
	}
	return 0
}

// line is the number of the line where a statement begins. Where the file has a
// delimiter of its own, the library counts from the end of that line.
func line(f migrate.File, s *migrate.Stmt) int {
	text, pos := string(f.Bytes()), s.Pos
	if i := strings.Index(text[pos:], s.Text); i > 0 {
		pos += i
	}
	return 1 + strings.Count(text[:pos], "\n")
}

// onLine says where an error is, as the library does: LINE:COLUMN.
func onLine(text string, pos int, err error) error {
	before := text[:pos]
	return fmt.Errorf("%d:%d: %w", 1+strings.Count(before, "\n"), pos-strings.LastIndex(before, "\n"), err)
}
