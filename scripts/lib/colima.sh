# colima.sh - sourced: docker as the temporary database, and on macOS the
# runtime it needs, colima: started when nothing answers, stopped at exit only
# if we started it.

# shellcheck shell=sh
# shellcheck disable=SC2154 # tmp, PG_MAJOR and the like are set by the caller

docker_answers() { docker info >/dev/null 2>&1; }

docker_start() {
	if ! docker_answers; then
		if [ "$(uname -s)" = Darwin ] && have colima; then
			step_long 'starting colima'
			colima start >&2 || die "colima did not start: run 'colima start' and look"
			at_exit 'colima stop >/dev/null 2>&1'
		fi
		docker_answers || die "docker does not answer: is it running, and may you use it? (docker info)"
	fi
	docker_id=''
	[ -n "$DEV_DB_INIT" ] || return 0

	# Atlas's own docker:// cannot run SQL of ours first: then the container
	# is ours, on a port of the loopback address that docker picks.
	[ -r "$DEV_DB_INIT" ] || die "DEV_DB_INIT: cannot read '$DEV_DB_INIT'"
	need_tmp
	docker_id=$(docker run --rm --detach --publish 127.0.0.1::5432 \
		--env POSTGRES_HOST_AUTH_METHOD=trust "postgres:$PG_MAJOR" -c fsync=off) ||
		die "docker could not run postgres:$PG_MAJOR"
	at_exit "docker kill '$docker_id' >/dev/null 2>&1"
	n=0
	# The image starts a server once for its own set-up, on the socket only:
	# asking by TCP waits for the second one.
	until docker exec "$docker_id" pg_isready -q -h 127.0.0.1 -U postgres >/dev/null 2>&1; do
		n=$((n + 1))
		[ "$n" -le 120 ] || die "postgres:$PG_MAJOR was not ready in a minute"
		sleep 0.5
	done
	docker exec -i "$docker_id" psql -X -q -U postgres -v ON_ERROR_STOP=1 template1 \
		<"$DEV_DB_INIT" >"$tmp/init.log" 2>&1 ||
		die "DEV_DB_INIT: $DEV_DB_INIT: $(head -n 1 "$tmp/init.log")"
	for db in dev_diff dev_lint dev_apply; do
		docker exec "$docker_id" createdb -U postgres "$db" || die "cannot create the database $db"
	done
	docker_at=$(docker port "$docker_id" 5432/tcp | head -n 1)
	[ -n "$docker_at" ] || die "docker does not say which port postgres:$PG_MAJOR got"
}

# docker_url NAME: Atlas starts a container for each command by itself, or all
# use ours.
docker_url() {
	if [ -n "$docker_id" ]; then
		DEV_URL="postgres://postgres@$docker_at/$1?sslmode=disable${devdb_path:+&$devdb_path}"
	else
		DEV_URL="docker://postgres/$PG_MAJOR/dev${devdb_path:+?$devdb_path}"
	fi
}
