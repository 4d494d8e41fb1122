# verdict.sh - sourced by handler.sh: which of the package's migrations are in.
# shellcheck shell=sh disable=SC2034,SC2154

# compare: the package's files with the revisions in $work/out. A migration is
# in when a revision of its version, description and hash is applied in full.
# Sets
#   total done     files of the package, and how many of them are in
#   missing        the first names of the others
#   changed        the first that was applied with another text or another name
#   partial_here   the first file that is applied in part; such files of the
#                  first look are kept in resumed: Atlas goes on after their
#                  first statements, and leaves the broken text's hash
#   newest         the package's last version
#   ahead          revisions of no file here; ahead_partial one of them in part
#   recorded       revisions in all
# and writes $work/todo, the names that Atlas would run now. What sorts before a
# baseline, or before a checkpoint that was applied, is in by that.
compare() {
	local line version type n of err text hash floor rows partial known f name first sums above lack part differs
	rows=// partial=/ floor='' recorded=0
	: >"$work/todo"
	: >"$work/rows"
	while IFS= read -r line; do
		case $line in
		todo/*) printf '%s\n' "${line#*/}" >>"$work/todo" ;;
		row/.atlas_cloud_identifier/*) ;;
		row/*) printf '%s\n' "${line#*/}" >>"$work/rows" ;;
		esac
	done <"$work/out"
	while IFS=/ read -r version type n of err text hash; do
		recorded=$((recorded + 1))
		# A file that stopped in the middle and was mended: Atlas keeps its error,
		# and the hash of the broken text, which says nothing then.
		[ -z "$err" ] || hash=''
		if [ "$n" = "$of" ]; then
			rows="$rows$version/$text/$hash//"
		else
			partial="$partial$version=$n of $of/"
		fi
		[ "$type" != 1 ] || floor=$version
	done <"$work/rows"

	sums=$(cat migrations/atlas.sum)
	total=0 newest='' known=/ changed='' partial_here=''
	: >"$work/lack"
	: >"$work/changed"
	for f in migrations/.*.sql migrations/*.sql; do
		[ -f "$f" ] || continue
		name=${f##*/}
		version=${name%.sql}
		text=${version#*_}
		[ "$text" != "$version" ] || text=''
		version=${version%%_*}
		hash=${sums#*"
$name h1:"}
		hash=${hash%%"
"*}
		known=$known$version/
		first=''
		IFS= read -r first <"$f" || :
		case $first/$rows in
		'-- atlas:checkpoint'*"//$version/"*) floor=$version ;;
		# One that is not applied is for new databases only.
		'-- atlas:checkpoint'*) continue ;;
		esac
		total=$((total + 1))
		newest=$version
		differs=no
		case $rows in
		# A baseline, and what was set by hand, may have no hash.
		*"//$version/$text/$hash//"* | *"//$version/$text/h1:$hash//"* | *"//$version/$text///"*) ;;
		*"//$version/$text/"*)
			case $resumed in *"/$version/"*) continue ;; esac
			# A hash covers all files before its own: where one of them is not in,
			# it says nothing, and that one is the reason.
			[ ! -s "$work/lack" ] || continue
			differs=yes
			;;
		*"//$version/"*) differs=yes ;;
		*)
			printf '%s/%s\n' "$version" "$name" >>"$work/lack"
			case $partial in
			*"/$version="*)
				[ -n "$partial_here" ] || partial_here=$name
				[ -n "$known_once" ] || resumed=$resumed$version/
				;;
			esac
			;;
		esac
		[ "$differs" = yes ] || continue
		[ -n "$changed" ] || changed=$name changed_version=$version changed_hash=$hash
		printf '%s/%s\n' "$version" "$name" >>"$work/changed"
	done
	cat "$work/changed" >>"$work/lack"
	sort -o "$work/lack" "$work/lack"
	if [ -n "$floor" ]; then
		# Sorted, with the floor among them: those after it lack.
		printf '%s/\n' "$floor" | sort "$work/lack" - >"$work/lack.sorted"
		: >"$work/lack"
		above=no
		while IFS=/ read -r version name; do
			[ "$above" = no ] || printf '%s/%s\n' "$version" "$name" >>"$work/lack"
			[ "$version/$name" != "$floor/" ] || above=yes
		done <"$work/lack.sorted"
		[ -z "$changed" ] || contains "/$changed" "$work/lack" || changed=''
	fi

	lack=0 missing=''
	while IFS=/ read -r version name; do
		lack=$((lack + 1))
		[ "$lack" -le 3 ] || continue
		missing="$missing${missing:+, }$name"
		case $partial in
		*"/$version="*)
			part=${partial#*"/$version="}
			missing="$missing (${part%%/*} statements)"
			;;
		esac
	done <"$work/lack"
	[ "$lack" -le 3 ] || missing="$missing and $((lack - 3)) more"
	done=$((total - lack))

	ahead=0 ahead_partial=''
	while IFS=/ read -r version type n of err text hash; do
		case $version/$known in
		/* | *"/$version/"*) continue ;;
		esac
		ahead=$((ahead + 1))
		[ "$n" = "$of" ] || ahead_partial=$version
	done <"$work/rows"
	known_state=yes known_once=yes
}

# start_at: after Atlas found tables and no record of migrations: what such a
# database gets, in $work/todo and baseline_now. Baseline names the version it is
# at, or says none. Returns 1 with the cause.
start_at() {
	local f version
	[ -n "$baseline" ] || {
		atlas_says "$work/apply.err" >"$work/cause"
		echo 'The database has tables, and no record of migrations.
fix: set the parameter Baseline to the version of the migration it is at, or to none if nothing of the migrations is in it, then deploy again.' >>"$work/cause"
		return 1
	}
	baseline_now=$baseline
	[ "$baseline" != none ] || return 0
	for f in migrations/.*.sql migrations/*.sql; do
		version=${f##*/}
		version=${version%.sql}
		[ "${version%%_*}" != "$baseline" ] || {
			after_baseline
			return 0
		}
	done
	say "Nothing was applied: Baseline is '$baseline', and this package has no migration of that version. none says that the database has none of them."
	return 1
}

# after_baseline: take out of $work/todo what sorts up to it.
after_baseline() {
	local name version
	: >"$work/todo.after"
	while IFS= read -r name; do
		version=${name%.sql}
		version=${version%%_*}
		[ "$(printf '%s\n' "$version" "$baseline" | sort | tail -n 1)" = "$baseline" ] ||
			printf '%s\n' "$name" >>"$work/todo.after"
	done <"$work/todo"
	mv "$work/todo.after" "$work/todo"
}
