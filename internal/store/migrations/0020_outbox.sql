-- +goose Up
CREATE TABLE announced ( -- runs whose messages were put
  run TEXT PRIMARY KEY,
  at BIGINT NOT NULL
);
CREATE TABLE message (
  id INTEGER PRIMARY KEY, -- the order in which they were put
  name TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  run TEXT NOT NULL,
  receiver TEXT NOT NULL,
  body BYTEA NOT NULL,
  created BIGINT NOT NULL,
  status TEXT NOT NULL, -- waiting, sent, dropped
  due BIGINT NOT NULL, -- while it waits: not before
  tries INTEGER NOT NULL,
  ended BIGINT NOT NULL,
  why TEXT NOT NULL -- the last error
);
CREATE INDEX message_due ON message (status, due, id);
CREATE TABLE topic ( -- what is known elsewhere by a name of its own, such as an issue
  channel TEXT NOT NULL,
  name TEXT NOT NULL,
  reference TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  PRIMARY KEY (channel, name)
);
