#!/bin/sh
# install_packages.sh [-n] GROUP... - install the system packages a group lacks.
#
# Groups: build (compiler, OpenSSL, libyaml, jansson), python (with venv),
# postgres (PG_MAJOR, where the system has it), fetch (curl), test, lint,
# fuzz, bench, erd, compat (other shells, a locale), lambda-x86_64 and
# lambda-arm64 (static programs for the function), lambda-test.
# What is there is not touched: a second run does nothing.
# As root it installs; as an ordinary user through sudo where that asks no
# password; else it stops with the command to run. -n only says what is missing
# (exit 1). Knows apt-get and Homebrew; elsewhere it names what to install.
set -eu
. "${0%/*}/lib/common.sh"

usage() {
	echo 'usage: install_packages.sh [-n] group ...' >&2
	exit 2
}

dry=
while getopts n o; do
	case $o in
	n) dry=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage

CC=${CC:-cc}
manager=none
if have apt-get; then
	manager=apt
elif have brew; then
	manager=brew
fi

# --- is it there? Ask the thing itself, not a package database. -------------

# compiles HEADER LIB: a program with that header links with that library.
compiles() {
	need_tmp
	printf '#include <%s>\nint main(void) { return 0; }\n' "$1" >"$tmp/t.c"
	# shellcheck disable=SC2086 # the user's flags are words
	$CC ${CPPFLAGS-} ${CFLAGS-} ${LDFLAGS-} -o "$tmp/t" "$tmp/t.c" ${2:+"-l$2"} >/dev/null 2>&1
}

missing=''
# want APT-NAME BREW-NAME TEST...: note the package when TEST fails.
want() {
	apt_name=$1 brew_name=$2
	shift 2
	"$@" >/dev/null 2>&1 && return 0
	case $manager in
	brew) pkg=$brew_name ;;
	*) pkg=$apt_name ;;
	esac
	case " $missing " in
	*" $pkg "*) ;;
	*) missing="$missing $pkg" ;;
	esac
}

python_has_venv() { "$PYTHON" -c 'import venv, ensurepip'; }
pg_is_there() {
	. scripts/lib/postgres.sh
	pg_find
}

# fuzzes: clang has libFuzzer and AddressSanitizer.
fuzzes() {
	need_tmp
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' >"$tmp/t.c"
	"${FUZZ_CC:-clang}" -fsanitize=address,fuzzer -o "$tmp/t" "$tmp/t.c" >/dev/null 2>&1
}
# Debian's package of them has clang's major version in its name.
clang_runtime() {
	apt-cache depends clang 2>/dev/null |
		sed -n 's/^ *Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p'
}

qemu_is_there() { have qemu-aarch64-static || [ "$(uname -m)" = aarch64 ]; }

# links_static CC LIB: a static program with that library.
links_static() {
	need_tmp
	echo 'int main(void) { return 0; }' >"$tmp/t.c"
	"$1" -static -o "$tmp/t" "$tmp/t.c" "-l$2" >/dev/null 2>&1
}

# want_static ARCH: what links static Linux programs for ARCH, this machine's
# own or another.
want_static() {
	case $1 in
	x86_64) machine=x86_64 deb=amd64 ;;
	*) machine=aarch64 deb=arm64 ;;
	esac
	[ "$manager" != brew ] ||
		die "the function's programs are linked on Linux: run 'make lambda' there, in a container too, or set LAMBDA_CC"
	cc=${LAMBDA_CC:-}
	if [ "$(uname -m)" = "$machine" ]; then
		: "${cc:=$CC}"
		suffix=''
	else
		: "${cc:=$machine-linux-gnu-gcc}"
		want "gcc-$(echo "$machine" | tr _ -)-linux-gnu" '' have "$cc"
		want "libc6-dev-$deb-cross" '' links_static "$cc" c
		suffix=:$deb
	fi
	want "libjansson-dev$suffix" '' links_static "$cc" jansson
	want "libssl-dev$suffix" '' links_static "$cc" crypto
}

for group do
	case $group in
	build)
		want gcc gcc compiles stdio.h
		want libc6-dev gcc compiles stdio.h
		want libssl-dev openssl@3 compiles openssl/evp.h crypto
		want libyaml-dev libyaml compiles yaml.h yaml
		want libjansson-dev jansson compiles jansson.h jansson
		;;
	python)
		want python3 python3 have "$PYTHON"
		want python3-venv python3 python_has_venv
		;;
	postgres) want "postgresql-$PG_MAJOR" "postgresql@$PG_MAJOR" pg_is_there ;;
	fetch)
		want curl curl have curl
		want ca-certificates ca-certificates test -e /etc/ssl/certs/ca-certificates.crt -o -e /etc/ssl/cert.pem
		;;
	test)
		want bats bats-core have bats
		want procps procps have ps
		want util-linux util-linux have setpriv
		want strace strace have strace
		want git git have git
		want graphviz graphviz have dot
		want mandoc mandoc have mandoc
		want libpg-query-dev libpg_query compiles pg_query.h pg_query
		want postgresql-client postgresql have psql
		;;
	lint)
		want git git have git
		want mandoc mandoc have mandoc
		;;
	bench)
		want hyperfine hyperfine have hyperfine
		want jq jq have jq
		;;
	fuzz)
		want clang llvm have "${FUZZ_CC:-clang}"
		want "$(clang_runtime)" llvm fuzzes
		want libexpat1-dev expat compiles expat.h expat
		want libpg-query-dev libpg_query compiles pg_query.h pg_query
		;;
	compat)
		[ "$manager" = brew ] || {
			want dash dash have dash
			want busybox busybox have busybox
			want locales locales test -e /usr/share/i18n/locales/tr_TR
		}
		;;
	erd) want graphviz graphviz have dot ;;
	lambda-test)
		want openssl openssl@3 have openssl
		[ "$manager" = brew ] || {
			want dash dash have dash
			want busybox busybox have busybox
			want qemu-user-static qemu qemu_is_there
			want_static x86_64
			want_static arm64
		}
		;;
	lambda-x86_64 | lambda-arm64) want_static "${group#lambda-}" ;;
	*) die "'$group' is not a group of packages" ;;
	esac
done

# drop_postgres: take it off the list; an embedded one takes its place
# (scripts/install_postgres.sh) unless DEV_DB=local insists.
drop_postgres() {
	[ "$DEV_DB" != local ] || die "$1 has no postgresql-$PG_MAJOR: set PG_BINDIR, or DEV_DB=embedded"
	left=''
	for pkg in $missing; do
		[ "$pkg" = "postgresql-$PG_MAJOR" ] || left="$left $pkg"
	done
	missing=${left# }
}
wants_postgres() { case " $missing " in *" postgresql-$PG_MAJOR "*) ;; *) return 1 ;; esac; }
apt_knows_postgres() { apt-cache show "postgresql-$PG_MAJOR" >/dev/null 2>&1; }
apt_has_lists() { apt-cache show gcc >/dev/null 2>&1; }

missing=${missing# }
sudo=''
can_install=1
if [ "$manager" = apt ]; then
	if [ "$(id -u)" -ne 0 ]; then
		if have sudo && sudo -n true 2>/dev/null; then
			sudo='sudo -n'
		else
			can_install=''
		fi
	fi
	if wants_postgres; then
		if [ -z "$can_install" ] && [ "$DEV_DB" != local ]; then
			drop_postgres 'this machine'
		elif apt_has_lists && ! apt_knows_postgres; then
			drop_postgres 'this system'
		fi
	fi
fi

[ -n "$missing" ] || exit 0
if [ -n "$dry" ]; then
	say "$missing"
	answer 1
fi

case $manager in
none) die "missing on this machine: $missing (install them with the system's package manager)" ;;
brew)
	step_long "installing with Homebrew: $missing"
	# shellcheck disable=SC2086 # one word a package
	HOMEBREW_NO_AUTO_UPDATE=1 brew install $missing >&2 || die "brew could not install: $missing"
	exit 0
	;;
esac
if [ -z "$can_install" ]; then
	# Packages of another architecture are not known before it is.
	before=''
	case " $missing" in
	*:arm64*) before='sudo dpkg --add-architecture arm64 && sudo apt-get update && ' ;;
	*:amd64*) before='sudo dpkg --add-architecture amd64 && sudo apt-get update && ' ;;
	esac
	die "missing on this machine: $missing; run: ${before}sudo apt-get install -y --no-install-recommends $missing"
fi

need_tmp
step_long "installing system packages: $missing"
# Packages of another architecture are not known before it is.
for pkg in $missing; do
	case $pkg in
	*:*)
		case " $(dpkg --print-foreign-architectures | tr '\n' ' ') " in
		*" ${pkg#*:} "*) ;;
		*)
			$sudo dpkg --add-architecture "${pkg#*:}"
			$sudo apt-get update -q >"$tmp/apt-update.log" 2>&1 || cat "$tmp/apt-update.log" >&2
			;;
		esac
		;;
	esac
done
export DEBIAN_FRONTEND=noninteractive
# A PostgreSQL package would set up a server and start it. We want the
# binaries only; postgresql-common reads this while it installs.
if wants_postgres && [ ! -d /var/lib/postgresql ]; then
	dropin=/etc/postgresql-common/createcluster.d/atlas-make.conf
	$sudo mkdir -p "${dropin%/*}"
	echo 'create_main_cluster = false' | $sudo tee "$dropin" >/dev/null
	at_exit "$sudo rm -f $dropin"
fi

apt_install() {
	# shellcheck disable=SC2086 # one word a package
	$sudo apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 \
		-o DPkg::Lock::Timeout=300 $missing >"$tmp/apt.log" 2>&1
}
# A fresh machine has no package lists, an old one has stale ones: then the
# first try fails and the lists are fetched. A machine with good ones needs no
# network round for them.
if apt_has_lists; then
	apt_install && exit 0
fi
$sudo apt-get update -q >"$tmp/apt-update.log" 2>&1 || cat "$tmp/apt-update.log" >&2
if wants_postgres && ! apt_knows_postgres; then
	drop_postgres 'this system'
	[ -n "$missing" ] || exit 0
fi
apt_install || {
	tail -n 20 "$tmp/apt.log" >&2
	die "apt-get could not install: $missing"
}
