# config.mk - every knob a user may turn, with its default.

cache := .cache
CC = cc
CFLAGS ?= -O2
