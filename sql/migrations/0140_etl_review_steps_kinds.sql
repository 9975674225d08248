-- A review has more steps than its opening.
ALTER TABLE etl.review_steps
    COMMENT COLUMN step 'open: the data were validated, and the review has begun; waive: failed checks were waived; assess; risks; decide: no action is needed; reopen: after a closing, all steps begin anew',
    COMMENT COLUMN note 'What they had to say; of waive, decide and reopen the reason',
    COMMENT COLUMN details 'What else there is to say. Of open: the sources that had not delivered all of the month, and what each lacked; of waive: each waived check with its figure; of assess and risks: figures, the state of the month''s figures that were looked at';
