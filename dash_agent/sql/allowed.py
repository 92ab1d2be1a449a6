"""What may stand in a statement, as data. Everything that is not named here is refused.

Functions go by the name that PostgreSQL will read. Left out on purpose: what reads server or session state, runs SQL
given as text, takes a lock, sleeps, touches files or large objects, writes, or fills memory at will.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CLOCK: Final = frozenset({"now", "transaction_timestamp", "statement_timestamp", "clock_timestamp"})

AGGREGATES: Final = frozenset(
    """
    any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg
    json_agg_strict json_object_agg jsonb_agg jsonb_agg_strict jsonb_object_agg max min mode percentile_cont
    percentile_disc range_agg range_intersect_agg regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope
    regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance grouping
    """.split()
)

WINDOWS: Final = frozenset(
    """
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
    """.split()
)

TIMES: Final = frozenset(
    """
    age date date_add date_bin date_part date_subtract date_trunc isfinite justify_days justify_hours justify_interval
    make_date make_interval make_time make_timestamp make_timestamptz timezone to_char to_date to_number to_timestamp
    """.split()
)

NUMBERS: Final = frozenset(
    """
    abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees div exp floor gcd greatest lcm least ln log log10
    min_scale mod pi power radians random round scale sign sin sqrt tan tanh trim_scale trunc width_bucket
    """.split()
)

TEXTS: Final = frozenset(
    """
    ascii bit_length btrim char_length character_length chr concat concat_ws decode encode format initcap left length
    lower lpad ltrim md5 octet_length overlay position quote_literal regexp_count regexp_instr regexp_like
    regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat replace
    reverse right rpad rtrim sha256 split_part starts_with string_to_array string_to_table strpos substr substring
    translate unaccent upper similarity word_similarity plainto_tsquery phraseto_tsquery to_tsquery to_tsvector ts_rank
    ts_rank_cd websearch_to_tsquery
    """.split()
)

JSON: Final = frozenset(
    """
    array_to_json json_array_elements json_array_elements_text json_array_length json_build_array json_build_object
    json_each json_each_text json_extract_path json_extract_path_text json_object_keys json_strip_nulls json_to_record
    json_to_recordset json_typeof jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
    jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_object_keys
    jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_pretty
    jsonb_set jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb
    """.split()
)

ARRAYS_RANGES_CHOICE: Final = frozenset(
    """
    array_append array_cat array_dims array_length array_lower array_ndims array_position array_positions array_prepend
    array_remove array_replace array_to_string array_upper cardinality generate_series generate_subscripts trim_array
    unnest daterange int4range int8range isempty lower_inc lower_inf numrange range_merge tsrange tstzrange upper_inc
    upper_inf coalesce nullif num_nonnulls num_nulls row
    """.split()
)

FUNCTIONS: Final = CLOCK | AGGREGATES | WINDOWS | TIMES | NUMBERS | TEXTS | JSON | ARRAYS_RANGES_CHOICE

# A row as one value is only let through to these, and never a row of a table itself.
ROW_READERS: Final = frozenset({"to_json", "to_jsonb", "row_to_json", "json_agg", "jsonb_agg"})

# Columns that a function in FROM gives; the others give one column by the function's or the alias's name.
FUNCTION_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "json_each": ("key", "value"),
    "json_each_text": ("key", "value"),
    "jsonb_each": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
    "json_array_elements": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
}
RECORD_FUNCTIONS: Final = frozenset({"json_to_record", "json_to_recordset", "jsonb_to_record", "jsonb_to_recordset"})

# sqlglot's class → the arguments it may carry. An argument that is not named here means a clause that was not
# considered, so it is refused.
EXPRESSIONS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(arguments.split())
    for names, arguments in (
        ("Add Sub Mul Mod Pow EQ NEQ GT GTE LT LTE And Or NullSafeEQ NullSafeNEQ", "this expression"),
        ("SimilarTo RegexpILike Escape BitwiseAnd BitwiseOr BitwiseXor", "this expression"),
        ("BitwiseLeftShift BitwiseRightShift Overlaps ArrayContainsAll ArrayContainedBy ArrayOverlaps Adjacent", ""),
        ("JSONBExtract JSONBExtractScalar JSONBContainsTopKey JSONBContainsAnyTopKeys JSONBContainsAllTopKeys", ""),
        ("JSONBDeleteAtPath JSONBContains Distance StartsWith JSONBPathMatch JSONBPathExists", ""),
        ("RegexpLike", "this expression flag"),
        ("Like ILike Is", "this expression negate"),
        ("Div DPipe", "this expression typed safe"),
        ("JSONExtract JSONExtractScalar", "this expression only_json_types"),
        ("MatchAgainst", "this expressions"),
        ("Between", "this low high symmetric"),
        ("In", "this expressions query"),
        ("Neg Not Paren Any All Exists BitwiseNot Sqrt Cbrt Null", "this"),
        ("Boolean", "this"),
        ("Literal", "this is_string"),
        ("BitString", "this"),
        ("JSONObject", "expressions"),
        ("Case", "this ifs default"),
        ("If", "this true"),
        ("Tuple", "expressions"),
        ("Array", "expressions value_constructor bracket_notation"),
        ("Bracket", "this expressions offset safe"),
        ("Slice", "this expression"),
        ("Concat", "expressions safe coalesce"),
        ("Anonymous", "this expressions"),
        ("Filter WithinGroup", "this expression"),
        ("Where", "this"),
        ("Distinct", "expressions"),
        ("Order", "this expressions"),
        ("Ordered", "this desc nulls_first"),
        ("Window", "this partition_by order spec alias over"),
        ("WindowSpec", "kind start start_side end end_side exclude"),
        ("Substring", "this start length"),
        ("Trim", "this expression position"),
        ("StrPosition", "this substr"),
        ("Overlay", "this expression from_ for_"),
        ("Extract", "this expression"),
        ("GroupConcat", "this separator"),
        ("AtTimeZone", "this zone"),
        ("Interval", "this unit"),
        ("Cast", "this to"),
        ("Collate Kwarg Dot JSONKeyValue", "this expression"),
        ("JSONPath", "expressions"),
        ("JSONPathRoot JSONPathKey JSONPathSubscript", "this"),
        ("JSON", "this with_ unique"),
        ("CurrentDate CurrentTime CurrentTimestamp Localtime Localtimestamp", "this"),
        ("Placeholder", "this"),
        ("Column", "this table db"),
    )
    for arguments in (arguments or "this expression",)
    for name in names.split()
}

SELECT_CLAUSES: Final = frozenset(
    "expressions from_ joins where group having order limit offset distinct windows with_".split()
)
WRAPPER_CLAUSES: Final = frozenset("this expression distinct by_name order limit offset with_ alias".split())

TYPES: Final = frozenset(
    """
    SMALLINT INT BIGINT DECIMAL FLOAT DOUBLE TEXT VARCHAR CHAR NCHAR BPCHAR BOOLEAN DATE TIME TIMETZ TIMESTAMP
    TIMESTAMPTZ INTERVAL JSON JSONB UUID BIT VARBINARY ARRAY INT4RANGE INT8RANGE NUMRANGE TSRANGE TSTZRANGE DATERANGE
    """.split()
)
# Types that sqlglot has no own name for, as it prints them.
NAMED_TYPES: Final = frozenset({"tsquery", "tsvector", "jsonpath"})
CLOCK_TYPES: Final = frozenset(
    {"DATE", "TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ", "TSRANGE", "TSTZRANGE", "DATERANGE"}
)

COLLATIONS: Final = frozenset(
    {"C", "POSIX", "default", "ucs_basic", "unicode", "und-x-icu", "en-x-icu", "ru-x-icu", "C.utf8", "en_US.utf8"}
)

UNITS: Final = frozenset(
    """
    MICROSECOND MICROSECONDS MILLISECOND MILLISECONDS SECOND SECONDS MINUTE MINUTES HOUR HOURS DAY DAYS WEEK WEEKS
    MONTH MONTHS QUARTER YEAR YEARS DECADE CENTURY MILLENNIUM DOW ISODOW DOY ISOYEAR EPOCH JULIAN TIMEZONE
    TIMEZONE_HOUR TIMEZONE_MINUTE
    """.split()
)

# Words that PostgreSQL does not read as a plain name where a column or table may stand.
# Source: its documentation, appendix "SQL Key Words", the columns "reserved".
RESERVED: Final = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
    column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
    from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
    localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
    returning right select session_user similar some symmetric system_user table tablesample then to trailing true
    union unique user using variadic verbose when where window with between bigint bit boolean char character coalesce
    dec decimal exists extract float greatest grouping inout int integer interval least national nchar none normalize
    nullif numeric out overlay position precision real row setof smallint substring time timestamp treat trim values
    varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize
    xmltable json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
    json_table json_value merge_action
    """.split()
)
