-- Create "users" table
CREATE TABLE "users" ("id" serial NOT NULL, "name" character varying(100) NOT NULL, "email" character varying(320) NOT NULL, PRIMARY KEY ("id"));
-- Add constraint "users_email_key" to table: "users"
ALTER TABLE "users" ADD CONSTRAINT "users_email_key" UNIQUE ("email");
