# answer.sh - sourced by bootstrap: makes the answer to an event, and sends it.
# shellcheck shell=sh disable=SC2034,SC2154

# make_body: the answer, into body.json: CloudFormation's, or what a caller of
# another kind gets back.
make_body() {
	local value
	set --
	if [ -f "$work/data" ]; then
		while IFS= read -r value; do
			case $kind/$value in
			cloudformation/*) set -- "$@" -d "$value" ;;
			*/Version=*) set -- "$@" -d "version=${value#*=}" ;;
			*/Applied=*) set -- "$@" -k "applied=${value#*=}" ;;
			*/Total=*) set -- "$@" -k "total=${value#*=}" ;;
			esac
		done <"$work/data"
	fi
	[ -s "$work/reason" ] || echo 'Done.' >"$work/reason"
	[ "$kind" = cloudformation ] || set -- -j "$@"
	cfnrespond -s "$status" -R "$work/reason" "$@" <"$work/event.json" >"$work/body.json" 2>"$work/body.err"
}

# plain FIELD: set plain to the event's string of that name, by looks. The last
# resort of a package whose cfnrespond does not start: it takes no string that
# needs a parser.
plain() {
	plain=${event#*\""$1"\":}
	[ "$plain" != "$event" ] || return 1
	plain=${plain#"${plain%%[! ]*}"}
	case $plain in \"*) plain=${plain#?} ;; *) return 1 ;; esac
	plain=${plain%%\"*}
	case $plain in '' | *[!A-Za-z0-9:/._~%?=\&+,@\|-]*) return 1 ;; esac
}

# plain_answer: url.conf and body.json without cfnrespond. Deleting succeeds.
plain_answer() {
	local stack request logical
	event=$(cat "$work/event.json")
	plain ResponseURL && url_config "$plain" && plain RequestType || return 1
	type=$plain
	status=FAILED
	[ "$type" != Delete ] || status=SUCCESS
	plain StackId || return 1
	stack=$plain
	plain RequestId || return 1
	request=$plain
	plain LogicalResourceId || return 1
	logical=$plain
	plain PhysicalResourceId || plain=$logical-${stack##*/}
	json_string "The function cannot work: $init_error"
	printf '{"Status":"%s","Reason":"%s","PhysicalResourceId":"%s","StackId":"%s","RequestId":"%s","LogicalResourceId":"%s"}' \
		"$status" "$json" "$plain" "$stack" "$request" "$logical" >"$work/body.json"
}

# url_config URL: url.conf for curl, or 1 for what is no address of a bucket.
url_config() {
	case $1 in
	https://* | http://localhost[:/]* | http://127.0.0.1[:/]*) ;;
	*) return 1 ;;
	esac
	case $1 in *[!A-Za-z0-9:/._~%?=\&+,@\|\(\)\!\*\;\$-]*) return 1 ;; esac
	printf 'globoff\npath-as-is\nurl = "%s"\n' "$1" >"$work/url.conf"
}

# reachable: whether the bucket's host answers at all, with any status. If not, the
# answer will not arrive either, and CloudFormation rolls back after its own time, so
# nothing is applied then. The request is without the signed path and query.
reachable() {
	local host tries
	first_line "$work/url.line"
	host=${line#*://}
	host=${line%%://*}://${host%%[/?]*}/
	for tries in 1 2 3; do
		curl -q -sS -I -o /dev/null --connect-timeout 5 --max-time 10 "$host" 2>"$work/reach.err" && return 0
		sleep 1
	done
	return 1
}

# send: PUT the body. After a failure that may pass it is tried again, with growing
# pauses, while there is time; not after 403, an expired or altered URL. Returns
# whether the body was accepted, and sets http and tries.
#
#   again: transport errors, 5xx, 408, 409, 425, 429, S3's 400 RequestTimeout;
#   307 and 308 at the address they name
#
# CloudFormation signed an empty Content-Type. The body is sent from a file, for S3
# takes no chunked one.
send() {
	local reserve
	tries=0
	http=000
	clamp $((total / 10)) 300 3000
	reserve=$clamped
	set -- 200 500 1000 2000 4000 8000 15000 30000
	while :; do
		# Some of the time is kept for the answer to Lambda.
		now_ms
		left=$((deadline - now - reserve))
		[ "$left" -ge 200 ] || [ "$tries" -eq 0 ] || return 1
		clamp $((left / 2)) 1000 10000
		[ "$clamped" -le "$left" ] || clamp "$left" 200 1000
		seconds "$clamped"
		tries=$((tries + 1))
		curl -q -sS --config "$work/url.conf" -T "$work/body.json" -H 'Content-Type;' -H 'Expect:' \
			--connect-timeout 5 --max-time "$secs" -o "$work/put.out" -w '%{http_code} %{redirect_url}\n' \
			>"$work/put" 2>"$work/put.err" || :
		first_line "$work/put"
		http=${line%% *}
		case $http in
		2??) return 0 ;;
		'' | 000 | 1?? | 5?? | 408 | 409 | 425 | 429) ;;
		307 | 308) url_config "${line#* }" || return 1 ;;
		400) contains '<Code>RequestTimeout</Code>' "$work/put.out" || return 1 ;;
		*) return 1 ;;
		esac
		now_ms
		log WARN "CloudFormation's bucket: HTTP ${http:=000}" "\"try\":$tries,\"remainingMs\":$((deadline - now))"
		[ $((deadline - now)) -gt $(($1 + reserve + 200)) ] || return 1
		seconds "$1"
		sleep "$secs"
		[ $# -eq 1 ] || shift
	done
}

# finish [FILE]: report to Lambda that the event was handled.
finish() {
	[ $# -gt 0 ] || printf '{"status":"%s"}' "$status" >"$work/done.json"
	runtime "invocation/$id/response" -o /dev/null --data-binary "@${1:-$work/done.json}"
}

# give_up TYPE TEXT: report an error to Lambda, since no answer could be given: then
# at least Lambda's error metric shows the failure.
give_up() {
	log ERROR "$2"
	json_string "$2"
	printf '{"errorMessage":"%s","errorType":"%s","stackTrace":[]}' "$json" "$1" >"$work/error.json"
	runtime_error "$1" "$work/error.json"
}

runtime_error() {
	runtime "invocation/$id/error" -o /dev/null -H "Lambda-Runtime-Function-Error-Type: $1" --data-binary "@$2"
}

# told_outcome: the log line with the outcome of the event. It also holds
# CloudWatch's embedded metrics; body.json is JSON already, and holds no secret.
told_outcome() {
	local level failed applied
	level=ERROR failed=1
	[ "$status" = FAILED ] || level=INFO failed=0
	first_line "$work/applied"
	applied=${line:-0}
	first_line "$work/body.json"
	log "$level" "$type: $status" "\"outcome\":\"$status\",\"applied\":$applied,\"handlerMs\":$worked,\"durationMs\":$((ms - began)),\
\"answerHttp\":\"$http\",\"answerTries\":$tries,\"answer\":$line,\
\"functionName\":\"${AWS_LAMBDA_FUNCTION_NAME:-migration}\",\
\"MigrationsApplied\":$applied,\"MigrationFailed\":$failed,\"MigrationDuration\":$worked,\
\"_aws\":{\"Timestamp\":$now,\"CloudWatchMetrics\":[{\"Namespace\":\"Migrations\",\
\"Dimensions\":[[\"functionName\"]],\"Metrics\":[\
{\"Name\":\"MigrationsApplied\",\"Unit\":\"Count\"},{\"Name\":\"MigrationFailed\",\"Unit\":\"Count\"},\
{\"Name\":\"MigrationDuration\",\"Unit\":\"Milliseconds\"}]}]}"
}
