# packages.sh - sourced: which system packages are missing.
#
#   package KEY        set pkg to what this system calls it (scripts/setup/package_names)
#   want_group GROUP   note what it lacks in missing (scripts/setup/package_groups)
#
# Needs: common.sh, and the knobs CC, PYTHON, PG_MAJOR, DEV_DB, FUZZ_CC, LAMBDA_CC. Gives
# manager, too: which package manager there is, or none.

# shellcheck shell=sh

CC=${CC:-cc}
missing=''
manager=none
for m in apt-get dnf apk pacman brew; do
	if have "$m"; then
		manager=$m
		break
	fi
done

package() {
	local key='' apt dnf apk pacman brew
	while read -r key apt dnf apk pacman brew; do
		[ "$key" != "$1" ] || break
	done <"$kit/scripts/setup/package_names"
	case $key,$manager in
	,*) pkg=$1 ;;
	*,dnf) pkg=$dnf ;;
	*,apk) pkg=$apk ;;
	*,pacman) pkg=$pacman ;;
	*,brew) pkg=$brew ;;
	*) pkg=$apt ;;
	esac
	case $pkg in
	-) pkg='' ;;
	*'{PG}'*) pkg=${pkg%%'{PG}'*}$PG_MAJOR${pkg#*'{PG}'} ;;
	# The package has that version in its name.
	*'{CLANG}'*)
		pkg=$(apt-cache depends clang 2>/dev/null |
			sed -n 's/^ *Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p')
		;;
	esac
}

# want KEY TEST...: note the package when TEST fails.
want() {
	local key="$1" pkg
	shift
	! "$@" >/dev/null 2>&1 || return 0
	package "$key"
	[ -n "$pkg" ] || return 0
	case " $missing " in
	*" $pkg "*) ;;
	*) missing="${missing:+$missing }$pkg" ;;
	esac
}

want_group() {
	local group key words known=''
	while read -r group key words; do
		[ "$group" = "$1" ] || continue
		known=1
		# shellcheck disable=SC2086 # words
		[ "$key" = - ] || want "$key" $words </dev/null
	done <"$kit/scripts/setup/package_groups"
	[ -n "$known" ] || die "'$1' is not a group of packages"
	case $1,$manager in
	lambda-test,brew) ;;
	dist,* | lambda-test,*)
		want_static x86_64 yaml
		want_static arm64 yaml
		;;
	lambda-*) want_static "${1#lambda-}" ;;
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

# fuzzes: clang has libFuzzer and AddressSanitizer.
fuzzes() {
	need_tmp
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' >"$tmp/t.c"
	"${FUZZ_CC:-clang}" -fsanitize=address,fuzzer -o "$tmp/t" "$tmp/t.c" >/dev/null 2>&1
}
has_python() { have "$PYTHON"; }
has_venv() { "$PYTHON" -c 'import venv, ensurepip'; }
has_clang() { have "${FUZZ_CC:-clang}"; }
has_qemu() { have qemu-aarch64-static || have qemu-aarch64 || [ "$(uname -m)" = aarch64 ]; }
has_locales() { [ -e /usr/share/i18n/locales/tr_TR ]; }
has_authorities() {
	[ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/ssl/cert.pem ] ||
		[ -e /etc/pki/tls/certs/ca-bundle.crt ]
}
changes_user() { [ "$(id -u)" -ne 0 ] || setpriv --reuid=0 true; }
# has_postgres: or none is wanted.
has_postgres() {
	case $DEV_DB in
	auto) [ -z "${DEV_URL-}" ] || return 0 ;;
	local) ;;
	*) return 0 ;;
	esac
	. "$kit/scripts/lib/postgres.sh"
	pg_find
}

# links_static CC LIB: a static program with that library.
links_static() {
	need_tmp
	echo 'int main(void) { return 0; }' >"$tmp/t.c"
	"$1" -static -o "$tmp/t" "$tmp/t.c" "-l$2" >/dev/null 2>&1
}

# hashes_static CC: a static program that hashes.
hashes_static() {
	need_tmp
	echo 'char EVP_MD_fetch(void); int main(void) { return EVP_MD_fetch(); }' >"$tmp/t.c"
	"$1" -w -static -o "$tmp/t" "$tmp/t.c" -lcrypto >/dev/null 2>&1 ||
		"$1" -w -static -o "$tmp/t" "$tmp/t.c" -lcrypto -lz -lzstd >/dev/null 2>&1
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
		if ! links_static "$cc" jansson || ! hashes_static "$cc"; then
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
	hashes_static "$cc" || {
		want "libssl-dev$suffix" links_static "$cc" crypto
		# Debian 13's calls them, and its package does not bring them.
		want "zlib1g-dev$suffix" links_static "$cc" z
		want "libzstd-dev$suffix" links_static "$cc" zstd
	}
	[ -z "${2-}" ] || want "libyaml-dev$suffix" links_static "$cc" yaml
}
