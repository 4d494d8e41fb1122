#!/usr/bin/env bats
# make requirements: what is pinned stays, but for what was asked. The packages come
# from a directory, not from a registry.

load helper

setup() {
	scratch
	project
	(cd "$TOP" && scripts/setup/install_venv.sh .cache/venv-lock scripts/pins/lock-requirements.txt >/dev/null)
	ln -s "$TOP/.cache/venv-lock" .cache/venv-lock
	mkdir ../wheels
	export PIP_NO_INDEX=1 PIP_FIND_LINKS="$BATS_TEST_TMPDIR/wheels" PIP_CONFIG_FILE=/dev/null
}

# wheel NAME VERSION [NEEDS]
wheel() {
	"$TOP/.cache/venv/bin/python3" - "$@" <<-'END'
		import sys, zipfile
		name, version, needs = sys.argv[1], sys.argv[2], sys.argv[3:]
		info = "%s-%s.dist-info/" % (name, version)
		with zipfile.ZipFile("../wheels/%s-%s-py3-none-any.whl" % (name, version), "w") as z:
		    z.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version)
		        + "".join("Requires-Dist: %s\n" % n for n in needs))
		    z.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
		    z.writestr(info + "RECORD", "")
	END
}
# pinned: what requirements.txt holds, without the checksums.
pinned() { sed -n 's/^\([a-z]*==[^ ]*\).*/\1/p' requirements.txt | tr '\n' ' '; }

@test "one package that is asked for moves; the others, and the other lock files, stay" {
	wheel ab 1.0 'deep'
	wheel cd 1.0
	wheel deep 1.0
	printf 'ab\ncd\n' >requirements.in
	rm requirements.txt
	find scripts/pins -type f -exec cksum {} + >../pins
	make -s requirements
	[ "$(pinned)" = 'ab==1.0 cd==1.0 deep==1.0 ' ]
	grep -q -- '--hash=sha256:' requirements.txt
	run ! grep -q 'wheels\|://' requirements.txt
	cp requirements.txt first.txt
	# Newer ones are there, and nobody asked.
	for p in ab cd deep; do wheel $p 1.1; done
	make -s requirements
	same first.txt requirements.txt
	# A package more.
	wheel more 2.0
	echo more >>requirements.in
	make -s requirements
	[ "$(pinned)" = 'ab==1.0 cd==1.0 deep==1.0 more==2.0 ' ]
	# A newer one of one.
	edit requirements.in 's/^cd/cd >= 1.1/'
	make -s requirements
	[ "$(pinned)" = 'ab==1.0 cd==1.1 deep==1.0 more==2.0 ' ]
	# One less.
	edit requirements.in '/^ab/d'
	make -s requirements
	[ "$(pinned)" = 'cd==1.1 more==2.0 ' ]
	# One that is nowhere: said, and the file stays.
	cp requirements.txt first.txt
	echo nowhere >>requirements.in
	make -s requirements >out 2>err && false
	grep -q '^lock_requirements.sh: requirements.in cannot be pinned' err
	same first.txt requirements.txt
	find scripts/pins -type f -exec cksum {} + | same ../pins -
	# All at the newest is another verb's.
	edit requirements.in '/^nowhere/d'
	wheel more 2.1
	scripts/setup/lock_requirements.sh -u requirements.in
	[ "$(pinned)" = 'cd==1.1 more==2.1 ' ]
}
