-- +goose Up
DROP INDEX message_due;
CREATE INDEX message_turn ON message (channel, id, due) WHERE status = 'waiting';
CREATE INDEX message_receiver ON message (channel, receiver, id) WHERE status = 'waiting'; -- what goes before
