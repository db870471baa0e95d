-- Up Migration
set search_path to sluice;

-- Counts the changes of freezes and pins in an environment. Its row is locked by each of them, so they come one after another.
create table environment_holds (
  environment text primary key,
  revision int not null
);

-- While one is in force nobody begins in the environment: not lifted, and its time not over.
create table freezes (
  freeze_id int generated always as identity primary key,
  environment text not null,
  reason text not null,
  frozen_by text not null,
  frozen_at timestamptz not null default now(),
  -- Null: until a person lifts it.
  until timestamptz,
  lifted_at timestamptz,
  lifted_by text,
  lift_reason text,
  check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_reason is null))
);
create index freezes_environment on freezes (environment, freeze_id);

-- What stays where a person put it until somebody unpins it: an application, or `devices`.
create table pins (
  pin_id int generated always as identity primary key,
  environment text not null,
  subject text not null,
  -- What may still be started; none: only ways back.
  versions text[] not null,
  reason text not null,
  pinned_by text not null,
  pinned_at timestamptz not null,
  -- The run that went back to it, once for each run; null when a person pinned what was there.
  run_id text unique,
  ended_at timestamptz,
  ended_by text,
  end_reason text,
  -- moved: a later way back led to another version.
  ended_as text check (ended_as in ('unpinned', 'moved')),
  check ((ended_at is null) = (ended_as is null))
);
create unique index pins_in_force on pins (environment, subject) where ended_at is null;
create index pins_environment on pins (environment, pin_id);

-- Down Migration
