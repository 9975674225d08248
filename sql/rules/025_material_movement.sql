-- material_movement: a headline metric moves by a share and by more than a floor. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_material_movement AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['material_movement.min_pct'] AS min_pct,
    limits['material_movement.warning_pct'] AS warning_pct,
    limits['material_movement.min_money'] AS min_money,
    limits['material_movement.min_count'] AS min_count,
    limits['material_movement.min_ratio'] AS min_ratio
SELECT
    month, scope, program_id, org_id, segment,
    'material_movement' AS rule, metric, '' AS variant,
    if(abs(mom_pct) >= warning_pct, 'warning', 'info') AS severity,
    value AS observed,
    previous AS expected
FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32})
WHERE is_headline = 1 AND abs(mom_pct) >= min_pct AND abs(mom_abs) >= multiIf(form = 'money', min_money, form = 'count', min_count, min_ratio);
