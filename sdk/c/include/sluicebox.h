/*
 * Write operators for Sluicebox in C.
 *
 * An operator is a struct of what it is called, which columns it reads and makes, and functions that do its work; a macro at the end of the
 * file names those that the plugin offers (SLUICEBOX_TRANSFORMS, SLUICEBOX_AGGREGATES, SLUICEBOX_STATES, SLUICEBOX_RECEIVERS,
 * SLUICEBOX_SINKS). `sluicebox plugin build` does the rest.
 *
 * Functions return SB_OK, or what one of sb_fail and sb_reject returns. Memory that the host hands over, and that which sb_alloc gives,
 * lasts as long as the call: nothing of it is freed, and nothing of it may be kept. What lasts longer comes from malloc.
 */
#ifndef SLUICEBOX_H
#define SLUICEBOX_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SB_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* --- texts ---------------------------------------------------------------------------------------------------------------------------- */

/* Bytes, of UTF-8 where they are a text's; without a zero at their end. */
typedef struct sb_text {
    const char *data;
    size_t size;
} sb_text;

/* The text of a string literal or another that ends in a zero. */
static inline sb_text sb_text_from(const char *string) {
    sb_text text = {string, strlen(string)};
    return text;
}

static inline bool sb_text_equal(sb_text a, sb_text b) { return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0); }

/* Below, above or equal to 0 as `a` comes before, after or with `b`, by their bytes. */
int sb_text_compare(sb_text a, sb_text b);

/* The part of `rest` up to `separator`, which is cut off it, or all of it; false where nothing is left. An empty text has no parts. */
bool sb_text_split(sb_text *rest, char separator, sb_text *part);

/* --- columns -------------------------------------------------------------------------------------------------------------------------- */

typedef enum sb_type {
    SB_BOOL,
    SB_INT8,
    SB_INT16,
    SB_INT32,
    SB_INT64,
    SB_UINT8,
    SB_UINT16,
    SB_UINT32,
    SB_UINT64,
    SB_FLOAT32,
    SB_FLOAT64,
    SB_DECIMAL128,
    SB_UTF8,
    SB_BINARY,
    SB_FIXED_BINARY,
    SB_DATE32,
    SB_DATE64,
    SB_TIME,
    SB_TIMESTAMP,
    SB_DURATION,
    SB_INTERVAL,
    SB_LIST,
    SB_FIXED_LIST,
    SB_STRUCT,
    SB_MAP
} sb_type;

/* Of times, timestamps and durations. */
typedef enum sb_unit { SB_SECOND, SB_MILLISECOND, SB_MICROSECOND, SB_NANOSECOND } sb_unit;

/* Of intervals. */
typedef enum sb_interval { SB_YEAR_MONTH, SB_DAY_TIME, SB_MONTH_DAY_NANO } sb_interval;

/* A column's name and type. Of an operator's input, the empty name means the column in this place. */
typedef struct sb_field {
    const char *name;
    sb_type type;
    bool nullable;
    uint8_t unit;                    /* sb_unit or sb_interval */
    uint8_t precision;               /* of a decimal */
    int8_t scale;                    /* of a decimal */
    uint32_t size;                   /* of SB_FIXED_BINARY and SB_FIXED_LIST */
    const char *zone;                /* of a timestamp; NULL: none */
    const struct sb_field *children; /* of a list its item, of a struct its fields, of a map its entries */
    uint32_t n_children;
} sb_field;

typedef struct sb_schema {
    const sb_field *fields;
    uint32_t n_fields;
    bool any; /* of an operator's input: whichever columns the stream has, all of them */
} sb_schema;

/* A schema in the description of an operator: SB_COLUMNS(SB_FIELD("word", SB_UTF8), SB_NULLABLE("count", SB_INT64)). */
#define SB_FIELD(field_name, field_type) {.name = field_name, .type = field_type}
#define SB_NULLABLE(field_name, field_type) {.name = field_name, .type = field_type, .nullable = true}
#define SB_COLUMNS(...) {.fields = (const sb_field[]){__VA_ARGS__}, .n_fields = sizeof((const sb_field[]){__VA_ARGS__}) / sizeof(sb_field)}
#define SB_ANY_COLUMNS {.any = true}

/* Values of a column that came from the host, as Arrow lays them out; pointers are aligned to 16 bytes. */
typedef struct sb_column {
    const sb_field *field;
    uint32_t length;
    uint32_t null_count;
    const uint8_t *validity; /* one bit a row, least significant first, set where there is a value; NULL where there is no null */
    const int32_t *offsets;  /* of texts, binaries, lists and maps: length + 1 of them */
    const uint8_t *values;   /* of all others but structs and lists; of texts and binaries their bytes */
    size_t n_values;         /* in bytes */
    const struct sb_column *children;
} sb_column;

typedef struct sb_batch {
    uint32_t rows;
    uint32_t n_columns;
    const sb_column *columns;
} sb_batch;

static inline bool sb_is_null(const sb_column *column, uint32_t row) {
    return column->validity != NULL && (column->validity[row >> 3] >> (row & 7) & 1) == 0;
}

/* The value of a text, a binary or a binary of fixed size. Of a null it means nothing, as with all that follow. */
static inline sb_text sb_text_at(const sb_column *column, uint32_t row) {
    sb_text text;
    if (column->offsets != NULL) {
        text.data = (const char *)column->values + column->offsets[row];
        text.size = (size_t)(column->offsets[row + 1] - column->offsets[row]);
    } else {
        text.data = (const char *)column->values + (size_t)row * column->field->size;
        text.size = column->field->size;
    }
    return text;
}

bool sb_bool_at(const sb_column *column, uint32_t row);
/* The value of any type that is an integer of at most 64 bits: dates, times, timestamps and durations too. One of SB_UINT64 above the
 * highest int64_t wraps by the one, one below zero by the other. */
int64_t sb_i64_at(const sb_column *column, uint32_t row);
uint64_t sb_u64_at(const sb_column *column, uint32_t row);
double sb_f64_at(const sb_column *column, uint32_t row);

/* The rows of `column->children[0]` that are the items of a list, or the entries of a map. */
typedef struct sb_items {
    uint32_t first;
    uint32_t end;
} sb_items;
sb_items sb_items_at(const sb_column *column, uint32_t row);

/* A row of a batch. */
typedef struct sb_row {
    const sb_batch *batch;
    uint32_t row;
} sb_row;

static inline bool sb_row_is_null(sb_row row, uint32_t column) { return sb_is_null(&row.batch->columns[column], row.row); }
static inline sb_text sb_row_text(sb_row row, uint32_t column) { return sb_text_at(&row.batch->columns[column], row.row); }
static inline int64_t sb_row_i64(sb_row row, uint32_t column) { return sb_i64_at(&row.batch->columns[column], row.row); }
static inline uint64_t sb_row_u64(sb_row row, uint32_t column) { return sb_u64_at(&row.batch->columns[column], row.row); }
static inline double sb_row_f64(sb_row row, uint32_t column) { return sb_f64_at(&row.batch->columns[column], row.row); }
static inline bool sb_row_bool(sb_row row, uint32_t column) { return sb_bool_at(&row.batch->columns[column], row.row); }

/* --- rows that are made ----------------------------------------------------------------------------------------------------------------
 */

/* A column that is being made. */
typedef struct sb_builder sb_builder;
/* Rows that are being made: a builder for each column. A value that doesn't suit its column is an error of the call. */
typedef struct sb_out sb_out;

sb_builder *sb_builder_of(sb_out *out, uint32_t column);
/* Of a list its item's, of a struct its fields'. */
sb_builder *sb_builder_child(sb_builder *builder, uint32_t child);

void sb_append_null(sb_builder *builder);
void sb_append_text(sb_builder *builder, sb_text value);
void sb_append_bool(sb_builder *builder, bool value);
/* To a column of any type that sb_i64_at reads, if that has the number. */
void sb_append_i64(sb_builder *builder, int64_t value);
void sb_append_u64(sb_builder *builder, uint64_t value);
void sb_append_f64(sb_builder *builder, double value);
/* The value of a row of a column of the same type, whatever that is, a null too. */
void sb_append_copy(sb_builder *builder, const sb_column *column, uint32_t row);
/* What was appended to its children since the last is a list, a map, or a struct. */
void sb_append_nested(sb_builder *builder);
/* All rows of a column of the same type, instead of anything appended. Nothing is copied. */
void sb_take(sb_builder *builder, const sb_column *column);

/* Values of the row that is being made, by column. */
static inline void sb_put_null(sb_out *out, uint32_t column) { sb_append_null(sb_builder_of(out, column)); }
static inline void sb_put_text(sb_out *out, uint32_t column, sb_text value) { sb_append_text(sb_builder_of(out, column), value); }
static inline void sb_put_bool(sb_out *out, uint32_t column, bool value) { sb_append_bool(sb_builder_of(out, column), value); }
static inline void sb_put_i64(sb_out *out, uint32_t column, int64_t value) { sb_append_i64(sb_builder_of(out, column), value); }
static inline void sb_put_u64(sb_out *out, uint32_t column, uint64_t value) { sb_append_u64(sb_builder_of(out, column), value); }
static inline void sb_put_f64(sb_out *out, uint32_t column, double value) { sb_append_f64(sb_builder_of(out, column), value); }
static inline void sb_put_copy(sb_out *out, uint32_t column, const sb_column *from, uint32_t row) {
    sb_append_copy(sb_builder_of(out, column), from, row);
}
/* The row is whole; a column that wasn't put is null in it. */
void sb_end_row(sb_out *out);
/* Rows that are whole, so far. */
uint32_t sb_rows(const sb_out *out);

/* --- what a call is about --------------------------------------------------------------------------------------------------------------
 */

typedef struct sb_context {
    sb_text job;
    sb_text stream;
    int64_t batch_time_ms;
    uint32_t partition;
    uint32_t partitions;
    uint32_t attempt;
} sb_context;

/* What functions return. Others are errors; see sb_fail. */
enum { SB_OK = 0, SB_KEEP = 1, SB_REJECTED = 2 };

typedef enum sb_error { SB_INVALID_CONFIG = -1, SB_INVALID_INPUT = -2, SB_FAILED = -3, SB_UNAVAILABLE = -4 } sb_error;

/* `return sb_fail(SB_FAILED, "%s has no host", address);` ends the call with an error. */
int sb_fail(sb_error error, const char *format, ...) SB_PRINTF(2, 3);
/* `return sb_reject("no address");` leaves the row to the job's policy for rejected rows; nothing may have been made of it. */
int sb_reject(const char *reason, ...) SB_PRINTF(1, 2);

/* Memory until the end of the call. Never NULL: where there is no more, the call ends. */
void *sb_alloc(size_t size);
/* A text in such memory. */
sb_text sb_format(const char *format, ...) SB_PRINTF(1, 2);

typedef enum sb_level { SB_DEBUG, SB_INFO, SB_WARN, SB_ERROR } sb_level;
/* A line in the host's log. */
void sb_log(sb_level level, const char *format, ...) SB_PRINTF(2, 3);
/* Add to a counter of the operator's. */
void sb_count(const char *name, uint64_t count);

/* --- what the job has beside the input -------------------------------------------------------------------------------------------------
 *
 * The job file grants it: grants = { tables = ["pages"], broadcasts = ["model"] }. It is there from `open` on, not in `bind`, and a batch
 * sees one version of each. What is read lasts to the end of the call.
 */

/* A static table that is read. */
typedef struct sb_table {
    const char *name;
    const sb_schema *given;   /* as the table has the columns that are read */
    const sb_schema *columns; /* as they were asked for */
    uint64_t next_row;
} sb_table;

/* Begin to read the columns of a table, which are found by their names; NULL: all that it has. An error where there is no such table or
 * column, where the job doesn't grant it, and where a column is of another type. */
int sb_table_open(sb_table *table, const char *name, const sb_schema *columns);
/* The next rows, about a MiB of them; false where there are none any more. A null in a column under SB_FIELD is an error of the call, and
 * nothing more is read.
 *
 *     for (sb_batch rows; sb_table_next(&table, &rows);) { ... }
 */
bool sb_table_next(sb_table *table, sb_batch *rows);
/* A broadcast value, with a zero behind it; false: there is no such value, or it isn't granted. */
bool sb_broadcast(const char *name, sb_text *bytes);

/* --- configuration ---------------------------------------------------------------------------------------------------------------------
 */

/* The table `config` of the plugin in the job file becomes a struct of the author's: a row of options says which key goes to which member.
 * Keys are called as members, with hyphens for underlines. */
typedef enum sb_option_type {
    SB_OPTION_BOOL, /* bool */
    SB_OPTION_I64,  /* int64_t */
    SB_OPTION_F64,  /* double */
    SB_OPTION_TEXT, /* sb_text */
    SB_OPTION_TEXTS /* sb_texts */
} sb_option_type;

typedef struct sb_texts {
    const sb_text *texts;
    uint32_t n;
} sb_texts;

typedef struct sb_option {
    const char *key;
    sb_option_type type;
    size_t offset;
    bool required;
} sb_option;

typedef struct sb_config {
    size_t size;
    const void *defaults; /* NULL: zeros */
    const sb_option *options;
    uint32_t n_options;
} sb_config;

#define SB_OPTION(of, member, option_type) {.key = #member, .type = option_type, .offset = offsetof(of, member)}
#define SB_REQUIRED(of, member, option_type) {.key = #member, .type = option_type, .offset = offsetof(of, member), .required = true}
/* `.config = SB_CONFIG(options, &defaults, SB_REQUIRED(options, columns, SB_OPTION_TEXTS), SB_OPTION(options, keep, SB_OPTION_I64))` */
#define SB_CONFIG(of, default_values, ...)                                      \
    {.size = sizeof(of),                                                        \
     .defaults = default_values,                                                \
     .options = (const sb_option[]){__VA_ARGS__},                               \
     .n_options = sizeof((const sb_option[]){__VA_ARGS__}) / sizeof(sb_option)}

/* What `bind` functions answer: the columns that are read, by their places in the input, and those that are made. */
typedef struct sb_binding {
    const uint32_t *columns;
    uint32_t n_columns;
    const sb_field *output;
    uint32_t n_output;
} sb_binding;

/* Look at the configuration and the stream's columns when a job is checked. `binding` has all of the input, and the output that the
 * operator names; change what differs. */
typedef int (*sb_bind)(const void *options, const sb_schema *input, sb_binding *binding);

/* --- transforms ------------------------------------------------------------------------------------------------------------------------
 */

typedef enum sb_transform_kind { SB_MAP_ROWS, SB_FLAT_MAP, SB_FILTER, SB_MAP_PARTITIONS } sb_transform_kind;

/* Chunks of rows, for operators that work on whole columns. */
typedef struct sb_chunk sb_chunk;

typedef struct sb_transform {
    const char *name;
    const char *doc;
    sb_transform_kind kind;
    sb_schema input;
    sb_schema output; /* of a filter: none */
    sb_config config;
    sb_bind bind; /* NULL: what `input` and `output` say */
    /* Begin a partition: `*self` is what the other functions are given. NULL: they are given the options. */
    int (*open)(const void *options, const sb_context *context, void **self);
    /* Work on a row: put the values of a map's row; put and end any number of rows of the others; return SB_KEEP for one that a filter
     * keeps. */
    int (*row)(void *self, sb_row in, sb_out *out);
    /* Or on a chunk of rows, if `row` is NULL. */
    int (*chunk)(void *self, const sb_batch *in, sb_chunk *chunk);
    /* The partition has ended: rows held back. For SB_MAP_PARTITIONS. */
    int (*finish)(void *self, sb_out *out);
    /* The partition has ended, and what `open` allocated is to be freed. Not called where a call before failed. */
    void (*close)(void *self);
} sb_transform;

/* The rows that are made of a chunk. */
sb_out *sb_chunk_out(sb_chunk *chunk);
/* Of a flat-map: all that is made of the next row has been made. Once for each row. */
void sb_chunk_end(sb_chunk *chunk);
/* Of a filter: the row stays. Ascending. */
void sb_chunk_keep(sb_chunk *chunk, uint32_t row);
/* As sb_reject, of that row. Ascending. */
void sb_chunk_reject(sb_chunk *chunk, uint32_t row, const char *reason, ...) SB_PRINTF(3, 4);

/* --- aggregates ------------------------------------------------------------------------------------------------------------------------
 */

/* Rows of a key are folded into an accumulator, a struct of the author's that is all zeros at first and lasts no longer than a call. The
 * host keeps it as a row of `partial`. */
typedef struct sb_aggregate {
    const char *name;
    const char *doc;
    sb_schema input;
    sb_schema partial;
    uint32_t partial_version;
    sb_schema output;
    sb_config config;
    size_t size; /* of an accumulator */
    int (*add)(const void *options, void *accumulator, sb_row in);
    /* Fold what rows after those of `into` have become. */
    int (*merge)(const void *options, void *into, const void *from);
    /* Take it out again; NULL where that can't be. */
    int (*unmerge)(const void *options, void *from, const void *what);
    /* To and from a row of `partial`. */
    int (*save)(const void *options, const void *accumulator, sb_out *out);
    int (*load)(const void *options, void *accumulator, sb_row in);
    /* The row of the result. */
    int (*finish)(const void *options, const void *accumulator, sb_out *out);
} sb_aggregate;

/* --- keyed state -----------------------------------------------------------------------------------------------------------------------
 */

typedef enum sb_state_kind { SB_UPDATE_STATE_BY_KEY, SB_MAP_WITH_STATE } sb_state_kind;

/* A key, what came for it, and what is kept of it. */
typedef struct sb_key {
    sb_row key;             /* the key's columns */
    const sb_batch *values; /* its new values: the rows from first_value up to, without, end_value */
    uint32_t first_value;
    uint32_t end_value;
    bool has_state;
    sb_row state; /* the row kept, if has_state */
    bool timed_out;
    sb_out *new_state; /* put a row's values and call sb_end_row once to keep it instead; else nothing changes */
    bool remove;       /* set to keep nothing any more */
    sb_out *emitted;   /* of map-with-state: rows of the stream, each ended by sb_end_row */
} sb_key;

typedef struct sb_state {
    const char *name;
    const char *doc;
    sb_state_kind kind;
    sb_schema keys;
    sb_schema input;
    sb_schema state;
    uint32_t state_version;
    sb_schema output;    /* of map-with-state; `bind` may change it, and may not change the state's */
    uint64_t timeout_ms; /* 0: never */
    sb_config config;
    /* As of transforms; `keys` are the key's columns. NULL: as named. */
    int (*bind)(const void *options, const sb_schema *keys, const sb_schema *input, sb_binding *binding);
    int (*update)(const void *options, sb_key *key);
    /* A row of state of an older version to one of this. NULL: none is known. */
    int (*migrate)(const void *options, uint32_t version, sb_row old, sb_out *out);
} sb_state;

/* --- receivers -------------------------------------------------------------------------------------------------------------------------
 */

/* What a call of `receive` answers: rows, and where the source stands after them. */
typedef struct sb_received {
    sb_out *rows;
    uint32_t max_rows;
    uint32_t max_time_ms;
    sb_text position; /* at most 64 KiB, in memory that lasts to the end of the call */
    bool ended;
} sb_received;

typedef struct sb_receiver {
    const char *name;
    const char *doc;
    bool replayable;
    sb_schema output;
    sb_config config;
    /* Begin after `position`; NULL: from where the source begins. */
    int (*start)(const void *options, const sb_context *context, const sb_text *position, void **self);
    int (*receive)(void *self, sb_received *received);
    int (*ack)(void *self, sb_text position); /* may be NULL */
    void (*stop)(void *self);                 /* may be NULL */
} sb_receiver;

/* --- sinks -----------------------------------------------------------------------------------------------------------------------------
 */

/* A batch of an output. */
typedef struct sb_target {
    sb_text job;
    sb_text output;
    int64_t batch_time_ms;
} sb_target;

typedef struct sb_sink {
    const char *name;
    const char *doc;
    sb_schema input;
    sb_config config;
    sb_bind bind; /* `binding` has no output */
    int (*open)(const void *options, const sb_context *context, void **self);
    int (*write)(void *self, const sb_batch *rows);
    /* All is written: what `commit` needs to show it, at most 64 KiB, in memory that lasts to the end of the call. */
    int (*prepare)(void *self, sb_text *committable);
    int (*commit)(const void *options, const sb_target *target, sb_texts committables);
    int (*abort)(const void *options, const sb_target *target, sb_texts committables); /* may be NULL */
} sb_sink;

/* --- the operators of a plugin ---------------------------------------------------------------------------------------------------------
 */

/* What follows is for the macros below. */
void *sb_transform_describe(const sb_transform *operators, uint32_t n);
void *sb_transform_bind(const sb_transform *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                        const void *input, size_t n_input);
void *sb_transform_open(const sb_transform *operators, uint32_t n, const sb_context *context, const char *name, size_t n_name,
                        const char *config, size_t n_config, const void *input, size_t n_input);
void *sb_transform_process(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers);
void *sb_transform_finish(void);
void *sb_aggregate_describe(const sb_aggregate *operators, uint32_t n);
void *sb_aggregate_bind(const sb_aggregate *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                        const void *input, size_t n_input);
void *sb_aggregate_open(const sb_aggregate *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                        const void *input, size_t n_input);
void *sb_aggregate_partial(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers, const uint32_t *groups,
                           size_t n_rows, uint32_t n_groups);
void *sb_aggregate_merge(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers, const uint32_t *groups,
                         size_t n_rows, uint32_t n_groups);
void *sb_aggregate_unmerge(uint32_t whole, const void *whole_nodes, size_t n_whole_nodes, const void *whole_buffers, size_t n_whole_buffers,
                           uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers, const uint32_t *groups,
                           size_t n_rows);
void *sb_aggregate_finish(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers);
void *sb_state_describe(const sb_state *operators, uint32_t n);
void *sb_state_bind(const sb_state *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                    const void *keys, size_t n_keys, const void *input, size_t n_input);
void *sb_state_open(const sb_state *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                    const void *keys, size_t n_keys, const void *input, size_t n_input);
void *sb_state_update(const void *work);
void *sb_state_migrate(uint32_t version, const void *schema, size_t n_schema, uint32_t rows, const void *nodes, size_t n_nodes,
                       const void *buffers, size_t n_buffers);
void *sb_receiver_describe(const sb_receiver *operators, uint32_t n);
void *sb_receiver_bind(const sb_receiver *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config);
void *sb_receiver_start(const sb_receiver *operators, uint32_t n, const sb_context *context, const char *name, size_t n_name,
                        const char *config, size_t n_config, uint32_t has_position, const char *position, size_t n_position);
void *sb_receiver_receive(uint32_t max_rows, uint32_t max_time_ms);
void *sb_receiver_ack(const char *position, size_t n_position);
void sb_receiver_stop(void);
void *sb_sink_describe(const sb_sink *operators, uint32_t n);
void *sb_sink_bind(const sb_sink *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                   const void *input, size_t n_input);
void *sb_sink_open(const sb_sink *operators, uint32_t n, const sb_context *context, const char *name, size_t n_name, const char *config,
                   size_t n_config, const void *input, size_t n_input);
void *sb_sink_write(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers);
void *sb_sink_prepare(void);
void *sb_sink_commit(const sb_sink *operators, uint32_t n, bool aborts, const sb_target *target, const char *name, size_t n_name,
                     const char *config, size_t n_config, const void *committables, size_t n_committables);
void sb_end_call(void);

#ifdef __wasm__
#define SB_AS(name) __attribute__((export_name(name)))
#else
#define SB_AS(name)
#endif
#ifdef __cplusplus
#define SB_C extern "C"
#else
#define SB_C
#endif

#define SB_N(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))
/* An export, and the one that is called when its answer has been read. */
#define SB_AFTER(interface, name, function)                                                                      \
    SB_C SB_AS("cabi_post_sluicebox:operator/" interface "@0.1.0#" name) void sb_after_##function(void *answer); \
    void sb_after_##function(void *answer) {                                                                     \
        (void)answer;                                                                                            \
        sb_end_call();                                                                                           \
    }
#define SB_FUNCTION(interface, name, function, ...)                                                     \
    SB_AFTER(interface, name, function)                                                                 \
    SB_C SB_AS("sluicebox:operator/" interface "@0.1.0#" name) void *sb_export_##function(__VA_ARGS__); \
    void *sb_export_##function(__VA_ARGS__)
#define SB_CALLED const char *name, size_t n_name, const char *config, size_t n_config
#define SB_CONTEXT                                                                                                                      \
    const char *job, size_t n_job, const char *stream, size_t n_stream, int64_t batch_time_ms, uint32_t partition, uint32_t partitions, \
        uint32_t attempt
#define SB_THE_CONTEXT sb_context context = {{job, n_job}, {stream, n_stream}, batch_time_ms, partition, partitions, attempt}
#define SB_BATCH uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers

#define SLUICEBOX_TRANSFORMS(...)                                                                                                        \
    static const sb_transform sb_transforms[] = {__VA_ARGS__};                                                                           \
    SB_FUNCTION("transform", "describe", transform_describe, void) { return sb_transform_describe(sb_transforms, SB_N(sb_transforms)); } \
    SB_FUNCTION("transform", "bind", transform_bind, SB_CALLED, const void *input, size_t n_input) {                                     \
        return sb_transform_bind(sb_transforms, SB_N(sb_transforms), name, n_name, config, n_config, input, n_input);                    \
    }                                                                                                                                    \
    SB_FUNCTION("transform", "open", transform_open, SB_CONTEXT, SB_CALLED, const void *input, size_t n_input) {                         \
        SB_THE_CONTEXT;                                                                                                                  \
        return sb_transform_open(sb_transforms, SB_N(sb_transforms), &context, name, n_name, config, n_config, input, n_input);          \
    }                                                                                                                                    \
    SB_FUNCTION("transform", "process", transform_process, SB_BATCH) {                                                                   \
        return sb_transform_process(rows, nodes, n_nodes, buffers, n_buffers);                                                           \
    }                                                                                                                                    \
    SB_FUNCTION("transform", "finish", transform_finish, void) { return sb_transform_finish(); }

#define SLUICEBOX_AGGREGATES(...)                                                                                                        \
    static const sb_aggregate sb_aggregates[] = {__VA_ARGS__};                                                                           \
    SB_FUNCTION("aggregate", "describe", aggregate_describe, void) { return sb_aggregate_describe(sb_aggregates, SB_N(sb_aggregates)); } \
    SB_FUNCTION("aggregate", "bind", aggregate_bind, SB_CALLED, const void *input, size_t n_input) {                                     \
        return sb_aggregate_bind(sb_aggregates, SB_N(sb_aggregates), name, n_name, config, n_config, input, n_input);                    \
    }                                                                                                                                    \
    SB_FUNCTION("aggregate", "open", aggregate_open, SB_CONTEXT, SB_CALLED, const void *input, size_t n_input) {                         \
        SB_THE_CONTEXT;                                                                                                                  \
        (void)context;                                                                                                                   \
        return sb_aggregate_open(sb_aggregates, SB_N(sb_aggregates), name, n_name, config, n_config, input, n_input);                    \
    }                                                                                                                                    \
    SB_FUNCTION("aggregate", "partial", aggregate_partial, SB_BATCH, const uint32_t *groups, size_t n_rows, uint32_t n_groups) {         \
        return sb_aggregate_partial(rows, nodes, n_nodes, buffers, n_buffers, groups, n_rows, n_groups);                                 \
    }                                                                                                                                    \
    SB_FUNCTION("aggregate", "merge", aggregate_merge, SB_BATCH, const uint32_t *groups, size_t n_rows, uint32_t n_groups) {             \
        return sb_aggregate_merge(rows, nodes, n_nodes, buffers, n_buffers, groups, n_rows, n_groups);                                   \
    }                                                                                                                                    \
    SB_FUNCTION("aggregate", "unmerge", aggregate_unmerge, uint32_t whole, const void *whole_nodes, size_t n_whole_nodes,                \
                const void *whole_buffers, size_t n_whole_buffers, SB_BATCH, const uint32_t *groups, size_t n_rows) {                    \
        return sb_aggregate_unmerge(whole, whole_nodes, n_whole_nodes, whole_buffers, n_whole_buffers, rows, nodes, n_nodes, buffers,    \
                                    n_buffers, groups, n_rows);                                                                          \
    }                                                                                                                                    \
    SB_FUNCTION("aggregate", "finish", aggregate_finish, SB_BATCH) { return sb_aggregate_finish(rows, nodes, n_nodes, buffers, n_buffers); }

#define SLUICEBOX_STATES(...)                                                                                                             \
    static const sb_state sb_states[] = {__VA_ARGS__};                                                                                    \
    SB_FUNCTION("state", "describe", state_describe, void) { return sb_state_describe(sb_states, SB_N(sb_states)); }                      \
    SB_FUNCTION("state", "bind", state_bind, SB_CALLED, const void *keys, size_t n_keys, const void *input, size_t n_input) {             \
        return sb_state_bind(sb_states, SB_N(sb_states), name, n_name, config, n_config, keys, n_keys, input, n_input);                   \
    }                                                                                                                                     \
    SB_FUNCTION("state", "open", state_open, SB_CONTEXT, SB_CALLED, const void *keys, size_t n_keys, const void *input, size_t n_input) { \
        SB_THE_CONTEXT;                                                                                                                   \
        (void)context;                                                                                                                    \
        return sb_state_open(sb_states, SB_N(sb_states), name, n_name, config, n_config, keys, n_keys, input, n_input);                   \
    }                                                                                                                                     \
    SB_FUNCTION("state", "update", state_update, const void *work) { return sb_state_update(work); }                                      \
    SB_FUNCTION("state", "migrate", state_migrate, uint32_t version, const void *schema, size_t n_schema, SB_BATCH) {                     \
        return sb_state_migrate(version, schema, n_schema, rows, nodes, n_nodes, buffers, n_buffers);                                     \
    }

#define SLUICEBOX_RECEIVERS(...)                                                                                                     \
    static const sb_receiver sb_receivers[] = {__VA_ARGS__};                                                                         \
    SB_FUNCTION("receiver", "describe", receiver_describe, void) { return sb_receiver_describe(sb_receivers, SB_N(sb_receivers)); }  \
    SB_FUNCTION("receiver", "bind", receiver_bind, SB_CALLED) {                                                                      \
        return sb_receiver_bind(sb_receivers, SB_N(sb_receivers), name, n_name, config, n_config);                                   \
    }                                                                                                                                \
    SB_FUNCTION("receiver", "start", receiver_start, SB_CONTEXT, SB_CALLED, uint32_t has_position, const char *position,             \
                size_t n_position) {                                                                                                 \
        SB_THE_CONTEXT;                                                                                                              \
        return sb_receiver_start(sb_receivers, SB_N(sb_receivers), &context, name, n_name, config, n_config, has_position, position, \
                                 n_position);                                                                                        \
    }                                                                                                                                \
    SB_FUNCTION("receiver", "receive", receiver_receive, uint32_t max_rows, uint32_t max_time_ms) {                                  \
        return sb_receiver_receive(max_rows, max_time_ms);                                                                           \
    }                                                                                                                                \
    SB_FUNCTION("receiver", "ack", receiver_ack, const char *position, size_t n_position) {                                          \
        return sb_receiver_ack(position, n_position);                                                                                \
    }                                                                                                                                \
    SB_C SB_AS("sluicebox:operator/receiver@0.1.0#stop") void sb_export_receiver_stop(void);                                         \
    void sb_export_receiver_stop(void) { sb_receiver_stop(); }

#define SLUICEBOX_SINKS(...)                                                                                                              \
    static const sb_sink sb_sinks[] = {__VA_ARGS__};                                                                                      \
    SB_FUNCTION("sink", "describe", sink_describe, void) { return sb_sink_describe(sb_sinks, SB_N(sb_sinks)); }                           \
    SB_FUNCTION("sink", "bind", sink_bind, SB_CALLED, const void *input, size_t n_input) {                                                \
        return sb_sink_bind(sb_sinks, SB_N(sb_sinks), name, n_name, config, n_config, input, n_input);                                    \
    }                                                                                                                                     \
    SB_FUNCTION("sink", "open", sink_open, SB_CONTEXT, SB_CALLED, const void *input, size_t n_input) {                                    \
        SB_THE_CONTEXT;                                                                                                                   \
        return sb_sink_open(sb_sinks, SB_N(sb_sinks), &context, name, n_name, config, n_config, input, n_input);                          \
    }                                                                                                                                     \
    SB_FUNCTION("sink", "write", sink_write, SB_BATCH) { return sb_sink_write(rows, nodes, n_nodes, buffers, n_buffers); }                \
    SB_FUNCTION("sink", "prepare", sink_prepare, void) { return sb_sink_prepare(); }                                                      \
    SB_FUNCTION("sink", "commit", sink_commit, const char *job, size_t n_job, const char *output, size_t n_output, int64_t batch_time_ms, \
                SB_CALLED, const void *committables, size_t n_committables) {                                                             \
        sb_target target = {{job, n_job}, {output, n_output}, batch_time_ms};                                                             \
        return sb_sink_commit(sb_sinks, SB_N(sb_sinks), false, &target, name, n_name, config, n_config, committables, n_committables);    \
    }                                                                                                                                     \
    SB_FUNCTION("sink", "abort", sink_abort, const char *job, size_t n_job, const char *output, size_t n_output, int64_t batch_time_ms,   \
                SB_CALLED, const void *committables, size_t n_committables) {                                                             \
        sb_target target = {{job, n_job}, {output, n_output}, batch_time_ms};                                                             \
        return sb_sink_commit(sb_sinks, SB_N(sb_sinks), true, &target, name, n_name, config, n_config, committables, n_committables);     \
    }

#ifdef __cplusplus
}
#endif

#endif
