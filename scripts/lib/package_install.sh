# package_install.sh - sourced after packages.sh: installing what is in missing.
#
#   may_install        set sudo, and can_install where this user may install packages
#   without_postgres   take PostgreSQL off the list where no package has that version
#   install_command    print the command to run by hand
#   install_missing    install them, or die

# shellcheck shell=sh

sudo='' can_install=1

may_install() {
	case $manager in
	none) can_install='' ;;
	brew) ;;
	*)
		[ "$(id -u)" -ne 0 ] || return 0
		if have sudo && sudo -n true 2>/dev/null; then
			sudo='sudo -n'
		else
			can_install=''
		fi
		;;
	esac
}

# --- PostgreSQL ----------------------------------------------------------------

# drop_postgres WHO: take it off the list; an embedded one takes its place
# (scripts/setup/install_postgres.sh) unless DEV_DB=local insists.
drop_postgres() {
	local left='' pkg key drop=' '
	[ "$DEV_DB" != local ] || die "$1 has no PostgreSQL $PG_MAJOR: set PG_BINDIR, or DEV_DB=embedded"
	for key in postgres postgres-contrib postgres-tools; do
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
# knows_postgres: the system's packages have that version.
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
without_postgres() {
	wants_postgres || return 0
	if [ -z "$can_install" ]; then
		[ "$DEV_DB" = local ] || drop_postgres 'this machine'
	elif { [ "$manager" != apt-get ] || apt_has_lists; } && ! knows_postgres; then
		drop_postgres 'this system'
	fi
}

# --- installing ----------------------------------------------------------------

manager_command() {
	case $manager in
	apt-get) echo apt-get install -y --no-install-recommends ;;
	dnf) echo dnf install -y --setopt=install_weak_deps=False ;;
	apk) echo apk add ;;
	pacman) echo pacman -S --needed --noconfirm ;;
	brew) echo brew install ;;
	esac
}
install_command() {
	local before=''
	# Packages of another architecture are not known before it is.
	case " $missing" in
	*:arm64*) before='sudo dpkg --add-architecture arm64 && sudo apt-get update && ' ;;
	*:amd64*) before='sudo dpkg --add-architecture amd64 && sudo apt-get update && ' ;;
	esac
	echo "${before}sudo $(manager_command) $missing"
}

install_missing() {
	need_tmp
	step_long "installing system packages: $missing"
	if [ "$manager" = apt-get ]; then
		apt_missing
		return
	fi
	# shellcheck disable=SC2046,SC2086 # words
	HOMEBREW_NO_AUTO_UPDATE=1 $sudo $(manager_command) $missing >"$tmp/install.log" 2>&1 || {
		tail -n 20 "$tmp/install.log" >&2
		die "$manager could not install: $missing"
	}
}

# A fresh machine has no package lists, an old one has stale ones: then the first try
# fails, and the lists are fetched. A machine with good ones needs no network round for
# them.
apt_missing() {
	export DEBIAN_FRONTEND=noninteractive
	apt_architectures
	apt_no_cluster
	! apt_has_lists || ! apt_install || return 0
	apt_update
	if wants_postgres && ! knows_postgres; then
		drop_postgres 'this system'
		[ -n "$missing" ] || return 0
	fi
	apt_install || {
		tail -n 20 "$tmp/apt.log" >&2
		die "apt-get could not install: $missing"
	}
}
apt_has_lists() { apt-cache show gcc >/dev/null 2>&1; }
apt_update() { $sudo apt-get update -q >"$tmp/apt-update.log" 2>&1 || cat "$tmp/apt-update.log" >&2; }
apt_install() {
	# shellcheck disable=SC2086 # words
	$sudo apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 \
		-o DPkg::Lock::Timeout=300 $missing >"$tmp/apt.log" 2>&1
}
# Packages of another architecture are not known before it is.
apt_architectures() {
	local pkg
	for pkg in $missing; do
		case $pkg in *:*) ;; *) continue ;; esac
		case " $(dpkg --print-foreign-architectures | tr '\n' ' ') " in
		*" ${pkg#*:} "*) ;;
		*)
			$sudo dpkg --add-architecture "${pkg#*:}"
			apt_update
			;;
		esac
	done
}
# A PostgreSQL package would set up a server and start it. We want its programs only;
# postgresql-common reads this while it installs.
no_cluster=/etc/postgresql-common/createcluster.d/atlas-make.conf
drop_no_cluster() { $sudo rm -f "$no_cluster"; }
apt_no_cluster() {
	wants_postgres && [ ! -d /var/lib/postgresql ] || return 0
	at_exit_call drop_no_cluster
	$sudo mkdir -p "${no_cluster%/*}"
	echo 'create_main_cluster = false' | $sudo tee "$no_cluster" >/dev/null
}
