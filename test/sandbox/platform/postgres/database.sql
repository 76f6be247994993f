select format('create database %I', :'database') where not exists (select from pg_database where datname = :'database') \gexec
