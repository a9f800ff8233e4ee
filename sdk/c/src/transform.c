/* The interface `transform`: operators from rows to rows. */
#include "abi.h"

#include <stdio.h>

typedef struct wire_operator {
    wire_list name;
    uint8_t kind;
    wire_list doc;
    wire_schema_option input;
} wire_operator;

typedef struct wire_binding_result {
    uint8_t is_error;
    wire_list columns;
    wire_list output;
} wire_binding_result;

typedef struct wire_rejection {
    uint32_t row;
    wire_list reason;
} wire_rejection;

enum { MADE, EXPANDED, KEPT };

typedef struct wire_output_result {
    uint8_t is_error;
    struct {
        uint8_t tag;
        union {
            wire_batch made;
            struct {
                wire_batch rows;
                wire_list ends;
            } expanded;
            wire_list kept;
        } of;
    } rows;
    wire_list rejected;
} wire_output_result;

typedef struct wire_finish_result {
    uint8_t is_error;
    struct {
        uint8_t some;
        wire_batch batch;
    } rows;
} wire_finish_result;

#ifdef __wasm__
_Static_assert(sizeof(wire_operator) == 32 && sizeof(wire_output_result) == 44 && sizeof(wire_finish_result) == 28,
               "the layout of 32 bits");
#endif

struct sb_chunk {
    sb_out out;
    uint32_t rows;
    /* Of a flat-map where what was made of each row ends; of a filter the rows kept. */
    uint32_t *numbers;
    uint32_t n_numbers;
    wire_rejection *rejected;
    uint32_t n_rejected;
};

/* The operator that is open. */
static const sb_transform *operator;
static const void *options;
static void *self;
static sb_schema input;
static const sb_field *output;
static uint32_t n_output;

void *sb_transform_describe(const sb_transform *operators, uint32_t n) {
    wire_operator *described = sb_alloc(n * sizeof *described);
    for (uint32_t i = 0; i < n; i++) {
        described[i].name = list_of_string(operators[i].name);
        described[i].kind = (uint8_t)operators[i].kind;
        described[i].doc = list_of_string(operators[i].doc);
        described[i].input = asked_to_wire(&operators[i].input);
    }
    wire_list *answer = sb_alloc(sizeof *answer);
    *answer = (wire_list){described, n};
    return answer;
}

/* Agree on the schemas: the operator, its options and its binding, in memory of `of_open` and the call. */
static const sb_transform *choose(const sb_transform *operators, uint32_t n, sb_text name, sb_text config, const wire_field *fields,
                                  size_t n_fields, sb_binding *binding) {
    const sb_transform *chosen = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (is_named(operators[i].name, name)) chosen = &operators[i];
    }
    if (chosen == NULL) {
        sb_fail(SB_FAILED, "there is no transform \"%.*s\"", (int)name.size, name.data);
        return NULL;
    }
    arena_reset(&of_open);
    options = config_read(&chosen->config, config);
    if (options == NULL) return NULL;
    input = schema_of_wire(&of_open, fields, n_fields);
    uint32_t *all = arena_alloc(&of_open, (input.n_fields + 1) * sizeof *all);
    for (uint32_t i = 0; i < input.n_fields; i++)
        all[i] = i;
    *binding = (sb_binding){all, input.n_fields, chosen->output.fields, chosen->output.n_fields};
    if (chosen->bind != NULL) {
        int returned = chosen->bind(options, &input, binding);
        if (returned < 0) sb_fail((sb_error)returned, "it can't be bound");
        if (call_error != 0) return NULL;
    }
    return chosen;
}

void *sb_transform_bind(const sb_transform *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                        const void *fields, size_t n_fields) {
    sb_binding binding;
    if (choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, fields, n_fields, &binding) == NULL)
        return error_answer(SB_FAILED);
    wire_binding_result *answer = sb_alloc(sizeof *answer);
    answer->columns = (wire_list){(void *)binding.columns, binding.n_columns};
    answer->output = schema_to_wire(binding.output, binding.n_output);
    return answer;
}

void *sb_transform_open(const sb_transform *operators, uint32_t n, const sb_context *context, const char *name, size_t n_name,
                        const char *config, size_t n_config, const void *fields, size_t n_fields) {
    sb_binding binding;
    if (operator != NULL && operator->close != NULL && self != NULL) operator->close(self);
    self = NULL;
    operator = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, fields, n_fields, &binding);
    if (operator == NULL) return error_answer(SB_FAILED);
    /* What `bind` made may be memory of this call. */
    const wire_list made = schema_to_wire(binding.output, binding.n_output);
    sb_schema kept = schema_of_wire(&of_open, made.data, made.n);
    output = kept.fields;
    n_output = kept.n_fields;
    self = (void *)options;
    if (operator->open != NULL) {
        self = NULL;
        wire_result *error = error_answer(operator->open(options, context, &self));
        if (error != NULL) return error;
    }
    return empty_answer();
}

sb_out *sb_chunk_out(sb_chunk *chunk) { return &chunk->out; }

void sb_chunk_end(sb_chunk *chunk) {
    if (chunk->n_numbers == chunk->rows) {
        sb_fail(SB_FAILED, "more ends are given than the %u rows of the chunk", chunk->rows);
        return;
    }
    chunk->numbers[chunk->n_numbers++] = chunk->out.rows;
}

void sb_chunk_keep(sb_chunk *chunk, uint32_t row) {
    if (chunk->n_numbers == chunk->rows) {
        sb_fail(SB_FAILED, "more rows are kept than the %u of the chunk", chunk->rows);
        return;
    }
    chunk->numbers[chunk->n_numbers++] = row;
}

static void reject(sb_chunk *chunk, uint32_t row, sb_text reason) {
    if (chunk->n_rejected == chunk->rows) {
        sb_fail(SB_FAILED, "more rows are rejected than the %u of the chunk", chunk->rows);
        return;
    }
    if (chunk->rejected == NULL) chunk->rejected = sb_alloc(chunk->rows * sizeof *chunk->rejected);
    chunk->rejected[chunk->n_rejected++] = (wire_rejection){row, {(void *)reason.data, reason.size}};
}

void sb_chunk_reject(sb_chunk *chunk, uint32_t row, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *reason = sb_alloc(1025);
    int size = vsnprintf(reason, 1025, format, arguments);
    va_end(arguments);
    reject(chunk, row, (sb_text){reason, size < 0 ? 0 : size > 1024 ? 1024 : (size_t)size});
}

/* An operator's function for rows, for all of them. */
static int each_row(const sb_batch *batch, sb_chunk *chunk) {
    bool nulls = may_have_nulls(&operator->input, batch);
    for (uint32_t row = 0; row < batch->rows; row++) {
        const char *lacking = nulls ? null_in(&operator->input, (sb_row){batch, row}) : NULL;
        int returned = lacking != NULL ? sb_reject(NULL_MESSAGE, lacking) : operator->row(self, (sb_row){batch, row}, &chunk->out);
        if (returned < 0 || call_error != 0) return returned;
        if (returned == SB_REJECTED) {
            if (anything_put(&chunk->out)) return sb_fail(SB_FAILED, "row %u is rejected after some of its values were put", row);
            reject(chunk, row, call_reason);
        } else if (operator->kind == SB_MAP_ROWS) {
            sb_end_row(&chunk->out);
        } else if (operator->kind == SB_FILTER && returned == SB_KEEP) {
            sb_chunk_keep(chunk, row);
        }
        if (operator->kind == SB_FLAT_MAP) {
            if (anything_put(&chunk->out)) return sb_fail(SB_FAILED, "what was put of row %u wasn't ended by sb_end_row", row);
            sb_chunk_end(chunk);
        }
    }
    return SB_OK;
}

void *sb_transform_process(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers) {
    (void)n_nodes, (void)n_buffers;
    if (operator == NULL) return fail_answer(SB_FAILED, "no operator is open");
    sb_batch batch = batch_of_wire(&input, rows, nodes, buffers);
    sb_chunk chunk = {.rows = rows};
    out_begin(&chunk.out, output, n_output, operator->kind == SB_MAP_ROWS ? rows : 4 * rows);
    if (operator->kind == SB_FLAT_MAP || operator->kind == SB_FILTER) chunk.numbers = arena_alloc(&of_call, rows * sizeof(uint32_t));
    if (operator->row == NULL && may_have_nulls(&operator->input, &batch)) {
        return fail_answer(SB_FAILED, "a column is null in a row, and the operator, which works on whole columns, takes no null there");
    }
    int returned = operator->row != NULL ? each_row(&batch, &chunk) : operator->chunk(self, &batch, &chunk);
    if (returned < 0 || call_error != 0) return error_answer(returned);
    wire_output_result *answer = sb_alloc(sizeof *answer);
    if (operator->kind == SB_FILTER) {
        answer->rows.tag = KEPT;
        answer->rows.of.kept = (wire_list){chunk.numbers, chunk.n_numbers};
    } else if (operator->kind == SB_FLAT_MAP) {
        answer->rows.tag = EXPANDED;
        batch_to_wire(&chunk.out, &answer->rows.of.expanded.rows);
        answer->rows.of.expanded.ends = (wire_list){chunk.numbers, chunk.n_numbers};
    } else {
        answer->rows.tag = MADE;
        if (n_output == 0) chunk.out.rows = rows - chunk.n_rejected;
        batch_to_wire(&chunk.out, &answer->rows.of.made);
    }
    answer->rejected = (wire_list){chunk.rejected, chunk.n_rejected};
    wire_result *error = error_answer(SB_OK);
    return error != NULL ? (void *)error : answer;
}

void *sb_transform_finish(void) {
    if (operator == NULL) return fail_answer(SB_FAILED, "no operator is open");
    wire_finish_result *answer = sb_alloc(sizeof *answer);
    int returned = SB_OK;
    if (operator->finish != NULL) {
        sb_out out;
        out_begin(&out, output, n_output, 0);
        returned = operator->finish(self, &out);
        if (returned >= 0) batch_to_wire(&out, &answer->rows.batch);
        answer->rows.some = answer->rows.batch.rows > 0;
    }
    wire_result *error = error_answer(returned);
    if (error != NULL) return error;
    if (!answer->rows.some && operator->close != NULL && self != NULL) {
        operator->close(self);
        self = NULL;
    }
    return answer;
}
