# look.sh - sourced by adopt.sh: what a repository has already.
#
# Each sets variables, from the names and the text of git's files; $tmp/files has
# their names, without the kit's own.
#
#   look_schema      schema: what SCHEMA may be, a line each; schema_what: in words;
#                    packages: lines for the project file that go with it
#   look_migrations  migrations: directories that are Atlas's already; others: those
#                    of another tool, as TOOL<tab>DIRECTORY
#   look_template    template and pointer: where MigrationHash stands; template_near:
#                    a template without one
#   look_major       major: the PostgreSQL that the repository's containers have

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and the caller's

# files PATTERN...: the names that match, of any directory, one a line.
files() {
	local name pattern
	while IFS= read -r name; do
		for pattern do
			# shellcheck disable=SC2254 # it is a pattern
			case /$name in $pattern) printf '%s\n' "$name" && break ;; esac
		done
	done <"$tmp/files"
}
first() { sed -n 1p; }
count() { grep -c . || :; }

# look_python: the modules with SQLAlchemy models, as far down as they share one
# package; of a package called models that one, which may grow. Tests and Alembic's
# own files are none.
look_python() {
	local name
	files '*.py' | grep -Ev '(^|/)(tests?|alembic|migrations|versions|node_modules)/|(^|/)(test_[^/]*|conftest|setup)\.py$' |
		while IFS= read -r name; do
			! grep -Eq '__tablename__|DeclarativeBase|declarative_base\(|\(SQLModel,|\(db\.Model\)|[ =]MetaData\(' "$name" ||
				printf '%s\n' "$name"
		done | sed -E 's#^src/##; s#\.py$##; s#/__init__$##; s#(^|/)models/.*#\1models#' | grep -E '^[A-Za-z_][A-Za-z0-9_/]*$' | tr / . |
		awk -F . '
			NR == 1 { n = NF; for (i = 1; i <= NF; i++) p[i] = $i }
			{
				all[NR] = $0
				for (i = 1; i <= n; i++) if ($i != p[i]) { n = i - 1; break }
			}
			END {
				if (NR && n) { s = p[1]; for (i = 2; i <= n; i++) s = s "." p[i]; print s }
				else for (i = 1; i <= NR; i++) printf "%s%s", all[i], i < NR ? " " : "\n"
			}'
}

look_schema() {
	local name json modules
	schema='' schema_what='' packages=''
	name=$(files '*/schema.prisma' | first)
	if [ -n "$name" ]; then
		schema_what="$name, which Prisma reads"
		# From 7 on the option has another name.
		case $(files '*/package.json' | while IFS= read -r json; do
			sed -n 's/.*"prisma": *"[^0-9"]*\([0-9]*\).*/\1/p' "$json"
		done | first) in
		[1-6]) schema="npx prisma migrate diff --from-empty --to-schema-datamodel $name --script" ;;
		*) schema="npx prisma migrate diff --from-empty --to-schema $name --script" ;;
		esac
		packages="SCHEMA_DEPS = ${name%/*}"
		return 0
	fi
	name=$(files '*/drizzle.config.*' | first)
	if [ -n "$name" ]; then
		schema_what="$name, which drizzle-kit reads"
		schema='npx drizzle-kit export'
		packages="SCHEMA_DEPS = $name src"
		return 0
	fi
	modules=$(look_python)
	if [ -n "$modules" ]; then
		schema_what="SQLAlchemy models in $modules"
		case $modules in *' '*) schema_what="$schema_what (of several databases? $kit/docs/monorepo.md)" ;; esac
		schema="$kit/scripts/load_models.py $modules"
		if [ -f uv.lock ] || [ -f poetry.lock ]; then
			packages="# The environment with the packages they import: uv sync, or poetry install with its${nl}# virtualenvs.in-project, makes it; so must CI before the check.${nl}VENV = .venv"
		elif [ -f requirements.txt ]; then
			packages="# The packages they import.${nl}REQUIREMENTS = requirements.txt"
		fi
		return 0
	fi
	schema=$(files '*/schema.sql' '*/structure.sql' | grep -Ev '(^|/)(tests?|node_modules|fixtures)/') || schema=''
	schema_what=$(printf '%s' "$schema" | awk '{ printf "%s%s", sep, $0; sep = ", " }')
}

look_migrations() {
	local d
	migrations=$(files '*/atlas.sum' | sed 's|/*atlas\.sum$||; s|^$|.|')
	others=''
	for d in $(files '*/*.sql' '*/env.py' '*/versions/*.py' | sed 's|/[^/]*$||; s|/versions$||; s|\(/migrations\)/[^/]*$|\1|' | sort -u); do
		case $nl$migrations$nl in *"$nl$d$nl"*) continue ;; esac
		[ -d "$d" ] || continue
		layout_of "$d"
		[ -z "$layout" ] || others="$others$layout$TAB$d$nl"
	done
}

look_template() {
	local name
	template='' pointer='' template_near=''
	for name in $(files '*.yaml' '*.yml' '*.json' '*.template' | grep -Ev '(^|/)(\.[^/]*|node_modules|tests?)/|package(-lock)?\.json$'); do
		case ${name##*/} in
		cdk.json) grep -q MigrationHash "$name" && template=$name pointer=/context/MigrationHash ;;
		cdk.context.json) grep -q MigrationHash "$name" && template=$name pointer=/MigrationHash ;;
		*.tfvars.json) grep -q migration_hash "$name" && template=$name pointer=/migration_hash ;;
		*)
			grep -Eq 'AWS::|AWSTemplateFormatVersion' "$name" || continue
			template_near=$name
			! grep -q 'MigrationHash:' "$name" || template=$name
			;;
		esac
		[ -z "$template" ] || return 0
	done
}

look_major() {
	major=$(files '*compose*.y*ml' '*/Dockerfile*' '*/.github/workflows/*.y*ml' '*/.gitlab-ci.yml' | while IFS= read -r name; do
		sed -n -e 's/.*[^a-z]postgres:\(1[4-8]\).*/\1/p' -e 's/.*postgis\/postgis:\(1[4-8]\).*/\1/p' "$name"
	done | sort -u | first)
}
