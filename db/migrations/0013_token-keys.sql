CREATE TABLE "token_keys" (
	"generation" integer PRIMARY KEY NOT NULL,
	"key_id" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"published_at" timestamp (3) with time zone NOT NULL,
	"signs_from" timestamp (3) with time zone NOT NULL,
	"activated_at" timestamp (3) with time zone,
	"retired_at" timestamp (3) with time zone,
	"tainted_at" timestamp (3) with time zone,
	"tainted_by" text,
	"reason" text,
	CONSTRAINT "token_keys_key_id_unique" UNIQUE("key_id")
);
