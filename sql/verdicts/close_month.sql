-- The month is closed, with the figures of that instant: the last step of closing it.
INSERT INTO etl.closed_months (month, closed_at, closed_by, note, check_id, verdict, figures)
SELECT {month:Date32}, {at:DateTime64(6, 'UTC')}, {by:String}, {note:String}, {check_id:String}, {verdict:String}, {figures:String};
