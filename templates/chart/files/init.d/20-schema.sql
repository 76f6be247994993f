create schema if not exists migration authorization migration_app;
alter role migration_app in database migration set search_path = migration, public;
