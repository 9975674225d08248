-- The review of a month is open, on the validation of its data.
INSERT INTO etl.review_steps (month, step, at, by, note, check_id, verdict, details)
SELECT {month:Date32}, 'open', {at:DateTime64(6, 'UTC')}, {by:String}, {note:String}, {check_id:String}, {verdict:String}, {incomplete:Map(String, String)};
