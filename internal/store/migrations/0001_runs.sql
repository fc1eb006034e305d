-- Types are those that SQLite and PostgreSQL both understand: SQLite keeps a blob in a
-- BYTEA column as it is. Ids are given out by the program, under the lock of the writer.
-- Only small tables have foreign keys: a transaction writes and deletes what belongs
-- together, and a check of millions of rows costs more than it finds.
-- Times are nanoseconds since 1970. An interval is from_seq to to_seq, both included, in
-- numbers of runs of its series; 2147483647 is one that goes on.
-- +goose Up
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  last_seq INTEGER NOT NULL, -- of the run that was saved last; a number is never used again
  moved_seq INTEGER NOT NULL, -- of the last run that moved lives, 0 is none
  moved_time BIGINT NOT NULL,
  moved_run TEXT NOT NULL
);
CREATE TABLE run (
  series INTEGER NOT NULL REFERENCES series (id),
  seq INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  chain INTEGER NOT NULL, -- whole runs and narrowed ones of a series have intervals of their own
  started BIGINT NOT NULL,
  time BIGINT NOT NULL,
  before_seq INTEGER NOT NULL, -- of the run that it is compared with, 0 is none
  before_time BIGINT NOT NULL,
  before_run TEXT NOT NULL,
  info BYTEA NOT NULL, -- JSON of the RunInfo
  head BYTEA NOT NULL, -- the run without what other tables hold, JSON, zstd
  PRIMARY KEY (series, seq)
);
CREATE INDEX run_started ON run (started);
CREATE TABLE content (
  id INTEGER PRIMARY KEY,
  hash BYTEA NOT NULL UNIQUE, -- first 16 bytes of the SHA-256 of the text
  packed INTEGER NOT NULL, -- 1: zstd
  body BYTEA NOT NULL
);
CREATE TABLE run_part (
  series INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  n INTEGER NOT NULL,
  name BYTEA NOT NULL,
  content INTEGER NOT NULL,
  PRIMARY KEY (series, seq, kind, n)
);
CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL,
  kind INTEGER NOT NULL, -- 0: the run made it; 1: the plan of the run mends it
  fingerprint TEXT NOT NULL,
  nth INTEGER NOT NULL, -- tells those with the same fingerprint in one run apart
  life INTEGER NOT NULL, -- 0 is none
  UNIQUE (series, fingerprint, kind, nth)
);
CREATE TABLE fact (
  id INTEGER PRIMARY KEY,
  chain INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  finding INTEGER NOT NULL,
  hash BYTEA NOT NULL, -- of the names of the three texts, to see whether one has changed
  rule INTEGER NOT NULL, -- these three are contents
  resource INTEGER NOT NULL,
  detail INTEGER NOT NULL
);
CREATE INDEX fact_interval ON fact (chain, to_seq, from_seq);
CREATE TABLE life (
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL,
  finding INTEGER NOT NULL, -- under its name of today
  fact INTEGER NOT NULL, -- as it was last seen
  about INTEGER NOT NULL, -- content: what scorecards go by, as it was last seen
  first_seen BIGINT NOT NULL,
  last_seen BIGINT NOT NULL, -- where made is 0
  made INTEGER NOT NULL -- 1: by the last run that moved lives
);
CREATE INDEX life_fact ON life (fact);
CREATE TABLE life_state (
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL,
  life INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  status TEXT NOT NULL,
  at BIGINT NOT NULL, -- when it began
  since BIGINT NOT NULL, -- the same, or since when it fails
  reopened INTEGER NOT NULL,
  last_seen BIGINT NOT NULL, -- where the status is no failing one
  fact INTEGER NOT NULL -- the same, as it was last seen; else 0
);
CREATE INDEX life_state_interval ON life_state (series, to_seq, from_seq);
CREATE INDEX life_state_fact ON life_state (fact) WHERE fact > 0;
CREATE INDEX life_state_start ON life_state (series, from_seq);
CREATE INDEX life_state_life ON life_state (life, from_seq);
CREATE TABLE cell (
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL,
  name BYTEA NOT NULL, -- JSON: provider, account, region, type
  UNIQUE (series, name)
);
CREATE TABLE cell_state (
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL,
  cell INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  was_read INTEGER NOT NULL, -- 0: asked for and not read in full
  scope INTEGER NOT NULL -- content
);
CREATE INDEX cell_state_interval ON cell_state (series, to_seq, from_seq);
CREATE INDEX cell_state_start ON cell_state (series, from_seq);
CREATE TABLE tally (
  id INTEGER PRIMARY KEY,
  chain INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  about INTEGER NOT NULL, -- content
  pass INTEGER NOT NULL,
  fail INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  not_applicable INTEGER NOT NULL
);
CREATE INDEX tally_interval ON tally (chain, to_seq, from_seq);
CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  expires BIGINT NOT NULL -- milliseconds since 1970, by the clock of the database
);
