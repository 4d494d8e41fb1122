# vendor.sh - sourced by parts.sh and peers.sh, after devdb_wait: Atlas's own commands, as
# one would give them without us.
#
#   vendor_scripts DIR SCHEMA   write $tmp/*.sh: lint, apply, diff; pair, lint beside apply
#                               and diff; clean, which empties the databases again
#
# PEER in the environment is the vendor's command, if you have it; else it is the engine.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # devdb.sh's

vendor_scripts() {
	local dir="$1" schema="$2" lint_url want_url apply_url want_db atlas_bin="${PEER:-$atlas_bin}"
	# PostgreSQL's own settings for its planner. Nothing in these addresses is a secret.
	devdb_planner=''
	devdb_url dev_lint
	lint_url=$DEV_URL
	devdb_url dev_want
	want_url=$DEV_URL
	devdb_url dev_apply
	apply_url=$DEV_URL
	cat >"$tmp/lint.sh" <<-END
		'$atlas_bin' migrate lint --dev-url '$lint_url' --dir 'file://$dir' --latest 1 --format '{{ json . }}' >/dev/null
	END
	cat >"$tmp/apply.sh" <<-END
		'$atlas_bin' migrate apply --url '$apply_url' --revisions-schema atlas_schema_revisions --dir 'file://$dir' >/dev/null
	END
	devdb_db dev_want
	want_db=$PGDATABASE
	devdb_db dev_have
	cat >"$tmp/diff.sh" <<-END
		PGDATABASE='$want_db' '$psql_bin' -Xqw -f '$schema' >/dev/null
		'$atlas_bin' schema diff --from '$apply_url' --to '$want_url' >/dev/null
	END
	printf '. "%s/lint.sh" &\n{ . "%s/apply.sh"; . "%s/diff.sh"; } &\nwait\n' "$tmp" "$tmp" "$tmp" >"$tmp/pair.sh"
	cat >"$tmp/clean.sh" <<-END
		for d in '$want_db' '$PGDATABASE'; do
			PGDATABASE=\$d '$psql_bin' -Xqw -c 'DROP SCHEMA public CASCADE' -c 'CREATE SCHEMA public' \\
				-c 'DROP SCHEMA IF EXISTS atlas_schema_revisions CASCADE' >/dev/null 2>&1
		done
	END
}
