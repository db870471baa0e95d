-- Up Migration
set search_path to sluice;

-- Runs queue for their environment: what each wants of it, and the order of the starts. Null for runs from before.
alter table runs add column place jsonb;
drop index runs_open_subject;
create index runs_open on runs (environment, subject) where not closed;
create sequence run_tickets;

-- Down Migration
