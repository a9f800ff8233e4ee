/*
 * How what wit/ describes lies in memory, and what the SDK's sources share.
 *
 * The component model lays records and variants out as C does structs and tagged unions on a machine of 32 bits, so the structs here are
 * read and written in place.
 */
#ifndef SLUICEBOX_ABI_H
#define SLUICEBOX_ABI_H

#include "sluicebox.h"

/* A function of the host's. */
#ifdef __wasm__
#define IMPORT(interface, name) __attribute__((import_module("sluicebox:operator/" interface "@0.1.0"), import_name(name)))
#else
#define IMPORT(interface, name)
#endif

typedef struct wire_list {
    void *data;
    size_t n;
} wire_list;

typedef struct wire_type {
    uint8_t tag;
    union {
        struct {
            uint8_t precision;
            int8_t scale;
        } decimal;
        uint32_t size;
        uint8_t unit;
        struct {
            uint8_t unit;
            struct {
                uint8_t some;
                wire_list name;
            } zone;
        } timestamp;
    } of;
} wire_type;

typedef struct wire_field {
    wire_list name;
    wire_type type;
    uint8_t nullable;
    uint32_t children;
} wire_field;

typedef struct wire_node {
    uint32_t length;
    uint32_t null_count;
} wire_node;

typedef struct wire_batch {
    uint32_t rows;
    wire_list nodes;
    wire_list buffers;
} wire_batch;

typedef struct wire_schema_option {
    uint8_t some;
    wire_list fields;
} wire_schema_option;

typedef struct wire_error {
    uint8_t tag;
    wire_list message;
} wire_error;

/* Any answer that may be an error; what else it may be is up to the function. */
typedef struct wire_result {
    uint8_t is_error;
    union {
        wire_error error;
        wire_list list;
        wire_batch batch;
    } of;
} wire_result;

#ifdef __wasm__
_Static_assert(sizeof(wire_field) == 36 && sizeof(wire_batch) == 20 && sizeof(wire_result) == 24, "the layout of 32 bits");
#endif

/* --- memory (call.c) -------------------------------------------------------------------------------------------------------------------
 */

/* What lasts to the end of a call, and what lasts as long as an operator is open. */
typedef struct arena {
    struct block *block;
} arena;

extern arena of_call, of_open;

void *arena_alloc(arena *from, size_t size);
/* Memory grows where it is, if it was given out last. */
void *arena_grow(arena *from, void *old, size_t old_size, size_t size);
void arena_reset(arena *from);
sb_text arena_text(arena *from, sb_text text);
__attribute__((noreturn)) void out_of_memory(void);

/* --- errors (call.c) -------------------------------------------------------------------------------------------------------------------
 */

/* The error of the call, whoever made it; 0: none. */
extern int call_error;
/* The reason of the last rejection. */
extern sb_text call_reason;

/* The answer of a call: its error, if there is one or `returned` is one. NULL: there is none. */
wire_result *error_answer(int returned);
wire_result *empty_answer(void);
wire_result *fail_answer(sb_error error, const char *format, ...) SB_PRINTF(2, 3);

/* --- columns (columns.c) ---------------------------------------------------------------------------------------------------------------
 */

struct sb_builder {
    const sb_field *field;
    uint32_t length;
    uint32_t null_count;
    uint8_t *validity; /* NULL: no null yet */
    size_t validity_capacity;
    int32_t *offsets;
    size_t offsets_capacity;
    uint8_t *values;
    size_t n_values;
    size_t values_capacity;
    sb_builder *children;
    const sb_column *taken;
};

struct sb_out {
    uint32_t rows;
    uint32_t n_builders;
    sb_builder *builders;
};

/* Fields of the host's, depth first, as a tree in `from`. */
sb_schema schema_of_wire(arena *from, const wire_field *fields, size_t n);
/* And back, in memory of the call. */
wire_list schema_to_wire(const sb_field *fields, uint32_t n);
wire_schema_option asked_to_wire(const sb_schema *schema);
sb_batch batch_of_wire(const sb_schema *schema, uint32_t rows, const wire_node *nodes, const wire_list *buffers);
/* Whether two columns hold values of the same type, whatever they are called and whether they take nulls. */
bool is_same_type(const sb_field *a, const sb_field *b);
const char *type_name(const sb_field *field);
/* The column of a row that is null where the operator takes no null; NULL: none is. */
const char *null_in(const sb_schema *asked, sb_row row);
/* Whether there is such a row at all. */
bool may_have_nulls(const sb_schema *asked, const sb_batch *batch);
#define NULL_MESSAGE "column \"%s\" is null, and the operator takes no null there"
void out_begin(sb_out *out, const sb_field *fields, uint32_t n, uint32_t expected_rows);
/* What was made; an error of the call where columns don't agree. */
void batch_to_wire(sb_out *out, wire_batch *batch);
bool anything_put(const sb_out *out);

/* --- configuration (config.c, json.c) --------------------------------------------------------------------------------------------------
 */

/* The author's struct, in memory as long as an operator is open; NULL: the configuration is wrong, and the call's error says so. */
const void *config_read(const sb_config *config, sb_text json);

typedef enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT } json_type;

typedef struct json_value {
    json_type type;
    sb_text text;             /* of a text; of a number as it is written */
    sb_text key;              /* of a member of an object */
    struct json_value *first; /* item or member */
    struct json_value *next;
} json_value;

/* A document in memory of the call; NULL: it is none. */
json_value *json_parse(sb_text text);

/* Whether an operator is called so. */
bool is_named(const char *name, sb_text given);
wire_list list_of_string(const char *string);

#endif
