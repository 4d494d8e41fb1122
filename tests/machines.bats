#!/usr/bin/env bats
# Machines that are not this one: what is installed there, by stand-in package
# managers that write down how they were called.

load helper

setup() {
	scratch
	# Where another user gets to.
	TMPDIR=$(mktemp -d "${TEST_TMP:-/tmp}/am.XXXXXX")
	chmod 755 "$TMPDIR"
	cd "$TMPDIR"
	export TMPDIR
	mkdir -p scripts bin managers .cache
	cp -R "$TOP/scripts/setup" "$TOP/scripts/lib" "$TOP/scripts/pins" scripts/
	ln -s /usr/bin/* /usr/sbin/runuser bin/ 2>/dev/null
	rm -f bin/apt* bin/dpkg* bin/dnf bin/apk bin/pacman bin/brew bin/pg_* bin/psql bin/sudo
	export PATH=$PWD/managers:$PWD/bin ATLAS_MAKE_KNOBS=1 CC=false PYTHON=nopython PG_MAJOR=13 \
		DEV_DB=auto PG_BINDIR='' LAMBDA_CC='' MIGRATIONS='' SCHEMA='' TEMPLATE=''
	unset DEV_URL
}
teardown() {
	PATH=/usr/bin:/bin
	rm -rf "$TMPDIR"
}

# manager NAME: knows every package, and installs it.
manager() {
	printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s/calls"\n%s\n' "$1" "$PWD" "${2-}" >"managers/$1"
	chmod +x "managers/$1"
}

@test "Fedora, Alpine, Arch and Homebrew: their names for what is missing" {
	manager dnf
	check 0 -e 'installing system packages: gcc glibc-devel openssl-devel libyaml-devel jansson-devel python3 postgresql13-server postgresql13-contrib postgresql13' -- \
		scripts/setup/install_packages.sh build python postgres
	same - calls <<-'END'
		dnf -q list --available postgresql13-server
		dnf install -y --setopt=install_weak_deps=False gcc glibc-devel openssl-devel libyaml-devel jansson-devel python3 postgresql13-server postgresql13-contrib postgresql13
	END
	rm managers/dnf calls
	manager apk 'echo "$3-13.1-r0"'
	check 0 -e 'installing system packages: gcc musl-dev openssl-dev yaml-dev jansson-dev python3 postgresql13 postgresql13-contrib postgresql13-client' -- \
		scripts/setup/install_packages.sh build python postgres
	same - calls <<-'END'
		apk search --exact postgresql13
		apk add gcc musl-dev openssl-dev yaml-dev jansson-dev python3 postgresql13 postgresql13-contrib postgresql13-client
	END
	rm managers/apk calls
	manager pacman 'echo "Version         : 13.4-1"'
	check 0 -e 'installing system packages: gcc glibc openssl libyaml jansson python postgresql' -- \
		scripts/setup/install_packages.sh build python postgres
	same - calls <<-'END'
		pacman -Si postgresql
		pacman -S --needed --noconfirm gcc glibc openssl libyaml jansson python postgresql
	END
	rm managers/pacman calls
	manager brew
	check 0 -e 'installing system packages: gcc openssl@3 libyaml jansson python3 postgresql@13 libpq' -- \
		scripts/setup/install_packages.sh build python postgres
	grep -Fqx 'brew install gcc openssl@3 libyaml jansson python3 postgresql@13 libpq' calls
}

@test "what make fuzz and make test-builds run is in a group of packages, valgrind too" {
	rm -f bin/valgrind bin/clang*
	manager apk
	check 0 -p '^installing system packages: (.* )?clang( .*)? valgrind$' -- scripts/setup/install_packages.sh fuzz
	grep -Eqx 'apk add .* valgrind' calls
	make -n -C "$TOP" -W scripts/setup/install_packages.sh test-build-valgrind >dry
	grep -Eq 'install_packages.sh (.* )?fuzz' dry
}

@test "a system without that PostgreSQL: the embedded one takes its place" {
	manager pacman 'echo "Version         : 18.1-1"'
	check 0 -- scripts/setup/install_packages.sh postgres
	[ "$(cat calls)" = 'pacman -Si postgresql' ]
	check 2 -p 'this system has no PostgreSQL 13: set PG_BINDIR, or DEV_DB=embedded' -- \
		env DEV_DB=local scripts/setup/install_packages.sh postgres
	rm managers/pacman
	manager apk
	check 0 -- scripts/setup/install_packages.sh postgres
	rm managers/apk
	# No package manager that we know.
	check 0 -- scripts/setup/install_packages.sh postgres
	check 2 -e 'install_packages.sh: missing on this machine: gcc libc6-dev libssl-dev libyaml-dev libjansson-dev (install them with the system'\''s package manager)' -- \
		scripts/setup/install_packages.sh build
}

@test "static programs where libcrypto's archive calls zlib and zstd, as Debian 13's: these too" {
	local group=lambda-x86_64
	[ "$(uname -m)" = x86_64 ] || group=lambda-arm64
	# It links with what is there: a program that hashes needs these two.
	printf '#!/bin/sh\ncase "$*" in -w* | *-lz*) exit 1 ;; esac\n' >nolibz
	printf '#!/bin/sh\ncase "$*" in -w*"-lcrypto -lz -lzstd") ;; -w*) exit 1 ;; esac\n' >libz
	chmod +x nolibz libz
	check 2 -e 'install_packages.sh: missing on this machine: zlib1g-dev libzstd-dev (install them with the system'\''s package manager)' -- \
		env CC="$PWD/nolibz" scripts/setup/install_packages.sh "$group"
	check 0 -- env CC="$PWD/libz" scripts/setup/install_packages.sh "$group"
}

@test "no server is installed that DEV_DB does not run" {
	manager dnf
	for db in embedded docker url postgres://u@h/d; do
		check 0 -- env DEV_DB="$db" scripts/setup/install_packages.sh postgres
	done
	check 0 -- env DEV_URL=postgres://u@h/d scripts/setup/install_packages.sh postgres
	[ ! -e calls ]
}

@test "a package manager that fails: its last words, exit 2" {
	manager apk 'case $1 in add) echo "ERROR: unable to select packages"; exit 3 ;; esac'
	check 2 -p '^install_packages.sh: apk could not install: gcc musl-dev' -- scripts/setup/install_packages.sh build
	grep -q 'unable to select' "$BATS_TEST_TMPDIR/err"
	rm bin/curl
	check 1 -o 'curl' -- scripts/setup/install_packages.sh -n fetch
}

@test "root changes the user with whatever of setpriv, runuser, su-exec and su can" {
	[ "$(id -u)" -eq 0 ] || skip 'only root has to'
	cat >scripts/as.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/postgres.sh
		as_pg
		echo "$($pg_as sh -c 'id -un; echo "$2"' - -D 'a b') ${pg_as%% *}" | tr '\n' ' '
	END
	user=$(id -un postgres 2>/dev/null || echo nobody)
	run -0 sh scripts/as.sh
	[ "$output" = "$user a b setpriv " ]
	# busybox's knows none of these options.
	rm bin/setpriv
	manager setpriv 'exit 1'
	run -0 sh scripts/as.sh
	[ "$output" = "$user a b runuser " ]
	rm bin/runuser
	# And its su becomes the command itself; this one behaves like that here.
	rm bin/su
	cat >managers/su <<-'END'
		#!/bin/sh
		[ "$1 $2 $3 $5" = '-s /bin/sh -c --' ] || exit 1
		text=$4 user=$6
		shift 6
		exec /usr/bin/setpriv --reuid="$user" --clear-groups /bin/sh -c "$text" "$@"
	END
	chmod +x managers/su
	run -0 sh scripts/as.sh
	[ "$output" = "$user a b sh " ]
	rm managers/su
	check 2 -p 'none of setpriv, runuser, su-exec and su can change the user' -- sh scripts/as.sh
}

@test "a checkout for Windows: no script and no makefile has line ends it cannot run with" {
	PATH=/usr/bin:/bin
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	(cd "$TOP" && git ls-files -z | xargs -0 tar cf - --ignore-failed-read 2>/dev/null) | (mkdir from && cd from && tar xf -)
	cd from
	git init -q
	git add -A 2>/dev/null
	git -c user.name=t -c user.email=t@example.com commit -qm t
	cd ..
	git -c core.autocrlf=true -c core.eol=crlf clone -q from to
	cr=$(printf '\r')
	cd to
	[ -z "$(git ls-files --eol | grep -v '^i/-text\|^i/none\|attr/-text' | grep 'w/crlf\|w/mixed')" ]
	run ! grep -lr "$cr\$" scripts mk Makefile tools
	cmp "$TOP/src/db/migrations/atlas.sum" src/db/migrations/atlas.sum
}

@test "files of a wheel: those that are wanted, once; another checksum is refused" {
	cat >wheel.py <<-'END'
		import sys, zipfile
		with zipfile.ZipFile("wheels/thing-1-py3-none-any.whl", "w") as z:
		    for name, text in (("thing/bin/go", "#!/bin/sh\necho it runs\n"), ("thing/a b.h", ""), ("thing/include/x.h", ""),
		                       ("thing-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
		                       ("thing-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1\n"),
		                       ("thing-1.dist-info/RECORD", "")):
		        f = zipfile.ZipInfo(name)
		        f.external_attr = (0o100755 if "/bin/" in name else 0o100644) << 16
		        z.writestr(f, text)
	END
	mkdir wheels
	python3 wheel.py
	printf 'thing==1 --hash=sha256:%s\n' "$(sha256sum wheels/*.whl | cut -d ' ' -f 1)" >pins.txt
	export PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels PYTHON=$TOP/.cache/venv/bin/python
	get() { scripts/setup/install_files.sh 'a thing comes' "x/th ing" pins.txt '*/include/*'; }
	check 0 -e 'a thing comes' -- get
	check 0 -o 'it runs' -- 'x/th ing/thing/bin/go'
	[ -e 'x/th ing/thing/a b.h' ] && [ ! -e 'x/th ing/thing/include' ]
	check 0 -- get
	# Killed half-way: made anew.
	rm 'x/th ing/ok' 'x/th ing/thing/a b.h'
	check 0 -e 'a thing comes' -- get
	[ -e 'x/th ing/thing/a b.h' ]
	printf 'thing==1 --hash=sha256:%064d\n' 0 >pins.txt
	check 2 -p '^install_files.sh: pip could not fetch pins.txt: ERROR' -- get
	[ -e 'x/th ing/thing/a b.h' ]
}
