/* The interface `sink`: outputs. */
#include "abi.h"

typedef struct wire_operator {
    wire_list name;
    wire_list doc;
    wire_schema_option input;
} wire_operator;

/* The sink that is open. */
static const sb_sink *operator;
static void *self;
static sb_schema input;

void *sb_sink_describe(const sb_sink *operators, uint32_t n) {
    wire_operator *described = sb_alloc(n * sizeof *described);
    for (uint32_t i = 0; i < n; i++) {
        described[i].name = list_of_string(operators[i].name);
        described[i].doc = list_of_string(operators[i].doc);
        described[i].input = asked_to_wire(&operators[i].input);
    }
    wire_list *answer = sb_alloc(sizeof *answer);
    *answer = (wire_list){described, n};
    return answer;
}

static const sb_sink *choose(const sb_sink *operators, uint32_t n, sb_text name, sb_text config, const void **options) {
    const sb_sink *chosen = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (is_named(operators[i].name, name)) chosen = &operators[i];
    }
    if (chosen == NULL) {
        sb_fail(SB_FAILED, "there is no sink \"%.*s\"", (int)name.size, name.data);
        return NULL;
    }
    arena_reset(&of_open);
    *options = config_read(&chosen->config, config);
    return *options == NULL ? NULL : chosen;
}

void *sb_sink_bind(const sb_sink *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                   const void *fields, size_t n_fields) {
    const void *options;
    const sb_sink *chosen = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, &options);
    if (chosen == NULL) return error_answer(SB_FAILED);
    input = schema_of_wire(&of_open, fields, n_fields);
    uint32_t *all = sb_alloc((input.n_fields + 1) * sizeof *all);
    for (uint32_t i = 0; i < input.n_fields; i++)
        all[i] = i;
    sb_binding binding = {all, input.n_fields, NULL, 0};
    wire_result *error = error_answer(chosen->bind == NULL ? SB_OK : chosen->bind(options, &input, &binding));
    if (error != NULL) return error;
    wire_result *answer = sb_alloc(sizeof *answer);
    answer->of.list = (wire_list){(void *)binding.columns, binding.n_columns};
    return answer;
}

void *sb_sink_open(const sb_sink *operators, uint32_t n, const sb_context *context, const char *name, size_t n_name, const char *config,
                   size_t n_config, const void *fields, size_t n_fields) {
    const void *options;
    operator = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, &options);
    if (operator == NULL) return error_answer(SB_FAILED);
    input = schema_of_wire(&of_open, fields, n_fields);
    self = (void *)options;
    if (operator->open == NULL) return empty_answer();
    self = NULL;
    wire_result *error = error_answer(operator->open(options, context, &self));
    return error != NULL ? error : empty_answer();
}

void *sb_sink_write(uint32_t rows, const void *nodes, size_t n_nodes, const void *buffers, size_t n_buffers) {
    (void)n_nodes, (void)n_buffers;
    if (operator == NULL) return fail_answer(SB_FAILED, "no sink is open");
    sb_batch batch = batch_of_wire(&input, rows, nodes, buffers);
    bool nulls = may_have_nulls(&operator->input, &batch);
    for (uint32_t row = 0; nulls && row < rows; row++) {
        const char *lacking = null_in(&operator->input, (sb_row){&batch, row});
        if (lacking != NULL) return fail_answer(SB_FAILED, "row %u: " NULL_MESSAGE, row, lacking);
    }
    wire_result *error = error_answer(operator->write(self, &batch));
    return error != NULL ? error : empty_answer();
}

void *sb_sink_prepare(void) {
    if (operator == NULL) return fail_answer(SB_FAILED, "no sink is open");
    sb_text committable = {NULL, 0};
    wire_result *error = error_answer(operator->prepare(self, &committable));
    if (error != NULL) return error;
    wire_result *answer = sb_alloc(sizeof *answer);
    answer->of.list = (wire_list){(void *)committable.data, committable.size};
    return answer;
}

void *sb_sink_commit(const sb_sink *operators, uint32_t n, bool aborts, const sb_target *target, const char *name, size_t n_name,
                     const char *config, size_t n_config, const void *committables, size_t n_committables) {
    const void *options;
    const sb_sink *chosen = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, &options);
    if (chosen == NULL) return error_answer(SB_FAILED);
    /* A text and a list of bytes are the same two words. */
    sb_texts all = {committables, (uint32_t)n_committables};
    int (*function)(const void *, const sb_target *, sb_texts) = aborts ? chosen->abort : chosen->commit;
    wire_result *error = error_answer(function == NULL ? SB_OK : function(options, target, all));
    return error != NULL ? error : empty_answer();
}
