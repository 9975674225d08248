-- What to do about a finding, by its topic, as it is unless the metrics file says otherwise. The topics are those of
-- kpi.findings; each is a risk or an opportunity.
CREATE OR REPLACE VIEW kpi_core.intervention_default AS
SELECT *
FROM VALUES(
    'topic String, kind String, position UInt8, suggestion String',
    ('rising_unspent',           'risk',        1, 'Write to the members who hold the most unspent dollars: what they have, and what it can be redeemed for'),
    ('rising_unspent',           'risk',        2, 'Put offers and a reminder of the balance before the members while the dollars are young'),
    ('rising_unspent',           'risk',        3, 'Review with the partner how much is allocated, and whether it is more than members can use'),

    ('low_conversion',           'risk',        1, 'Nudge the members who were awarded in the month and did not redeem'),
    ('low_conversion',           'risk',        2, 'Walk through the way from award to redemption, and take out steps that lose members'),
    ('low_conversion',           'risk',        3, 'Look with the partner whether the catalogue has what these members want'),

    ('declining_engagement',     'risk',        1, 'Run a campaign for the members who were active before and are no longer'),
    ('declining_engagement',     'risk',        2, 'Look for what changed in the portal or its notices: sign-in, speed, links that lead nowhere'),
    ('declining_engagement',     'risk',        3, 'Agree with the partner on occasions that bring members back each month'),

    ('uneven_distribution',      'risk',        1, 'Look who holds the most, and whether the programme means it so'),
    ('uneven_distribution',      'risk',        2, 'Adjust the rules of allocation so that more members are awarded'),
    ('uneven_distribution',      'risk',        3, 'Tell the members who were awarded little how awards are earned'),

    ('slowing_redemptions',      'risk',        1, 'Remind the members of their balances, with a date to act by'),
    ('slowing_redemptions',      'risk',        2, 'Look for what stands in the way: stock, prices, errors at the checkout'),
    ('slowing_redemptions',      'risk',        3, 'Refresh the catalogue with the partner'),

    ('adverse_movement',         'risk',        1, 'Find the programmes, organisations and segments that it comes from'),
    ('adverse_movement',         'risk',        2, 'Ask the partner what changed: a campaign that ended, another rule, a season'),
    ('adverse_movement',         'risk',        3, 'Hold it against the same month of the year before, and watch it for another month'),

    ('adverse_anomaly',          'risk',        1, 'Make sure of the data first: missing, late or repeated deliveries look like this'),
    ('adverse_anomaly',          'risk',        2, 'Ask the partner whether something happened once, such as a bulk award or an outage'),
    ('adverse_anomaly',          'risk',        3, 'Plan for the new level where it is there to stay'),

    ('volatile_trend',           'risk',        1, 'Spread awards and campaigns more evenly over the months'),
    ('volatile_trend',           'risk',        2, 'Agree with the partner on a calendar of what goes out when'),
    ('volatile_trend',           'risk',        3, 'Decide by averages of several months, not by a single one'),

    ('falling_unspent',          'opportunity', 1, 'Find out which offers brought the redemptions, and show them to other programmes'),
    ('falling_unspent',          'opportunity', 2, 'Tell the partner that awards reach their members'),
    ('falling_unspent',          'opportunity', 3, 'See whether there is room to allocate more'),

    ('high_conversion',          'opportunity', 1, 'Note what this programme does differently, and try it where conversion is low'),
    ('high_conversion',          'opportunity', 2, 'Ask the partner for a wider allocation: what is awarded is used'),
    ('high_conversion',          'opportunity', 3, 'Invite the members who redeemed to the next offer while they remember this one'),

    ('growing_engagement',       'opportunity', 1, 'Give the visitors something to redeem: offers on the pages that they come to'),
    ('growing_engagement',       'opportunity', 2, 'Find the message or feature that brought them, and repeat it'),
    ('growing_engagement',       'opportunity', 3, 'Try improvements of the portal while there is traffic to measure them'),

    ('even_distribution',        'opportunity', 1, 'Keep the rules of allocation, and use them as a model for uneven programmes'),
    ('even_distribution',        'opportunity', 2, 'Tell the members that awards are shared fairly'),
    ('even_distribution',        'opportunity', 3, 'See whether awards for special achievements would move members further'),

    ('accelerating_redemptions', 'opportunity', 1, 'Make sure that stock and budget keep up'),
    ('accelerating_redemptions', 'opportunity', 2, 'Find out which offers drive it, and tell the members who have not redeemed yet'),
    ('accelerating_redemptions', 'opportunity', 3, 'Share the result with the partner'),

    ('favourable_movement',      'opportunity', 1, 'Find the programmes, organisations and segments that it comes from, and what they did'),
    ('favourable_movement',      'opportunity', 2, 'Carry what worked over to the others'),
    ('favourable_movement',      'opportunity', 3, 'Set a target with the partner that keeps the level'),

    ('favourable_anomaly',       'opportunity', 1, 'Make sure of the data first: repeated deliveries look like this'),
    ('favourable_anomaly',       'opportunity', 2, 'Find the cause, and repeat it where it can be repeated'),
    ('favourable_anomaly',       'opportunity', 3, 'Tell the partner while it is fresh')
)
COMMENT 'Suggested interventions by default';
