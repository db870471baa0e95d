-- Up Migration
set search_path to sluice;

-- Rollbacks of whole environments. While one is open no ordinary run is started there.
create table emergencies (
  emergency_id text primary key,
  environment text not null,
  -- Of its workflow: enough to start it, should its starter have died before.
  input jsonb not null,
  -- The runs that were open when it began, written under the lock of the starts: there are no others.
  open_runs text[] not null,
  -- As it stands after entry `report_seq` of its journal.
  report jsonb,
  report_seq int not null default 0,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  -- When the environment's coordinator was told.
  released_at timestamptz
);
create unique index emergencies_open on emergencies (environment) where ended_at is null;
create index emergencies_started on emergencies (environment, started_at desc);

-- Down Migration
