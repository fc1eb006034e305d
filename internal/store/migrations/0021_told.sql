-- +goose Up
CREATE TABLE told ( -- what a place was told last of a thing, or is about to be
  channel TEXT NOT NULL,
  name TEXT NOT NULL, -- of the thing, such as a topic or a finding
  digest TEXT NOT NULL, -- of what was told; '' where it ended, or its message was given up
  message TEXT NOT NULL, -- the name of that which tells it
  PRIMARY KEY (channel, name)
);
CREATE INDEX told_message ON told (message);
