-- A step of a month's review is done.
INSERT INTO etl.review_steps (month, step, at, by, note, check_id, verdict, details)
SELECT {month:Date32}, {step:String}, {at:DateTime64(6, 'UTC')}, {by:String}, {note:String}, {check_id:String}, {verdict:String}, {details:Map(String, String)};
