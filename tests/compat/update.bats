#!/usr/bin/env bats
# update.bats - update-atlas to another version of the engine's module, and back.
# A part of `make compat`: it builds the engine for every system, twice.

load ../helper

@test "forward to a version and back: what is written, and every byte again" {
	scratch
	project
	# No host that has a release; and a proxy that has one version more of the module,
	# as it is now, under another name.
	export ATLAS_MAKE_ATLAS_URL=http://127.0.0.1:9 GOSUMDB=off
	was=$(awk '$1 == "ariga.io/atlas" { print $2 }' scripts/atlas/go.mod)
	mods=$(go env GOMODCACHE)/cache/download
	mkdir -p proxy/ariga.io/atlas/@v
	python3 - "$mods/ariga.io/atlas/@v/$was" proxy/ariga.io/atlas/@v v1.99.0 <<-'END'
		import json, sys, zipfile
		have, to, v = sys.argv[1:]
		open(f"{to}/{v}.info", "w").write(json.dumps({"Version": v, "Time": "2026-01-01T00:00:00Z"}))
		open(f"{to}/{v}.mod", "w").write(open(have + ".mod").read())
		old = zipfile.ZipFile(have + ".zip")
		with zipfile.ZipFile(f"{to}/{v}.zip", "w") as new:
		    for n in old.namelist():
		        new.writestr(f"ariga.io/atlas@{v}/" + n.split("/", 2)[2], old.read(n))
	END
	echo v1.99.0 >proxy/ariga.io/atlas/@v/list
	# Nothing of that stays in the user's cache of modules.
	GOPROXY="file://$PWD/proxy,file://$mods,$(go env GOPROXY)" GOMODCACHE="$PWD/modules"
	export GOPROXY GOMODCACHE
	cp -R scripts/atlas before
	cp mk/config.mk config.before
	# Without bats in PATH it is built, and not tried; it is the same program.
	mkdir path
	for f in $(compgen -c | sort -u); do
		case $f in bats*) ;; *) d=$(type -P "$f") && ln -sf "$d" "path/$f" ;; esac
	done
	PATH=$PWD/path check 0 -p 'trying the module v1\.99\.0 \(it was '"$was"'\)' -o "the release: stays $was, for no host has all checksums of v1.99.0
the engine: v1.99.0 (it was $was)
look at git diff, then: make check-migrations, make test" -- scripts/setup/update_atlas.sh
	grep -q 'ariga.io/atlas v1.99.0$' scripts/atlas/go.mod
	grep -q '^ariga.io/atlas v1.99.0 h1:' scripts/atlas/go.sum
	cmp mk/config.mk config.before
	[ "$(sort scripts/atlas/checksums before/checksums | uniq -d | grep -c atlas-engine)" -eq 0 ]
	[ "$(grep -c atlas-community scripts/atlas/checksums)" -eq "$(grep -c atlas-community before/checksums)" ]
	# What runs is that one, and the check looks at it.
	rm .cache/atlas
	ATLAS_MAKE_ATLAS_FROM=engine scripts/download_atlas.sh .cache/atlas 2>../log
	[ "$(.cache/atlas/atlas version)" = 'atlas engine version v1.99.0' ]
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	# And back.
	PATH=$PWD/path check 0 -p 'trying the module' -o "the release: stays $was, for no host has all checksums of $was
the engine: $was (it was v1.99.0)
look at git diff, then: make check-migrations, make test" -- scripts/setup/update_atlas.sh "$was"
	diff -r before scripts/atlas
	chmod -R u+w modules
}
