/* What the tests of sluicebox.hpp share: rows as the host hands them over, and answers as it reads them. */
#ifndef SLUICEBOX_TESTS_HPP
#define SLUICEBOX_TESTS_HPP

#include <cmath>
#include <cstdint>
#include <limits>
#include <sluicebox.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "../host.h"

namespace tests {

constexpr std::int64_t LOWEST = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t HIGHEST = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t HIGHEST_UNSIGNED = std::numeric_limits<std::uint64_t>::max();
/* A character of four bytes. */
constexpr std::string_view FACE = "\xf0\x9f\x98\x80";

constexpr sb_field or_null(sb_field field) { return field.nullable = true, field; }

/* Rows as the host hands them over: `fill` puts and ends them. */
template <class F> wire_batch given(const sb_schema &schema, F fill) {
    sb_out *to = static_cast<sb_out *>(sb_alloc(sizeof(sb_out)));
    out_begin(to, schema.fields, schema.n_fields, 0);
    fill(sluicebox::out(to));
    wire_batch rows{};
    batch_to_wire(to, &rows);
    CHECK(call_error == 0);
    return rows;
}

/* Rows of one column of numbers. */
inline wire_batch numbers(const sb_schema &schema, const std::vector<std::int64_t> &all) {
    return given(schema, [&](sluicebox::out to) {
        for (std::int64_t each : all) {
            to.put(0, each);
            to.end_row();
        }
    });
}

/* Rows that were answered. */
inline sluicebox::batch read(const sb_schema &schema, const wire_batch &rows) {
    return batch_of_wire(&schema, rows.rows, static_cast<const wire_node *>(rows.nodes.data),
                         static_cast<const wire_list *>(rows.buffers.data));
}

inline std::string_view bytes(const wire_list &list) { return {static_cast<const char *>(list.data), list.n}; }

inline std::vector<std::uint32_t> places(const wire_list &list) {
    const std::uint32_t *first = static_cast<const std::uint32_t *>(list.data);
    return {first, first + list.n};
}

inline bool is_well(const void *answer) { return !static_cast<const wire_result *>(answer)->is_error; }

void test_columns();
void test_configurations();
void test_transforms();
void test_aggregates();
void test_states();
void test_receivers();
void test_sinks();

} // namespace tests

#endif
