#!/usr/bin/env bats
# sbom.py: every lock file, and nothing that is not vouched for.

load helper

setup() {
	scratch
	project
	cp -R "$TOP"/tests . 2>/dev/null || :
	PYTHON=.cache/venv/bin/python
}

@test "each lock file of the repository is in the table, each line of one too" {
	"$PYTHON" scripts/setup/sbom.py >table
	# find knows of no rule about what a lock file is called.
	find . -path ./.cache -prune -o \( -name '*requirements.txt' -o -name package-lock.json -o -name go.sum -o -path ./scripts/atlas/checksums \) -print |
		sed 's|^\./||' | sort >want
	sed '1d; s/.* //' table | sort -u >got
	same want got
	grep -Ec '^[a-z0-9].*==' requirements.txt >want
	grep -c ' requirements\.txt$' table >got
	same want got
	run ! grep -E ' 0 +[^ ]*$' table
	grep -Eq '^SQLAlchemy|^sqlalchemy' table
}

@test "CycloneDX: the same bytes each time, each component once" {
	"$PYTHON" scripts/setup/sbom.py -j >a
	"$PYTHON" scripts/setup/sbom.py -j >b
	same a b
	"$PYTHON" - <<-'END'
		import json
		d = json.load(open("a"))
		assert (d["bomFormat"], d["specVersion"]) == ("CycloneDX", "1.5")
		refs = [c["bom-ref"] for c in d["components"]]
		assert len(refs) == len(set(refs)) > 100
		kinds = {r.split("/")[0] for r in refs}
		assert kinds == {"pkg:pypi", "pkg:npm", "pkg:golang", "pkg:generic"}, kinds
		assert all(len(h["content"]) == 2 * {"SHA-256": 32, "SHA-512": 64}[h["alg"]]
		           for c in d["components"] for h in c.get("hashes", []))
	END
}

@test "a package without a checksum, or without one version, is refused" {
	echo 'left-pad==1.0' >requirements.txt
	check 2 -e 'sbom.py: requirements.txt: left-pad 1.0: no checksum' -- "$PYTHON" scripts/setup/sbom.py
	echo 'left-pad>=1.0' >requirements.txt
	check 2 -e 'sbom.py: requirements.txt: left-pad: no one version' -- "$PYTHON" scripts/setup/sbom.py
	check 2 -e 'usage: sbom.py [-j]' -- "$PYTHON" scripts/setup/sbom.py -x
}
