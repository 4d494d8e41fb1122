# atlas.hcl - Atlas's settings in the function.
#
# Not the developer's atlas.hcl: that one speaks of a temporary database and of
# files that are not in the package, and a wish in it (a data source that runs
# a program, say) must not be able to break a deploy.
#
# Host, database, user and password come as PGHOST, PGDATABASE, PGUSER and
# PGPASSWORD, which Atlas's driver reads itself. So no address holds a secret,
# and no password has to be percent-encoded. Certificates: the system's and
# those in certs/ (SSL_CERT_DIR).

env "lambda" {
  url = "postgres:///?sslmode=verify-full${getenv("DB_SETTINGS")}"
  migration {
    dir              = "file://migrations"
    revisions_schema = "atlas_schema_revisions"
  }
}
