-- Up Migration
set search_path to sluice;

-- What a job does with the slots of its devices. One of purpose install that only stages brings none of them onto its version.
alter table jobs add column operation text not null default 'install'
  check (operation in ('install', 'stage', 'activate'));

-- Down Migration
