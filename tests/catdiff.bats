#!/usr/bin/env bats
# catdiff: two listings of a database's objects.

load helper

# row FILE KIND ID DEFINITION [CLASS OID SUB]: one more row.
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\t\\N\t\\N\n' "$2" "$3" "$4" "${5-1259}" "${6-16384}" "${7-0}" >>"$1"; }
end() { printf '\\.\n' >>"$1"; }

@test "equal, whatever the order and the oids; empty" {
	row a table users ''
	row a column users.id integer 1259 16384 1
	end a
	row b column users.id integer 1259 20000 1
	row b table users '' 1259 20000
	end b
	check 0 -- catdiff a b
	check 0 -i a -- catdiff - b
	end none
	check 0 -- catdiff none none
}

@test "no listing, or not a whole one" {
	row a table users ''
	check 2 -e 'catdiff: a: the listing ends too early, in line 2: see what psql said when it was written' -- catdiff a a
	printf '\\.' >b
	check 2 -p '^catdiff: b: the listing ends too early, in line 1:' -- catdiff b b
	: >b
	check 2 -p '^catdiff: b: the listing ends too early, in line 1:' -- catdiff b b
	printf '\\.\nx\n' >b
	check 2 -e "catdiff: b: there is more after the listing's end, in line 2" -- catdiff b b
	printf 'table\tusers\n\\.\n' >b
	check 2 -e 'catdiff: b:1: no row of a listing: it has 2 fields, not 8' -- catdiff b b
	printf 'a\tb\tc\t1\t2\t3\td\te\tf\n\\.\n' >b
	check 2 -e 'catdiff: b:1: no row of a listing: it has more than 8 fields' -- catdiff b b
	printf 'a\t\\N\tc\t1\t2\t3\td\te\n\\.\n' >b
	check 2 -e 'catdiff: b:1: no row of a listing: it has no kind or no identity' -- catdiff b b
	for n in x '' '\\N' 99999999999 -3000000000 99999999999999999999 ' 1'; do
		printf 'a\tb\tc\t1\t%b\t3\td\te\n\\.\n' "$n" >b
		check 2 -p "^catdiff: b:1: '.*' where a number should be" -- catdiff b b
	done
	printf 'a\\\tb\tc\t1\t2\t3\td\te\n\\.\n' >b
	check 2 -e 'catdiff: b:1: a backslash with nothing behind it' -- catdiff b b
	printf 'a\0\n\\.\n' >b
	check 2 -e 'catdiff: b: no listing: there is a NUL in it' -- catdiff b b
	check 2 -e 'catdiff: none: cannot open: No such file or directory' -- catdiff none b
}

@test "usage" {
	check 0 -o 'usage: catdiff [-hV] want have' -- catdiff -h
	check 0 -o 'catdiff 0.1.0' -- catdiff -V
	check 2 -e 'usage: catdiff [-hV] want have' -- catdiff
	check 2 -e 'usage: catdiff [-hV] want have' -- catdiff a
	check 2 -e 'usage: catdiff [-hV] want have' -- catdiff a b c
	check 2 -p '^usage: ' -- catdiff -x
}
