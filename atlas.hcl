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
  # Atlas then writes CREATE INDEX CONCURRENTLY.
  # make create-migrations puts such statements into files of their own,
  # outside a transaction.
  # diff {
  #   concurrent_index {
  #     create = true
  #     drop   = true
  #   }
  # }
}

lint {
  destructive {
    error = false
  }
}
