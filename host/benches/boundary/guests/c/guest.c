// The C guest of the boundary benchmark: three workloads on every shape of a batch. What comes in belongs to the callee, so an echo
// hands the very lists back.
#include "everything.h"
#include <stdlib.h>
#include <string.h>

typedef exports_sluicebox_bench_boundary_calls_batch_t batch_t;
typedef exports_sluicebox_bench_boundary_calls_body_t body_t;
typedef exports_sluicebox_bench_boundary_calls_table_t table_t;
typedef exports_sluicebox_bench_boundary_calls_list_line_t lines_t;
typedef exports_sluicebox_bench_boundary_calls_list_number_t numbers_t;
typedef sluicebox_bench_boundary_shapes_node_t node_t;
typedef sluicebox_bench_boundary_shapes_column_t column_t;
typedef everything_list_u8_t bytes_t;

#define CALLS(name) exports_sluicebox_bench_boundary_calls_##name

static void *allocate(size_t size) {
  void *at = malloc(size ? size : 1);
  if (!at) abort();
  return at;
}

// --- words -----------------------------------------------------------------------------------------------------------------------------

typedef struct {
  uint32_t rows;
  uint32_t *offsets;
  bytes_t bytes;
} words_t;

static words_t split_rows(const uint32_t *offsets, size_t n_rows, bytes_t data) {
  size_t room = data.len / 4 + 2;
  words_t words = {0, allocate(room * 4), {allocate(data.len), 0}};
  words.offsets[0] = 0;
  for (size_t row = 0; row < n_rows; row++) {
    const uint8_t *at = data.ptr + offsets[row], *end = data.ptr + offsets[row + 1];
    for (;;) {
      const uint8_t *begin = at;
      while (at < end && *at != ' ') at++;
      memcpy(words.bytes.ptr + words.bytes.len, begin, at - begin);
      words.bytes.len += at - begin;
      if (words.rows + 2 > room) {
        words.offsets = realloc(words.offsets, (room *= 2) * 4);
        if (!words.offsets) abort();
      }
      words.offsets[++words.rows] = words.bytes.len;
      if (at == end) break;
      at++;
    }
  }
  return words;
}

static void nodes_of(sluicebox_bench_boundary_shapes_list_node_t *nodes, uint32_t rows) {
  nodes->ptr = allocate(sizeof(node_t));
  nodes->len = 1;
  nodes->ptr[0] = (node_t){rows, 0};
}

static void words_to_batch(words_t words, batch_t *out) {
  out->rows = words.rows;
  nodes_of(&out->nodes, words.rows);
  out->buffers.ptr = allocate(3 * sizeof(bytes_t));
  out->buffers.len = 3;
  out->buffers.ptr[0] = (bytes_t){NULL, 0};
  out->buffers.ptr[1] = (bytes_t){(uint8_t *)words.offsets, (words.rows + 1) * 4};
  out->buffers.ptr[2] = words.bytes;
}

static words_t split_batch(batch_t *input) {
  bytes_t *buffers = input->buffers.ptr;
  return split_rows((const uint32_t *)buffers[1].ptr, buffers[1].len / 4 - 1, buffers[2]);
}

static bytes_t part(body_t *body, size_t index) {
  everything_tuple2_u32_u32_t range = body->ranges.ptr[index];
  return (bytes_t){body->bytes.ptr + range.f0, range.f1 - range.f0};
}

// --- calls -----------------------------------------------------------------------------------------------------------------------------

void CALLS(nothing)(void) {}

uint32_t CALLS(take)(batch_t *input) {
  uint32_t rows = input->rows;
  CALLS(batch_free)(input);
  return rows;
}

uint32_t CALLS(take_body)(body_t *input) {
  uint32_t rows = input->rows;
  CALLS(body_free)(input);
  return rows;
}

uint32_t CALLS(take_table)(table_t *input) {
  uint32_t rows = input->rows;
  CALLS(table_free)(input);
  return rows;
}

void CALLS(echo)(batch_t *input, batch_t *ret) { *ret = *input; }
void CALLS(echo_body)(body_t *input, body_t *ret) { *ret = *input; }
void CALLS(echo_table)(table_t *input, table_t *ret) { *ret = *input; }
void CALLS(echo_strings)(everything_list_string_t *input, everything_list_string_t *ret) { *ret = *input; }
void CALLS(echo_lines)(lines_t *input, lines_t *ret) { *ret = *input; }
void CALLS(echo_numbers)(numbers_t *input, numbers_t *ret) { *ret = *input; }

void CALLS(echo_emit)(batch_t *input) {
  sluicebox_bench_boundary_outlet_emit(input);
  CALLS(batch_free)(input);
}

void CALLS(echo_emit_body)(body_t *input) {
  sluicebox_bench_boundary_outlet_emit_body(input);
  CALLS(body_free)(input);
}

void CALLS(split)(batch_t *input, batch_t *ret) {
  words_to_batch(split_batch(input), ret);
  CALLS(batch_free)(input);
}

void CALLS(split_body)(body_t *input, body_t *ret) {
  bytes_t offsets = part(input, 1);
  words_t words = split_rows((const uint32_t *)offsets.ptr, offsets.len / 4 - 1, part(input, 2));
  CALLS(body_free)(input);
  uint32_t middle = (words.rows + 1) * 4, end = middle + words.bytes.len;
  ret->rows = words.rows;
  nodes_of(&ret->nodes, words.rows);
  ret->ranges.ptr = allocate(3 * sizeof(everything_tuple2_u32_u32_t));
  ret->ranges.len = 3;
  ret->ranges.ptr[0] = (everything_tuple2_u32_u32_t){0, 0};
  ret->ranges.ptr[1] = (everything_tuple2_u32_u32_t){0, middle};
  ret->ranges.ptr[2] = (everything_tuple2_u32_u32_t){middle, end};
  ret->bytes = (bytes_t){allocate(end), end};
  memcpy(ret->bytes.ptr, words.offsets, middle);
  memcpy(ret->bytes.ptr + middle, words.bytes.ptr, words.bytes.len);
  free(words.offsets);
  free(words.bytes.ptr);
}

void CALLS(split_table)(table_t *input, table_t *ret) {
  sluicebox_bench_boundary_shapes_text_t *text = &input->columns.ptr[0].val.utf8;
  words_t words = split_rows(text->offsets.ptr, text->offsets.len - 1, text->bytes);
  CALLS(table_free)(input);
  ret->rows = words.rows;
  ret->columns.ptr = allocate(sizeof(column_t));
  ret->columns.len = 1;
  column_t *column = ret->columns.ptr;
  column->tag = SLUICEBOX_BENCH_BOUNDARY_SHAPES_COLUMN_UTF8;
  column->val.utf8.validity.is_some = false;
  column->val.utf8.offsets.ptr = words.offsets;
  column->val.utf8.offsets.len = words.rows + 1;
  column->val.utf8.bytes = words.bytes;
}

// A list of strings and a list of records with one string look alike in memory.
static void split_list(everything_string_t *lines, size_t n_lines, everything_string_t **out, size_t *n_out) {
  size_t room = 16 * (n_lines + 1);
  everything_string_t *words = allocate(room * sizeof *words);
  size_t n = 0;
  for (size_t line = 0; line < n_lines; line++) {
    const uint8_t *at = lines[line].ptr, *end = at + lines[line].len;
    for (;;) {
      const uint8_t *begin = at;
      while (at < end && *at != ' ') at++;
      if (n == room) {
        words = realloc(words, (room *= 2) * sizeof *words);
        if (!words) abort();
      }
      size_t len = at - begin;
      words[n] = (everything_string_t){allocate(len), len};
      memcpy(words[n++].ptr, begin, len);
      if (at == end) break;
      at++;
    }
  }
  *out = words;
  *n_out = n;
}

void CALLS(split_strings)(everything_list_string_t *input, everything_list_string_t *ret) {
  split_list(input->ptr, input->len, &ret->ptr, &ret->len);
  everything_list_string_free(input);
}

void CALLS(split_lines)(lines_t *input, lines_t *ret) {
  everything_string_t *words;
  split_list((everything_string_t *)input->ptr, input->len, &words, &ret->len);
  ret->ptr = (exports_sluicebox_bench_boundary_calls_line_t *)words;
  CALLS(list_line_free)(input);
}

void CALLS(split_emit)(batch_t *input) {
  batch_t out;
  words_to_batch(split_batch(input), &out);
  sluicebox_bench_boundary_outlet_emit(&out);
  CALLS(batch_free)(&out);
  CALLS(batch_free)(input);
}

static int64_t sum_values(const int64_t *values, size_t n) {
  int64_t sum = 0;
  for (size_t i = 0; i < n; i++) sum += values[i];
  return sum;
}

int64_t CALLS(sum)(batch_t *input) {
  bytes_t values = input->buffers.ptr[1];
  int64_t sum = sum_values((const int64_t *)values.ptr, values.len / 8);
  CALLS(batch_free)(input);
  return sum;
}

int64_t CALLS(sum_body)(body_t *input) {
  bytes_t values = part(input, 1);
  int64_t sum = sum_values((const int64_t *)values.ptr, values.len / 8);
  CALLS(body_free)(input);
  return sum;
}

int64_t CALLS(sum_table)(table_t *input) {
  everything_list_s64_t values = input->columns.ptr[0].val.int64.values;
  int64_t sum = sum_values(values.ptr, values.len);
  CALLS(table_free)(input);
  return sum;
}

int64_t CALLS(sum_numbers)(numbers_t *input) {
  int64_t sum = 0;
  for (size_t i = 0; i < input->len; i++) sum += input->ptr[i].value;
  CALLS(list_number_free)(input);
  return sum;
}

// --- an operator, as plain functions and as a resource ---------------------------------------------------------------------------------

static bool is_open;
static uint32_t n_calls;

bool exports_sluicebox_bench_boundary_session_open(everything_string_t *operator_, everything_string_t *config, everything_string_t *err) {
  bool named = operator_->len > 0;
  everything_string_free(operator_);
  everything_string_free(config);
  if (!named) {
    everything_string_dup(err, "no operator named");
    return false;
  }
  is_open = true;
  n_calls = 0;
  return true;
}

bool exports_sluicebox_bench_boundary_session_process(batch_t *input, batch_t *ret, everything_string_t *err) {
  if (!is_open) {
    CALLS(batch_free)(input);
    everything_string_dup(err, "process before open");
    return false;
  }
  n_calls++;
  *ret = *input;
  return true;
}

bool exports_sluicebox_bench_boundary_session_finish(exports_sluicebox_bench_boundary_session_option_batch_t *ret, everything_string_t *err) {
  (void)err;
  is_open = false;
  ret->is_some = false;
  return true;
}

struct exports_sluicebox_bench_boundary_sessions_operator_t {
  uint32_t n_calls;
};

typedef exports_sluicebox_bench_boundary_sessions_operator_t operator_t;

exports_sluicebox_bench_boundary_sessions_own_operator_t
exports_sluicebox_bench_boundary_sessions_constructor_operator(everything_string_t *operator_, everything_string_t *config) {
  everything_string_free(operator_);
  everything_string_free(config);
  operator_t *made = allocate(sizeof *made);
  made->n_calls = 0;
  return exports_sluicebox_bench_boundary_sessions_operator_new(made);
}

bool exports_sluicebox_bench_boundary_sessions_method_operator_process(operator_t *self, batch_t *input, batch_t *ret, everything_string_t *err) {
  (void)err;
  self->n_calls++;
  *ret = *input;
  return true;
}

bool exports_sluicebox_bench_boundary_sessions_method_operator_finish(operator_t *self, exports_sluicebox_bench_boundary_sessions_option_batch_t *ret,
                                                                      everything_string_t *err) {
  (void)self;
  (void)err;
  ret->is_some = false;
  return true;
}

void exports_sluicebox_bench_boundary_sessions_operator_destructor(operator_t *self) { free(self); }
