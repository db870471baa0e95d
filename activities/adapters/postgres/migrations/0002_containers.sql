-- Up Migration
set search_path to sluice;

create table applications (
  name text primary key,
  spec jsonb not null,
  applied_at timestamptz not null default now(),
  applied_by text not null
);

-- One application in one environment: its port, its latest release, how its traffic is to go.
create table application_places (
  environment text not null,
  application text not null,
  listen_port int not null unique,
  -- Counts releases; a container's name holds it, so a number is never given twice.
  last_release int not null default 0,
  -- Of the run that may change it: a lower one is refused.
  generation bigint not null default 0,
  -- The desired route as a whole, null before the first release was staged.
  route jsonb,
  -- Another than the one of the row before means that the router has something to do.
  route_revision bigint not null default 0,
  primary key (environment, application)
);

-- What was deployed, and what it is made of: enough to start it again.
create table releases (
  environment text not null,
  application text not null,
  release int not null,
  run_id text not null unique,
  plan_id text not null,
  generation bigint not null,
  version text not null,
  digest text not null,
  arm text not null check (arm in ('a', 'b')),
  -- Where clients reach it.
  listen_port int not null check (listen_port between 1 and 65535),
  -- The application as it was planned.
  spec jsonb not null,
  -- staging: made by an open run; stable: in use; retired: was stable once; withdrawn: never became stable.
  state text not null check (state in ('staging', 'stable', 'retired', 'withdrawn')),
  -- The release that served before it, which it goes back to.
  before_release int,
  created_at timestamptz not null default now(),
  stable_at timestamptz,
  -- When its share of the traffic changed last: from then on the judge looks.
  shifted_at timestamptz,
  ended_at timestamptz,
  primary key (environment, application, release)
);
create unique index releases_one_stable on releases (environment, application) where state = 'stable';

-- Measurements of a release and of the version beside it, read by the judge.
create table analysis_samples (
  run_id text not null,
  metric text not null,
  arm text not null check (arm in ('experiment', 'control')),
  at timestamptz not null,
  value double precision,
  primary key (run_id, metric, arm, at)
);

-- What the watch of a release remembers from look to look: counters, instances that answered badly, loops of metrics.
create table release_watches (
  run_id text primary key,
  memory jsonb not null
);

create table user_reports (
  report_id text primary key,
  run_id text not null,
  by_whom text not null,
  summary text not null,
  at timestamptz not null default now()
);
create index user_reports_run on user_reports (run_id);

-- One open run for each environment with devices, and for each application of one with containers.
alter table runs add column subject text not null default '';
drop index runs_open_environment;
create unique index runs_open_subject on runs (environment, subject) where not closed;
