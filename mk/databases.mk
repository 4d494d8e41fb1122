# databases.mk - several databases in one repository.
#
# variables: DATABASES   [empty] in atlas-make.mk: their names, of letters, digits and _
#            NAME.KNOB   any knob, for that one; KNOB alone is for all of them
#            DB          [empty] the one that a verb is about
#
#   DATABASES = billing users
#   billing.SCHEMA = services/billing/schema.sql
#   billing.MIGRATIONS = services/billing/migrations
#
# check-migrations, create-migrations, lint-migrations and status without DB are about
# all of them, side by side, one verdict each; other verbs want one: make plan DB=billing

# config.mk, which has the defaults, is read later: $(value) of an undefined knob is empty.
ifneq ($(value DB),)
ifeq ($(if $(value DATABASES),$(filter $(DB),$(DATABASES))),)
$(error DB=$(DB): atlas-make.mk names $(if $(value DATABASES),these: DATABASES = $(DATABASES),no databases (DATABASES = ...)))
endif
$(foreach v,$(filter $(DB).%,$(.VARIABLES)),\
	$(if $(filter environment,$(origin ATLAS_MAKE_$(v:$(DB).%=%))),,$(eval $(v:$(DB).%=%) := $$($v))))
$(call knob.trim,$(patsubst $(DB).%,%,$(filter $(DB).%,$(.VARIABLES))))
endif
# All databases, for the rules of those verbs that need no DB.
several := $(if $(value DB),,$(if $(value DATABASES),$(DATABASES)))
