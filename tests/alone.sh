# alone.sh - sourced by what make begins, and what then measures or tests projects of its
# own: the knobs that make exports are this repository's, and a project in another
# directory would be taken for this one. The suite can be run with another Atlas,
# server or compiler.

# shellcheck shell=sh

for k in ${ATLAS_KIT_KNOBS-}; do
	case $k in
	ATLAS | PG_MAJOR | PG_BINDIR | DEV_DB | CC) ;;
	*) unset "$k" ;;
	esac
done
unset ATLAS_MAKE_KNOBS ATLAS_KIT ATLAS_KIT_PROJECT ATLAS_KIT_PREFIX ATLAS_KIT_KNOBS
