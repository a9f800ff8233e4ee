/* The interface `state`: operators over keyed state. */
#include "abi.h"

typedef struct wire_operator {
    wire_list name;
    uint8_t kind;
    wire_list doc;
    wire_schema_option keys;
    wire_schema_option input;
} wire_operator;

typedef struct wire_binding_result {
    uint8_t is_error;
    /* 64-bit members are aligned to 8 bytes, and what stands in place of them too. */
    _Alignas(8) union {
        wire_error error;
        struct {
            wire_list columns;
            wire_list state;
            uint32_t state_version;
            wire_list output;
            struct {
                uint8_t some;
                _Alignas(8) uint64_t ms;
            } timeout;
        } binding;
    } of;
} wire_binding_result;

typedef struct wire_work {
    wire_batch keys;
    wire_batch values;
    wire_list value_ends;
    wire_batch old;
    wire_list old_keys;
    wire_list timed_out;
} wire_work;

typedef struct wire_outcome_result {
    uint8_t is_error;
    wire_batch state;
    wire_list state_keys;
    wire_list removed;
    wire_batch emitted;
} wire_outcome_result;

#ifdef __wasm__
_Static_assert(sizeof(wire_operator) == 44 && sizeof(wire_binding_result) == 56 && sizeof(wire_work) == 84 &&
                   sizeof(wire_outcome_result) == 60,
               "the layout of 32 bits");
#endif

/* The operator that is open. */
static const sb_state *operator;
static const void *options;
static sb_schema keys, input, output;

void *sb_state_describe(const sb_state *operators, uint32_t n) {
    wire_operator *described = sb_alloc(n * sizeof *described);
    for (uint32_t i = 0; i < n; i++) {
        described[i].name = list_of_string(operators[i].name);
        described[i].kind = (uint8_t)operators[i].kind;
        described[i].doc = list_of_string(operators[i].doc);
        described[i].keys = asked_to_wire(&operators[i].keys);
        described[i].input = asked_to_wire(&operators[i].input);
    }
    wire_list *answer = sb_alloc(sizeof *answer);
    *answer = (wire_list){described, n};
    return answer;
}

static const sb_state *choose(const sb_state *operators, uint32_t n, sb_text name, sb_text config, const wire_field *key_fields,
                              size_t n_key_fields, const wire_field *fields, size_t n_fields, sb_binding *binding) {
    const sb_state *chosen = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (is_named(operators[i].name, name)) chosen = &operators[i];
    }
    if (chosen == NULL) {
        sb_fail(SB_FAILED, "there is no stateful operator \"%.*s\"", (int)name.size, name.data);
        return NULL;
    }
    arena_reset(&of_open);
    options = config_read(&chosen->config, config);
    if (options == NULL) return NULL;
    keys = schema_of_wire(&of_open, key_fields, n_key_fields);
    input = schema_of_wire(&of_open, fields, n_fields);
    uint32_t *all = sb_alloc((input.n_fields + 1) * sizeof *all);
    for (uint32_t i = 0; i < input.n_fields; i++)
        all[i] = i;
    *binding = (sb_binding){all, input.n_fields, chosen->output.fields, chosen->output.n_fields};
    if (chosen->bind != NULL) {
        int returned = chosen->bind(options, &keys, &input, binding);
        if (returned < 0) sb_fail((sb_error)returned, "it can't be bound");
        if (call_error != 0) return NULL;
    }
    const wire_list made = schema_to_wire(binding->output, binding->n_output);
    output = schema_of_wire(&of_open, made.data, made.n);
    return chosen;
}

void *sb_state_bind(const sb_state *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                    const void *key_fields, size_t n_keys, const void *fields, size_t n_fields) {
    sb_binding binding;
    wire_binding_result *answer = sb_alloc(sizeof *answer);
    const sb_state *chosen =
        choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, key_fields, n_keys, fields, n_fields, &binding);
    if (chosen == NULL) {
        answer->is_error = 1;
        answer->of.error = error_answer(SB_FAILED)->of.error;
        return answer;
    }
    answer->of.binding.columns = (wire_list){(void *)binding.columns, binding.n_columns};
    answer->of.binding.state = schema_to_wire(chosen->state.fields, chosen->state.n_fields);
    answer->of.binding.state_version = chosen->state_version;
    answer->of.binding.output = schema_to_wire(output.fields, output.n_fields);
    answer->of.binding.timeout.some = chosen->timeout_ms > 0;
    answer->of.binding.timeout.ms = chosen->timeout_ms;
    return answer;
}

void *sb_state_open(const sb_state *operators, uint32_t n, const char *name, size_t n_name, const char *config, size_t n_config,
                    const void *key_fields, size_t n_keys, const void *fields, size_t n_fields) {
    sb_binding binding;
    operator = choose(operators, n, (sb_text){name, n_name}, (sb_text){config, n_config}, key_fields, n_keys, fields, n_fields, &binding);
    return operator == NULL ? error_answer(SB_FAILED) : empty_answer();
}

static sb_batch batch_of(const sb_schema *schema, const wire_batch *wire) {
    return batch_of_wire(schema, wire->rows, wire->nodes.data, wire->buffers.data);
}

void *sb_state_update(const void *given) {
    if (operator == NULL) return fail_answer(SB_FAILED, "no operator is open");
    const wire_work *work = given;
    uint32_t n_keys = work->keys.rows;
    sb_batch key_rows = batch_of(&keys, &work->keys), values = batch_of(&input, &work->values);
    sb_batch old = batch_of(&operator->state, &work->old);
    const uint32_t *value_ends = work->value_ends.data, *old_keys = work->old_keys.data, *timed_out = work->timed_out.data;
    uint32_t *state_keys = sb_alloc((n_keys + 1) * sizeof *state_keys), *removed = sb_alloc((n_keys + 1) * sizeof *removed);
    uint32_t n_state_keys = 0, n_removed = 0, n_old = 0, n_timed_out = 0, first_value = 0;
    sb_out state, emitted;
    out_begin(&state, operator->state.fields, operator->state.n_fields, n_keys);
    out_begin(&emitted, output.fields, output.n_fields, n_keys);
    bool nulls = may_have_nulls(&operator->input, &values), key_nulls = may_have_nulls(&operator->keys, &key_rows);
    for (uint32_t i = 0; nulls && i < values.rows; i++) {
        const char *lacking = null_in(&operator->input, (sb_row){&values, i});
        if (lacking != NULL) return fail_answer(SB_FAILED, "value %u: " NULL_MESSAGE, i, lacking);
    }
    for (uint32_t i = 0; i < n_keys; i++) {
        const char *lacking = key_nulls ? null_in(&operator->keys, (sb_row){&key_rows, i}) : NULL;
        if (lacking != NULL) return fail_answer(SB_FAILED, "key %u: " NULL_MESSAGE, i, lacking);
        sb_key key = {
            .key = {&key_rows, i},
            .values = &values,
            .first_value = first_value,
            .end_value = value_ends[i],
            .has_state = n_old < work->old_keys.n && old_keys[n_old] == i,
            .state = {&old, n_old},
            .timed_out = n_timed_out < work->timed_out.n && timed_out[n_timed_out] == i,
            .new_state = &state,
            .emitted = &emitted,
        };
        first_value = value_ends[i];
        n_old += key.has_state;
        n_timed_out += key.timed_out;
        uint32_t states = state.rows;
        int returned = operator->update(options, &key);
        if (returned >= 0 && anything_put(&state)) returned = sb_fail(SB_FAILED, "new state was put, and not ended by sb_end_row");
        if (returned >= 0 && anything_put(&emitted)) returned = sb_fail(SB_FAILED, "what was put to be emitted wasn't ended by sb_end_row");
        if (returned >= 0 && state.rows > states + 1)
            returned = sb_fail(SB_FAILED, "a key has one row of state, and got %u", state.rows - states);
        if (returned >= 0 && key.timed_out && state.rows > states)
            returned = sb_fail(SB_FAILED, "a key that has timed out can't get new state");
        if (returned >= 0 && key.remove && state.rows > states) returned = sb_fail(SB_FAILED, "a key's state is both put and removed");
        if (returned < 0 || call_error != 0) return error_answer(returned);
        if (state.rows > states) state_keys[n_state_keys++] = i;
        if (key.remove && !key.timed_out) removed[n_removed++] = i;
    }
    wire_outcome_result *answer = sb_alloc(sizeof *answer);
    batch_to_wire(&state, &answer->state);
    answer->state_keys = (wire_list){state_keys, n_state_keys};
    answer->removed = (wire_list){removed, n_removed};
    batch_to_wire(&emitted, &answer->emitted);
    wire_result *error = error_answer(SB_OK);
    return error != NULL ? (void *)error : answer;
}

void *sb_state_migrate(uint32_t version, const void *fields, size_t n_fields, uint32_t rows, const void *nodes, size_t n_nodes,
                       const void *buffers, size_t n_buffers) {
    (void)n_nodes, (void)n_buffers;
    if (operator == NULL) return fail_answer(SB_FAILED, "no operator is open");
    if (operator->migrate == NULL) return fail_answer(SB_FAILED, "\"%s\" knows no state of version %u", operator->name, version);
    sb_schema schema = schema_of_wire(&of_call, fields, n_fields);
    sb_batch old = batch_of_wire(&schema, rows, nodes, buffers);
    sb_out out;
    out_begin(&out, operator->state.fields, operator->state.n_fields, rows);
    for (uint32_t row = 0; row < rows; row++) {
        int returned = operator->migrate(options, version, (sb_row){&old, row}, &out);
        if (returned < 0 || call_error != 0) return error_answer(returned);
        sb_end_row(&out);
    }
    wire_result *answer = sb_alloc(sizeof *answer);
    batch_to_wire(&out, &answer->of.batch);
    wire_result *error = error_answer(SB_OK);
    return error != NULL ? error : answer;
}
