# atlas.hcl - Atlas's own settings; make and the scripts pass the rest.
#
# DEV_URL is the temporary database's address. It comes through the
# environment, so no password is ever in an argument list.

env "local" {
  src = "file://.cache/schema.sql"
  dev = getenv("DEV_URL")
  migration {
    dir = "file://src/db/migrations"
  }
  # Community Atlas 1.x then writes CREATE INDEX CONCURRENTLY; 0.13 ignores it.
  # make create-migrations puts such statements into files of their own,
  # outside a transaction.
  # diff {
  #   concurrent_index {
  #     create = true
  #     drop   = true
  #   }
  # }
}

# At the top level on purpose: Atlas 0.13 does not see it inside env.
lint {
  destructive {
    error = false
  }
}
