/* Sinks of classes. */
#include "tests.hpp"

#include <memory>

namespace {

using namespace tests;
using sluicebox::batch;
using sluicebox::committables;
using sluicebox::out;
using sluicebox::row;
using sluicebox::target;

constexpr sb_field a_text[] = {sluicebox::field("", SB_UTF8)};
constexpr sb_field perhaps_text[] = {sluicebox::nullable("", SB_UTF8)};
constexpr sb_field line[] = {sluicebox::nullable("line", SB_UTF8)};
constexpr sb_schema lines = sluicebox::columns(line);

struct settings {
    sb_text before = {"", 0};
    bool full = false;
};

constexpr sb_option keys[] = {SLUICEBOX_OPTION(settings, before), SLUICEBOX_OPTION(settings, full)};

/* What was settled, by a function and for a batch. */
std::string settled;

void settle(std::string_view how, const target &target, committables all) {
    settled =
        std::string(how) + " " + std::string(target.job) + "/" + std::string(target.output) + "/" + std::to_string(target.batch_time_ms);
    for (sb_text each : all)
        settled.append("|").append(sluicebox::view(each));
}

/* What is prepared has to live as long as the object, which a partition's instance has to its end. */
template <class T> struct remembered {
    inline static std::vector<std::unique_ptr<T>> all;
};

/* Rows, one after the other. */
struct by_rows {
    using options = settings;
    static constexpr auto name = "rows";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_config config = sluicebox::config<settings>(keys);

    by_rows(const settings &settings, const sb_context &context)
        : text(std::string(sluicebox::view(settings.before)) + std::to_string(context.partition) + ":"), full(settings.full) {
        remembered<by_rows>::all.emplace_back(this);
    }

    int write(row in) {
        if (in.text(0) == "fail") return sluicebox::fail(SB_UNAVAILABLE, "100%d is no disk");
        return text.append(in.text(0)).append(";"), SB_OK;
    }

    int prepare(std::string_view &prepared) {
        if (full) return sluicebox::fail(SB_FAILED, "the disk is full");
        return prepared = text, SB_OK;
    }

    static int commit(const settings &settings, const target &target, committables all) {
        settle("commit " + std::string(sluicebox::view(settings.before)), target, all);
        return settings.full ? sluicebox::fail(SB_FAILED, "no room for what is prepared") : static_cast<int>(SB_OK);
    }

    static int abort(const target &target, committables all) { return settle("abort", target, all), SB_OK; }

    std::string text;
    bool full;
};

/* Batches, with nulls, and nothing that has to be cleared away. */
struct by_batches {
    static constexpr auto name = "batches";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(perhaps_text);

    static int bind(const sb_schema &input, sb_binding &) {
        return input.fields[0].type == SB_UTF8 ? static_cast<int>(SB_OK) : sluicebox::fail(SB_INVALID_INPUT, "no texts");
    }

    by_batches() { remembered<by_batches>::all.emplace_back(this); }

    int open() { return opened = true, SB_OK; }

    int write(const batch &all) {
        for (row each : all.rows())
            text.append(each.is_null(0) ? "null" : each.text(0)).append(",");
        return SB_OK;
    }

    int prepare(std::string_view &prepared) { return prepared = opened ? text : std::string_view(), SB_OK; }

    static int commit(const target &target, committables all) { return settle("commit", target, all), SB_OK; }

    std::string text;
    bool opened = false;
};

} // namespace

SLUICEBOX_SINKS(sluicebox::sink<by_rows>(), sluicebox::sink<by_batches>())

namespace {

void *open(std::string_view name, std::string_view config = "{}") {
    sb_end_call();
    wire_list fields = schema_to_wire(line, 1);
    return sb_export_sink_open("j", 1, "o", 1, 0, 3, 5, 0, name.data(), name.size(), config.data(), config.size(), fields.data, fields.n);
}

void *write(const std::vector<std::string_view> &all) {
    wire_batch rows = given(lines, [&](out to) {
        for (std::string_view each : all) {
            if (each.data() != nullptr) to.put(0, each);
            to.end_row();
        }
    });
    return sb_export_sink_write(rows.rows, rows.nodes.data, rows.nodes.n, rows.buffers.data, rows.buffers.n);
}

std::string prepared() {
    wire_result *answer = static_cast<wire_result *>(sb_export_sink_prepare());
    CHECK(!answer->is_error);
    return std::string(bytes(answer->of.list));
}

/* Committables, as the host hands them over: bytes, which are a text's two words. */
void *finish(bool aborts, std::string_view name, std::string_view config, std::vector<sb_text> all) {
    auto finish = aborts ? sb_export_sink_abort : sb_export_sink_commit;
    return finish("job", 3, "out", 3, LOWEST, name.data(), name.size(), config.data(), config.size(), all.data(), all.size());
}

void test_writing() {
    CHECK(is_well(open("rows", R"({"before": "\ud83d\ude00"})")));
    CHECK(is_well(write({"a", ""})) && is_well(write({FACE})) && is_well(write({})));
    CHECK(prepared() == "\xf0\x9f\x98\x80\x33:a;;\xf0\x9f\x98\x80;");
    CHECK(is_well(open("batches")));
    CHECK(is_well(write({"a", {}, ""})) && is_well(write({FACE})) && prepared() == "a,null,,\xf0\x9f\x98\x80,");
    sb_end_call();
}

void test_settling() {
    CHECK(is_well(finish(false, "rows", R"({"before": "b"})", {sluicebox::text(""), sluicebox::text(FACE)})));
    CHECK(settled == "commit b job/out/-9223372036854775808||\xf0\x9f\x98\x80");
    CHECK(is_well(finish(true, "rows", "{}", {})) && settled == "abort job/out/-9223372036854775808");
    CHECK(is_well(finish(false, "batches", "{}", {sluicebox::text("x")})) && settled == "commit job/out/-9223372036854775808|x");
    /* Where nothing has to be cleared away, there is nothing to call. */
    CHECK(is_well(finish(true, "batches", "{}", {})) && settled == "commit job/out/-9223372036854775808|x");
    sb_end_call();
}

void test_errors() {
    CHECK(is_well(open("rows", R"({"full": true})")));
    CHECK(is_error(write({"fail"}), 3, "100%d is no disk"));
    sb_end_call();
    CHECK(is_error(write({{}}), 2, "row 0: column \"line\" is null, and the operator takes no null there"));
    sb_end_call();
    CHECK(is_error(sb_export_sink_prepare(), 2, "the disk is full"));
    sb_end_call();
    CHECK(is_error(finish(false, "rows", R"({"full": true})", {}), 2, "no room for what is prepared"));
    sb_end_call();
    CHECK(is_error(finish(true, "row", "{}", {}), 2, "there is no sink \"row\""));
    CHECK(is_error(open("rows", R"({"full": 1})"), 0, "full is not true or false"));
    sb_end_call();
    static constexpr sb_field number[] = {sluicebox::field("n", SB_INT64)};
    wire_list fields = schema_to_wire(number, 1);
    CHECK(is_error(sb_export_sink_bind("batches", 7, "{}", 2, fields.data, fields.n), 1, "no texts"));
    sb_end_call();
}

} // namespace

void tests::test_sinks() {
    test_writing();
    test_settling();
    test_errors();
    remembered<by_rows>::all.clear();
    remembered<by_batches>::all.clear();
}
