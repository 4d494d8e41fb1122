# help.mk - the verbs in words, and a clean start.
#
# targets: help clean

.PHONY: help clean
help:
	@cat $(kit)mk/help.txt

# Everything made is in there; a second clean finds nothing.
clean:
	@chmod -R u+w $(cache) 2>/dev/null || :
	rm -rf $(cache)
