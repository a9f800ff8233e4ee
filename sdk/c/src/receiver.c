/* The interface `receiver`: sources of rows. */
#include "abi.h"

typedef struct wire_operator {
    wire_list name;
    wire_list doc;
    uint8_t replayable;
} wire_operator;

typedef struct wire_chunk_result {
    uint8_t is_error;
    wire_batch rows;
    wire_list position;
    uint8_t ended;
} wire_chunk_result;

#ifdef __wasm__
_Static_assert(sizeof(wire_operator) == 20 && sizeof(wire_chunk_result) == 36, "the layout of 32 bits");
#endif

/* The receiver that was started. */
static const sb_receiver *operator;
static void *self;

void *sb_receiver_describe(const sb_receiver *operators, uint32_t n) {
    wire_operator *described = sb_alloc(n * sizeof *described);
    for (uint32_t i = 0; i < n; i++) {
        described[i].name = list_of_string(operators[i].name);
        described[i].doc = list_of_string(operators[i].doc);
        described[i].replayable = operators[i].replayable;
    }
    wire_list *answer = sb_alloc(sizeof *answer);
    *answer = (wire_list){described, n};
    return answer;
}

static const sb_receiver *choose(const sb_receiver *operators, uint32_t n, sb_text name, sb_text config, const void **options) {
    const sb_receiver *chosen = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (is_named(operators[i].name, name)) chosen = &operators[i];
    }
    if (chosen == NULL) {
        sb_fail(SB_FAILED, "there is no receiver \"%.*s\"", (int)name.size, name.data);
        return NULL;
    }
    arena_reset(&of_open);
    *options = config_read(&chosen->config, config);
    return *options == NULL ? NULL : chosen;
}

void *sb_receiver_bind(const sb_receiver *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config) {
    const void *options;
    const sb_receiver *chosen = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, &options);
    if (chosen == NULL) return error_answer(SB_FAILED);
    wire_result *answer = sb_alloc(sizeof *answer);
    answer->of.list = schema_to_wire(chosen->output.fields, chosen->output.n_fields);
    return answer;
}

void *sb_receiver_start(const sb_receiver *operators, uint32_t n, const sb_context *context, const char *name, size_t n_name,
                        const char *config, size_t n_config, uint32_t has_position, const char *position, size_t n_position) {
    const void *options;
    operator = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, &options);
    if (operator == NULL) return error_answer(SB_FAILED);
    self = (void *)options;
    if (operator->start == NULL) return empty_answer();
    self = NULL;
    sb_text after = {position, n_position};
    wire_result *error = error_answer(operator->start(options, context, has_position ? &after : NULL, &self));
    return error != NULL ? error : empty_answer();
}

void *sb_receiver_receive(uint32_t max_rows, uint32_t max_time_ms) {
    if (operator == NULL) return fail_answer(SB_FAILED, "no receiver was started");
    sb_out out;
    out_begin(&out, operator->output.fields, operator->output.n_fields, max_rows < 1024 ? max_rows : 1024);
    sb_received received = {&out, max_rows, max_time_ms, {NULL, 0}, false};
    int returned = operator->receive(self, &received);
    wire_chunk_result *answer = sb_alloc(sizeof *answer);
    if (returned >= 0) batch_to_wire(&out, &answer->rows);
    wire_result *error = error_answer(returned);
    if (error != NULL) return error;
    answer->position = (wire_list){(void *)received.position.data, received.position.size};
    answer->ended = received.ended;
    return answer;
}

void *sb_receiver_ack(const char *position, size_t n_position) {
    if (operator == NULL) return fail_answer(SB_FAILED, "no receiver was started");
    if (operator->ack == NULL) return empty_answer();
    wire_result *error = error_answer(operator->ack(self, (sb_text){position, n_position}));
    return error != NULL ? error : empty_answer();
}

void sb_receiver_stop(void) {
    if (operator != NULL && operator->stop != NULL) operator->stop(self);
    operator = NULL;
    sb_end_call();
}
