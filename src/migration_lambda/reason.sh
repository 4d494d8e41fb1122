# reason.sh - sourced by handler.sh: the reason of a verdict, in words.
#
# The reason is collected in the file saying, and moved to the file reason once no
# secret is in it: the bootstrap sends that file, also when it had to kill the handler.
# shellcheck shell=sh disable=SC2154

reason() { printf '%s\n' "$@" >>"$work/saying"; }

# no TEXT...: the honest no.
no() {
	reason "$@"
	tell
	exit 1
}

# tell: the reason is complete. Secrets that are known are taken out of it, whatever
# put them there.
tell() {
	hide "$work/saying" "${PGPASSWORD-}" "${AWS_SECRET_ACCESS_KEY-}" "${AWS_SESSION_TOKEN-}"
	mv "$work/saying" "$work/reason"
}

# yes: all are in.
yes() {
	rm -f "$work/saying"
	invalid_note
	data
	reason "All $total migrations of this package are in the database$(now_applied)."
	[ "$ahead" -eq 0 ] || reason "The database is ahead of this package by $ahead, which stay."
	[ -z "$ahead_partial" ] || reason "Of those, $ahead_partial is applied in part: finish or undo it by hand before that package is deployed again."
	settings_note
	[ -z "$notes" ] || reason "$notes"
	tell
	exit 0
}

# data: the Data of the answer.
data() {
	printf 'Version=%s\nApplied=%s\nTotal=%s\n' "$newest" "$n_in" "$total" >"$work/data"
}

now_applied() { [ "$applied_known" = no ] || printf ', %s of them applied now' "$applied"; }

settings_note() {
	[ -z "$no_settings" ] || reason "The database's proxy takes no lock_timeout: went on without. There, ALTER ROLE ... SET lock_timeout does it."
}

# so_far: set it to how many are in, as far as is known.
so_far() {
	so_far="How many of the migrations are in the database is not known${unread%.}."
	[ "$known_state" = no ] ||
		so_far="$n_in of $total migrations are in the database$(now_applied); not in: $missing."
}

# report: what failed, from Atlas's JSON, into the reason; the cause first, for
# a long reason loses its middle. Not without an error in the JSON.
report() {
	local line head
	[ -s "$work/apply.out" ] || return 1
	[ -f "$work/report" ] || {
		report_rc=0
		atlasjson -d migrations -f text "$work/apply.out" >"$work/report" 2>/dev/null || report_rc=$?
	}
	[ "$report_rc" -eq 1 ] || return 1
	# The list of files done and to do comes first, then a line that starts
	# "migrate apply:", then the errors.
	head=yes
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'migrate apply: '*) head=no ;;
		*' error in '* | *' errors in '*) ;;
		*) [ "$head" = yes ] || reason "$line" ;;
		esac
	done <"$work/report"
	[ -s "$work/saying" ] || cat "$work/report" >>"$work/saying"
}

# why: add to the reason what Atlas reported last.
why() {
	local text
	so_far
	rm -f "$work/saying"
	case $stopped$rc/$in_time in
	yes*)
		reason "The task was told to stop. $so_far Running it again goes on from there."
		report || :
		;;
	124/*)
		reason "The function's time is up: Atlas was stopped. $so_far Deploying again goes on from there."
		report || :
		before
		;;
	137/no)
		reason "The function's time is up: Atlas was asked to stop, did not, and was killed. $so_far Deploying again goes on from there."
		case $address in
		--url*) reason 'It waited for the database, which does not answer.' ;;
		*) reason "Atlas 1.2 hangs when the database reports an error of more than 30,000 bytes; the database's own log then has the cause." ;;
		esac
		before
		;;
	129/* | 13?/* | 14?/*)
		reason "Atlas was killed (signal $((rc - 128)))$([ "$rc" -ne 137 ] || echo ', out of memory perhaps: then the template needs a higher MemorySize'). $so_far Deploying again goes on from there."
		;;
	*)
		report || cat "$work/cause" >>"$work/saying"
		cp "$work/saying" "$work/said"
		hint
		[ -z "$index" ] || [ "$dropped" = "$index" ] ||
			reason "fix: CREATE INDEX CONCURRENTLY leaves an invalid index when it fails: DROP INDEX CONCURRENTLY IF EXISTS $index; then deploy again."
		may_repeat || reason "$partial_here runs outside a transaction, and its session was lost: the statement after those recorded may be done or not, so it was not repeated." \
			"fix: see whether it is done; if it is, undo it by hand, then deploy again."
		[ "$tried" -le 1 ] || reason "It was tried $tried times in $(((tried_until - first_failed + 500) / 1000)) seconds."
		[ "$known_state" = no ] || reason "$so_far When the cause is gone, deploy again: it goes on from there."
		;;
	esac
	settings_note
	[ -z "$notes" ] || reason "$notes"
	tell
}

# before: the causes of the tries before the last one.
before() {
	[ -s "$work/before" ] || return 0
	reason "Before that it was tried $tried times, and failed: $(cat "$work/before")"
	cp "$work/before" "$work/said"
	hint
}

# hint: the remedy for the failure in $work/said, where one is known: that of the
# first line whose words (or =SQLSTATE) occur in the text.
hint() {
	local text words advice
	text=$(tr 'A-Z\n\t' 'a-z  ' <"$work/said")
	while IFS='|' read -r words advice; do
		case $words in
		=*) case $text in *"sqlstate ${words#=}"* | *"(${words#=})"*) ;; *) continue ;; esac ;;
		*) case $text in *"$words"*) ;; *) continue ;; esac ;;
		esac
		case $advice in [A-Z]*) ;; *) advice="fix: $advice" ;; esac
		reason "$advice"
		return 0
	done <<-END
		acquiring database lock|Another deploy, or a person, is running migrations on this database: deploy again when that is over.
		unsupported startup parameter|the database's proxy refuses a startup parameter that Atlas needs: let the function connect to the database itself.
		feature not supported: rds proxy|the database's proxy refuses a startup parameter that Atlas needs: let the function connect to the database itself.
		x509: certificate is valid for|the certificate is for another host name: DatabaseHost must be one of the names it is valid for.
		x509: cannot validate certificate for|the certificate is for a host name, not for an address: DatabaseHost must be the name it is valid for.
		x509: certificate is not valid for any names|the certificate names no host: DatabaseHost must be the endpoint that RDS gives.
		x509: certificate relies on legacy common name|the certificate names its host as the common name (CN) only, which is not accepted any more: give the database one with a subject alternative name; RDS's have it.
		x509: certificate has expired|the database's certificate, or an authority's in the package's certs/, has run out: renew the database's certificate, and lay the package out anew (make lambda).
		x509: |the database's certificate is not trusted. Those of RDS belong into the package's certs/rds.pem: 'make lambda' puts them there (RDS_CA).
		ssl is not enabled on the server|the database must take TLS: switch it on there.
		server refused tls|the database must take TLS: switch it on there.
		no pg_hba.conf entry|the database lets no one in from there as $user to $name: its pg_hba.conf (rds.force_ssl) decides.
		pam authentication failed|the token was refused. The user $user needs 'GRANT rds_iam TO $user' in the database, and the function's role rds-db:connect for that user of that database (DatabaseResourceId, MoreDatabaseUserArns).
		password authentication failed|the password was refused: the secret, or DatabasePassword, must be that of the database's user.
		=28p01|the password was refused: the secret, or DatabasePassword, must be that of the database's user.
		atlas_schema_revisions" does not exist|a proxy ignores what the session begins with (PgBouncer's ignore_startup_parameters): let the function connect to the database itself, and DROP TABLE public.atlas_schema_revisions if it is empty.
		relation "atlas_schema_revisions" already exists|a proxy ignores what the session begins with (PgBouncer's ignore_startup_parameters): let the function connect to the database itself, and DROP TABLE public.atlas_schema_revisions if it is empty.
		=3d000|the property DatabaseName must be a database of that server.
		due to lock timeout|A statement waited longer than LockTimeout ($lock_timeout) for a lock someone else holds. Deploy again when that is over.
		=55p03|A statement waited longer than LockTimeout ($lock_timeout) for a lock someone else holds. Deploy again when that is over.
		due to statement timeout|the user, or the database, has a statement_timeout that this statement takes longer than: ALTER ROLE $user SET statement_timeout = 0, or in the file SET LOCAL statement_timeout = 0.
		in a read-only transaction|the property DatabaseHost must be the endpoint that writes: this one is a reader's, or of a database that has been demoted.
		read-write mode during recovery|the property DatabaseHost must be the endpoint that writes: this one is a reader's, or of a database that has been demoted.
		=25006|the property DatabaseHost must be the endpoint that writes: this one is a reader's, or of a database that has been demoted.
		permission denied for database|the record of migrations needs a schema: GRANT CREATE ON DATABASE to the user $user, or once, as an administrator: CREATE SCHEMA $revisions AUTHORIZATION of that user.
		permission denied for schema|the user $user needs USAGE and CREATE on that schema, or to own it.
		must be owner of|the user $user must own what a migration changes: ALTER ... OWNER TO, or let the function log in as the owner.
		permission denied|the user $user lacks a right that this statement needs.
		copyinresponse|write the rows as INSERTs: COPY ... FROM stdin is for psql.
		unknown response for simple query: 'g'|write the rows as INSERTs: COPY ... FROM stdin is for psql.
		copy from stdin|write the rows as INSERTs: COPY ... FROM stdin is for psql.
		already pending detach|an earlier DETACH PARTITION ... CONCURRENTLY was not ended: run ALTER TABLE ... DETACH PARTITION ... FINALIZE there, or let the file say so.
		was added out of order|give it a later version (make rebase-migrations); or, if it may run after them, set ExecOrder to non-linear.
		were added out of order|give them later versions (make rebase-migrations); or, if they may run after them, set ExecOrder to non-linear.
		history changed: statement|the statements of that file that are applied must stay as they are: bring them back, and change what comes after them.
		and the file has|the statements of that file that are applied must stay as they are: bring them back, and change what comes after them.
		panic: runtime error: index out of range|the statements of a file that are applied must stay: bring them back, and change what comes after them.
		cannot run inside a transaction block|begin the file with '-- atlas:txmode none' and an empty line, then 'make hash-migrations'.
		resolving error: lookup |the property DatabaseHost must be a name that the function's subnets can resolve.
		tcp: lookup |the property DatabaseHost must be a name that the function's subnets can resolve.
		no such host|the property DatabaseHost must be a name that the function's subnets can resolve.
		connection refused|nothing listens at DatabaseHost on port $port.
		connection timed out|the function's subnets and security groups must let it reach $host on port $port.
		i/o timeout|the function's subnets and security groups must let it reach $host on port $port; or the database is there and does not answer.
		context deadline exceeded|the function's subnets and security groups must let it reach $host on port $port; or the database is there and does not answer.
	END
}
