-- What the programmes' view shows, and what follows from the facts directly; all amounts here are in the reporting currency.
WITH
    (SELECT max(month) FROM kpi.program_financial_monthly) AS newest,
    shown AS
    (
        SELECT
            sum(dollars_awarded)                       AS awarded,
            sum(dollars_redeemed)                      AS redeemed,
            sumIf(unspent_dollars, month = newest)     AS unspent
        FROM kpi.program_financial_monthly
    ),
    award AS
    (
        SELECT sumIf(amount, kind = 'award') - sumIf(amount, kind = 'reversal') AS net, sumIf(amount, kind = 'expiry') AS expired
        FROM warehouse.awards FINAL
    ),
    redemption AS
    (
        SELECT sumIf(amount, kind = 'redemption') - sumIf(amount, kind = 'refund') AS net
        FROM warehouse.redemptions FINAL
    )
SELECT
    tupleElement(arrayJoin([
        ('dollars_awarded', toString(s.awarded), toString(a.net)),
        ('dollars_redeemed', toString(s.redeemed), toString(r.net)),
        ('unspent_dollars', toString(s.unspent), toString(a.net - r.net - a.expired))]) AS figure, 1) AS name,
    figure.2 AS shown,
    figure.3 AS truth
FROM shown AS s
CROSS JOIN award AS a
CROSS JOIN redemption AS r
