/* Aggregates of classes. */
#include "tests.hpp"

namespace {

using namespace tests;
using sluicebox::batch;
using sluicebox::out;
using sluicebox::row;

constexpr sb_field a_number[] = {sluicebox::field("", SB_INT64)};
constexpr sb_field number[] = {sluicebox::nullable("n", SB_INT64)};
constexpr sb_field kept[] = {sluicebox::field("sum", SB_INT64), sluicebox::field("rows", SB_UINT64),
                             sluicebox::nullable("lowest", SB_INT64)};
constexpr sb_field result[] = {sluicebox::field("sum", SB_INT64), sluicebox::field("mean", SB_FLOAT64),
                               sluicebox::nullable("lowest", SB_INT64)};
constexpr sb_schema number_column = sluicebox::columns(number);

struct settings {
    std::int64_t most = HIGHEST;
};

constexpr sb_option keys[] = {SLUICEBOX_OPTION(settings, most)};

/* Sums that wrap. What is added and merged looks at the options, and what is saved and loaded doesn't. */
struct sum {
    using options = settings;
    static constexpr auto name = "sum";
    static constexpr auto doc = "Sums.";
    static constexpr sb_schema input = sluicebox::columns(a_number);
    static constexpr sb_schema partial = sluicebox::columns(kept);
    static constexpr std::uint32_t version = 3;
    static constexpr sb_schema output = sluicebox::columns(result);
    static constexpr sb_config config = sluicebox::config<settings>(keys);

    std::uint64_t total;
    std::uint64_t rows;
    std::int64_t lowest;

    int add(const settings &settings, row in) {
        if (in.i64(0) > settings.most) return sluicebox::fail(SB_INVALID_INPUT, "100%d is above " + std::to_string(settings.most));
        total += in.u64(0);
        lowest = rows == 0 || in.i64(0) < lowest ? in.i64(0) : lowest;
        rows++;
        return SB_OK;
    }

    int merge(const sum &part) {
        if (part.rows > 0) lowest = rows == 0 || part.lowest < lowest ? part.lowest : lowest;
        total += part.total;
        rows += part.rows;
        return SB_OK;
    }

    int unmerge(const settings &settings, const sum &part) {
        if (settings.most == 0) return sluicebox::fail(SB_FAILED, "nothing goes");
        total -= part.total;
        rows -= part.rows;
        return SB_OK;
    }

    int save(out &to) const {
        to.put(0, static_cast<std::int64_t>(total));
        to.put(1, rows);
        if (rows > 0) to.put(2, lowest);
        return SB_OK;
    }

    int load(row in) {
        if (in.u64(1) == HIGHEST_UNSIGNED) return sluicebox::fail(SB_FAILED, "no sum has so many rows");
        total = in.u64(0);
        rows = in.u64(1);
        lowest = in.is_null(2) ? 0 : in.i64(2);
        return SB_OK;
    }

    int finish(out &to) const {
        to.put(0, static_cast<std::int64_t>(total));
        to.put(1, static_cast<double>(static_cast<std::int64_t>(total)) / static_cast<double>(rows));
        if (rows > 0) to.put(2, lowest);
        return SB_OK;
    }
};

/* One without options, that can't take out again, and whose rows aren't whole where there are none. */
struct longest {
    static constexpr auto name = "longest";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_number);
    static constexpr sb_schema partial = sluicebox::columns(a_number);
    static constexpr std::uint32_t version = 1;
    static constexpr sb_schema output = sluicebox::columns(a_number);

    std::int64_t n;

    int add(row in) { return n = in.i64(0) > n ? in.i64(0) : n, SB_OK; }
    int merge(const longest &part) { return n = part.n > n ? part.n : n, SB_OK; }
    int save(out &to) const { return to.put(0, n), SB_OK; }
    int load(row in) { return n = in.i64(0), SB_OK; }
    int finish(out &to) const {
        if (n > 0) to.put(0, n);
        return SB_OK;
    }
};

} // namespace

SLUICEBOX_AGGREGATES(sluicebox::aggregate<sum>(), sluicebox::aggregate<longest>())

namespace {

struct binding_result {
    std::uint8_t is_error;
    wire_list columns;
    wire_list partial;
    std::uint32_t partial_version;
    wire_list output;
};

struct described {
    wire_list name;
    wire_list doc;
    wire_schema_option input;
    std::uint8_t invertible;
};

void *bind(std::string_view name) {
    wire_list fields = schema_to_wire(number, 1);
    return sb_export_aggregate_bind(name.data(), name.size(), "{}", 2, fields.data, fields.n);
}

void *open(std::string_view name, std::string_view config = "{}") {
    sb_end_call();
    wire_list fields = schema_to_wire(number, 1);
    return sb_export_aggregate_open("j", 1, "s", 1, 0, 0, 1, 0, name.data(), name.size(), config.data(), config.size(), fields.data,
                                    fields.n);
}

wire_result *partial(const wire_batch &rows, const std::vector<std::uint32_t> &groups, std::uint32_t n_groups) {
    return static_cast<wire_result *>(sb_export_aggregate_partial(rows.rows, rows.nodes.data, rows.nodes.n, rows.buffers.data,
                                                                  rows.buffers.n, groups.data(), groups.size(), n_groups));
}

wire_result *merge(const wire_batch &rows, const std::vector<std::uint32_t> &groups, std::uint32_t n_groups) {
    return static_cast<wire_result *>(sb_export_aggregate_merge(rows.rows, rows.nodes.data, rows.nodes.n, rows.buffers.data, rows.buffers.n,
                                                                groups.data(), groups.size(), n_groups));
}

wire_result *unmerge(const wire_batch &whole, const wire_batch &rows, const std::vector<std::uint32_t> &groups) {
    return static_cast<wire_result *>(sb_export_aggregate_unmerge(whole.rows, whole.nodes.data, whole.nodes.n, whole.buffers.data,
                                                                  whole.buffers.n, rows.rows, rows.nodes.data, rows.nodes.n,
                                                                  rows.buffers.data, rows.buffers.n, groups.data(), groups.size()));
}

wire_result *finish(const wire_batch &rows) {
    return static_cast<wire_result *>(
        sb_export_aggregate_finish(rows.rows, rows.nodes.data, rows.nodes.n, rows.buffers.data, rows.buffers.n));
}

/* Partials of `sum`, as the host keeps them. */
struct part {
    std::int64_t sum;
    std::uint64_t rows;
    std::optional<std::int64_t> lowest;
    bool operator==(const part &) const = default;
};

std::vector<part> parts(const wire_result *answer) {
    CHECK(!answer->is_error);
    std::vector<part> all;
    batch rows = read(sum::partial, answer->of.batch);
    for (row each : rows.rows()) {
        all.push_back({each.i64(0), each.u64(1), {}});
        if (!each.is_null(2)) all.back().lowest = each.i64(2);
    }
    return all;
}

wire_batch parts(const std::vector<part> &all) {
    return given(sum::partial, [&](out to) {
        for (const part &each : all) {
            to.put(0, each.sum);
            to.put(1, each.rows);
            if (each.lowest) to.put(2, *each.lowest);
            to.end_row();
        }
    });
}

void test_description() {
    const wire_list &all = *static_cast<const wire_list *>(sb_export_aggregate_describe());
    const described *each = static_cast<const described *>(all.data);
    CHECK(all.n == 2 && bytes(each[0].name) == "sum" && bytes(each[0].doc) == "Sums." && each[0].invertible && !each[1].invertible);
    const binding_result &bound = *static_cast<const binding_result *>(bind("sum"));
    CHECK(!bound.is_error && bound.partial_version == 3 && bound.partial.n == 3 && bound.output.n == 3);
    CHECK((places(bound.columns) == std::vector<std::uint32_t>{0}));
    sb_end_call();
    CHECK(is_error(bind("sums"), 2, "there is no aggregate \"sums\""));
    CHECK(is_error(open("sum", R"({"most": 1.5})"), 0, "most is not an integer"));
    CHECK(is_error(open("longest", R"({"most": 1})"), 0, "unknown key \"most\"; there is no keys"));
    sb_end_call();
}

void test_folding() {
    CHECK(is_well(open("sum")));
    /* The group in the middle has no rows. */
    CHECK((parts(partial(numbers(number_column, {LOWEST, 5, HIGHEST, 7}), {0, 2, 0, 2}, 3)) ==
           std::vector<part>{{-1, 2, LOWEST}, {0, 0, {}}, {12, 2, 5}}));
    CHECK((parts(partial(numbers(number_column, {}), {}, 0)).empty()));
    CHECK((parts(merge(parts({{1, 1, 1}, {2, 1, 2}, {0, 0, {}}}), {1, 1, 0}, 2)) == std::vector<part>{{0, 0, {}}, {3, 2, 1}}));
    CHECK((parts(unmerge(parts({{3, 2, 1}, {9, 1, 9}}), parts({{1, 1, 1}}), {0})) == std::vector<part>{{2, 1, 1}, {9, 1, 9}}));
    wire_result *answer = finish(parts({{LOWEST, 1, LOWEST}, {0, 0, {}}}));
    CHECK(!answer->is_error);
    batch rows = read(sum::output, answer->of.batch);
    CHECK(rows[0].i64(0) == LOWEST && rows[1].f64(0) == -0x1p63 && rows[2].i64(0) == LOWEST);
    CHECK(rows[0].i64(1) == 0 && std::isnan(rows[1].f64(1)) && rows[2].is_null(1));
    sb_end_call();
}

void test_errors() {
    CHECK(is_well(open("sum", R"({"most": 0})")));
    CHECK(is_error(partial(numbers(number_column, {0, 1}), {0, 0}, 1), 1, "100%d is above 0"));
    sb_end_call();
    CHECK(is_error(unmerge(parts({{1, 1, 1}}), parts({{1, 1, 1}}), {0}), 2, "nothing goes"));
    sb_end_call();
    CHECK(is_error(merge(parts({{1, HIGHEST_UNSIGNED, 1}}), {0}, 1), 2, "no sum has so many rows"));
    sb_end_call();
    CHECK(is_error(finish(parts({{1, HIGHEST_UNSIGNED, 1}})), 2, "no sum has so many rows"));
    sb_end_call();
    wire_batch nulls = given(number_column, [](out to) { to.end_row(); });
    CHECK(is_error(partial(nulls, {0}, 1), 2, "row 0: column \"n\" is null, and the operator takes no null there"));
    CHECK(is_well(open("longest")));
    CHECK(is_error(finish(numbers(longest::partial, {3, 0})), 2, "has no value in a row, and isn't nullable"));
    sb_end_call();
    wire_batch row = numbers(longest::partial, {3});
    CHECK(is_error(unmerge(row, row, {0}), 2, "\"longest\" can't take partials out"));
    sb_end_call();
}

} // namespace

void tests::test_aggregates() {
    test_description();
    test_folding();
    test_errors();
}
