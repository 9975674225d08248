-- Names of the programmes, as they are now. A programme that only events know is not here.
SELECT
    program_id,
    name,
    client_name,
    currency,
    ifNull(toString(launched_on), '') AS launched_on,
    status
FROM warehouse.programs FINAL
ORDER BY program_id;
