-- What users may set. The same as users.d/partnerplus-profiles.xml, for a server whose users are kept by SQL; safe to run again.

CREATE SETTINGS PROFILE IF NOT EXISTS partnerplus_writer;

ALTER SETTINGS PROFILE partnerplus_writer SETTINGS
    async_insert = 0, -- a load must know that its rows are in
    additional_table_filters READONLY; -- views read their tables as this user: a reader's filters so end at the views

CREATE SETTINGS PROFILE IF NOT EXISTS partnerplus_reader;

-- Nothing is changed, and no query takes the server for itself. BI tools send what is changeable with every query: without
-- the exception a read-only user fails.
ALTER SETTINGS PROFILE partnerplus_reader SETTINGS
    readonly = 1,
    max_execution_time = 60 MAX 120 CHANGEABLE_IN_READONLY,
    max_memory_usage = 4294967296,
    max_concurrent_queries_for_user = 20,
    session_timezone CHANGEABLE_IN_READONLY,
    select_sequential_consistency CHANGEABLE_IN_READONLY,
    max_result_rows CHANGEABLE_IN_READONLY,
    result_overflow_mode CHANGEABLE_IN_READONLY,
    additional_table_filters CHANGEABLE_IN_READONLY,
    add_http_cors_header CHANGEABLE_IN_READONLY,
    output_format_json_quote_decimals CHANGEABLE_IN_READONLY,
    output_format_json_quote_64bit_integers CHANGEABLE_IN_READONLY,
    format_csv_null_representation CHANGEABLE_IN_READONLY,
    use_query_cache CHANGEABLE_IN_READONLY,
    enable_reads_from_query_cache CHANGEABLE_IN_READONLY,
    enable_writes_to_query_cache CHANGEABLE_IN_READONLY,
    query_cache_ttl CHANGEABLE_IN_READONLY,
    query_cache_nondeterministic_function_handling CHANGEABLE_IN_READONLY,
    query_cache_system_table_handling CHANGEABLE_IN_READONLY,
    extremes CHANGEABLE_IN_READONLY;

CREATE SETTINGS PROFILE IF NOT EXISTS partnerplus_confined;

-- Who may see some rows of a table only. What such a user asks is not asked of the others, where an error would tell of them.
ALTER SETTINGS PROFILE partnerplus_confined SETTINGS
    INHERIT partnerplus_reader,
    query_plan_filter_push_down = 0;
