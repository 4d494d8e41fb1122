#!/bin/sh
# handler.sh - apply this package's migrations, and say whether all are in.
#
# usage: handler.sh <event     exit 0 yes, 1 no; the reason and what else the
#                              answer needs is left in $MIGRATION_WORK
#        handler.sh -c         check the settings; what is wrong on stdout
#
# The rule of success: yes exactly when every migration in this package's
# directory is fully applied at the end. Atlas's exit code does not say that:
# it fails over a later revision that an older package need not know, and
# Atlas before 0.14 skips a file that sorts before the last one without a word.
# So the revisions are read and compared.
#
# environment:
#   DB_HOST DB_PORT DB_NAME DB_USER   the database
#   DB_AUTH          iam (default), secret or password
#   DB_SECRET_ARN    the Secrets Manager secret, for DB_AUTH=secret
#   DB_PASSWORD      for DB_AUTH=password
#   DB_SEARCH_PATH   the one schema of the migrations; empty: several
#   LOCK_TIMEOUT     PostgreSQL's lock_timeout for the session
#   BASELINE         a database older than Atlas: the version it is at
#   MIGRATION_WORK   a directory of ours; MIGRATION_STOP, MIGRATION_END: when
#                    (Unix milliseconds) Atlas is stopped, and we must be gone
set -u
umask 077
export LC_ALL=C

cd "${LAMBDA_TASK_ROOT:-${0%/*}}" || exit 2
PATH=$PWD/bin:$PATH
atlas=${ATLAS:-/opt/bin/atlas}
work=${MIGRATION_WORK:-}
DB_PORT=${DB_PORT:-5432}
DB_AUTH=${DB_AUTH:-iam}
DB_SEARCH_PATH=${DB_SEARCH_PATH-public}
LOCK_TIMEOUT=${LOCK_TIMEOUT-5s}
BASELINE=${BASELINE:-}
# Not the names the driver reads: nothing but what is set below reaches it.
unset PGPASSWORD PGOPTIONS PGSERVICE PGSERVICEFILE PGPASSFILE PGHOSTADDR PGSSLMODE PGSSLROOTCERT \
	PGSSLCERT PGSSLKEY

# --- the settings ------------------------------------------------------------

# check_settings: print what is wrong, and return 1.
check_settings() {
	[ -n "${DB_HOST-}" ] || { echo 'DB_HOST is not set'; return 1; }
	[ -n "${DB_NAME-}" ] || { echo 'DB_NAME is not set'; return 1; }
	case $DB_PORT in
	'' | *[!0-9]*) echo "DB_PORT is no port: '$DB_PORT'"; return 1 ;;
	esac
	case $DB_AUTH in
	iam) ;;
	secret) [ -n "${DB_SECRET_ARN-}" ] || { echo 'DB_SECRET_ARN is not set, and DB_AUTH is secret'; return 1; } ;;
	password) [ -n "${DB_PASSWORD-}" ] || { echo 'DB_PASSWORD is not set, and DB_AUTH is password'; return 1; } ;;
	*) echo "DB_AUTH is '$DB_AUTH', not one of iam, secret, password"; return 1 ;;
	esac
	[ "$DB_AUTH" = secret ] || [ -n "${DB_USER-}" ] || { echo 'DB_USER is not set'; return 1; }
	# These two become part of an address.
	case $DB_SEARCH_PATH in
	*[!A-Za-z0-9_]*) echo "DB_SEARCH_PATH is no plain name of a schema: '$DB_SEARCH_PATH'"; return 1 ;;
	esac
	case $LOCK_TIMEOUT in
	*[!0-9a-z]*) echo "LOCK_TIMEOUT is no time such as 5s: '$LOCK_TIMEOUT'"; return 1 ;;
	esac
	[ -x "$atlas" ] || { echo "no atlas at $atlas: the layer is missing, or was made without it ('make lambda')"; return 1; }
	[ -f migrations/atlas.sum ] || { echo "the package has no migrations/atlas.sum: lay it out with 'make lambda'"; return 1; }
}

if [ "${1-}" = -c ]; then
	check_settings
	exit
fi

# --- helpers -----------------------------------------------------------------

# The reason is gathered in saying, and becomes reason when nothing secret is
# in it: the bootstrap sends that one, also when it had to kill us.
reason() { printf '%s\n' "$@" >>"$work/saying"; }

# no TEXT...: the honest no.
no() {
	reason "$@"
	tell
	exit 1
}

# tell: the reason is complete. What we know to be secret does not leave in it,
# whoever put it there.
tell() {
	for secret in "${PGPASSWORD-}" "${AWS_SECRET_ACCESS_KEY-}" "${AWS_SESSION_TOKEN-}"; do
		[ "${#secret}" -ge 4 ] || continue
		hide_rest=$(cat "$work/saying")
		case $hide_rest in
		*"$secret"*) ;;
		*) continue ;;
		esac
		hide_done=''
		while :; do
			case $hide_rest in
			*"$secret"*)
				hide_done="$hide_done${hide_rest%%"$secret"*}[secret]"
				hide_rest=${hide_rest#*"$secret"}
				;;
			*) break ;;
			esac
		done
		printf '%s\n' "$hide_done$hide_rest" >"$work/saying"
	done
	mv "$work/saying" "$work/reason"
}

log() { printf '{"level":"%s","requestId":"%s","message":"%s"}\n' "$1" "${MIGRATION_REQUEST-}" "$2" >&2; }

# now_ms: set now to the time in Unix milliseconds.
now_ms() {
	now=$(date +%s%3N)
	case $now in *[!0-9]*) now=$(date +%s)000 ;; esac
}

# left UNTIL: set left to the milliseconds until then, at least 100.
left() {
	now_ms
	left=$(($1 - now))
	[ "$left" -ge 100 ] || left=100
}

# seconds MS: set secs to that many milliseconds as 12.345.
seconds() {
	secs=$((1000 + $1 % 1000))
	secs=$(($1 / 1000)).${secs#1}
}

# contains TEXT FILE: the file has it.
contains() { grep -qF -e "$1" -- "$2"; }

# atlas_says FILE: print Atlas's own words without its advertisement.
atlas_says() {
	while IFS= read -r says || [ -n "$says" ]; do
		case $says in
		"You're running the community build"*) break ;;
		'') continue ;;
		'Error: '*) says=${says#Error: } ;;
		esac
		printf '%s\n' "${says#sql/migrate: }"
	done <"$1"
}

# --- 1: the package is whole -------------------------------------------------

now_ms
stop=${MIGRATION_STOP:-$((now + 600000))}
end=${MIGRATION_END:-$((stop + 30000))}
# Half of the time between them is for Atlas to end by itself.
seconds $(((end - stop) / 2))
grace=$secs
# And the last bit of it is for saying what became of it.
asked=$((end - (end - stop) / 8))
cat >"$work/event"
wanted=$(cfnrespond -g /ResourceProperties/MigrationHash <"$work/event") || wanted=''
rm -f "$work/event"

rc=0
mhash -c migrations >"$work/hash" 2>&1 || rc=$?
if [ "$rc" -ne 0 ]; then
	reason "The package's migrations do not match their atlas.sum; nothing was applied."
	cat "$work/hash" >>"$work/saying"
	no "Run 'make check-migrations', then deploy again."
fi
total_hash=$(mhash -s migrations/atlas.sum) || no "The package's atlas.sum cannot be used."
if [ "$wanted" != "$total_hash" ]; then
	no "MigrationHash is '$wanted' in the template and '$total_hash' in the package: they do not belong together, nothing was applied. Run 'make hash-migrations' and 'make lambda', then deploy again."
fi

# --- 2: the login ------------------------------------------------------------

# get_secret: ask Secrets Manager; the request is signed by curl. Key and token
# go by its configuration on standard input.
get_secret() {
	region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
	case $DB_SECRET_ARN in
	arn:*:secretsmanager:*:*:secret:*)
		region=${DB_SECRET_ARN#arn:*:secretsmanager:}
		region=${region%%:*}
		;;
	esac
	url=${AWS_ENDPOINT_URL_SECRETS_MANAGER:-https://secretsmanager.$region.${URL_SUFFIX:-amazonaws.com}}
	left "$stop"
	[ "$left" -le 20000 ] || left=20000
	seconds "$left"
	printf '{"SecretId":"%s"}' "$DB_SECRET_ARN" >"$work/secret.ask"
	http=$(
		{
			printf 'user = "%s:%s"\n' "${AWS_ACCESS_KEY_ID-}" "${AWS_SECRET_ACCESS_KEY-}"
			[ -z "${AWS_SESSION_TOKEN-}" ] || printf 'header = "X-Amz-Security-Token: %s"\n' "$AWS_SESSION_TOKEN"
		} | curl -q -sS --config - --aws-sigv4 "aws:amz:$region:secretsmanager" \
			-H 'Content-Type: application/x-amz-json-1.1' -H 'X-Amz-Target: secretsmanager.GetSecretValue' \
			--data-binary "@$work/secret.ask" --connect-timeout 5 --max-time "$secs" \
			-o "$work/secret" -w '%{http_code}' "$url/" 2>"$work/secret.err"
	)
	case $http in
	200) ;;
	000) no "Secrets Manager cannot be reached: $(cat "$work/secret.err"). A function in a VPC needs a way there: an interface endpoint or a NAT." ;;
	*)
		no "Secrets Manager refused the secret (HTTP $http): $(cfnrespond -g /__type -g /message -g /Message <"$work/secret" 2>/dev/null | tr '\n' ' ')"
		;;
	esac
	cfnrespond -g /SecretString <"$work/secret" >"$work/pair" 2>/dev/null ||
		no 'The secret has no SecretString.'
	PGPASSWORD=$(cfnrespond -g /password <"$work/pair" 2>/dev/null) ||
		no 'The secret is no JSON object with a "password".'
	if user=$(cfnrespond -g /username <"$work/pair" 2>/dev/null); then DB_USER=$user; fi
	rm -f "$work/secret" "$work/pair"
	[ -n "${DB_USER-}" ] || no 'The secret has no "username", and DB_USER is not set.'
}

case $DB_AUTH in
iam) PGPASSWORD=$(rdstoken -p "$DB_PORT" "$DB_HOST" "$DB_USER" 2>"$work/token.err") ||
	no "No login token can be made: $(cat "$work/token.err")" ;;
secret) get_secret ;;
password) PGPASSWORD=$DB_PASSWORD ;;
esac
unset DB_PASSWORD
left "$stop"
connect=$((left / 2000))
[ "$connect" -ge 1 ] || connect=1
[ "$connect" -le 10 ] || connect=10
export PGPASSWORD PGHOST="$DB_HOST" PGPORT="$DB_PORT" PGUSER="$DB_USER" PGDATABASE="$DB_NAME" \
	PGAPPNAME=atlas-make PGCONNECT_TIMEOUT="$connect" SSL_CERT_DIR="$PWD/certs" HOME="$work" \
	ATLAS_NO_UPDATE_NOTIFIER=1 ATLAS_NO_UPGRADE_SUGGESTIONS=1

# --- 3: apply ----------------------------------------------------------------

# What the session starts with: the URL's query, for atlas.hcl.
search_path=${DB_SEARCH_PATH:+&search_path=$DB_SEARCH_PATH}
export DB_SETTINGS="$search_path${LOCK_TIMEOUT:+&lock_timeout=$LOCK_TIMEOUT}"

# run_atlas UNTIL ARG...: out, err; returns Atlas's exit code, 124 when it was
# stopped. The signal is INT, for Atlas 0.13 dies of TERM and leaves its
# statement running; and it must come once, for the second one kills. Hence
# --foreground, which spares the process group.
run_atlas() {
	left "$1"
	seconds "$left"
	shift
	timeout --foreground -s INT -k "$grace" "$secs" "$atlas" migrate "$@" --config file://atlas.hcl --env lambda \
		>"$work/out" 2>"$work/err" </dev/null
}

apply() {
	# Another deploy's migrations are waited for, half of the time we have.
	left "$stop"
	rc=0
	run_atlas "$stop" apply --lock-timeout "$((left / 2))ms" ${BASELINE:+--baseline "$BASELINE"} \
		--format '{{ json . }}{{ "\n" }}{{ range .Applied }}{{ if not .Error }}applied {{ .Name }}{{ "\n" }}{{ end }}{{ end }}' || rc=$?
}

# refused FILE: a proxy (RDS Proxy, PgBouncer) took no settings when the session
# began.
refused() {
	contains 'unsupported startup parameter' "$1" ||
		contains 'Feature not supported: RDS Proxy' "$1"
}

now_ms
began=$now
notes=''
while :; do
	apply
	[ "$rc" -ne 0 ] || break
	if [ "$DB_SETTINGS" != "$search_path" ] && refused "$work/err"; then
		DB_SETTINGS=$search_path
		notes="The database's proxy takes no lock_timeout: went on without. There, ALTER ROLE ... SET lock_timeout does it."
		log WARN 'the proxy takes no lock_timeout: going on without'
		continue
	fi
	# Atlas 0.13 waits for its lock inside the server, where lock_timeout ends
	# the wait: then we wait on.
	if contains 'acquiring database lock' "$work/err" && contains 'lock timeout' "$work/err"; then
		left "$stop"
		if [ "$left" -gt 1500 ] && [ $((now - began)) -lt "$left" ]; then
			sleep 0.3
			continue
		fi
	fi
	break
done
cp "$work/out" "$work/apply.out"
cp "$work/err" "$work/apply.err"
now_ms
in_time=no
[ "$now" -ge "$stop" ] || in_time=yes

# Not by read: the JSON is a line with all of the SQL in it, and dash takes a
# system call for each byte of it.
applied=$(grep -c '^applied .*\.sql$' "$work/apply.out") || :
applied_now=", $applied of them applied now"
if [ "$rc" -ge 124 ] && [ ! -s "$work/apply.out" ]; then
	# It was killed before it could tell.
	applied_now=''
else
	echo "$applied" >"$work/applied"
fi

# --- 4: what is in the database now ------------------------------------------

status() {
	run_atlas "$asked" status --format '{{ range .Applied }}{{ .Version }}/{{ .Applied }}/{{ .Total }}/{{ .Type }}{{ "\n" }}{{ end }}' "$@"
}

# revisions: read them into $work/out. Atlas refuses to speak of a partial
# revision whose file is not here; for a directory that has a file of that
# version it does.
revisions() {
	status && return 0
	case $(cat "$work/err") in
	*'missing migration: revision "'*) v=$(cat "$work/err"); v=${v#*missing migration: revision \"} ;;
	*'migration file with version "'*) v=$(cat "$work/err"); v=${v#*migration file with version \"} ;;
	*) return 1 ;;
	esac
	v=${v%%\"*}
	case $v in
	'' | */*) return 1 ;;
	*' ('*) v=${v%% (*} ;;
	esac
	rm -rf "$work/stub"
	mkdir "$work/stub"
	echo '-- stands for a file of a later package' >"$work/stub/$v.sql"
	mhash -w "$work/stub" && status --dir "file://$work/stub"
}

# compare: with the revisions in $work/out, set total, done, missing (the first
# names of those that are not in), newest, ahead. No name holds a slash, so it
# parts them. What sorts before a baseline, or before a checkpoint that was
# applied, is in by that.
compare() {
	complete=/ partial=/ floor=''
	while IFS=/ read -r version n of type; do
		[ -n "$version" ] || continue
		if [ "$n" = "$of" ]; then complete=$complete$version/; else partial="$partial$version=$n of $of/"; fi
		case $type in *baseline*) floor=$version ;; esac
	done <"$work/out"

	total=0 newest='' known=/
	: >"$work/lack"
	for f in migrations/.*.sql migrations/*.sql; do
		[ -f "$f" ] || continue
		name=${f##*/}
		version=${name%.sql}
		version=${version%%_*}
		known=$known$version/
		first_line=''
		IFS= read -r first_line <"$f" || :
		case $first_line/$complete in
		'-- atlas:checkpoint'*"/$version/"*) floor=$version ;;
		# One that is not applied is for new databases only.
		'-- atlas:checkpoint'*) continue ;;
		esac
		total=$((total + 1))
		newest=$version
		case $complete in
		*"/$version/"*) ;;
		*) printf '%s/%s\n' "$version" "$name" >>"$work/lack" ;;
		esac
	done
	if [ -n "$floor" ]; then
		# Sorted, with the floor among them: those after it lack.
		printf '%s/\n' "$floor" | sort "$work/lack" - >"$work/lack.sorted"
		: >"$work/lack"
		above=no
		while IFS=/ read -r version name; do
			[ "$above" = no ] || printf '%s/%s\n' "$version" "$name" >>"$work/lack"
			[ "$version/$name" != "$floor/" ] || above=yes
		done <"$work/lack.sorted"
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
	while IFS=/ read -r version n of type; do
		case $version/$known in
		/* | *"/$version/"*) continue ;;
		esac
		ahead=$((ahead + 1))
		[ "$n" = "$of" ] || ahead_partial=$version
	done <"$work/out"
}

# report: what failed, from Atlas's JSON, into the reason; the cause first, for
# a long reason loses its middle. Not without an error in the JSON.
report_rc=''
report() {
	[ -n "$report_rc" ] || {
		report_rc=0
		atlasjson -d migrations -f text "$work/apply.out" >"$work/report" 2>/dev/null || report_rc=$?
	}
	[ "$report_rc" -eq 1 ] || return 1
	# The list of files done and to do comes first, then a line that starts
	# "migrate apply:", then the errors.
	report_head=yes
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'migrate apply: '*) report_head=no ;;
		*' error in '* | *' errors in '*) ;;
		*) [ "$report_head" = yes ] || reason "$line" ;;
		esac
	done <"$work/report"
	[ -s "$work/saying" ] || cat "$work/report" >>"$work/saying"
}

# why: say what Atlas said, as far as is known now.
why() {
	so_far='How many of the migrations are in the database is not known.'
	[ "$known_state" = no ] ||
		so_far="$done of $total migrations are in the database$applied_now; not in: $missing."
	rm -f "$work/saying"
	case $rc/$in_time in
	124/*)
		reason "The function's time is up: Atlas was stopped. $so_far Deploying again goes on from there."
		report || :
		;;
	137/no)
		reason "The function's time is up: Atlas was asked to stop, did not, and was killed. $so_far Deploying again goes on from there."
		reason "Atlas 1.2 hangs when the database reports an error of more than 30,000 bytes; the database's own log then has the cause."
		;;
	129/* | 13?/* | 14?/*)
		reason "Atlas was killed (signal $((rc - 128)))$([ "$rc" -ne 137 ] || echo ', out of memory perhaps: then the template needs a higher MemorySize'). $so_far Deploying again goes on from there."
		;;
	0/*)
		if [ "$known_state" = yes ]; then
			reason "Atlas reports success, yet $so_far A file that sorts before the last one applied is not run: give it a later version (make rebase-migrations), then deploy again."
		else
			reason "Atlas reports success, yet what is in the database cannot be read:"
			atlas_says "$work/err" >>"$work/saying"
			reason "Deploy again when that is mended."
		fi
		;;
	*)
		report || atlas_says "$work/apply.err" >>"$work/saying"
		if contains 'acquiring database lock' "$work/apply.err"; then
			reason 'Another deploy, or a person, is running migrations on this database: deploy again when that is over.'
		elif refused "$work/apply.err"; then
			notes=''
			reason "The database's proxy refuses what Atlas cannot do without when a session begins: let the function connect to the database itself."
		elif contains 'x509: ' "$work/apply.err"; then
			reason "The database's certificate is not trusted. Those of RDS belong into the package's certs/rds.pem: 'make lambda' puts them there (RDS_CA)."
		elif contains 'baseline version or allow-dirty is required' "$work/apply.err"; then
			reason 'The database has tables, and no record of migrations: set the parameter Baseline to the version of the migration it is at.'
		elif contains 'due to lock timeout' "$work/saying"; then
			reason "A statement waited longer than LockTimeout ($LOCK_TIMEOUT) for a lock someone else holds. Deploy again when that is over."
		fi
		[ "$known_state" = no ] || reason "$so_far Mend the cause and deploy again: it goes on from there."
		;;
	esac
	[ -z "$notes" ] || reason "$notes"
	[ -s "$work/saying" ] || reason "Atlas failed (status $rc) without a word."
	tell
}

# Whatever Atlas said: the rule speaks of the database alone.
known_state=no
# First the cause alone, in case the time is up before the database answers.
[ "$rc" -eq 0 ] || why
revisions && known_state=yes && compare

if [ "$known_state" = yes ]; then
	printf 'Version=%s\nApplied=%s\nTotal=%s\n' "$newest" "$done" "$total" >"$work/data"
	if [ -z "$missing" ]; then
		reason "All $total migrations of this package are in the database$applied_now."
		[ "$ahead" -eq 0 ] || reason "The database is ahead of this package by $ahead, which stay."
		[ -z "$ahead_partial" ] || reason "Of those, $ahead_partial is applied in part: finish or undo it by hand before that package is deployed again."
		[ -z "$notes" ] || reason "$notes"
		tell
		exit 0
	fi
fi

# --- 5: no -------------------------------------------------------------------

why
exit 1
