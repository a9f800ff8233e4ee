/* The interface `aggregate`: operators that fold the rows of a key. */
#include "abi.h"

typedef struct wire_operator {
    wire_list name;
    wire_list doc;
    wire_schema_option input;
    uint8_t invertible;
} wire_operator;

typedef struct wire_binding_result {
    uint8_t is_error;
    wire_list columns;
    wire_list partial;
    uint32_t partial_version;
    wire_list output;
} wire_binding_result;

#ifdef __wasm__
_Static_assert(sizeof(wire_operator) == 32 && sizeof(wire_binding_result) == 32, "the layout of 32 bits");
#endif

/* The operator that is open. */
static const sb_aggregate *operator;
static const void *options;
static sb_schema input;

void *sb_aggregate_describe(const sb_aggregate *operators, uint32_t n) {
    wire_operator *described = sb_alloc(n * sizeof *described);
    for (uint32_t i = 0; i < n; i++) {
        described[i].name = list_of_string(operators[i].name);
        described[i].doc = list_of_string(operators[i].doc);
        described[i].input = asked_to_wire(&operators[i].input);
        described[i].invertible = operators[i].unmerge != NULL;
    }
    wire_list *answer = sb_alloc(sizeof *answer);
    *answer = (wire_list){described, n};
    return answer;
}

static const sb_aggregate *choose(const sb_aggregate *operators, uint32_t n, sb_text name, sb_text config, const wire_field *fields,
                                  size_t n_fields) {
    const sb_aggregate *chosen = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (is_named(operators[i].name, name)) chosen = &operators[i];
    }
    if (chosen == NULL) {
        sb_fail(SB_FAILED, "there is no aggregate \"%.*s\"", (int)name.size, name.data);
        return NULL;
    }
    arena_reset(&of_open);
    options = config_read(&chosen->config, config);
    input = schema_of_wire(&of_open, fields, n_fields);
    return options == NULL ? NULL : chosen;
}

void *sb_aggregate_bind(const sb_aggregate *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                        const void *fields, size_t n_fields) {
    const sb_aggregate *chosen = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, fields, n_fields);
    if (chosen == NULL) return error_answer(SB_FAILED);
    wire_binding_result *answer = sb_alloc(sizeof *answer);
    uint32_t *all = sb_alloc((input.n_fields + 1) * sizeof *all);
    for (uint32_t i = 0; i < input.n_fields; i++)
        all[i] = i;
    answer->columns = (wire_list){all, input.n_fields};
    answer->partial = schema_to_wire(chosen->partial.fields, chosen->partial.n_fields);
    answer->partial_version = chosen->partial_version;
    answer->output = schema_to_wire(chosen->output.fields, chosen->output.n_fields);
    return answer;
}

void *sb_aggregate_open(const sb_aggregate *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                        const void *fields, size_t n_fields) {
    operator = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, fields, n_fields);
    return operator == NULL ? error_answer(SB_FAILED) : empty_answer();
}

/* Accumulators, all zeros, one beside the other. */
static uint8_t *accumulators(uint32_t n) { return sb_alloc((size_t)n * operator->size + 1); }

/* The answer: accumulators as rows, of partials or of results. */
static void *answer_of(uint8_t *folded, uint32_t n, bool finished) {
    const sb_schema *schema = finished ? &operator->output : &operator->partial;
    sb_out out;
    out_begin(&out, schema->fields, schema->n_fields, n);
    for (uint32_t i = 0; i < n && call_error == 0; i++) {
        const void *each = folded + (size_t)i * operator->size;
        int returned = finished ? operator->finish(options, each, &out) : operator->save(options, each, &out);
        if (returned < 0) return error_answer(returned);
        sb_end_row(&out);
    }
    wire_result *answer = sb_alloc(sizeof *answer);
    batch_to_wire(&out, &answer->of.batch);
    wire_result *error = error_answer(SB_OK);
    return error != NULL ? error : answer;
}

void *sb_aggregate_partial(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers, const uint32_t *groups,
                           size_t n_rows, uint32_t n_groups) {
    (void)n_nodes, (void)n_buffers, (void)n_rows;
    if (operator == NULL) return fail_answer(SB_FAILED, "no operator is open");
    sb_batch batch = batch_of_wire(&input, rows, nodes, buffers);
    uint8_t *folded = accumulators(n_groups);
    bool nulls = may_have_nulls(&operator->input, &batch);
    for (uint32_t row = 0; row < rows; row++) {
        const char *lacking = nulls ? null_in(&operator->input, (sb_row){&batch, row}) : NULL;
        if (lacking != NULL) return fail_answer(SB_FAILED, "row %u: " NULL_MESSAGE, row, lacking);
        int returned = operator->add(options, folded + (size_t)groups[row] * operator->size, (sb_row){&batch, row});
        if (returned < 0 || call_error != 0) return error_answer(returned);
    }
    return answer_of(folded, n_groups, false);
}

static int load_all(uint8_t *into, uint32_t rows, const void *nodes, const void *buffers) {
    sb_batch batch = batch_of_wire(&operator->partial, rows, nodes, buffers);
    for (uint32_t row = 0; row < rows; row++) {
        int returned = operator->load(options, into + (size_t)row * operator->size, (sb_row){&batch, row});
        if (returned < 0 || call_error != 0) return returned < 0 ? returned : call_error;
    }
    return SB_OK;
}

void *sb_aggregate_merge(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers, const uint32_t *groups,
                         size_t n_rows, uint32_t n_groups) {
    (void)n_nodes, (void)n_buffers, (void)n_rows;
    if (operator == NULL) return fail_answer(SB_FAILED, "no operator is open");
    size_t size = operator->size;
    uint8_t *parts = accumulators(rows), *folded = accumulators(n_groups);
    int returned = load_all(parts, rows, nodes, buffers);
    for (uint32_t row = 0; row < rows && returned >= 0 && call_error == 0; row++) {
        returned = operator->merge(options, folded + groups[row] * size, parts + row * size);
    }
    return returned < 0 || call_error != 0 ? error_answer(returned) : answer_of(folded, n_groups, false);
}

void *sb_aggregate_unmerge(uint32_t n_whole, const void *whole_nodes, size_t n_whole_nodes, const void *whole_buffers,
                           size_t n_whole_buffers, uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers,
                           const uint32_t *groups, size_t n_rows) {
    (void)n_whole_nodes, (void)n_whole_buffers, (void)n_nodes, (void)n_buffers, (void)n_rows;
    if (operator == NULL) return fail_answer(SB_FAILED, "no operator is open");
    if (operator->unmerge == NULL) return fail_answer(SB_FAILED, "\"%s\" can't take partials out", operator->name);
    size_t size = operator->size;
    uint8_t *whole = accumulators(n_whole), *parts = accumulators(rows);
    int returned = load_all(whole, n_whole, whole_nodes, whole_buffers);
    if (returned >= 0) returned = load_all(parts, rows, nodes, buffers);
    for (uint32_t row = 0; row < rows && returned >= 0 && call_error == 0; row++) {
        returned = operator->unmerge(options, whole + groups[row] * size, parts + row * size);
    }
    return returned < 0 || call_error != 0 ? error_answer(returned) : answer_of(whole, n_whole, false);
}

void *sb_aggregate_finish(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers) {
    (void)n_nodes, (void)n_buffers;
    if (operator == NULL) return fail_answer(SB_FAILED, "no operator is open");
    uint8_t *parts = accumulators(rows);
    int returned = load_all(parts, rows, nodes, buffers);
    return returned < 0 || call_error != 0 ? error_answer(returned) : answer_of(parts, rows, true);
}
