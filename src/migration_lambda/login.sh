# login.sh - sourced by handler.sh: user and password for the next connection.
# shellcheck shell=sh disable=SC2154

# login: set and export PGUSER and PGPASSWORD; anew each time it is called, for
# a secret may be rotated meanwhile and a token is good for 15 minutes. Returns
# 1 when it could not: then the cause is in $work/cause.
login() {
	PGUSER=$user
	case $auth in
	iam)
		aws_key || return 1
		PGPASSWORD=$(rdstoken -p "$port" "$host" "$user" 2>"$work/token.err") || {
			printf 'No login token can be made: %s\n' "$(cat "$work/token.err")" >"$work/cause"
			return 1
		}
		;;
	secret) aws_key && get_secret || return 1 ;;
	password) PGPASSWORD=$password ;;
	esac
	export PGUSER PGPASSWORD
}

# aws_key: the role's key. Lambda gives it in the environment; a container or an
# instance gives it at an address, and it runs out: asked for each time.
aws_key() {
	local base token
	[ -n "$own_key" ] || return 0
	base='' token=''
	if [ -n "${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI-}" ]; then
		base=http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
	elif [ -n "${AWS_CONTAINER_CREDENTIALS_FULL_URI-}" ]; then
		base=$AWS_CONTAINER_CREDENTIALS_FULL_URI
		# Only to this machine or by TLS: the token below goes there.
		case $base in
		https://* | http://localhost[:/]* | http://127.0.0.1[:/]* | http://169.254.170.2/* | http://169.254.170.23/*) ;;
		*)
			echo 'AWS_CONTAINER_CREDENTIALS_FULL_URI is no https address' >"$work/cause"
			return 1
			;;
		esac
		token=${AWS_CONTAINER_AUTHORIZATION_TOKEN-}
		[ -z "${AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE-}" ] ||
			token=$(cat "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") || token=''
		[ -z "$token" ] || printf 'header = "Authorization: %s"\n' "$token" >"$work/key.conf"
	elif [ "${AWS_EC2_METADATA_DISABLED-}" != true ]; then
		instance_key || return 1
		base=$instance_url
	fi
	[ -n "$base" ] || {
		echo 'There is no key of a role: neither AWS_ACCESS_KEY_ID nor AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set' >"$work/cause"
		return 1
	}
	[ -f "$work/key.conf" ] || : >"$work/key.conf"
	curl -q -sSf --noproxy '*' --config "$work/key.conf" --connect-timeout 2 --max-time 10 -o "$work/key" "$base" \
		2>"$work/key.err" || {
		printf 'The key of the role cannot be had: %s\n' "$(cat "$work/key.err")" >"$work/cause"
		return 1
	}
	AWS_ACCESS_KEY_ID=$(cfnrespond -g /AccessKeyId <"$work/key") &&
		AWS_SECRET_ACCESS_KEY=$(cfnrespond -g /SecretAccessKey <"$work/key") || {
		echo 'The key of the role cannot be had: no AccessKeyId in the answer' >"$work/cause"
		return 1
	}
	AWS_SESSION_TOKEN=$(cfnrespond -g /Token <"$work/key") || AWS_SESSION_TOKEN=''
	rm -f "$work/key" "$work/key.conf"
	export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
}

# instance_key: set instance_url, by the second version of the metadata service.
instance_key() {
	local at role
	at=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
	at=${at%/}
	{
		printf 'header = "X-aws-ec2-metadata-token: '
		curl -q -sSf --noproxy '*' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' --connect-timeout 2 --max-time 5 \
			"$at/latest/api/token" 2>"$work/key.err"
		printf '"\n'
	} >"$work/key.conf"
	role=$(curl -q -sSf --noproxy '*' --config "$work/key.conf" --connect-timeout 2 --max-time 5 \
		"$at/latest/meta-data/iam/security-credentials/" 2>"$work/key.err") || {
		printf 'There is no key of a role: %s\n' "$(cat "$work/key.err")" >"$work/cause"
		return 1
	}
	instance_url=$at/latest/meta-data/iam/security-credentials/$role
}

# get_secret: ask Secrets Manager; the request is signed by curl. Key and token
# go by its configuration on standard input.
get_secret() {
	local region url http name
	region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
	case $secret in
	arn:*:secretsmanager:*:*:secret:*)
		region=${secret#arn:*:secretsmanager:}
		region=${region%%:*}
		;;
	esac
	url=${AWS_ENDPOINT_URL_SECRETS_MANAGER:-https://secretsmanager.$region.${URL_SUFFIX:-amazonaws.com}}
	left "$stop"
	clamp "$left" 100 20000
	seconds "$clamped"
	printf '{"SecretId":"%s"}' "$secret" >"$work/secret.ask"
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
	000)
		printf 'Secrets Manager cannot be reached: %s. A function in a VPC needs a way there: an interface endpoint or a NAT.\n' \
			"$(cat "$work/secret.err")" >"$work/cause"
		return 1
		;;
	*)
		printf 'Secrets Manager refused the secret (HTTP %s): %s\n' "$http" \
			"$(cfnrespond -g /__type -g /message -g /Message <"$work/secret" 2>/dev/null | tr '\n' ' ')" >"$work/cause"
		contains AccessDenied "$work/cause" &&
			echo "The function's role may read the secrets that the template's DatabaseSecretArn and MoreSecretArns name." >>"$work/cause"
		return 1
		;;
	esac
	cfnrespond -g /SecretString <"$work/secret" >"$work/pair" 2>/dev/null || {
		echo 'The secret has no SecretString.' >"$work/cause"
		return 1
	}
	PGPASSWORD=$(cfnrespond -g /password <"$work/pair" 2>/dev/null) || {
		echo 'The secret is no JSON object with a "password".' >"$work/cause"
		return 1
	}
	if name=$(cfnrespond -g /username <"$work/pair" 2>/dev/null); then PGUSER=$name; fi
	rm -f "$work/secret" "$work/pair"
	[ -n "$PGUSER" ] || {
		echo 'The secret has no "username", and no DatabaseUser is given.' >"$work/cause"
		return 1
	}
}
