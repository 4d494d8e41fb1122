# kept_models.sh - sourced: what the models say, kept as the listing of the database
# that was made of them. To load a schema and to list it takes longer than all else
# once the tables are many, and most checks have the schema of the check before.
#
#   models_begin         after devdb_start, and before the schema is loaded
#   models_known         likewise; and is the kept listing that of this schema? Then
#                        it is in $tmp/want/listing
#   models_keep LISTING  keep LISTING, which was made of the schema just now; a job
#                        by the name of models
#   models_kept          wait for that job, if there is one, and pass on its warnings
#
# Only the listing of a private server is kept: for a day, and until that server's
# program changes. A kept listing is believed where it says that nothing differs; a
# difference is reported from a listing made anew. CHECK_ALL=1 makes it anew, too; make
# clean removes it.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # for catalog.sh; the caller's, pgserver.sh's and schema.sh's

models_file=$state/models.listing
models_print=''

# models_key: print what the listing depends on; in a subshell, which becomes mhash.
# What the schema is loaded into is pg_key.
models_key() {
	exec "$bin/mhash" -f -t "models 1|$pg_key|$DEV_SCHEMAS|$ALLOW_EMPTY" -- "$schema_file" \
		"$kit"/scripts/lib/catalog.sql "$kit"/scripts/lib/schemas.sh "$kit"/scripts/lib/load.sh "$kit"/scripts/lib/load_end.sql \
		"$kit"/scripts/steps/want.sh
}

models_begin() {
	[ "$devdb_how" != local ] || [ "$schema_kind" = hcl ] || models_print=$(models_key) || models_print=''
}

models_known() {
	local had=''
	models_begin
	[ -n "$models_print" ] && [ -z "$CHECK_ALL" ] && [ -O "$models_file" ] || return 1
	! kept_due "$models_file" && [ "$models_file" -nt "$pg_bin/postgres" ] || return 1
	IFS= read -r had <"$models_file" && [ "$had" = "$models_print" ] || return 1
	sed 1d "$models_file" >"$tmp/want/listing" && [ "$(tail -n 1 "$tmp/want/listing")" = '\.' ]
}

# models_keep LISTING: what depends on what is left out: only create asks for that.
models_keep() {
	local had=''
	[ -n "$models_print" ] && [ "$(models_key)" = "$models_print" ] || return 0
	awk -F '\t' '$1 != "needs" && $1 != "same"' "$1" >"$tmp/models.new" || return 0
	if [ -f "$models_file" ] && IFS= read -r had <"$models_file" && [ "$had" = "$models_print" ]; then
		sed 1d "$models_file" >"$tmp/models.old"
		models_same || warn "$models_file: what was kept there is not what the models make, and checks of the last day may have been wrong; it is made anew"
	fi
	if ! { printf '%s\n' "$models_print" && cat "$tmp/models.new"; } >"$models_file.$$" || ! mv "$models_file.$$" "$models_file"; then
		rm -f "$models_file.$$"
		warn "$models_file: the models' listing could not be kept: is the disk full?"
	fi
}
models_kept() {
	job_wait models || :
	[ ! -s "$tmp/models/err" ] || fit <"$tmp/models/err" >&2
}
# models_same: compare all, COMPARE_EXCLUDE or not. The objects may have other numbers.
models_same() {
	local levels='' COMPARE_EXCLUDE=''
	cmp -s "$tmp/models.new" "$tmp/models.old" || catalog_compare "$tmp/models.new" "$tmp/models.old" "$tmp/models.diff"
}
