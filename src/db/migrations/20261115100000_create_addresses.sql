-- Create "addresses" table
CREATE TABLE "addresses" ("id" serial NOT NULL, "user_id" integer NOT NULL, "street" character varying(200) NOT NULL, "city" character varying(100) NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "addresses_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- Create index "ix_addresses_user_id" to table: "addresses"
CREATE INDEX "ix_addresses_user_id" ON "addresses" ("user_id");
