-- Up Migration
create schema if not exists sluice;
set search_path to sluice;

-- Whose database this is: its keys and bytes lie in a data directory that bears the same id.
create table installation (
  only_row boolean primary key default true check (only_row),
  installation_id text not null,
  data_directory text not null,
  host text not null,
  claimed_at timestamptz not null default now()
);

create table configuration (
  only_row boolean primary key default true check (only_row),
  document jsonb not null,
  applied_at timestamptz not null default now(),
  applied_by text not null
);

create table environments (
  name text primary key,
  spec jsonb not null,
  applied_at timestamptz not null default now()
);

-- The index on `revision` is of the one kind that lets a device's row be changed in place.
-- `revision` rises with every change that a filter can see, so that late joiners are found without reading the fleet.
create sequence device_revision;
create table devices (
  thing text collate "C" primary key,
  hardware text not null,
  firmware text not null,
  tags jsonb not null default '{}',
  shard int not null default 0,
  revision bigint not null default nextval('device_revision'),
  reported_firmware text,
  reported_at timestamptz,
  last_seen timestamptz,
  created_at timestamptz not null default now()
) with (fillfactor = 45);
create index devices_revision on devices using brin (revision) with (pages_per_range = 4, autosummarize = on);

create table groups (
  name text primary key,
  filter text not null,
  created_at timestamptz not null default now()
);

create table artifacts (
  name text not null,
  version text not null,
  hardware text[] not null,
  minimum_version text,
  sha256 text not null,
  size_bytes bigint not null,
  signature text not null,
  key_id text not null,
  provenance jsonb not null,
  added_at timestamptz not null default now(),
  primary key (name, version)
);
create index artifacts_sha256 on artifacts (sha256);

create table plans (
  plan_id text primary key,
  name text not null,
  environment text not null,
  author text not null,
  digest text not null,
  document jsonb not null,
  created_at timestamptz not null
);

create table plan_approvals (
  plan_id text not null references plans,
  command_id text not null,
  decision jsonb not null,
  decided_at timestamptz not null,
  primary key (plan_id, command_id)
);

create table runs (
  run_id text primary key,
  workflow_id text not null unique,
  plan_id text not null references plans,
  environment text not null,
  kind text not null,
  phase text not null,
  closed boolean not null default false,
  -- Highest journal entry that `view` reflects: an older batch that comes late must not turn it back.
  view_seq int not null default 0,
  view jsonb,
  started_by text not null,
  started_at timestamptz not null default now(),
  completed_at timestamptz
);
-- One open run for each environment until runs can queue.
create unique index runs_open_environment on runs (environment) where not closed;
create index runs_started on runs (started_at desc);

create table run_events (
  run_id text not null,
  seq int not null,
  at timestamptz not null,
  type text not null,
  summary text not null,
  data jsonb not null,
  primary key (run_id, seq)
);

create table outbox (
  id bigint generated always as identity primary key,
  run_id text not null,
  seq int not null,
  topic text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  delivered_at timestamptz,
  unique (run_id, seq, topic)
);

create table evidence (
  evidence_id text primary key,
  run_id text not null,
  step text not null,
  at timestamptz not null default now(),
  body jsonb not null
);
create index evidence_run on evidence (run_id);

-- One row for each device of a run's selection; `wave` is 1-based and null beyond the last wave's share.
create table rollout_targets (
  run_id text not null,
  thing text collate "C" not null,
  ord bigint not null,
  wave int,
  -- What it ran when it was chosen; from its turn on what it goes back to.
  previous_firmware text not null,
  -- Why it is not offered the version: current | misfit | no-way-back. Foreseen before its turn, true after it.
  skip_reason text check (skip_reason in ('current', 'misfit', 'no-way-back')),
  skipped boolean not null generated always as (skip_reason is not null) stored,
  -- Another run's way back was open when its turn came, which leads to `previous_firmware`: this run owes it that way.
  was_returning boolean not null default false,
  -- When its turn came, offered or skipped: set in the transaction that makes the job.
  released_at timestamptz,
  primary key (run_id, thing)
);
create index rollout_targets_wave on rollout_targets (run_id, wave, ord) where released_at is null and skip_reason is null;
create index rollout_targets_skipped on rollout_targets (run_id, wave, ord)
  where released_at is null and skip_reason is not null;

-- Devices that a rollback has to bring back; `state`: offered | returned | failed | unacknowledged | no-artifact | not-offered |
-- superseded (a newer run offers it something else); or precaution: nothing says that it is on the new version, its way back is open in case it installs it all the same.
create table rollback_targets (
  run_id text not null,
  thing text collate "C" not null,
  version text not null,
  job_seq int,
  state text not null,
  detail text not null default '',
  primary key (run_id, thing)
);
create index rollback_targets_left on rollback_targets (run_id) where state in ('unacknowledged', 'failed', 'precaution');

create table rollouts (
  run_id text primary key,
  plan_id text not null,
  prepared_at timestamptz not null default now(),
  -- The truth about the run's offers; the status of its install jobs follows, and none is made or opened against it.
  offers text not null default 'open' check (offers in ('open', 'held', 'stopped')),
  -- Whose word that was: an activity of a Temporal execution by its number, and the attempt. What earlier ones say is void.
  decided_in text not null default '',
  decided_by int not null default 0,
  decided_attempt int not null default 0,
  -- Set when a rollback was decided: its devices go back also when they speak up after the run's end.
  rolled_back_at timestamptz,
  -- Every device up to this revision was considered: late joiners are looked for above it.
  joined_revision bigint not null,
  -- The next bound, safe once all transactions before `pending_xid` have ended: revisions become visible out of order.
  pending_revision bigint not null,
  pending_xid xid8 not null,
  -- What the rate limit still allows, as it stood at `refilled_at`; kept here so that no restart refills it.
  release_tokens double precision not null default 0,
  refilled_at timestamptz
);

-- status: open (handed out) | held (queued rows wait) | cancelled (in-progress reports are refused).
create table jobs (
  job_id text primary key,
  seq int generated always as identity unique,
  run_id text not null,
  purpose text not null check (purpose in ('install', 'way-back')),
  wave int,
  version text not null,
  document jsonb not null,
  status text not null default 'open' check (status in ('open', 'held', 'cancelled')),
  in_progress_timeout_ms bigint not null,
  confirm_within_ms bigint not null,
  confirm text not null check (confirm in ('succeeded', 'reported')),
  created_at timestamptz not null default now()
);
create index jobs_run on jobs (run_id);

-- status: 0 QUEUED, 1 IN_PROGRESS, 2 SUCCEEDED, 3 FAILED, 4 TIMED_OUT, 5 REJECTED, 6 CANCELED.
-- stage: 0 unknown, 1 downloading, 2 installing, 3 rebooting (install done), 4 booted (seen again after that),
-- 5 claimed (success said, version not yet reported).
-- No index on a column that changes with a usual report: it would end HOT updates. The fill leaves room for all versions of a
-- row beside it: rows are reached by their place, and only a look through an index would clear old versions away.
create table job_executions (
  thing text collate "C" not null,
  job_seq int not null references jobs (seq),
  shard int not null,
  offer_seq bigint generated always as identity,
  version_number int not null default 1,
  status smallint not null default 0,
  execution_number int not null default 1,
  stage smallint not null default 0,
  -- The last starts of the device in the middle of it: [{atMs, token}], oldest first; null while there was none.
  boots jsonb,
  -- Set when a report of success was refused because the job had been cancelled: the device may be on the new version.
  refused_success boolean not null default false,
  cancel_acknowledged boolean not null default false,
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  updated_at timestamptz not null default now(),
  deadline_at timestamptz,
  -- A repeated token is answered from the row: of the start-next that began it, and of the last update (with what it said).
  start_token text,
  last_token text,
  status_details jsonb,
  primary key (thing, job_seq)
) with (fillfactor = 18, autovacuum_vacuum_scale_factor = 0.05);
create index job_executions_job on job_executions (job_seq, thing);
create index job_executions_offer on job_executions (shard, offer_seq);
-- Only a change of that flag itself costs an update its place on the page.
create index job_executions_refused on job_executions (job_seq, thing) where refused_success;

-- Written in the transaction of the rows they count, so exact after any crash; one row per gateway slot, sums count.
create table job_counters (
  job_seq int not null,
  slot int not null,
  queued int not null default 0,
  in_progress int not null default 0,
  succeeded int not null default 0,
  failed int not null default 0,
  timed_out int not null default 0,
  rejected int not null default 0,
  canceled int not null default 0,
  primary key (job_seq, slot)
) with (fillfactor = 20);

-- What failed devices said, kept after the job is gone.
create table execution_events (
  id bigint generated always as identity primary key,
  thing text collate "C" not null,
  job_seq int not null,
  at timestamptz not null default now(),
  status smallint not null,
  details jsonb not null
);
create index execution_events_job on execution_events (job_seq);

-- Requests that a gateway refused, by kind and day.
create table gateway_refusals (
  day date not null,
  code text not null,
  count bigint not null,
  primary key (day, code)
);

-- The broker's password file is rebuilt when `wanted` passes `applied`; who issues credentials waits for that.
create table broker_credentials (
  only_row boolean primary key default true check (only_row),
  wanted bigint not null default 0,
  applied bigint not null default -1
);
insert into broker_credentials default values;

-- Down Migration
