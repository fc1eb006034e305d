-- What scorecards go by, so that they need no text of a finding. Facts that were saved
-- before have NULL; the next run that still says them fills it in.
-- +goose Up
ALTER TABLE fact ADD COLUMN about INTEGER; -- content: what scorecards go by; 0 where it is no failure
ALTER TABLE fact ADD COLUMN standing INTEGER; -- see type standing
ALTER TABLE fact ADD COLUMN saving DOUBLE PRECISION; -- US dollars a month, where it counts
ALTER TABLE life_state ADD COLUMN begun BIGINT NOT NULL DEFAULT 0; -- when the failure was found that lasts, or that ended with this
UPDATE life_state SET begun = (
  SELECT min(x.at) FROM life_state x WHERE x.life = life_state.life AND x.from_seq <= life_state.from_seq AND x.from_seq > coalesce(
    (SELECT max(y.from_seq) FROM life_state y WHERE y.life = life_state.life AND y.from_seq < life_state.from_seq AND y.status IN ('fixed', 'gone')), 0));
CREATE INDEX life_state_mended ON life_state (series, at) WHERE status = 'fixed';
CREATE INDEX life_state_hidden ON life_state (series, from_seq) WHERE status = 'not_visible';
