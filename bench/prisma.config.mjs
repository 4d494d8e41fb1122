// The engine that comes in the package, for the other is fetched by the package itself
// from a place of its own; it reaches PostgreSQL through a driver in JavaScript.
import pg from 'pg'
import { PrismaPg } from '@prisma/adapter-pg'
import { defineConfig } from 'prisma/config'

// The adapter knows no type "char", which PostgreSQL's catalogs have; as text it is read.
pg.types.builtins.VARBIT = 18

const { PGHOST, PGPORT, PGUSER, PGDATABASE } = process.env
export default defineConfig({
  experimental: { adapter: true },
  engine: 'js',
  schema: 'schema.prisma',
  // An idle connection is closed at once: else the program waits ten seconds for it, and
  // cannot drop the database that it has made.
  adapter: async () =>
    new PrismaPg({ host: PGHOST, port: Number(PGPORT), user: PGUSER, database: PGDATABASE, max: 1, idleTimeoutMillis: 1, allowExitOnIdle: true }),
})
