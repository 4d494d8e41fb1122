#!/bin/sh
# peers.sh WORK - the check of one new migration beside what others offer: time and
# memory.
#
# The example's models, and made-up ones of so many tables (PEER_TABLES), each with one
# old migration that makes them and a new one that adds a column. Of these Atlas has
# the directory and the schema, squawk the new file, Alembic one revision that makes the
# models and a database at that, Prisma the directory and a schema of its own. PostgreSQL
# is running for all of them, and is not in their memory; ours starts one. Prints
# Markdown tables. What could not be had or does not run is named in its row. PEER in
# the environment is Atlas's own command, if you have it; else it is the engine.
#
# PostgreSQL is the newest of 14 to 17 that the system has, else the kit's: Prisma's engine
# breaks off at 18.
set -eu
for d in /usr/lib/postgresql/1[4-7]/bin/postgres; do
	[ ! -x "$d" ] || { PG_MAJOR=${d%/bin/postgres} && PG_MAJOR=${PG_MAJOR##*/}; }
done
[ -z "${PG_MAJOR-}" ] || ATLAS_MAKE_PG_MAJOR=$PG_MAJOR
export PG_MAJOR ATLAS_MAKE_PG_MAJOR
. "${0%/*}/../scripts/lib/common.sh"
. scripts/lib/atlas.sh
. scripts/lib/devdb.sh
. scripts/lib/npm.sh
. bench/vendor.sh

[ $# -eq 1 ] || {
	echo 'usage: peers.sh work' >&2
	exit 2
}
top=$PWD
case $1 in /*) work=$1 ;; *) work=$top/$1 ;; esac
p=$work/peers
m=$p/src/db/migrations
q="'"

# A package that is not to be had is no reason to measure nothing.
alembic='' prisma=''
alembic_not='could not be installed' prisma_not='could not be installed'
! (scripts/setup/install_venv.sh "$cache/venv-bench" scripts/pins/bench-requirements.txt) || alembic=$top/$cache/venv-bench/bin/alembic
if (scripts/setup/install_npm.sh "$cache/npm-bench" scripts/pins/bench-npm) && (npm_need); then
	npm_need
	prisma="node node_modules/prisma/build/index.js"
fi
need_tmp
devdb_start
devdb_wait
# Prisma makes a database of its own, of what every server has.
devdb_copy dev_spare template1

# models TABLES: of the shape that generate.sh makes.
models() {
	awk -v n="$1" 'BEGIN {
		print "\"\"\"Made up.\"\"\"\n\nfrom datetime import datetime\nfrom decimal import Decimal\n"
		print "from sqlalchemy import DateTime, ForeignKey, Numeric, String, Text, func, text"
		print "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n"
		print "class Base(DeclarativeBase):\n    \"\"\"What every model shares.\"\"\"\n"
		for (t = 0; t < n; t++) {
			printf "\nclass T%d(Base):\n    \"\"\"One of many.\"\"\"\n\n    __tablename__ = \"t%d\"\n\n", t, t
			print "    id: Mapped[int] = mapped_column(primary_key=True)"
			print "    name: Mapped[str] = mapped_column(Text)"
			print "    code: Mapped[str | None] = mapped_column(String(40), index=True)"
			print "    price: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text(\"0\"))"
			print "    made: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())"
			if (t > 0) printf "    parent_id: Mapped[int | None] = mapped_column(ForeignKey(\"t%d.id\"))\n", t - 1
			print "    note: Mapped[str | None] = mapped_column(Text)\n"
		}
	}'
}
# project TABLES: it is in $p, with one migration that is new; 0 for the example.
project() {
	rm -rf "$p"
	bench/project.sh "$p"
	rm "$p/.cache/pg"
	mkdir "$p/.cache/pg"
	cp -Rp "$cache/pg"/[0-9]* "$p/.cache/pg/"
	[ "$1" -eq 0 ] || models "$1" >"$work/models.py"
	# By itself: a list before || goes on after what failed.
	cat >"$work/project.sh" <<-'END'
		set -eu
		unset DEV_URL
		cd "$1/peers"
		if [ "$2" -gt 0 ]; then
			rm -f src/db/migrations/*
			cp ../models.py src/db/models.py
			make -s create-migrations NAME=all
			git add -A
			git -c user.name=bench -c user.email=bench@example.com commit -qm all
		fi
		sed '1,/^    name: /s/^    name: .*/&\n    age: Mapped[int | None]/' src/db/models.py >../models.py
		cp ../models.py src/db/models.py
		make -s create-migrations NAME=more
		.cache/venv/bin/python scripts/load_models.py src.db.models >../rendered.sql
	END
	sh "$work/project.sh" "$work" "$1" >"$work/said" 2>&1 || die "$(cat "$work/said")"
}
# fails ROW-NAME WHY: what peers.sh itself knows of it.
fails() { printf '%s\t\techo %s; false\n' "$1" "$q$2$q"; }

with_alembic() {
	local d="$work/alembic"
	[ -n "$alembic" ] || return 1
	rm -rf "$d"
	mkdir -p "$d/env/versions"
	printf '[alembic]\nscript_location = env\nprepend_sys_path = %s\n' "$p" >"$d/alembic.ini"
	cp bench/alembic_env.py "$d/env/env.py"
	: >"$d/env/script.py.mako"
	cat >"$d/env/versions/1_all.py" <<-END
		from alembic import op
		from src.db.models import Base

		revision, down_revision = "1", None


		def upgrade(): Base.metadata.create_all(op.get_bind())
	END
	devdb_copy dev_spare alembic
	devdb_db alembic
	alembic_not=$(cd "$d" && "$alembic" upgrade head 2>&1) || return 1
	printf 'alembic check, the database is at its revision\t\tcd %s && PGDATABASE=%s %s check\n' "$q$d$q" "$PGDATABASE" "$q$alembic$q"
}

# Prisma's schema is what its own look at the database makes of it.
with_prisma() {
	local d="$work/prisma" f n
	[ -n "$prisma" ] || return 1
	rm -rf "$d"
	mkdir -p "$d/migrations"
	ln -s "$top/$cache/npm-bench/node_modules" "$d/node_modules"
	cp bench/prisma.config.mjs "$d/"
	echo 'provider = "postgresql"' >"$d/migrations/migration_lock.toml"
	printf 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n' >"$d/schema.prisma"
	for f in "$m"/*.sql; do
		n=${f##*/}
		mkdir "$d/migrations/${n%.sql}"
		cp "$f" "$d/migrations/${n%.sql}/migration.sql"
	done
	# It need not be there, only a file under the name, or one is fetched.
	printf '#!/bin/sh\n' >"$d/none"
	chmod +x "$d/none"
	cat >"$d/run" <<-END
		cd '$d'
		export CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1 DATABASE_URL=postgres://localhost/none
		export PRISMA_QUERY_ENGINE_LIBRARY='$d/none' PRISMA_SCHEMA_ENGINE_BINARY='$d/none'
	END
	devdb_copy dev_spare prisma
	devdb_db prisma
	devdb_psql -q -f "$work/rendered.sql" || return 1
	# shellcheck disable=SC1091 # just written
	prisma_not=$(
		. "$d/run"
		$prisma db pull --force 2>&1 >/dev/null | grep -i error || :
		grep -q '^model' schema.prisma
	) || return 1
	devdb_copy dev_spare prisma
	printf 'prisma migrate diff, migrations to schema (its WASM engine)\t\t. %s && PGDATABASE=%s %s migrate diff --from-migrations migrations --to-schema-datamodel schema.prisma --exit-code\n' \
		"$q$d/run$q" "$PGDATABASE" "$prisma"
}

peers() {
	local new
	new=$(find "$m" -name '*_more.sql')
	printf 'the check, models rendered and loaded anew\trm -f %s/.cache/state/*/check.ok %s/.cache/state/*/schema.key %s/.cache/state/*/models.listing\tunset DEV_URL; make -s -C %s check-migrations\n' \
		"$q$p$q" "$q$p$q" "$q$p$q" "$q$p$q"
	vendor_scripts "$m" "$work/rendered.sql"
	printf 'atlas migrate lint\t\tsh %s/lint.sh\n' "$q$tmp$q"
	printf 'atlas migrate apply, schema diff\tsh %s/clean.sh\tset -e; . %s/apply.sh; . %s/diff.sh\n' "$q$tmp$q" "$q$tmp$q" "$q$tmp$q"
	printf 'both, side by side\tsh %s/clean.sh\tsh %s/pair.sh\n' "$q$tmp$q" "$q$tmp$q"
	printf 'squawk, the new file\t\t%s --no-error-on-unmatched-pattern --pg-version %s --assume-in-transaction %s || :\n' \
		"$q$top/$cache/venv/bin/squawk$q" "$PG_MAJOR" "$q$new$q"
	with_alembic || fails 'alembic check' "$alembic_not"
	with_prisma || fails 'prisma migrate diff' "$prisma_not"
}

for n in ${PEER_TABLES:-0 500}; do
	project "$n"
	peers >"$work/list"
	what="$n tables"
	[ "$n" -gt 0 ] || what='the example'
	printf '\n| %s, one new migration, PostgreSQL %s | seconds | all its processes (MB) | the largest (MB) | |\n|---|---|---|---|---|\n' "$what" "$PG_MAJOR"
	rounds=3
	[ "$n" -lt 200 ] || rounds=1
	"$cache/venv/bin/python" bench/in_turn.py "$rounds" <"$work/list"
done
