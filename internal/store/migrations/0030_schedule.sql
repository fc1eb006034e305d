-- +goose Up
CREATE TABLE schedule (
  name TEXT PRIMARY KEY,
  timetable TEXT NOT NULL,
  due BIGINT NOT NULL, -- the latest time that was claimed
  outcome TEXT NOT NULL -- '' while the claim is under way
);
