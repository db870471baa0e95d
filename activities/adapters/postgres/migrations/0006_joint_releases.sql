-- Up Migration
set search_path to sluice;

-- Releases of several applications: their names, and which of them people called off before they were started.
create table joint_releases (
  plan_id text primary key references plans,
  name text not null,
  environment text not null,
  created_at timestamptz not null default now(),
  -- Who called it off, when and why; null: nobody.
  called_off jsonb
);
create index joint_releases_name on joint_releases (name, created_at desc);

-- The run of the release that started this one; null: a person did.
alter table runs add column part_of text;
create index runs_part_of on runs (part_of) where part_of is not null;

-- Down Migration
