# colima.sh - sourced: docker as the temporary database, and on macOS the
# runtime it needs, colima: started when nothing answers, stopped at exit only
# if we started it.
#
#   docker_start   a container of ours, on a port of the loopback address that
#                  docker picks; its password is this run's own
#   docker_wait    until it serves, with our databases in it

# shellcheck shell=sh
# shellcheck disable=SC2154 # tmp, PG_MAJOR and the like are set by the caller

docker_answers() { docker info >/dev/null 2>&1; }

docker_id=''
docker_start() {
	local secret
	{ set +x; } 2>/dev/null
	if ! docker_answers; then
		if [ "$(uname -s)" = Darwin ] && have colima; then
			step_long 'starting colima'
			colima start >&2 || die "colima did not start: run 'colima start' and look"
			at_exit_call colima_stop
		fi
		docker_answers || die "docker does not answer: is it running, and may you use it? (docker info)"
	fi
	need_tmp
	secret=$(given_random)
	# --env without a value: docker takes it from its environment.
	docker_id=$(POSTGRES_PASSWORD=$secret docker run --rm --detach --publish 127.0.0.1::5432 \
		--env POSTGRES_PASSWORD --env "POSTGRES_USER=$pg_admin" --env POSTGRES_DB=postgres \
		"postgres:$PG_MAJOR" -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
		-c autovacuum=off -c max_locks_per_transaction=1024 -c jit=off 2>"$tmp/docker.err") ||
		die "docker could not run postgres:$PG_MAJOR: $(tail -n 1 "$tmp/docker.err")"
	at_exit_call docker_stop
	docker_secret=$secret
}
docker_stop() { docker kill "$docker_id" >/dev/null 2>&1; }
colima_stop() { colima stop >/dev/null 2>&1; }

docker_wait() {
	local n=0 at
	# The image starts a server once for its own set-up, on the socket only:
	# asking by TCP waits for the second one.
	until docker exec "$docker_id" pg_isready -q -h 127.0.0.1 -U "$pg_admin" >/dev/null 2>&1; do
		n=$((n + 1))
		[ "$n" -le 120 ] || die "postgres:$PG_MAJOR was not ready in a minute: docker logs $docker_id"
		sleep 0.5
	done
	at=$(docker port "$docker_id" 5432/tcp | head -n 1)
	[ -n "$at" ] || die "docker does not say which port postgres:$PG_MAJOR got"
	# shellcheck disable=SC2034 # pggiven.sh's
	given_ours=1
	given_open "postgres://$pg_admin:$docker_secret@$at/postgres?sslmode=disable" "postgres:$PG_MAJOR"
	devdb_given
}
