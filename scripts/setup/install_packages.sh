#!/bin/sh
# install_packages.sh [-n] GROUP... - install the system packages a group lacks.
#
# Groups: build (compiler, OpenSSL, libyaml, jansson), python (with venv),
# postgres (PG_MAJOR's server, where DEV_DB runs one and the system has it), certs
# (the authorities that registries are known by), fetch (these, and curl), test, lint, fuzz, bench, erd, compat (other shells, a locale),
# lambda-x86_64 and lambda-arm64 (static programs for the function), dist (all tools
# as such), lambda-test.
# What is there is not touched: a second run does nothing.
# As root it installs; as an ordinary user through sudo where that asks no
# password; else it stops with the command to run. -n only says what is missing
# (exit 1). Knows apt-get, dnf, apk, pacman and Homebrew; elsewhere it names what
# to install, as Debian calls it.
set -eu
. "${0%/*}/../lib/common.sh"

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
for m in apt-get dnf apk pacman brew; do
	if have "$m"; then
		manager=$m
		break
	fi
done

# package KEY: set pkg to what this system calls it.
package() {
	local apt="$1" dnf="$1" apk="$1" pacman="$1" brew="$1"
	case $1 in
	libc) apt=libc6-dev dnf=glibc-devel apk=musl-dev pacman=glibc brew=gcc ;;
	openssl-dev) apt=libssl-dev dnf=openssl-devel pacman=openssl brew=openssl@3 ;;
	yaml) apt=libyaml-dev dnf=libyaml-devel apk=yaml-dev pacman=libyaml brew=libyaml ;;
	jansson) apt=libjansson-dev dnf=jansson-devel apk=jansson-dev ;;
	expat) apt=libexpat1-dev dnf=expat-devel apk=expat-dev ;;
	python) apt=python3 dnf=python3 apk=python3 brew=python3 ;;
	venv) apt=python3-venv dnf=python3 apk=python3 pacman=python brew=python3 ;;
	postgres) apt=postgresql-$PG_MAJOR dnf=postgresql$PG_MAJOR-server apk=postgresql$PG_MAJOR pacman=postgresql brew=postgresql@$PG_MAJOR ;;
	postgres-contrib) dnf=postgresql$PG_MAJOR-contrib apk=postgresql$PG_MAJOR-contrib apt='' pacman='' brew='' ;;
	postgres-client) dnf=postgresql$PG_MAJOR apk=postgresql$PG_MAJOR-client apt=postgresql-client pacman=postgresql brew=libpq ;;
	pg-query) apt=libpg-query-dev dnf='' apk='' pacman='' brew='' ;;
	procps) dnf=procps-ng pacman=procps-ng ;;
	setpriv) apt=util-linux dnf=util-linux pacman=util-linux brew=util-linux ;;
	bats) brew=bats-core ;;
	clang) brew=llvm ;;
	clang-runtime) apt=$(clang_runtime) dnf=compiler-rt apk=compiler-rt pacman=compiler-rt brew=llvm ;;
	qemu) apt=qemu-user-static dnf=qemu-user-static apk=qemu-aarch64 pacman=qemu-user ;;
	openssl) brew=openssl@3 ;;
	locales) dnf=glibc-langpack-tr apk='' pacman='' brew='' ;;
	esac
	case $manager in
	dnf) pkg=$dnf ;;
	apk) pkg=$apk ;;
	pacman) pkg=$pacman ;;
	brew) pkg=$brew ;;
	*) pkg=$apt ;;
	esac
}

# --- is it there? Ask the thing itself, not a package database. -------------

# compiles HEADER LIB: a program with that header links with that library. The
# build looks where Homebrew keeps them, too (mk/tools.mk).
compiles() {
	local d where=''
	need_tmp
	for d in /opt/homebrew /usr/local/opt/openssl@3 /opt/homebrew/opt/openssl@3; do
		[ ! -d "$d/include" ] || where="$where -I$d/include -L$d/lib"
	done
	printf '#include <%s>\nint main(void) { return 0; }\n' "$1" >"$tmp/t.c"
	# shellcheck disable=SC2086 # the user's flags are words
	$CC ${CPPFLAGS-} ${CFLAGS-} $where ${LDFLAGS-} -o "$tmp/t" "$tmp/t.c" ${2:+"-l$2"} >/dev/null 2>&1
}

missing=''
# want KEY TEST...: note the package when TEST fails.
want() {
	local key="$1"
	shift
	"$@" >/dev/null 2>&1 || need "$key"
}
need() {
	local pkg
	package "$1"
	case " $missing " in
	*" $pkg "*) ;;
	*) missing="$missing${pkg:+ $pkg}" ;;
	esac
}

python_has_venv() { "$PYTHON" -c 'import venv, ensurepip'; }
# pg_is_there: or is not wanted.
pg_is_there() {
	case $DEV_DB in
	auto) [ -z "${DEV_URL-}" ] || return 0 ;;
	local) ;;
	*) return 0 ;;
	esac
	. "$kit/scripts/lib/postgres.sh"
	pg_find
}
changes_user() { [ "$(id -u)" -ne 0 ] || setpriv --reuid=0 true; }

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

qemu_is_there() { have qemu-aarch64-static || have qemu-aarch64 || [ "$(uname -m)" = aarch64 ]; }

# links_static CC LIB: a static program with that library.
links_static() {
	need_tmp
	echo 'int main(void) { return 0; }' >"$tmp/t.c"
	"$1" -static -o "$tmp/t" "$tmp/t.c" "-l$2" >/dev/null 2>&1
}

# want_static ARCH [yaml]: what links static Linux programs for ARCH, this machine's
# own or another; all of the tools, or the function's. Only Debian's packages have all of it.
want_static() {
	local machine=aarch64 deb=arm64 cc="${LAMBDA_CC:-}" suffix=''
	[ "$1" != x86_64 ] || machine=x86_64 deb=amd64
	case $manager in
	apt-get | none) ;;
	*)
		[ -n "$cc" ] ||
			die "the function's programs are linked with the libraries of Debian or Ubuntu: run 'make lambda' there, in a container too, or set LAMBDA_CC"
		if ! links_static "$cc" jansson || ! links_static "$cc" crypto; then
			die "LAMBDA_CC=$cc: it links no static program with jansson and OpenSSL"
		fi
		return 0
		;;
	esac
	if [ "$(uname -m)" = "$machine" ]; then
		: "${cc:=$CC}"
	else
		: "${cc:=$machine-linux-gnu-gcc}"
		want "gcc-$(echo "$machine" | tr _ -)-linux-gnu" have "$cc"
		want "libc6-dev-$deb-cross" links_static "$cc" c
		suffix=:$deb
	fi
	want "libjansson-dev$suffix" links_static "$cc" jansson
	want "libssl-dev$suffix" links_static "$cc" crypto
	[ -z "${2-}" ] || want "libyaml-dev$suffix" links_static "$cc" yaml
}

for group do
	case $group in
	build)
		want gcc compiles stdio.h
		want libc compiles stdio.h
		want openssl-dev compiles openssl/evp.h crypto
		want yaml compiles yaml.h yaml
		want jansson compiles jansson.h jansson
		;;
	python)
		want python have "$PYTHON"
		want venv python_has_venv
		;;
	postgres)
		pg_is_there || {
			need postgres
			need postgres-contrib
			[ "$manager" = apt-get ] || need postgres-client
		}
		;;
	certs | fetch)
		[ "$group" = certs ] || want curl have curl
		want ca-certificates test -e /etc/ssl/certs/ca-certificates.crt -o -e /etc/ssl/cert.pem \
			-o -e /etc/pki/tls/certs/ca-bundle.crt
		;;
	test)
		want bats have bats
		want procps have ps
		want setpriv changes_user
		want strace have strace
		want git have git
		want graphviz have dot
		want mandoc have mandoc
		want postgres-client have psql
		want pg-query compiles pg_query.h pg_query
		;;
	lint)
		want git have git
		want mandoc have mandoc
		;;
	bench)
		want hyperfine have hyperfine
		want jq have jq
		;;
	fuzz)
		want clang have "${FUZZ_CC:-clang}"
		want clang-runtime fuzzes
		want expat compiles expat.h expat
		want pg-query compiles pg_query.h pg_query
		want valgrind have valgrind
		;;
	compat)
		[ "$manager" = brew ] || {
			want dash have dash
			want busybox have busybox
			want locales test -e /usr/share/i18n/locales/tr_TR
		}
		;;
	erd) want graphviz have dot ;;
	lambda-test)
		want openssl have openssl
		[ "$manager" = brew ] || {
			want dash have dash
			want busybox have busybox
			want qemu qemu_is_there
			want_static x86_64 yaml
			want_static arm64 yaml
		}
		;;
	dist)
		want_static x86_64 yaml
		want_static arm64 yaml
		;;
	lambda-x86_64 | lambda-arm64) want_static "${group#lambda-}" ;;
	*) die "'$group' is not a group of packages" ;;
	esac
done

# drop_postgres WHO: take it off the list; an embedded one takes its place
# (scripts/setup/install_postgres.sh) unless DEV_DB=local insists.
drop_postgres() {
	local left='' pkg key drop=' '
	[ "$DEV_DB" != local ] || die "$1 has no PostgreSQL $PG_MAJOR: set PG_BINDIR, or DEV_DB=embedded"
	# On Debian only the tests ask for the client by itself.
	for key in postgres postgres-contrib $([ "$manager" = apt-get ] || echo postgres-client); do
		package "$key"
		drop="$drop$pkg "
	done
	for pkg in $missing; do
		case $drop in *" $pkg "*) ;; *) left="$left $pkg" ;; esac
	done
	missing=${left# }
}
wants_postgres() {
	local pkg
	package postgres
	case " $missing " in *" $pkg "*) ;; *) return 1 ;; esac
}
# The system's packages have that version.
knows_postgres() {
	local pkg
	package postgres
	case $manager in
	apt-get) apt-cache show "$pkg" ;;
	dnf) dnf -q list --available "$pkg" ;;
	apk) apk search --exact "$pkg" | grep . ;;
	pacman) pacman -Si "$pkg" | grep "^Version *: *${PG_MAJOR}[.-]" ;;
	brew) brew info "$pkg" ;;
	none) false ;;
	esac >/dev/null 2>&1
}
apt_has_lists() { apt-cache show gcc >/dev/null 2>&1; }

missing=${missing# }
sudo=''
can_install=1
case $manager in
none) can_install='' ;;
brew) ;;
*)
	if [ "$(id -u)" -ne 0 ]; then
		if have sudo && sudo -n true 2>/dev/null; then
			sudo='sudo -n'
		else
			can_install=''
		fi
	fi
	;;
esac
if wants_postgres; then
	if [ -z "$can_install" ]; then
		[ "$DEV_DB" = local ] || drop_postgres 'this machine'
	elif { [ "$manager" != apt-get ] || apt_has_lists; } && ! knows_postgres; then
		drop_postgres 'this system'
	fi
fi

[ -n "$missing" ] || exit 0
if [ -n "$dry" ]; then
	say "$missing"
	answer 1
fi

# Most package managers run once at a time, and do not wait for one another.
. "$kit/scripts/lib/lock.sh"
wait_lock packages 'installs system packages' 1800
[ "$manager" != none ] || die "missing on this machine: $missing (install them with the system's package manager)"
set_command() {
	case $manager in
	apt-get) set -- apt-get install -y --no-install-recommends ;;
	dnf) set -- dnf install -y --setopt=install_weak_deps=False ;;
	apk) set -- apk add ;;
	pacman) set -- pacman -S --needed --noconfirm ;;
	brew) set -- brew install ;;
	esac
	command=$*
}
set_command
if [ -z "$can_install" ]; then
	# Packages of another architecture are not known before it is.
	before=''
	case " $missing" in
	*:arm64*) before='sudo dpkg --add-architecture arm64 && sudo apt-get update && ' ;;
	*:amd64*) before='sudo dpkg --add-architecture amd64 && sudo apt-get update && ' ;;
	esac
	die "missing on this machine: $missing; run: ${before}sudo $command $missing"
fi
if [ "$manager" != apt-get ]; then
	need_tmp
	step_long "installing system packages: $missing"
	# shellcheck disable=SC2086 # one word a package
	HOMEBREW_NO_AUTO_UPDATE=1 $sudo $command $missing >"$tmp/install.log" 2>&1 || {
		tail -n 20 "$tmp/install.log" >&2
		die "$manager could not install: $missing"
	}
	exit 0
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
	drop_in() { $sudo rm -f "$dropin"; }
	at_exit_call drop_in
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
if wants_postgres && ! knows_postgres; then
	drop_postgres 'this system'
	[ -n "$missing" ] || exit 0
fi
apt_install || {
	tail -n 20 "$tmp/apt.log" >&2
	die "apt-get could not install: $missing"
}
