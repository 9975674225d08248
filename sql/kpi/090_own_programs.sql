-- The programmes of whoever asks: the row policy of partner managers goes by it. currentUser() is who sent the query, in a
-- view of this form too.
CREATE OR REPLACE VIEW kpi.own_programs
(
    program_id String COMMENT 'Programme that the user who asks manages'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT arrayJoin(argMax(settings, changed_at)[currentUser()]) AS program_id
FROM kpi_core.manager_setting
COMMENT 'Programmes that the user who asks manages: access.partner_managers of the config';
