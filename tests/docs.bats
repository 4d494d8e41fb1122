#!/usr/bin/env bats
# README and docs/: what they point at is there, the commands they show exist, and
# those of a new project do what the page says.

load helper

pages() { (cd "$TOP" && ls ./*.md docs/*.md); }

# anchors FILE: the anchors of its headings, as GitHub makes them.
anchors() {
	awk '/^```/ { code = !code } !code && /^#+ / { sub(/^#+ /, ""); print }' "$1" |
		tr '[:upper:]' '[:lower:]' | sed "s/[^a-z0-9 _-]//g; s/ /-/g"
}

# fences FILE SECTION: the lines of the sh blocks under that heading.
fences() {
	awk -v section="## $2" '
		/^## / { here = $0 == section }
		/^```/ { code = here && $0 == "```sh"; next }
		code' "$1"
}

@test "every link of a page leads to a file that is there, and to a heading of it" {
	cd "$TOP"
	pages | while read -r page; do
		# Two links on a line are two lines.
		awk '/^```/ { code = !code } !code' "$page" | sed 's/](/\n&/g' | sed -n 's/^](\([^)]*\)).*/\1/p' |
			while read -r link; do
				case $link in http*) continue ;; esac
				file=$(dirname "$page")/${link%%#*}
				[ -n "${link%%#*}" ] || file=$page
				[ -e "$file" ] || { echo "$page: $link: no such file"; continue; }
				case $link in
				*'#'*) anchors "$file" | grep -qFx -e "${link#*#}" || echo "$page: $link: no such heading" ;;
				esac
			done
	done >"$BATS_TEST_TMPDIR/broken"
	[ ! -s "$BATS_TEST_TMPDIR/broken" ] || { cat "$BATS_TEST_TMPDIR/broken"; return 1; }
}

@test "every make command of a page names a target that is there, and knobs that are" {
	cd "$TOP"
	make -pRrq -f Makefile nonesuch 2>/dev/null | sed -n 's/^\([a-z][-a-z0-9]*\):.*/\1/p' | sort -u >"$BATS_TEST_TMPDIR/targets"
	sed -n 's/.*atlas-make\.prefixed := //p' kit.mk | tr ' ' '\n' | sed 's/^/atlas-/' >>"$BATS_TEST_TMPDIR/targets"
	sed -n 's/^\([A-Z][A-Z_]*\) ?=.*/\1/p' mk/config.mk >"$BATS_TEST_TMPDIR/knobs"
	printf '%s\n' CC JOBS >>"$BATS_TEST_TMPDIR/knobs"
	cat $(pages) | sed 's/"[^"]*"/VALUE/g' | grep -o 'make [a-z][^`#|(;.,]*' | sed 's/^make //' | while read -r target words; do
		# "make it", "make no rule": a command begins its code, prose does not.
		grep -qEe "(\`|^|^\\$ )make $target([ \`]|$)" $(pages) || continue
		grep -qFx -e "$target" "$BATS_TEST_TMPDIR/targets" || echo "make $target: no such target"
		for word in $words; do
			case $word in
			[A-Z]*=*) grep -qFx -e "${word%%=*}" "$BATS_TEST_TMPDIR/knobs" || echo "make $target $word: no such knob" ;;
			esac
		done
	done >"$BATS_TEST_TMPDIR/unknown"
	[ ! -s "$BATS_TEST_TMPDIR/unknown" ] || { cat "$BATS_TEST_TMPDIR/unknown"; return 1; }
	# It looked at some.
	[ "$(cat $(pages) | grep -c '`make ')" -gt 50 ]
}

@test "every page is pointed at from the first" {
	cd "$TOP"
	for page in docs/*.md; do
		grep -qF "]($page)" README.md || { echo "README.md says nothing of $page"; return 1; }
	done
}

@test "a new project: what its page says, step by step" {
	project git
	cd ..
	page=$TOP/docs/new-project.md
	set -e
	fences "$page" '1. Clone it, see it work' | sed -e "s#URL#'a project'#" >one
	[ "$(wc -l <one)" -eq 3 ]
	sed -n 1p one | sh -e
	cd app
	git config user.name test
	git config user.email test@example.com
	# Older than the engine that is built.
	find . -path ./.git -prune -o -type f -exec touch -d 2020-01-01 {} +
	TMPDIR=/tmp installed "$PWD"
	check 0 -o 'migrations: check passed' -- sh -c "$(sed -n 3p ../one | sed 's/make/make -s/')"

	edit atlas-make.mk '/^EXAMPLE = 1$/d'
	cat >src/db/models.py <<-'END'
		from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


		class Base(DeclarativeBase):
		    pass


		class Article(Base):
		    __tablename__ = "articles"
		    id: Mapped[int] = mapped_column(primary_key=True)
	END
	fences "$page" '2. Your models in the place of the example'\''s' | sed 's/^make/make -s/' >../two
	sh -e ../two >../log
	sed -e 's/[0-9]\{14\}/VERSION/' -e 's/h1:.*=/HASH/' -e '/^\[main/,$d' ../log >../seen
	printf '%s\n' 'new: src/db/migrations/VERSION_first.sql' 'MigrationHash HASH' 'migrations: check passed' >../wanted
	same ../wanted ../seen
	[ -z "$(git status --porcelain)" ]
	[ "$(git ls-files 'src/db/migrations/*.sql' | wc -l)" -eq 1 ]

	echo '    age: Mapped[int | None]' >>src/db/models.py
	fences "$page" '3. The day' | sed 's/^make/make -s/' >../three
	sh -e ../three >../log
	grep -q '^ALTER TABLE "articles" ADD COLUMN "age" integer NULL;  -- no lock' ../log
	[ "$(tail -n 1 ../log)" = 'migrations: check passed' ]
}

@test "the tour: each command of README says what is shown there" {
	project git
	awk '/^## / { here = $0 == "## A minute'\''s tour" } /^```/ { code = here && !code; next } code' "$TOP/README.md" |
		sed 's/  *# .*//' >../shown
	grep -q '^\$ make create-migrations ' ../shown
	rm -f ../said
	sed -n 's/^\$ //p' ../shown | while IFS= read -r line; do
		printf '$ %s\n' "$line" >>../said
		case $line in
		'git diff --stat') git diff --stat --relative | grep -c . >../stat ;;
		*) sh -c "$line" >>../said 2>../errors || cat ../errors >/dev/null ;;
		esac
	done
	sed -e 's/[0-9]\{14\}/VERSION/' -e 's/h1:.*=/HASH/' ../shown >../wanted
	sed -e 's/[0-9]\{14\}/VERSION/' -e 's/h1:.*=/HASH/' ../said >../seen
	same ../wanted ../seen
}
