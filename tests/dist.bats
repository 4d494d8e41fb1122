#!/usr/bin/env bats
# A release: what make dist lays out.

load helper

setup() {
	scratch
	[ "$(uname -s)" = Linux ] || skip "a release is made on Linux"
	project
	cp -p "$TOP/VERSION" "$TOP/LICENSE" "$TOP/CHANGELOG.md" .
	mkdir .cache/lambda
	ln -s "$TOP/.cache/lambda/x86_64" "$TOP/.cache/lambda/arm64" .cache/lambda/
	git_first
	V=$(cat VERSION)
	TOOLS=$(cd tools && echo *.1 | sed 's/\.1//g')
}

@test "make dist: what is committed, the tools for both machines, checksums; the same bytes elsewhere" {
	make -s dist >../out
	D=.cache/dist
	check 0 -o "SHA256SUMS
atlas-make-$V.tar.gz
atlas-make-tools-$V-linux-amd64.tar.gz
atlas-make-tools-$V-linux-arm64.tar.gz" -- env LC_ALL=C ls "$D"
	(cd "$D" && sha256sum -c --quiet SHA256SUMS)
	# Nothing but what is committed, and it is whole: it works.
	tar -tzf "$D/atlas-make-$V.tar.gz" | sed "s#^atlas-make-$V/##" | grep -v '/$' | grep . | LC_ALL=C sort >../in_it
	git ls-files | LC_ALL=C sort >../committed
	same ../committed ../in_it
	mkdir ../open
	for f in "$D"/*.tar.gz; do tar -xzf "$f" -C ../open; done
	[ "$(ls ../open | wc -l)" -eq 3 ]
	for arch in amd64 arm64; do
		r=../open/atlas-make-tools-$V-linux-$arch
		[ "$(cd "$r/bin" && echo *)" = "$TOOLS" ] && [ "$(cd "$r/share/man/man1" && echo *)" = "$(echo "$TOOLS" | sed 's/[a-z]*/&.1/g')" ]
		[ -s "$r/LICENSE" ] && [ -s "$r/licenses/openssl" ] && [ -s "$r/licenses/libyaml" ]
		run=''
		[ "$arch" = amd64 ] || run=qemu-aarch64-static
		case $(uname -m)/$arch in aarch64/amd64) continue ;; aarch64/arm64) run='' ;; esac
		for t in $TOOLS; do
			run ! grep -aq '/ld-linux\|/ld-musl' "$r/bin/$t"
			[ "$($run "$r/bin/$t" -V)" = "$t $V" ]
		done
		# They are whole: each of the libraries is used.
		[ "$($run "$r/bin/mhash" src/db/migrations)" = "$(cat src/db/migrations/atlas.sum)" ]
		echo 'a: {b: c}' | $run "$r/bin/yamlset" /a/b | grep -qx c
		echo '{"ResponseURL": "x", "a": 1}' | $run "$r/bin/cfnrespond" -g /a | grep -qx 1
	done
	# Other times, another place, another umask; two tools are linked anew.
	(
		umask 077
		cp -Rp . "../another place"
		cd "../another place"
		find . -path ./.git -prune -o -path ./.cache -prune -o -type f -exec touch -t 202001010000 {} +
		rm .cache/lambda/x86_64
		mkdir .cache/lambda/x86_64
		cp -p "$TOP"/.cache/lambda/x86_64/* .cache/lambda/x86_64/
		rm .cache/lambda/x86_64/mhash .cache/lambda/x86_64/sqlflat
		make -s dist >/dev/null
	)
	same "$D/SHA256SUMS" "../another place/.cache/dist/SHA256SUMS"
}

@test "a release is of a commit" {
	mkdir -p .cache/dist
	: >.cache/dist/of_before
	echo >>CHANGELOG.md
	check 2 -e "dist.sh: what is here is not what is committed (git status); fix: commit it, for a release is of a commit" -- scripts/setup/dist.sh .cache/dist
	[ -f .cache/dist/of_before ]
	git checkout -q CHANGELOG.md
	rm .cache/lambda/arm64
	check 2 -e "dist.sh: no .cache/lambda/arm64/atlasjson: run 'make dist'" -- scripts/setup/dist.sh .cache/dist
	[ -f .cache/dist/of_before ]
	nothing_left
}

@test "VERSION, the changelog's newest and the tools' are the same" {
	[ "$(sed -n 's/^## //p' CHANGELOG.md | head -n 1)" = "$V" ]
	for t in $TOOLS; do check 0 -o "$t $V" -- "$t" -V; done
}
