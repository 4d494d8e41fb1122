# atlas.hcl - for the vendor's atlas command, called by hand: atlas --env local.
#
# The verbs do not read it: they tell the engine, or a command given as ATLAS,
# all it has to know. Addresses come through the environment, so that no
# password is ever in an argument list.

env "local" {
  url = getenv("DATABASE_URL")
  dev = getenv("DEV_URL")
  migration {
    dir              = "file://src/db/migrations"
    revisions_schema = "atlas_schema_revisions"
  }
}
