# target.sh - sourced by handler.sh: which database, as whom, and how.
#
# What the event names comes first, then the function's environment, then what
# the package was laid out with. A changed property is a change of the resource,
# which a changed environment is not.
# shellcheck shell=sh disable=SC2034,SC2154

# read_target: from $work/properties, NAME=VALUE lines. Sets host, port, name,
# user, schema, revisions, auth, secret, password, baseline, lock_timeout, exec_order,
# revisions_given (empty where neither event nor environment names them) and hash
# (empty where the event has none). Returns 1 with the reason in $work/cause.
read_target() {
	local line value
	host=${DB_HOST-} port=${DB_PORT:-5432} name=${DB_NAME-} user=${DB_USER-}
	schema=${DB_SEARCH_PATH-public} revisions=${REVISIONS_SCHEMA-}
	auth=${DB_AUTH:-iam} secret=${DB_SECRET_ARN-} password=${DB_PASSWORD-}
	baseline=${BASELINE-} lock_timeout=${LOCK_TIMEOUT-5s} exec_order=${EXEC_ORDER:-linear}
	hash='' given_user=''
	# The environment of what runs from here on has no password but the one
	# that is used.
	unset DB_PASSWORD
	while IFS= read -r line; do
		value=${line#*=}
		case ${line%%=*} in
		# These may be empty, and mean something then.
		DatabaseSchema) schema=$value ;;
		LockTimeout) lock_timeout=$value ;;
		MigrationHash) hash=$value ;;
		DatabaseHost) host=${value:-$host} ;;
		DatabasePort) port=${value:-$port} ;;
		DatabaseName) name=${value:-$name} ;;
		DatabaseUser) user=${value:-$user} given_user=$value ;;
		DatabaseAuth) auth=${value:-$auth} ;;
		DatabaseSecretArn) secret=${value:-$secret} ;;
		RevisionsSchema) revisions=${value:-$revisions} ;;
		Baseline) baseline=${value:-$baseline} ;;
		ExecOrder) exec_order=${value:-$exec_order} ;;
		DatabasePassword) say 'a password is no property: everyone who may see the stack could read it. DatabaseSecretArn names a secret'; return 1 ;;
		# A misspelt property would be passed over, and another target migrated.
		[Dd]atabase* | [Rr]evision* | [Bb]aseline* | LockTime* | lock* | ExecO* | execO* | [Dd][Bb]* | [Hh]ost* | HOST* | \
			[Pp]ort | PORT | [Ss]chema* | SCHEMA* | [Ss]earch* | SEARCH* | [Uu]ser* | USER* | [Pp]assword* | PASSWORD* | \
			[Ss]ecret* | SECRET* | [Tt]enant[Ss]chema* | [Mm]igrationHash* | PG[A-Z]*)
			say "the function knows no property '${line%%=*}'; it knows DatabaseHost DatabasePort DatabaseName DatabaseSchema DatabaseUser DatabaseAuth DatabaseSecretArn RevisionsSchema Baseline LockTimeout ExecOrder"
			return 1
			;;
		esac
	done <"$work/properties"
	[ -n "$revisions" ] || first_line "$PWD/revisions-schema"
	[ -n "$revisions" ] || revisions=$line
	revisions_given=$revisions
	[ -n "$revisions" ] || case $schema in
	'' | public) revisions=atlas_schema_revisions ;;
	# A schema of its own has its own record: what is applied to one says
	# nothing of another in the same database.
	*) revisions=$schema ;;
	esac
	check_target && may_serve
}

# say TEXT: the cause.
say() { printf '%s\n' "$1" >"$work/cause"; }

# plain WHAT VALUE: a name that becomes part of an address or an option.
plain() {
	case $2 in
	*[!A-Za-z0-9_]*) say "$1 is no plain name of a schema: '$2'"; return 1 ;;
	esac
}

check_target() {
	[ -n "$host" ] || { say 'no host: neither the property DatabaseHost nor DB_HOST is set'; return 1; }
	[ -n "$name" ] || { say 'no database: neither the property DatabaseName nor DB_NAME is set'; return 1; }
	case $host in
	*[!A-Za-z0-9.:-]* | -*) say "DatabaseHost is no name of a host: '$host'"; return 1 ;;
	esac
	case $port in
	'' | *[!0-9]* | ??????*) say "DatabasePort is no port: '$port'"; return 1 ;;
	esac
	[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || { say "DatabasePort is no port: '$port'"; return 1; }
	case $auth in
	iam) ;;
	secret) [ -n "$secret" ] || { say 'DatabaseAuth is secret, and there is no DatabaseSecretArn (DB_SECRET_ARN)'; return 1; } ;;
	password) [ -n "$password" ] || { say 'DatabaseAuth is password, and the function has none (DB_PASSWORD)'; return 1; } ;;
	*) say "DatabaseAuth is '$auth', not one of iam, secret, password"; return 1 ;;
	esac
	case $secret in
	*[!A-Za-z0-9/_+=.@:\ -]*) say "DatabaseSecretArn is no secret's ARN or name: '$secret'"; return 1 ;;
	esac
	[ "$auth" = secret ] || [ -n "$user" ] || { say 'no user: neither the property DatabaseUser nor DB_USER is set'; return 1; }
	plain DatabaseSchema "$schema" && plain RevisionsSchema "$revisions" || return 1
	case $lock_timeout in
	*[!0-9a-z]*) say "LockTimeout is no time such as 5s: '$lock_timeout'"; return 1 ;;
	esac
	case $exec_order in
	linear | non-linear) ;;
	*) say "ExecOrder is '$exec_order', not one of linear, non-linear"; return 1 ;;
	esac
	case $baseline in
	*/* | -*) say "Baseline is no version of a migration: '$baseline'"; return 1 ;;
	esac
}

# may_serve: a password of the function's own goes to the hosts that the
# function was set up for, and to no other that an event names: a caller of the
# function could have the password sent to a server of their own. A token is of no
# use to any host but the one it is made for.
may_serve() {
	local pattern
	case $auth in
	iam) return 0 ;;
	password)
		[ -z "$given_user" ] || [ "$given_user" = "${DB_USER-}" ] || {
			say "the function's password is that of the user '${DB_USER-}', not of '$given_user': give that one a secret (DatabaseSecretArn)"
			return 1
		}
		;;
	esac
	[ "$host" != "${DB_HOST-}" ] || return 0
	set -f
	for pattern in ${DB_HOSTS-}; do
		set +f
		# shellcheck disable=SC2254 # a pattern is meant
		case $host in $pattern) return 0 ;; esac
	done
	set +f
	say "the function may not log in at '$host': with DatabaseAuth $auth it serves '${DB_HOST-}' alone. Name the host in the template's parameter DatabaseHosts (DB_HOSTS)"
	return 1
}
